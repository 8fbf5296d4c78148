// Rounds one after the other: whatever a round does, the next begins after it, and none after the end.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createRounds } from "./rounds.ts";

it("looks again and again, one round at a time, though a round fails, and not after the end", async () => {
  let rounds = 0;
  let atOnce = 0;
  let most = 0;
  const warned: object[] = [];
  const log = { debug() {}, info() {}, warn: (fields: object) => void warned.push(fields), error() {} };
  const { start, stop } = createRounds({
    everyMs: 1,
    firstMs: 0,
    what: "tests",
    log,
    async look() {
      most = Math.max(most, ++atOnce);
      await sleep(5);
      atOnce--;
      if (++rounds === 2) throw new Error("no");
    },
  });
  start();
  await expect.poll(() => rounds).toBeGreaterThan(4);
  await stop();
  const ended = rounds;
  await sleep(50);
  expect(rounds).toBe(ended);
  expect(most).toBe(1);
  expect(warned).toMatchObject([{ what: "tests" }]);
});

it("ends the round that runs, and waits for it", async () => {
  let ended = false;
  const log = { debug() {}, info() {}, warn: () => expect.unreachable(), error() {} };
  const running = Promise.withResolvers<void>();
  const { start, stop } = createRounds({
    everyMs: 1,
    what: "tests",
    log,
    async look(signal) {
      running.resolve();
      await sleep(60_000, undefined, { signal }).catch(() => undefined);
      await sleep(20);
      ended = true;
      signal.throwIfAborted();
    },
  });
  start();
  await running.promise;
  await stop();
  expect(ended).toBe(true);
});
