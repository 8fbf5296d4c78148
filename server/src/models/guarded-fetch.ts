// `fetch` for model libraries over the guarded transport: private addresses by rule, metadata services never, no redirects, bounded replies.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Transport } from "@opentrace/connectors/transport.ts";

const timeoutMs = 90_000;
const maxBytes = 8 * 1024 * 1024;

export function createGuardedFetch(transport: Transport): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { body } = init ?? {};
    if (body !== undefined && body !== null && typeof body !== "string")
      throw new AppError("internal", "Models are asked with text bodies only.");
    const reply = await transport.send(
      {
        method: init?.method ?? "GET",
        url,
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: body ?? null,
        timeoutMs,
        maxBytes,
      },
      init?.signal ?? AbortSignal.timeout(timeoutMs),
    );
    const { "content-encoding": _encoding, "content-length": _length, ...headers } = reply.headers;
    return new Response(new Uint8Array(reply.body), { status: reply.status, headers });
  };
}
