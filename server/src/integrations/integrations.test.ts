// Integrations through the doors: a real server, a real store on both engines, and a GitHub that is judged by GitHub's own schema.
import type {
  AvailableIntegration,
  DisconnectPreview,
  Integration,
  ScopeChoices,
  SelectedScope,
  SyncRun,
} from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
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

  const get = async <T>(path: string): Promise<T> => {
    const answer = await on.server.send("GET", `/api/v1${path}`);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const post = (path: string, body: object = {}) => on.server.send("POST", `/api/v1${path}`, body);
  const choose = async (id: string, body: object): Promise<void> => {
    const answer = await post(`/integrations/${id}/scopes`, body);
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    await on.settled();
  };
  const scopesOf = async (id: string): Promise<SelectedScope[]> =>
    (await get<{ scopes: SelectedScope[] }>(`/integrations/${id}/scopes`)).scopes;
  const disconnect = async ({ id, name }: Integration): Promise<Job> => {
    const answer = await on.server.send("DELETE", `/api/v1/integrations/${id}?confirm=${encodeURIComponent(name)}`);
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    return on.server.waitForJob((answer.body as { job: Job }).job.id);
  };
  /** The whole graph as lines without what differs from write to write. */
  const graph = async (): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of on.server.application.exportGraph("default", AbortSignal.timeout(30_000)))
      if (/"kind":"(?:node|edge)"/.test(line))
        lines.push(line.replace(/"(?:observedAt|version|at)":("[^"]*"|\d+),?/g, ""));
    return lines.toSorted();
  };

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
    });
    // Counting and looking bring nothing.
    expect((await on.integration(integration.id)).counts).toMatchObject({ scopes: 0, nodes: 0 });

    await choose(integration.id, { select: [{ id: shop }] });
    const synced = await on.integration(integration.id);
    expect(synced.health.state).toBe("ok");
    expect(synced.counts.items).toBeGreaterThan(5);
    expect(synced.usage.requests).toBeGreaterThan(5);
    expect(synced.budgets[0]).toMatchObject({ name: "core", limit: 5000 });
    expect(synced.lastSuccessAt).not.toBeNull();
    const found = await get<{ results: { type: string; name: string }[] }>("/graph/search?q=Charges+are+rounded");
    expect(JSON.stringify(found)).toContain("Charges are rounded down");

    const { runs } = await get<{ runs: SyncRun[] }>(`/integrations/${integration.id}/runs`);
    expect(runs[0]).toMatchObject({ scopeName: "acme/shop", trigger: "configure", state: "succeeded", error: null });
    expect(runs[0]?.requests).toBeGreaterThan(3);
    const [scope] = await scopesOf(integration.id);
    expect(scope?.streams.find((stream) => stream.stream === "pulls")).toMatchObject({ state: "ok", items: 1 });

    const preview = await get<DisconnectPreview>(`/integrations/${integration.id}/disconnect`);
    expect(preview).toMatchObject({ confirm: "acme", scopes: 1, edges: synced.counts.edges });
    // Nothing else is there: all nodes go.
    expect(preview.nodes).toBe((await get<{ total_nodes: number }>("/graph/stats")).total_nodes);
    const wrong = await on.server.send("DELETE", `/api/v1/integrations/${integration.id}?confirm=shop`);
    expect([wrong.status, (wrong.body as Problem).errors?.[0]?.field]).toEqual([422, "confirm"]);
    const job = await disconnect(integration);
    expect(job.state).toBe("succeeded");
    expect(job.result?.["revoked"]).toContain("personal-access-tokens");
    expect((await on.server.send("GET", `/api/v1/integrations/${integration.id}`)).status).toBe(404);
    expect(await graph()).toEqual([]);
  });
});
