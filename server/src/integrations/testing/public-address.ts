// A public address before a server's own, as a reverse proxy gives it: known before the server starts, and it can be out of order.
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";

export interface PublicAddress {
  url: string;
  /** Where requests go; null = nobody answers (502). */
  leadTo(address: string | null): void;
  close(): Promise<void>;
}

export async function openPublicAddress(): Promise<PublicAddress> {
  let target: string | null = null;
  const door = createServer((incoming, response) => {
    const fail = (): void => void response.writeHead(502).end();
    if (target === null) {
      incoming.resume();
      return fail();
    }
    const { method, headers } = incoming;
    const onward = ask(
      new URL(incoming.url ?? "/", target),
      { headers, ...(method === undefined ? {} : { method }) },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      },
    );
    onward.on("error", fail);
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    leadTo: (address) => void (target = address),
    async close() {
      door.closeAllConnections();
      await new Promise<void>((resolve) => door.close(() => resolve()));
    },
  };
}
