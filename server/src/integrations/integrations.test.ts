// Integrations through the doors: a real server, a real store on both engines, and a GitHub that is judged by GitHub's own schema.
// Long because its tests share one server and one fake, whose start costs more than a test.
import type { SearchAnswer } from "@opentrace/contract/graph-answers.ts";
import type {
  AvailableIntegration,
  DisconnectPreview,
  Integration,
  ScopeChoices,
  SelectedScope,
  SyncRun,
} from "@opentrace/contract/integrations.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import {
  addIssue,
  addRepository,
  renameRepository,
  touchIssue,
} from "@opentrace/connectors/github/testing/fake-state.ts";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { untyped } from "../store/store.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createRepository, hangSeconds, shopFiles } from "../testing/test-server.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

interface Problem {
  detail: string;
  errors?: { field: string; message: string }[];
}

forEachStore("integrations", (test) => {
  let on: GitHubServer;
  beforeAll(async () => {
    on = await startGitHubServer(test.config);
  });
  afterAll(async () => {
    // Whatever a test was about: nothing that went over the wire may contradict GitHub's schema.
    const violations = [...on.fake.violations];
    await on.close();
    expect(violations).toEqual([]);
  });

  afterEach(async () => {
    on.fake.clearFaults();
    for (const one of (await get<{ integrations: Integration[] }>("/integrations")).integrations)
      await on.disconnect(one);
  });

  const get = <T>(path: string): Promise<T> => on.get<T>(path);
  const post = (path: string, body: object = {}) => on.server.send("POST", `/api/v1${path}`, body);
  const scopesOf = async (id: string): Promise<SelectedScope[]> =>
    (await get<{ scopes: SelectedScope[] }>(`/integrations/${id}/scopes`)).scopes;
  const idOf = (name: string): string => String(on.fake.state.repository(name)?.id);

  it("shows what can be connected, with its forms, permissions and icon", async () => {
    const { integrations } = await get<{ integrations: AvailableIntegration[] }>("/integrations/available");
    const github = integrations.find((one) => one.id === "github");
    expect(github).toMatchObject({ name: "GitHub", category: "code", connected: 0 });
    expect(github?.auth.map((method) => [method.kind, method.redirects])).toEqual([
      ["app", true],
      ["oauth2", true],
      ["token", false],
    ]);
    expect(github?.auth.find((method) => method.kind === "token")?.fields[0]).toMatchObject({
      name: "token",
      secret: true,
      required: true,
    });
    expect(github?.fields.map((field) => field.name)).toContain("baseUrl");
    const oauth = github?.auth.find((method) => method.kind === "oauth2");
    expect(oauth?.register).toMatchObject({
      url: "https://github.com/settings/apps/new",
      path: "/settings/apps/new",
      help: expect.stringContaining("callback address") as string,
    });
    expect(github?.auth.find((method) => method.kind === "token")?.register).toBeNull();
    expect(
      integrations.find(({ id }) => id === "gitlab")?.auth.find(({ kind }) => kind === "oauth2")?.register,
    ).toMatchObject({
      url: "https://gitlab.com/-/user_settings/applications",
      path: "/-/user_settings/applications",
    });
    expect(github?.capabilities).toEqual(expect.arrayContaining(["sync", "webhook", "clone"]));
    const icon = await on.server.send("GET", github?.icon ?? "");
    expect(icon.status).toBe(200);
    expect(icon.headers.get("content-type")).toContain("image/svg+xml");
    expect(icon.body).toContain("<svg");
    expect((await on.server.send("GET", "/icons/integrations/none.svg")).status).toBe(404);
  });

  it("refuses what is wrong with a form field by field, and leaves nothing behind", async () => {
    const base = { connector: "github", auth: "token", config: { baseUrl: on.fake.urls.web } };
    const refused = async (body: object): Promise<[number, string | undefined]> => {
      const answer = await post("/integrations", body);
      return [answer.status, (answer.body as Problem).errors?.[0]?.field];
    };
    expect(await refused({ ...base, credential: {} })).toEqual([422, "credential.token"]);
    expect(await refused({ ...base, credential: { token: "x", tokn: "y" } })).toEqual([422, "credential.tokn"]);
    expect(await refused({ ...base, credential: { token: "x" }, config: { baseUrl: "nowhere" } })).toEqual([
      422,
      "config.baseUrl",
    ]);
    expect(await refused({ ...base, credential: { token: "x" }, confg: {} })).toEqual([400, "confg"]);
    expect((await post("/integrations", { ...base, auth: "iam_role", credential: {} })).status).toBe(400);
    expect((await post("/integrations", { ...base, connector: "none", credential: {} })).status).toBe(404);
    // GitHub says no.
    expect(await refused({ ...base, credential: { token: "github_pat_wrong_wrong_wrong" } })).toEqual([
      422,
      "credential",
    ]);
    // Nothing listens there.
    const nowhere = { ...base, credential: { token: "x" }, config: { baseUrl: "http://127.0.0.1:1" } };
    expect((await post("/integrations", nowhere)).status).toBe(502);
    expect((await get<{ integrations: Integration[] }>("/integrations")).integrations).toEqual([]);
  });

  it("is connected while the vendor fails at one permission, which is not known then", async () => {
    on.fake.fail(/GET \/repos\/[^/]+\/[^/]+\/pulls/, { is: "status", status: 500 }, 20);
    const { integration, test: tested } = await on.connect();
    on.fake.clearFaults();
    expect(tested.ok).toBe(true);
    expect(tested.checks.find(({ permission }) => permission === "pull_requests")).toMatchObject({
      state: "unknown",
      detail: expect.stringContaining("500") as string,
    });
    expect(tested.checks.find(({ permission }) => permission === "issues")?.state).toBe("granted");
    expect(integration.health).toMatchObject({ state: "ok" });
    await on.disconnect(integration);
  });

  it("goes from a token to issues and pull requests in the graph, and away again", async () => {
    const { integration, test: tested } = await on.connect();
    expect(integration).toMatchObject({
      connector: "github",
      name: "acme",
      account: "acme",
      auth: "token",
      health: { state: "ok", reason: null },
      counts: { scopes: 0, items: 0, nodes: 0, edges: 0 },
    });
    expect(tested.ok).toBe(true);
    expect(tested.checks.filter((check) => check.state === "granted").length).toBeGreaterThan(5);

    const choices = await get<ScopeChoices>(`/integrations/${integration.id}/choices?kind=repository&search=shop`);
    expect(choices.scopes.map((scope) => [scope.name, scope.selected])).toEqual([["acme/shop", false]]);
    const shop = choices.scopes[0]?.id ?? "";
    const counted = (await post(`/integrations/${integration.id}/count`, { scopes: [shop] })).body as {
      counts: { streams: { stream: string; items: number | null }[] }[];
    };
    expect(
      Object.fromEntries(counted.counts[0]?.streams.map(({ stream, items }) => [stream, items]) ?? []),
    ).toMatchObject({
      issues: 1,
      pulls: 1,
      releases: 1,
      deployments: 1,
      pipelines: 1,
    });
    // Counting and looking bring nothing.
    expect((await on.integration(integration.id)).counts).toMatchObject({ scopes: 0, nodes: 0 });

    await on.choose(integration.id, { select: [{ id: shop }] });
    const synced = await on.integration(integration.id);
    expect(synced.health.state).toBe("ok");
    expect(synced.counts.items).toBeGreaterThan(5);
    // Each once, however many issues name the same person.
    expect(synced.counts.nodes).toBe((await get<{ total_nodes: number }>("/graph/stats")).total_nodes);
    expect(synced.counts.edges).toBe((await on.totals()).edges);
    expect(synced.usage.requests).toBeGreaterThan(5);
    expect(synced.budgets[0]).toMatchObject({ name: "core", limit: 5000 });
    expect(synced.lastSuccessAt).not.toBeNull();
    const found = await get<{ results: { type: string; name: string }[] }>("/graph/search?q=Charges+are+rounded");
    expect(JSON.stringify(found)).toContain("Charges are rounded down");
    // By words of its description, which begin as others begin or stand beside those of its title.
    const { hits } = await get<SearchAnswer>("/graph/search?q=rounded+half+cent&types=Issue");
    expect(hits.map(({ node, match }) => [node.name, match])).toEqual([["Charges are rounded down", "doc"]]);
    const { runs } = await get<{ runs: SyncRun[] }>(`/integrations/${integration.id}/runs`);
    expect(runs[0]).toMatchObject({ scopeName: "acme/shop", trigger: "configure", state: "succeeded", error: null });
    expect(runs[0]?.requests).toBeGreaterThan(3);
    const [scope] = await scopesOf(integration.id);
    expect(scope?.streams.find((stream) => stream.stream === "pulls")).toMatchObject({ state: "ok", items: 1 });

    const preview = await get<DisconnectPreview>(`/integrations/${integration.id}/disconnect`);
    expect(preview).toMatchObject({
      confirm: "acme",
      scopes: 1,
      edges: synced.counts.edges,
      kept: { nodes: 0, edges: 0 },
    });
    // Nothing else is there: all nodes go.
    expect(preview.nodes).toBe((await get<{ total_nodes: number }>("/graph/stats")).total_nodes);
    touchIssue(on.fake.state, on.sample.issue, { body: "It is the tax that is wrong." });
    on.later(5_000);
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    expect((await get<SearchAnswer>("/graph/search?q=half+cent&types=Issue")).hits).toEqual([]);
    expect((await get<SearchAnswer>("/graph/search?q=tax+wrong&types=Issue")).hits).toHaveLength(1);
    const wrong = await on.server.send("DELETE", `/api/v1/integrations/${integration.id}?confirm=shop`);
    expect([wrong.status, (wrong.body as Problem).errors?.[0]?.field]).toEqual([422, "confirm"]);
    const job = await on.disconnect(integration);
    expect(job.state).toBe("succeeded");
    expect(job.result?.["revoked"]).toContain("personal-access-tokens");
    expect((await on.server.send("GET", `/api/v1/integrations/${integration.id}`)).status).toBe(404);
    expect(await on.graph()).toEqual([]);
  });

  it("shows no secret in any reply, row or log line, and none stays after the disconnect", async () => {
    const first = on.token();
    const second = on.token();
    const { integration } = await on.connect({
      credential: { token: first, webhookSecret: "hook-secret-of-the-test" },
    });
    await on.choose(integration.id, { select: [{ id: idOf("acme/shop") }] });
    on.fake.fail(/GET .*\/issues/, { is: "status", status: 500, message: `Failed with ${first}` }, 20);
    await on.post(`/integrations/${integration.id}/sync`, { streams: ["issues"] });
    await on.settled();
    on.fake.clearFaults();
    await on.post(`/integrations/${integration.id}/rotate`, { credential: { token: second } });
    await on.settled();
    const replies: string[] = [];
    for (const path of ["", "/health", "/runs", "/log", "/scopes", "/choices", "/disconnect", "/deliveries"])
      replies.push(JSON.stringify((await on.server.send("GET", `/api/v1/integrations/${integration.id}${path}`)).body));
    for (const path of ["/integrations", "/integrations/test/all", "/integrations/available", "/jobs"])
      replies.push(JSON.stringify((await on.server.send("GET", `/api/v1${path}`)).body));
    const { store } = on.server.application;
    const dump: string[] = [];
    const whole = { depth: 9, maxArrayLength: null, maxStringLength: null };
    for (const db of [store.app, store.graph])
      for (const { name, schema } of await untyped(db).introspection.getTables()) {
        const from = schema === undefined ? untyped(db) : untyped(db).withSchema(schema);
        dump.push(inspect(await from.selectFrom(name).selectAll().execute(), whole));
      }
    expect(dump.join("").length).toBeGreaterThan(5_000);
    expect(replies.join("").length).toBeGreaterThan(2_000);
    for (const secret of [first, second, "hook-secret-of-the-test"]) {
      expect(replies.join("\n")).not.toContain(secret);
      expect(dump.join("\n")).not.toContain(secret);
      expect(on.logged.join("\n")).not.toContain(secret);
    }
    expect((await on.disconnect({ ...integration })).state).toBe("succeeded");
    const left = await store.app.selectFrom("integrations").selectAll().execute();
    expect(left).toEqual([]);
  });

  it("says unauthorized after one refusal, in words to act on, keeps the data, and goes on with another credential", async () => {
    const token = on.token();
    const { integration } = await on.connect({ credential: { token } });
    await on.choose(integration.id, { selectAll: { kind: "repository" } });
    const before = await on.graph();
    expect(before.length).toBeGreaterThan(10);
    const health: string[] = [];
    const unsubscribe = on.server.application.feed.subscribe("default", ({ event }) => {
      if (event.type === "integration.changed") health.push(event.health.state);
    });
    on.fake.access.revoke(token);
    on.fake.takeRequests();
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    const told = (await on.integration(integration.id)).health;
    expect(told.state).toBe("unauthorized");
    expect(told.reason).toContain("GitHub refused the credential");
    expect(told.action).toContain("rotate the credential");
    expect(health).toContain("unauthorized");
    // Nobody knocks again and again with a credential that is refused.
    expect(on.fake.takeRequests().length).toBeLessThanOrEqual(2);
    expect(await on.graph()).toEqual(before);
    const wrong = await post(`/integrations/${integration.id}/rotate`, {
      credential: { token: "github_pat_wrong_wrong" },
    });
    expect([wrong.status, (wrong.body as Problem).errors?.[0]?.field]).toEqual([422, "credential"]);
    expect((await on.integration(integration.id)).health.state).toBe("unauthorized");
    touchIssue(on.fake.state, on.sample.issue, { title: "Charges are rounded to nothing" });
    on.later(5_000);
    await on.post(`/integrations/${integration.id}/rotate`, { credential: { token: on.token() } });
    await on.settled();
    expect((await on.integration(integration.id)).health).toMatchObject({ state: "ok", reason: null });
    expect(health.at(-1)).toBe("ok");
    unsubscribe();
    await on.disconnect(integration);
  });

  it("leaves out the parts whose permission is missing, says so, and syncs the rest", async () => {
    const { integration, test: tested } = await on.connect({
      credential: { token: on.token({ contents: "read", issues: "read" }) },
    });
    const missing = tested.checks.filter((check) => check.state === "missing").map((check) => check.permission);
    expect(missing).toEqual(expect.arrayContaining(["pull_requests", "deployments", "actions"]));
    expect(tested.checks.find((check) => check.permission === "pull_requests")?.detail).toContain("Grant");
    await on.choose(integration.id, { select: [{ id: idOf("acme/shop") }] });
    const { health } = await on.integration(integration.id);
    expect(health.state).toBe("degraded");
    expect(health.reason).toContain("Deployments: read");
    const [scope] = await scopesOf(integration.id);
    const states = Object.fromEntries(scope?.streams.map((stream) => [stream.stream, stream.state]) ?? []);
    expect(states).toMatchObject({ issues: "ok", pulls: "off" });
    await on.disconnect(integration);
  });

  it("follows an organization: what is added, renamed and taken away at the vendor", async () => {
    const { integration } = await on.connect();
    const organizations = await get<ScopeChoices>(`/integrations/${integration.id}/choices?kind=organization`);
    await on.choose(integration.id, { select: [{ id: organizations.scopes[0]?.id }] });
    const names = async (): Promise<[string, string | null, string][]> =>
      (await scopesOf(integration.id)).map((scope) => [scope.name, scope.via === null ? null : "acme", scope.state]);
    expect(await names()).toEqual([
      ["acme", null, "active"],
      ["acme/docs", "acme", "active"],
      ["acme/shop", "acme", "active"],
    ]);
    const added = addRepository(on.fake.state, "acme/new");
    addIssue(on.fake.state, added, { title: "First of the new one" });
    renameRepository(on.fake.state, on.sample.docs, "acme/handbook");
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    expect((await names()).map(([name]) => name)).toEqual(["acme", "acme/handbook", "acme/new", "acme/shop"]);
    const lines = (await on.graph()).join("\n");
    expect(lines).toContain("First of the new one");
    expect(lines).toContain("acme/handbook");
    expect(lines).not.toContain('acme/docs"');
    on.fake.state.repositories.delete(added.id);
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    expect((await names()).find(([name]) => name === "acme/new")).toEqual(["acme/new", "acme", "lost"]);
    const { health } = await on.integration(integration.id);
    expect(health).toMatchObject({ state: "degraded" });
    expect(health.reason).toContain("acme/new");
    expect((await on.graph()).join("\n")).toContain("First of the new one");
    // A second look is told again that there is none such: it was deleted, or is none of ours any more.
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    expect((await names()).map(([name]) => name)).toEqual(["acme", "acme/handbook", "acme/shop"]);
    expect((await on.graph()).join("\n")).not.toContain("First of the new one");
    // Still shown to the credential, but in another organization than the one that was chosen.
    renameRepository(on.fake.state, on.sample.docs, "globex/handbook");
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    expect((await names()).map(([name]) => name)).toEqual(["acme", "acme/shop"]);
    // Taken out of the selection, what it held goes with it.
    await on.choose(integration.id, { deselect: [organizations.scopes[0]?.id] });
    expect(await names()).toEqual([]);
    expect(await on.graph()).toEqual([]);
    renameRepository(on.fake.state, on.sample.docs, "acme/docs");
    await on.disconnect(integration);
  });

  it("is taken away without a trace: the graph is the one that never had it", async () => {
    const repository = createRepository(shopFiles);
    const indexed = await on.server.index(repository.path);
    const other = await on.connect({ name: "the other" });
    await on.choose(other.integration.id, { select: [{ id: idOf("acme/docs") }] });
    const before = await on.graph();
    const { integration } = await on.connect();
    expect(integration.name).toBe("acme");
    await on.choose(integration.id, { selectAll: { kind: "repository" } });
    const shop = (await scopesOf(integration.id)).find((scope) => scope.name === "acme/shop");
    expect((await on.graph()).length).toBeGreaterThan(before.length + 10);
    // One of two scopes goes, the other stays as it was.
    await on.choose(integration.id, { deselect: [shop?.id] });
    expect((await scopesOf(integration.id)).map((scope) => scope.name)).toEqual(["acme/docs"]);
    expect((await on.graph()).join("\n")).not.toContain("Charges are rounded");
    await on.choose(integration.id, { select: [{ id: shop?.id }] });
    const preview = await get<DisconnectPreview>(`/integrations/${integration.id}/disconnect`);
    const held = await on.totals();
    expect((await on.disconnect(integration)).state).toBe("succeeded");
    const after = await on.graph();
    expect(after).toEqual(before);
    // It said what went, and what of it stayed because the other says it, too.
    const left = await on.totals();
    expect(preview).toMatchObject({
      nodes: held.nodes - left.nodes,
      edges: held.edges - left.edges,
      exact: true,
    });
    expect(preview.kept.nodes).toBeGreaterThan(0);
    await on.disconnect(other.integration);
    await on.server.send("DELETE", `/api/v1/repositories/${indexed.id}`);
    repository.remove();
  });

  it("is renamed, paused, resumed, and given another branch only by its name", async () => {
    const { integration } = await on.connect();
    const path = `/api/v1/integrations/${integration.id}`;
    await on.choose(integration.id, { select: [{ id: idOf("acme/shop"), codeBranch: "develop" }] });
    expect((await on.server.send("PATCH", path, { name: "Our GitHub" })).body).toMatchObject({ name: "Our GitHub" });
    expect((await on.server.send("PATCH", path, {})).status).toBe(400);
    const bad = await on.server.send("PATCH", path, { config: { detailDays: -1 } });
    expect([bad.status, (bad.body as Problem).errors?.[0]?.field]).toEqual([422, "config.detailDays"]);
    expect((await on.server.send("GET", "/api/v1/integrations/Our%20GitHub")).body).toMatchObject({
      id: integration.id,
    });

    const [scope] = await scopesOf(integration.id);
    expect(scope?.codeBranch).toBe("develop");
    const at = `${path}/scopes/${scope?.id}`;
    expect((await on.server.send("PATCH", at, { codeBranch: "", confirm: "shop" })).status).toBe(422);
    const changed = await on.server.send("PATCH", at, { codeBranch: "", confirm: "acme/shop" });
    expect(changed.body).toMatchObject({ codeBranch: "" });

    expect((await on.post<Integration>(`/integrations/${integration.id}/pause`)).health.state).toBe("paused");
    on.fake.takeRequests();
    await on.server.application.integrations.schedule.look(new AbortController().signal);
    await on.settled();
    expect(on.fake.takeRequests()).toEqual([]);
    expect((await on.post<Integration>(`/integrations/${integration.id}/resume`)).health.state).toBe("ok");
    await on.settled();
    expect(on.fake.takeRequests().length).toBeGreaterThan(0);
    await on.disconnect({ id: integration.id, name: "Our GitHub" });
  });

  it("stops a running sync when it is told to, and goes on where it was", async () => {
    const { integration } = await on.connect();
    on.fake.fail(/GET \/repos\/acme\/shop\/issues/, { is: "half-open" }, 100);
    await on.post(`/integrations/${integration.id}/scopes`, { select: [{ id: idOf("acme/shop") }] });
    await until(async () => (await on.integration(integration.id)).syncing.some(({ stream }) => stream === "issues"));
    const { cancelled } = await on.post<{ cancelled: number }>(`/integrations/${integration.id}/sync/cancel`);
    // The look that queued it may be at its last line still.
    expect(cancelled).toBeGreaterThan(0);
    await on.settled();
    // The history is written when the job has ended.
    const states = async (): Promise<string[]> =>
      (await get<{ runs: SyncRun[] }>(`/integrations/${integration.id}/runs`)).runs.map((run) => run.state);
    await expect.poll(states).toEqual(["cancelled"]);
    on.fake.clearFaults();
    await on.post(`/integrations/${integration.id}/sync`);
    await on.settled();
    expect((await scopesOf(integration.id))[0]?.streams.every((stream) => stream.state === "ok")).toBe(true);
    await on.disconnect(integration);
  });

  it("pages through its choices, scopes, runs and log, and refuses a cursor that is not its own", async () => {
    for (let number = 1; number <= 7; number++) addRepository(on.fake.state, `acme/part-${number}`);
    const { integration } = await on.connect();
    const walk = async (path: string, key: string): Promise<string[]> => {
      const found: string[] = [];
      for (let cursor = ""; ;) {
        const answer = await get<
          Record<string, { name?: string; id?: string; at?: string }[]> & { page: { nextCursor: string | null } }
        >(`${path}${path.includes("?") ? "&" : "?"}limit=3${cursor}`);
        expect(answer[key]?.length).toBeLessThanOrEqual(3);
        found.push(...(answer[key] ?? []).map((one) => one.name ?? one.id ?? one.at ?? ""));
        if (answer.page.nextCursor === null) return found;
        cursor = `&cursor=${encodeURIComponent(answer.page.nextCursor)}`;
      }
    };
    const base = `/integrations/${integration.id}`;
    const all = on.fake.state.repositories.size;
    const choices = await walk(`${base}/choices?kind=repository`, "scopes");
    expect(choices).toHaveLength(all);
    expect(new Set(choices).size).toBe(all);
    await on.choose(integration.id, { selectAll: { kind: "repository", search: "part-" } });
    expect(await walk(`${base}/scopes`, "scopes")).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((number) => `acme/part-${number}`),
    );
    expect(new Set(await walk(`${base}/runs`, "runs")).size).toBe(7);
    for (const list of ["choices", "scopes", "runs", "log"])
      expect([list, (await on.server.send("GET", `/api/v1${base}/${list}?cursor=nonsense`)).status]).toEqual([
        list,
        400,
      ]);
    await on.disconnect(integration);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + hangSeconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("It never came to that.");
    await sleep(30);
  }
}
