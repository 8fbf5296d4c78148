// A rate that several servers share: never more than the limit, few writes, and what is left unused is bounded.
import { beforeEach, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer } from "../testing/test-server.ts";
import { localActor } from "./actors.ts";
import { createSharedRates, rateWindowMs, slicesOfBudget, strangerAt } from "./shared-rates.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

forEachStore("a shared rate", (test) => {
  let clock = Date.parse("2026-01-01T10:00:00Z");
  const now = (): Date => new Date(clock);
  const server = async () => createSharedRates({ store: await test.openAnother(), log: silent, now });
  const rows = () => test.store.app.selectFrom("rate_windows").selectAll().execute();
  beforeEach(async () => {
    clock += 10 * rateWindowMs;
    await test.store.app.deleteFrom("rate_windows").execute();
  });

  it("grants exactly the limit to many who ask two servers at once", async () => {
    const servers = [await server(), await server()];
    for (const limit of [3, 100, 600]) {
      const subject = `key:${limit}`;
      const asked = await Promise.all(
        servers.flatMap((each) => Array.from({ length: limit }, () => each.take(subject, limit))),
      );
      expect(asked.filter((taken) => taken.current <= limit)).toHaveLength(limit);
      for (const each of servers) expect((await each.take(subject, limit)).current).toBeGreaterThan(limit);
    }
  });

  it("writes once a slice, and not at all once nothing is left", async () => {
    const [one, other] = [await server(), await server()];
    const limit = 300;
    const slice = limit / slicesOfBudget;
    for (let at = 1; at <= slice; at++) expect((await one.take("key:a", limit)).current).toBe(at);
    expect(await rows()).toMatchObject([{ subject: "key:a", taken: slice }]);
    await one.take("key:a", limit);
    expect(await rows()).toMatchObject([{ taken: 2 * slice }]);
    for (let at = 0; at < 1_000; at++) await one.take("key:a", limit);
    const [spent] = await rows();
    expect(spent?.taken).toBe(limit);
    // Another asks once, and learns that there is nothing left.
    for (let at = 0; at < 1_000; at++) await other.take("key:a", limit);
    expect((await rows())[0]?.taken).toBe(limit + slice);
  });

  it("leaves unused at most what the other servers have leased", async () => {
    const [busy, idle] = [await server(), await server()];
    const limit = 200;
    await idle.take("key:b", limit);
    let granted = 0;
    while ((await busy.take("key:b", limit)).current <= limit) granted++;
    expect(granted).toBe(limit - limit / slicesOfBudget);
  });

  it("begins anew a minute after its first request, on every server", async () => {
    const [one, other] = [await server(), await server()];
    expect(await one.take("key:c", 2)).toEqual({ current: 1, ttl: rateWindowMs });
    clock += 20_000;
    expect(await other.take("key:c", 2)).toEqual({ current: 2, ttl: rateWindowMs - 20_000 });
    expect((await one.take("key:c", 2)).current).toBe(3);
    clock += rateWindowMs - 20_001;
    expect((await other.take("key:c", 2)).current).toBe(3);
    clock += 1;
    expect([(await one.take("key:c", 2)).current, (await other.take("key:c", 2)).current]).toEqual([1, 2]);
    clock += 11 * rateWindowMs;
    await one.prune();
    expect(await rows()).toEqual([]);
  });

  it("counts strangers alone, without a write", async () => {
    const one = await server();
    for (const expected of [1, 2, 3, 3, 3]) expect((await one.take(strangerAt("192.0.2.7"), 2)).current).toBe(expected);
    expect(await rows()).toEqual([]);
  });

  it("goes on alone while the store can't be asked", async () => {
    const store = await test.openAnother();
    const broken = createSharedRates({ store, log: silent, now });
    await store.app.schema.alterTable("rate_windows").renameTo("rate_windows_gone").execute();
    try {
      for (const expected of [1, 2, 3]) expect((await broken.take("key:d", 2)).current).toBe(expected);
    } finally {
      await store.app.schema.alterTable("rate_windows_gone").renameTo("rate_windows").execute();
    }
  });

  it("holds for a key that asks two real servers, where two can share a store", async () => {
    if ("dataDir" in test.config) return;
    const env = { ENABLE_AUTH: "true", OPENTRACE_MASTER_KEY: Buffer.alloc(32, 7).toString("base64") };
    const servers = [await startTestServer(env, test.config), await startTestServer(env, test.config)];
    try {
      const made = await servers[0]?.application.keys.create(
        { name: "shared", role: "viewer", rate_limit: 40 },
        localActor,
        "default",
      );
      const headers = { authorization: `Bearer ${made?.key}` };
      const answers = await Promise.all(
        servers.flatMap((each) =>
          Array.from({ length: 40 }, () => each.send("GET", "/api/v1/repositories", undefined, headers)),
        ),
      );
      const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
      expect([count(200), count(429)]).toEqual([40, 40]);
      const refused = answers.find((answer) => answer.status === 429);
      expect(refused?.headers.get("ratelimit-limit")).toBe("40");
      expect(refused?.headers.get("ratelimit-remaining")).toBe("0");
      expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
    } finally {
      for (const server of servers) await server.close();
    }
  });
});
