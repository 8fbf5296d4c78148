import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { AppError } from "@opentrace/contract/errors.ts";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Breaker } from "./breaker.ts";
import type { Authorization } from "./connector.ts";
import { createUpstream, type Authorizer, type UpstreamOptions } from "./http.ts";
import { createNetworkGuard } from "./network-guard.ts";
import { createTransport } from "./transport.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function vendor(handler: Handler) {
  let count = 0;
  const seen: { url: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? "", headers: request.headers });
    handler(request, response, ++count);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => (server.closeAllConnections(), server.close()) });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, seen };
}

const rules = { allowPrivate: true, allow: [], setting: "OPENTRACE_PRIVATE_HOSTS" };
const bearer = (token: string): Authorization => ({
  headers: { authorization: `Bearer ${token}` },
  values: { token },
  expiresAt: null,
});
const always = (token: string): Authorizer => ({ current: async () => bearer(token), refused: () => undefined });

function client(
  base: string,
  more: Partial<UpstreamOptions> = {},
  authorizer: Authorizer | null = always("t0ken-of-ada"),
) {
  const transport = createTransport({ guard: createNetworkGuard(rules) });
  open.push(transport);
  const slept: number[] = [];
  let skipped = 0;
  const upstream = createUpstream({
    name: "Acme",
    base,
    policy: {
      concurrency: 2,
      limits: {
        limit: "x-ratelimit-limit",
        remaining: "x-ratelimit-remaining",
        reset: "x-ratelimit-reset",
        resetIs: "epoch-seconds",
      },
      waitMs: 60_000,
    },
    permissions: [
      { id: "issues", name: "Issues: read", why: "read issues", grant: "Grant it under Settings.", optional: false },
    ],
    transport,
    breakers: new Map<string, Breaker>(),
    now: () => new Date(Date.now() + skipped),
    retryMs: [0, 0],
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      slept.push(ms);
      skipped += ms;
    },
    ...more,
  });
  const abort = new AbortController();
  return { http: upstream.http({ signal: abort.signal, authorizer }), upstream, slept, abort };
}

const failure = async (work: Promise<unknown>): Promise<AppError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it did not fail");
};

const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
};

