// Syncs that nobody asks for: how often, how much they ask the vendor, and that several servers sync once.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SyncRun } from "@opentrace/contract/integrations.ts";
import { addIssue, addRepository, touchIssue, vendorTime } from "@opentrace/connectors/github/testing/fake-state.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

forEachStore("the periodic sync", (test) => {
  let on: GitHubServer;
  let id: string;
  const repositories = 10;
  const itemsEach = 250;
  const signal = AbortSignal.timeout(120_000);

  beforeAll(async () => {
    on = await startGitHubServer(test.config);
    // Not in the very second of the first sync: what changed then is read again with the next.
    const updatedAt = vendorTime(new Date(Date.now() - 3_600_000));
    for (let count = 2; count < repositories; count++) {
      const repository = addRepository(on.fake.state, `acme/service-${count}`);
      for (let number = 0; number < itemsEach; number++) addIssue(on.fake.state, repository, { updatedAt });
    }
    const { integration } = await on.connect();
    id = integration.id;
    await on.choose(id, { selectAll: { kind: "repository" } });
  }, 120_000);
  afterAll(async () => {
    const violations = [...on.fake.violations];
    await on.close();
    expect(violations).toEqual([]);
  });

  const due = () =>
    on.server.application.store.app
      .updateTable("integrations")
      .set({ next_sync_at: Date.now() - 1 })
      .execute();
  const runs = async (): Promise<SyncRun[]> =>
    (await on.get<{ runs: SyncRun[] }>(`/integrations/${id}/runs?limit=200`)).runs;
  const titles = async (): Promise<string> => (await on.graph()).join("\n");

  it("asks for little when nothing changed: two requests for each repository, and one for a hundred of them", async () => {
    await on.server.application.integrations.schedule.look(signal);
    expect(Date.parse((await on.integration(id)).nextSyncAt ?? "")).toBeGreaterThan(Date.now() + 600_000);
    on.later(5_000);
    // The first one after a full pass learns the ETags of "what changed since".
    for (let round = 0; round < 2; round++) {
      await due();
      on.fake.takeRequests();
      await on.server.application.integrations.schedule.look(signal);
      await on.settled();
    }
    const asked = on.fake.takeRequests();
    const paths = asked.map(({ path, query, status }) => `${status} ${path}?${query.toString()}`);
    expect(paths.length > 2 * repositories + 1 ? paths : []).toEqual([]);
    // None of them but the look at the repositories draws on GitHub's budget.
    expect(asked.filter(({ counted }) => counted).length).toBeLessThanOrEqual(1);
    const { items } = (await on.integration(id)).counts;
    expect(items).toBeGreaterThan((repositories - 2) * itemsEach);
    expect(asked.length).toBeLessThanOrEqual(items / 90);
    const [last] = await runs();
    expect(last).toMatchObject({ trigger: "schedule", mode: "incremental", state: "succeeded", items: 0, removed: 0 });
  });

  it("brings what changed, and what only a push tells once there was one", async () => {
    on.later(5_000);
    touchIssue(on.fake.state, on.sample.issue, { title: "Rounded up since Monday" });
    on.sample.shop.releases.push({
      ...on.sample.shop.releases[0]!,
      id: on.fake.state.id(),
      tag: "v2.0.0",
      name: "Second",
    });
    await due();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect(await titles()).toContain("Rounded up since Monday");
    expect(await titles()).not.toContain("v2.0.0");
    on.sample.shop.pushedAt = vendorTime(on.fake.state.now());
    await due();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect(await titles()).toContain("v2.0.0");
  });

  it("looks at everything once a day, and finds what was deleted without a word", async () => {
    expect(await titles()).toContain("Rounded up since Monday");
    on.sample.shop.issues.delete(1);
    await due();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect(await titles()).toContain("Rounded up since Monday");
    const { app } = on.server.application.store;
    await app
      .updateTable("integrations")
      .set({ created_at: Date.now() - 2 * 86_400_000 })
      .execute();
    await due();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect((await runs())[0]).toMatchObject({ trigger: "schedule", mode: "full" });
    expect(await titles()).not.toContain("Rounded up since Monday");
  });

  it("asks with a refused credential once in a while only, and for everything again when it is taken", async () => {
    for (const token of on.fake.access.tokens.values()) token.revoked = true;
    await due();
    on.fake.takeRequests();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect(on.fake.takeRequests().length).toBeLessThanOrEqual(2);
    expect((await on.integration(id)).health.state).toBe("unauthorized");
    await due();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect(Date.parse((await on.integration(id)).nextSyncAt ?? "")).toBeGreaterThan(Date.now() + 3_000_000);
    for (const token of on.fake.access.tokens.values()) token.revoked = false;
    await due();
    await on.server.application.integrations.schedule.look(signal);
    await on.settled();
    expect((await on.integration(id)).health.state).toBe("ok");
  });

  it("runs once, whatever the number of servers", async () => {
    if (!("databaseUrl" in test.config)) {
      // An embedded store has one server: the second is refused at its start.
      await expect(startTestServer({ OPENTRACE_DATA: on.server.folder })).rejects.toThrow(/in use|already|running/i);
      return;
    }
    const others: TestServer[] = [];
    for (let count = 0; count < 2; count++)
      others.push(
        await startTestServer(
          { OPENTRACE_MASTER_KEY: readFileSync(join(on.server.folder, "master.key"), "utf8").trim() },
          test.config,
        ),
      );
    try {
      const servers = [on.server, ...others];
      for (let round = 0; round < 3; round++) {
        const before = new Set((await runs()).map((run) => run.id));
        await due();
        await Promise.all(servers.map((server) => server.application.integrations.schedule.look(signal)));
        await on.settled();
        const fresh = (await runs()).filter((run) => !before.has(run.id));
        const scopes = fresh.map((run) => run.scope);
        expect(scopes.length).toBeGreaterThan(0);
        expect(new Set(scopes).size).toBe(scopes.length);
        expect(fresh.every((run) => run.state === "succeeded")).toBe(true);
      }
      // By hand, at all of them at once: a scope is never synced by two at the same time.
      on.fake.takeRequests();
      await Promise.all(
        servers.map((server) => server.send("POST", `/api/v1/integrations/${id}/sync`, { mode: "full" })),
      );
      await on.settled();
      expect((await on.integration(id)).health.state).toBe("ok");
    } finally {
      for (const other of others) await other.close();
    }
  });
});
