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
  const never = new AbortController().signal;

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
  });
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

  it("asks for little when nothing changed: a look at all repositories, and a list of them", async () => {
    await on.server.application.integrations.schedule.look(never);
    expect(Date.parse((await on.integration(id)).nextSyncAt ?? "")).toBeGreaterThan(Date.now() + 600_000);
    on.later(60_000);
    // The first one after the first sync learns how the repositories stand.
    for (let round = 0; round < 2; round++) {
      await due();
      on.fake.takeRequests();
      await on.server.application.integrations.schedule.look(never);
      await on.settled();
    }
    const asked = on.fake.takeRequests();
    expect(asked.map(({ path }) => path)).toEqual(["/user/repos", "/graphql"]);
    const { items } = (await on.integration(id)).counts;
    expect(items).toBeGreaterThan((repositories - 2) * itemsEach);
    const [last] = await runs();
    expect(last).toMatchObject({ trigger: "schedule", mode: "incremental", state: "succeeded", items: 0, removed: 0 });
  });

  it("brings what changed, and what only a push tells once there was one", async () => {
    on.later(60_000);
    touchIssue(on.fake.state, on.sample.issue, { title: "Rounded up since Monday" });
    on.later(60_000);
    on.sample.shop.releases.push({
      ...on.sample.shop.releases[0]!,
      id: on.fake.state.id(),
      tag: "v2.0.0",
      name: "Second",
    });
    await due();
    await on.server.application.integrations.schedule.look(never);
    await on.settled();
    expect(await titles()).toContain("Rounded up since Monday");
    expect(await titles()).not.toContain("v2.0.0");
    on.sample.shop.pushedAt = vendorTime(on.fake.state.now());
    await due();
    await on.server.application.integrations.schedule.look(never);
    await on.settled();
    expect(await titles()).toContain("v2.0.0");
  });

  const aDayLater = () =>
    on.server.application.store.app
      .updateTable("integrations")
      .set({ created_at: Date.now() - 2 * 86_400_000, full_at: null })
      .execute();
  const look = async (): Promise<void> => {
    await due();
    await on.server.application.integrations.schedule.look(never);
    await on.settled();
  };

  it("finds what was deleted without a word: there is more here than at the vendor", async () => {
    addIssue(on.fake.state, on.sample.shop, { title: "Soon gone" });
    on.later(60_000);
    await look();
    expect(await titles()).toContain("Soon gone");
    for (const [number, { title }] of on.sample.shop.issues)
      if (title === "Soon gone") on.sample.shop.issues.delete(number);
    await look();
    expect(await titles()).not.toContain("Soon gone");
    expect((await runs())[0]).toMatchObject({ trigger: "schedule", mode: "full", removed: 1 });
  });

  it("looks at everything once a day, where nothing changed in a request for each repository", async () => {
    // The first one learns how releases, deployments and branches stand.
    for (let round = 0; round < 2; round++) {
      await aDayLater();
      on.fake.takeRequests();
      await look();
    }
    const asked = on.fake.takeRequests().map(({ path }) => path);
    // What a workflow last did is the one thing that no look from afar tells.
    expect(asked.filter((path) => !path.endsWith("/actions/runs"))).toEqual(["/user/repos", "/graphql"]);
    expect(asked.length).toBeLessThanOrEqual(repositories + 2);
    expect((await runs())[0]).toMatchObject({ trigger: "schedule", mode: "full" });
    on.fake.takeRequests();
    await look();
    expect(on.fake.takeRequests().filter(({ path }) => path.endsWith("/actions/runs"))).toEqual([]);
  });

  it("asks list by list where GraphQL is out of reach, and finds what was deleted in a full pass", async () => {
    on.fake.settings.graphql = false;
    expect(await titles()).toContain("Rounded up since Monday");
    on.sample.shop.issues.delete(1);
    await look();
    expect(await titles()).toContain("Rounded up since Monday");
    await aDayLater();
    await look();
    expect((await runs())[0]).toMatchObject({ trigger: "schedule", mode: "full" });
    expect(await titles()).not.toContain("Rounded up since Monday");
    on.fake.settings.graphql = true;
  });

  it("asks with a refused credential once in a while only, and for everything again when it is taken", async () => {
    for (const token of on.fake.access.tokens.values()) token.revoked = true;
    await due();
    on.fake.takeRequests();
    await on.server.application.integrations.schedule.look(never);
    await on.settled();
    expect(on.fake.takeRequests().length).toBeLessThanOrEqual(2);
    expect((await on.integration(id)).health.state).toBe("unauthorized");
    await due();
    await on.server.application.integrations.schedule.look(never);
    await on.settled();
    expect(Date.parse((await on.integration(id)).nextSyncAt ?? "")).toBeGreaterThan(Date.now() + 3_000_000);
    for (const token of on.fake.access.tokens.values()) token.revoked = false;
    await due();
    await on.server.application.integrations.schedule.look(never);
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
    for (const other of others) await other.application.integrations.rest();
    try {
      const servers = [on.server, ...others];
      for (let round = 0; round < 3; round++) {
        const before = new Set((await runs()).map((run) => run.id));
        for (const { issues } of on.fake.state.repositories.values())
          for (const issue of [...issues.values()].slice(0, 1)) touchIssue(on.fake.state, issue, { title: `${round}` });
        on.later(60_000);
        await due();
        await Promise.all(servers.map((server) => server.application.integrations.schedule.look(never)));
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