describe("HTTP of connectors", () => {
  it("keeps the sub-path of the base URL and sends the credential", async () => {
    const { base, seen } = await vendor((_request, response) => json(response, { ok: true }));
    const { http } = client(base);
    expect(await http.get(z.object({ ok: z.boolean() }), "/repos", { query: { page: 2, q: undefined } })).toEqual({
      ok: true,
    });
    expect(seen[0]?.url).toBe("/api/repos?page=2");
    expect(seen[0]?.headers.authorization).toBe("Bearer t0ken-of-ada");
  });

  it("sends the credential to no other origin, whatever a link says", async () => {
    const other = await vendor((_request, response) => json(response, []));
    const { base } = await vendor((_request, response) =>
      json(response, [], { link: `<${other.base}/next>; rel="next"` }),
    );
    const { http } = client(base);
    const pages = [];
    for await (const page of http.pages({ url: "items" })) pages.push(page);
    expect(pages).toHaveLength(2);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("does not follow a redirect to another host", async () => {
    const other = await vendor((_request, response) => json(response, {}));
    const { base } = await vendor((_request, response) => {
      response.writeHead(302, { location: `${other.base}/steal` });
      response.end();
    });
    const error = await failure(client(base).http.request({ url: "x" }));
    expect(error.message).toMatch(/redirects from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, which is not followed/);
    expect(other.seen).toHaveLength(0);
  });

  it("waits as long as a 429 asks, then goes on", async () => {
    const { base } = await vendor((_request, response, count) =>
      count === 1 ? json(response, {}, { "retry-after": "7" }, 429) : json(response, { n: count }),
    );
    const { http, slept, upstream } = client(base);
    expect(await http.get(z.object({ n: z.number() }), "x")).toEqual({ n: 2 });
    expect(Math.round((slept[0] ?? 0) / 1000)).toBe(7);
    expect(upstream.takeUsage()).toMatchObject({ requests: 2, throttled: 1 });
  });

  it("ends with the time to come back when the wait is long, and sends nothing until then", async () => {
    const { base, seen } = await vendor((_request, response) => json(response, {}, { "retry-after": "3600" }, 429));
    const { http } = client(base);
    const first = await failure(http.request({ url: "x" }));
    expect(first.code).toBe("rate_limited");
    expect(Date.parse(String(first.details?.["retryAt"])) - Date.now()).toBeGreaterThan(3_500_000);
    expect((await failure(http.request({ url: "y" }))).code).toBe("rate_limited");
    expect(seen).toHaveLength(1);
  });

  it("sends nothing once the budget is spent, and shows the budget", async () => {
    const reset = Math.floor(Date.now() / 1000) + 40;
    const { base } = await vendor((_request, response, count) =>
      json(
        response,
        {},
        {
          "x-ratelimit-limit": "5000",
          "x-ratelimit-remaining": count === 1 ? "0" : "4999",
          "x-ratelimit-reset": String(reset + (count === 1 ? 0 : 3600)),
        },
      ),
    );
    const { http, slept, upstream } = client(base);
    await http.request({ url: "x" });
    expect(upstream.budgets()).toEqual([
      { name: "requests", limit: 5000, remaining: 0, resetsAt: new Date(reset * 1000).toISOString() },
    ]);
    await http.request({ url: "x" });
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(38_000);
  });

  it("takes a 304 for an answer and counts it", async () => {
    const { base } = await vendor((request, response) => {
      response.writeHead(request.headers["if-none-match"] === '"a"' ? 304 : 200, { etag: '"a"' });
      response.end();
    });
    const { http, upstream } = client(base);
    expect((await http.request({ url: "x" })).etag).toBe('"a"');
    expect((await http.request({ url: "x", etag: '"a"' })).unchanged).toBe(true);
    expect(upstream.takeUsage()).toMatchObject({ requests: 2, notModified: 1 });
  });

  it("gets a new credential after a 401 and tries once more", async () => {
    const { base, seen } = await vendor((request, response) =>
      request.headers.authorization === "Bearer second"
        ? json(response, { ok: true })
        : json(response, { message: "Bad credentials" }, {}, 401),
    );
    let token = "first";
    const { http } = client(base, {}, { current: async () => bearer(token), refused: () => (token = "second") });
    expect((await http.request({ url: "x" })).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  it("names the missing permission and how to grant it", async () => {
    const { base } = await vendor((_request, response) => json(response, { message: "no" }, {}, 403));
    const error = await failure(client(base).http.request({ url: "issues", needs: "issues" }));
    expect(error.code).toBe("upstream_auth");
    expect(error.message).toBe(
      "Acme denied this for lack of the permission “Issues: read”, needed to read issues. Grant it under Settings.",
    );
    expect(error.details).toMatchObject({ permission: "issues", reason: "permission", status: 403 });
  });

  it("says that a credential was refused without repeating it", async () => {
    const { base } = await vendor((request, response) =>
      json(response, { message: `no such token ${request.headers.authorization ?? ""}` }, {}, 401),
    );
    const error = await failure(client(base).http.request({ url: "x" }));
    expect(error.message).toMatch(/Acme refused the credential/);
    expect(error.message).not.toMatch(/t0ken/);
    expect(JSON.stringify(error.details)).not.toMatch(/t0ken/);
  });

  it("tries a failing read again, a failing write never", async () => {
    const { base, seen } = await vendor((_request, response, count) => json(response, {}, {}, count < 3 ? 502 : 200));
    const { http } = client(base);
    expect((await http.request({ url: "x" })).status).toBe(200);
    expect(seen).toHaveLength(3);
    const again = await vendor((_request, response) => json(response, {}, {}, 502));
    await failure(client(again.base).http.request({ url: "x", method: "POST", json: {} }));
    expect(again.seen).toHaveLength(1);
  });

  it("leaves a host alone that keeps failing, and tries it once when the pause is over", async () => {
    let broken = true;
    const { base, seen } = await vendor((_request, response) => json(response, {}, {}, broken ? 500 : 200));
    let skipped = 0;
    const { http } = client(base, { retryMs: [], now: () => new Date(Date.now() + skipped) });
    for (let round = 0; round < 12; round++) await failure(http.request({ url: "x" }));
    expect(seen.length).toBeLessThanOrEqual(10);
    const sent = seen.length;
    const refused = await failure(http.request({ url: "x" }));
    expect(refused.code).toBe("unavailable");
    expect(refused.message).toMatch(/failed 5 times in a row \(it answered 500\)/);
    skipped = 16_000;
    await failure(http.request({ url: "x" }));
    await failure(http.request({ url: "x" }));
    expect(seen).toHaveLength(sent + 1);
    broken = false;
    skipped = 60_000;
    expect((await http.request({ url: "x" })).status).toBe(200);
    expect((await http.request({ url: "x" })).status).toBe(200);
  });

  it("stops reading a reply that unfolds beyond its limit", async () => {
    const { base } = await vendor((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(Buffer.alloc(20_000_000)));
    });
    const error = await failure(client(base).http.request({ url: "x", maxBytes: 1_000_000 }));
    expect(error.code).toBe("too_large");
  });

  it("ends a reply that hangs, at once when aborted and after its time otherwise", async () => {
    const { base } = await vendor((_request, response) => void response.writeHead(200).write("{"));
    const slow = client(base, { retryMs: [] });
    expect((await failure(slow.http.request({ url: "x", timeoutMs: 200 }))).code).toBe("timeout");
    const aborted = client(base);
    const asked = aborted.http.request({ url: "x" });
    const asked2 = aborted.http.request({ url: "x" });
    const waiting = aborted.http.request({ url: "x" });
    setTimeout(() => aborted.abort.abort(new Error("enough")), 50);
    await expect(asked).rejects.toThrow("enough");
    await expect(asked2).rejects.toThrow("enough");
    await expect(waiting).rejects.toThrow("enough");
  });

  it("names what is wrong when a reply has another shape", async () => {
    const { base } = await vendor((_request, response) => json(response, { items: [{ id: "x" }] }));
    const error = await failure(client(base).http.get(z.object({ items: z.array(z.object({ id: z.int() })) }), "list"));
    expect(error.message).toMatch(/answered \/api\/list in a shape that is not known: items\.0\.id/);
  });
});
