// GitLab through the doors: a real server, real git over HTTP, and a self-hosted GitLab below a sub-path judged by what GitLab documents.
import { join } from "node:path";
import { type FakeGitLab, startFakeGitLab } from "@opentrace/connectors/gitlab/testing/fake-gitlab.ts";
import { addIssue, addProject, touch } from "@opentrace/connectors/gitlab/testing/fake-state.ts";
import { addSampleGroup } from "@opentrace/connectors/gitlab/testing/sample-group.ts";
import type { DeploymentsAnswer, PipelinesAnswer, PullRequestsAnswer } from "@opentrace/contract/delivery.ts";
import type { Integration, IntegrationTest, ScopeChoices, SelectedScope } from "@opentrace/contract/integrations.ts";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createRepository, startTestServer, type TestRepository, type TestServer } from "../testing/test-server.ts";

const pay = [
  "import math",
  "",
  "def charge(amount):",
  "    return amount",
  "",
  "def refund(amount):",
  "    return charge(-amount)",
  "",
].join("\n");

forEachStore("a self-hosted GitLab", (test) => {
  let fake: FakeGitLab;
  let sample: ReturnType<typeof addSampleGroup>;
  let server: TestServer;
  let git: TestRepository;
  let integration: Integration;
  let repo: string;
  let offset = 0;
  beforeAll(async () => {
    fake = await startFakeGitLab({ subPath: "/tools/gitlab", now: () => new Date(Date.now() + offset) });
    sample = addSampleGroup(fake);
    git = createRepository({ "src/pay.py": pay, "docs/guide.md": "# Guide\n" });
    sample.shop.gitFolder = join(git.path, ".git");
    repo = `${new URL(fake.urls.web).host}/tools/gitlab/acme/platform/shop`;
    server = await startTestServer({ OPENTRACE_RATE_LIMIT: "1000000" }, test.config);
    await server.application.integrations.rest();
  });
  afterAll(async () => {
    await server.close();
    await fake.close();
    git.remove();
    expect(fake.violations).toEqual([]);
  });

  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await server.send(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const get = <T>(path: string): Promise<T> => send("GET", path);
  const settled = (): Promise<void> => server.settled();
  const sync = async (): Promise<Integration> => {
    await send("POST", `/integrations/${integration.id}/sync`, { mode: "incremental" });
    await settled();
    return get(`/integrations/${integration.id}`);
  };
  const node = (key: string) => server.send("GET", `/api/v1/graph/nodes/${encodeURIComponent(key)}`);
  const ask = <T>(question: string, key: string): Promise<T> =>
    get(`/graph/${question}?node=${encodeURIComponent(key)}`);

  it("is connected by a token, which is tested permission by permission", async () => {
    const connected = await send<{ integration: Integration; test: IntegrationTest }>("POST", "/integrations", {
      connector: "gitlab",
      auth: "token",
      credential: { token: sample.token },
      config: { baseUrl: fake.urls.web, detailDays: 0 },
    });
    ({ integration } = connected);
    expect(integration).toMatchObject({ connector: "gitlab", account: "ada", health: { state: "ok" } });
    expect(connected.test.checks.filter(({ state }) => state === "granted")).toHaveLength(7);
  });

  it("brings all projects of a chosen group with their code, and answers what open merge requests touch", async () => {
    const { scopes } = await get<ScopeChoices>(`/integrations/${integration.id}/choices?kind=group&search=acme`);
    const acme = scopes.find(({ name }) => name === "acme");
    await send("POST", `/integrations/${integration.id}/scopes`, { select: [{ id: acme?.id }] });
    await settled();
    const selected = (await get<{ scopes: SelectedScope[] }>(`/integrations/${integration.id}/scopes`)).scopes;
    expect(selected.map(({ name }) => name).toSorted()).toEqual(["acme", "acme/docs", "acme/platform/shop"]);
    expect(selected.flatMap(({ streams }) => streams.flatMap(({ error }) => (error === null ? [] : [error])))).toEqual(
      [],
    );

    const { repositories } = await get<{ repositories: Repository[] }>("/repositories");
    expect(repositories.find(({ key }) => key === `repo:${repo}`)).toMatchObject({ state: "ready" });
    const charge = `symbol:${repo}#src/pay.py#charge`;
    expect((await node(charge)).status).toBe(200);
    const { pullRequests } = await ask<PullRequestsAnswer>("pull-requests", charge);
    expect(pullRequests.map((one) => `${one.node.name}: ${one.how}`)).toEqual(["Round fees up: itself"]);
    const { pipelines } = await ask<PipelinesAnswer>("pipelines", `repo:${repo}`);
    expect(pipelines[0]).toMatchObject({ builds: true, deploys: true, environments: [{ name: "production" }] });
    const { deployments } = await ask<DeploymentsAnswer>("deployments", `repo:${repo}`);
    expect(deployments[0]?.pipeline?.key).toBe(`pipeline:${repo}#.gitlab-ci.yml`);
  });

  it("costs a request for each list that can't be told unchanged otherwise, and brings what is new", async () => {
    offset += 3_600_000;
    sample.shop.lastActivityAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
    for (let pass = 0; pass < 2; pass++) await sync();
    fake.takeRequests();
    const before = (await get<Integration>(`/integrations/${integration.id}`)).counts;
    expect((await sync()).counts).toEqual(before);
    const asked = fake.takeRequests().filter(({ path }) => path.startsWith(`/projects/${sample.shop.id}/`));
    // Issues and merge requests; the rest was asked for within the hour, and nobody has pushed since.
    expect(asked.map(({ status }) => status)).toEqual([304, 304]);

    offset += 60_000;
    addIssue(fake.state, sample.shop, { title: "Receipts are lost" });
    touch(fake.state, sample.mergeRequest, { title: "Round all fees up" });
    addProject(fake.state, "acme/platform/cart");
    await sync();
    expect((await node(`issue:${repo}#2`)).status).toBe(200);
    expect(JSON.stringify((await node(`pr:${repo}#1`)).body)).toContain("Round all fees up");
    expect((await node(`repo:${repo.replace("shop", "cart")}`)).status).toBe(200);
  });

  it("whose token was revoked is unauthorized after one sync, says what to do, and keeps its data", async () => {
    const { counts } = await get<Integration>(`/integrations/${integration.id}`);
    fake.access.revoke(sample.token);
    const after = await sync();
    expect(after.health).toMatchObject({ state: "unauthorized", reason: expect.stringMatching(/refused/) as string });
    expect(after.health.action).not.toBeNull();
    expect(after.counts.nodes).toBe(counts.nodes);
  });

  it("is disconnected with all that it brought, and its token revokes itself", async () => {
    const { value } = fake.access.mintToken("ada", ["read_api", "read_repository"]);
    await send("POST", `/integrations/${integration.id}/rotate`, { credential: { token: value } });
    expect((await sync()).health.state).toBe("ok");
    const answer = await send<{ job: Job }>(
      "DELETE",
      `/integrations/${integration.id}?confirm=${encodeURIComponent(integration.name)}`,
    );
    const job = await server.waitForJob(answer.job.id);
    expect(job.result?.["revoked"]).toMatch(/was revoked/);
    expect(fake.access.tokens.get(value)?.revoked).toBe(true);
    await settled();
    expect((await node(`issue:${repo}#1`)).status).toBe(404);
  });

  it("is signed in to by OAuth with PKCE, renewed with a token that is spent by it, and revoked in the end", async () => {
    const callback = `${server.address}/api/v1/integrations/callback/gitlab`;
    const { id: clientId, secret: clientSecret } = fake.access.registerApplication(callback);
    const made = await send<{ integration: Integration }>("POST", "/integrations", {
      connector: "gitlab",
      auth: "oauth2",
      credential: { clientId, clientSecret },
      config: { baseUrl: fake.urls.web },
    });
    ({ integration } = made);
    let cookie = "";
    const open = async (
      url: string,
      { headers = {}, ...init }: { method?: string; body?: string; headers?: Record<string, string> } = {},
    ): Promise<Response> => {
      const response = await fetch(url, { redirect: "manual", ...init, headers: { cookie, ...headers } });
      for (const line of response.headers.getSetCookie()) cookie = line.split(";")[0] ?? "";
      return response;
    };
    const begun = await open(`${server.address}/api/v1/integrations/${integration.id}/sign-in`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    const { redirect } = (await begun.json()) as { redirect: { url: string } };
    const asked = new URL(redirect.url);
    expect(asked.pathname).toBe("/tools/gitlab/oauth/authorize");
    expect(asked.searchParams.get("scope")).toBe("read_api read_repository");
    const back = await fetch(`${redirect.url}&answer=yes`, { redirect: "manual" });
    expect((await open(back.headers.get("location") ?? "")).status).toBe(200);
    const { name, account, health } = await get<Integration>(`/integrations/${integration.id}`);
    expect([account, health.state]).toEqual(["ada", "ok"]);

    const alive = () => [...fake.access.tokens.values()].filter((token) => token.kind === "oauth" && !token.revoked);
    const [first, ...others] = alive();
    expect(others).toEqual([]);
    // GitLab ends it; its refresh token still stands, once.
    offset += 3 * 3_600_000;
    expect(await get(`/integrations/test/${integration.id}`)).toMatchObject({ ok: true });
    expect(first?.revoked).toBe(true);
    expect(alive()).toHaveLength(1);
    const gone = await send<{ job: Job }>(
      "DELETE",
      `/integrations/${integration.id}?confirm=${encodeURIComponent(name)}`,
    );
    await server.waitForJob(gone.job.id);
    expect(alive()).toEqual([]);
  });
});
