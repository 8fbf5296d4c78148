import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createMessageParser,
  readStream,
  reconnectDelay,
  type StreamMessage,
  type StreamState,
} from "./event-stream.ts";

const text =
  ': hello\nid: 1\ndata: {"a":1}\n\nevent: reset\r\nid: 2\r\ndata: one\r\ndata: two\r\n\r\n: heartbeat\n\ndata:tight\n\n';
const messages: StreamMessage[] = [
  { id: "1", event: "message", data: '{"a":1}' },
  { id: "2", event: "reset", data: "one\ntwo" },
  { id: "2", event: "message", data: "tight" },
];

test("messages are whole however the network cuts the text", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }), (cuts) => {
      const parse = createMessageParser();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const found = edges.slice(1).flatMap((end, index) => parse(text.slice(edges[index], end)));
      expect(found).toEqual(messages);
    }),
  );
});

test("the pauses between attempts grow, up to fifteen seconds", () => {
  expect([0, 1, 2, 5, 20].map(reconnectDelay)).toEqual([500, 1000, 2000, 15_000, 15_000]);
});

test("a broken stream is taken up again after the last message, and the states say so", async () => {
  const asked: (string | undefined)[] = [];
  const open: ServerResponse[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers["last-event-id"]?.toString());
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`id: ${asked.length * 10}\ndata: ${asked.length}\n\n`);
    if (asked.length === 1) setTimeout(() => response.destroy(), 20);
    else open.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  const states: StreamState[] = [];
  const got: string[] = [];
  await readStream(
    {
      url: `http://127.0.0.1:${port}/`,
      headers: () => ({}),
      silenceMs: 5000,
      onState: (state) => states.push(state),
      onMessage: ({ data }) => {
        got.push(data);
        if (got.length === 2) stop.abort();
      },
    },
    stop.signal,
  );
  for (const response of open) response.destroy();
  server.close();
  expect(got).toEqual(["1", "2"]);
  expect(asked).toEqual([undefined, "10"]);
  expect(states).toEqual(["connecting", "live", "lost", "live"]);
});
