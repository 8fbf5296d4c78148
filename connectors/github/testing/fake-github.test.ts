import { createHash, createHmac, sign } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { apiDeviations, exampleDeviations, webhookDeviations } from "./deviations.ts";
import { startFakeGitHub, type FakeGitHub } from "./fake-github.ts";
import { addIssue, renameRepository, touchIssue } from "./fake-state.ts";
import type { JsonObject } from "../../testing/json-schema.ts";
import { addSampleOrg } from "./sample-org.ts";
import { loadVendorSchema, type VendorSchema } from "./vendor-schema.ts";
import { loadWebhookSchema, type WebhookSchema } from "./webhook-schema.ts";

let schema: VendorSchema;
let webhookSchema: WebhookSchema;
beforeAll(() => {
  schema = loadVendorSchema();
  webhookSchema = loadWebhookSchema();
});

const open: FakeGitHub[] = [];
afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

async function start() {
  let offset = 0;
  const now = (): Date => new Date(Date.now() + offset);
  const fake = await startFakeGitHub({ now, schema, webhookSchema });
  open.push(fake);
  const sample = addSampleOrg(fake);
  const pat = fake.access.mintFineGrainedToken("ada", {
    issues: "read",
    pull_requests: "read",
    contents: "read",
    members: "read",
    actions: "read",
    deployments: "read",
  });
  const ask = (
    path: string,
    {
      token = pat.value,
      method = "GET",
      body,
      headers = {},
    }: { token?: string; method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) =>
    fetch(fake.urls.api + path, {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const jwt = (claims: object = {}, key = sample.app.pem): string => {
    const seconds = Math.floor(now().getTime() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: seconds - 30, exp: seconds + 300, iss: sample.app.clientId, ...claims })}`;
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
  };
  return { fake, ...sample, pat, ask, jwt, later: (ms: number): void => void (offset += ms) };
}

describe("the judge", () => {
  it("refuses what GitHub does not have, and a null where the schema allows none", () => {
    const query = (text: string): URLSearchParams => new URLSearchParams(text);
    expect(schema.checkRequest("GET", "/repos/a/b/issues", query("state=all&per_page=100"), undefined)).toEqual([]);
    expect(schema.checkRequest("GET", "/repos/a/b/issues", query("state=every"), undefined)).toHaveLength(1);
    expect(schema.checkRequest("GET", "/repos/a/b/issues", query("colour=red"), undefined)).toHaveLength(1);
    expect(schema.checkRequest("GET", "/no/such/thing", query(""), undefined)).toHaveLength(1);
    expect(schema.checkRequest("DELETE", "/applications/x/token", query(""), {})).toHaveLength(1);

    const issues = schema.example("issue-items");
    expect(schema.checkReply("GET", "/repos/a/b/issues", 200, issues)).toEqual([]);
    for (const [field, value] of [
      ["title", null],
      ["user", "octocat"],
      ["state", 7],
    ] as const) {
      const changed = [{ ...(issues as [object])[0], [field]: value }];
      expect(schema.checkReply("GET", "/repos/a/b/issues", 200, changed), field).not.toEqual([]);
    }
    expect(schema.checkReply("GET", "/repos/a/b/issues", 418, {})).toHaveLength(1);
  });

  it("accepts the 329 official webhook examples but for the listed deviations, and needs each of these", () => {
    const examples = webhookSchema.examples();
    expect(examples.length).toBeGreaterThan(300);
    const violated = examples.flatMap(({ event, payload }) => webhookSchema.checkStrictly(event, payload));
    const listed = [...webhookDeviations, ...exampleDeviations];
    expect(violated.filter((violation) => !listed.some(({ where }) => where.test(violation)))).toEqual([]);
    expect(listed.filter(({ where }) => !violated.some((violation) => where.test(violation)))).toEqual([]);
  });

  it("needs each listed deviation of the API's description", () => {
    const statuses = (schema.example("deployment-status-items") as [object]).map((one) => ({
      ...one,
      environment_url: "",
    }));
    const violated = [
      ...schema.checkReply("GET", "/app/installations", 200, schema.example("base-installation-items"), "strict"),
      ...schema.checkReply("GET", "/repos/a/b/deployments/1/statuses", 200, statuses, "strict"),
    ];
    expect(apiDeviations.filter(({ where }) => !violated.some((violation) => where.test(violation)))).toEqual([]);
  });
});

describe("the fake GitHub", () => {
  it("answers every operation as GitHub's schema says", async () => {
    const { fake, ask, jwt, app, installation, pull, shop } = await start();
    const pullPath = `/repos/acme/shop/pulls/${String(pull.number)}`;
    const [deployment] = shop.deployments;
    const [release] = shop.releases;
    const granted = (await (
      await ask(`/app/installations/${String(installation.id)}/access_tokens`, { token: jwt(), method: "POST" })
    ).json()) as { token: string };
    await fake.webhooks.emit(app, installation, "issues", fake.webhooks.payloads.issue(shop, pull, "opened"), shop);
    const delivery = String(fake.webhooks.deliveries[0]?.id);
    const tree = (await (await ask("/repos/acme/shop/git/trees/main?recursive=1")).json()) as {
      tree: { path: string; sha: string }[];
    };
    const blob = tree.tree.find((entry) => entry.path.endsWith("CODEOWNERS"))?.sha;
    const asked: [path: string, token?: string][] = [
      ["/app", jwt()],
      ["/app/installations", jwt()],
      [`/app/installations/${String(installation.id)}`, jwt()],
      ["/app/hook/deliveries?per_page=100", jwt()],
      [`/app/hook/deliveries/${delivery}`, jwt()],
      ["/installation/repositories?per_page=100", granted.token],
      ["/user"],
      ["/user/repos?per_page=100"],
      ["/rate_limit"],
      ["/repos/acme/shop"],
      ["/repos/acme/shop/issues?state=all"],
      [`/repos/acme/shop/issues/${String(pull.number)}`],
      ["/repos/acme/shop/pulls?state=all"],
      [pullPath],
      [`${pullPath}/files`],
      [`${pullPath}/reviews`],
      ["/repos/acme/shop/releases"],
      [`/repos/acme/shop/releases/${String(release?.id)}`],
      ["/repos/acme/shop/deployments"],
      [`/repos/acme/shop/deployments/${String(deployment?.id)}`],
      [`/repos/acme/shop/deployments/${String(deployment?.id)}/statuses`],
      ["/repos/acme/shop/actions/workflows"],
      ["/repos/acme/shop/actions/runs"],
      ["/repos/acme/shop/git/trees/main?recursive=1"],
      [`/repos/acme/shop/git/blobs/${String(blob)}`],
      ["/orgs/acme/teams"],
      ["/orgs/acme/teams/payments/members"],
      ["/orgs/acme/members"],
    ];
    for (const [path, token] of asked) {
      const reply = await ask(path, token === undefined ? {} : { token });
      expect([path, reply.status, JSON.stringify(await reply.json()).length > 10]).toEqual([path, 200, true]);
    }
    expect(fake.violations).toEqual([]);
  });

  it("sends every webhook as GitHub's schema says, signed over the exact bytes", async () => {
    const { fake, app, installation, pull, issue, shop } = await start();
    const { payloads, emit } = fake.webhooks;
    const [run] = shop.runs;
    const [release] = shop.releases;
    const [deployment] = shop.deployments;
    if (!run || !release || !deployment) throw new Error("the sample lacks something");
    const bodies: [event: string, payload: JsonObject][] = [
      ["push", payloads.push(shop, "main")],
      ["create", payloads.branch(shop, "topic", "branch", true)],
      ["delete", payloads.branch(shop, "topic", "branch", false)],
      ...["opened", "edited", "closed", "reopened", "deleted", "labeled", "assigned"].map(
        (action): [string, JsonObject] => ["issues", payloads.issue(shop, issue, action)],
      ),
      ...["opened", "synchronize", "closed", "reopened", "edited", "ready_for_review", "converted_to_draft"].map(
        (action): [string, JsonObject] => ["pull_request", payloads.pull(shop, pull, action)],
      ),
      ["release", payloads.release(shop, release, "published")],
      ["release", payloads.release(shop, release, "deleted")],
      ["deployment", payloads.deployment(shop, deployment)],
      ["deployment_status", payloads.deploymentStatus(shop, deployment)],
      ["workflow_run", payloads.run(shop, run, "completed")],
      ["repository", payloads.repository("archived")],
      ["repository", payloads.repository("privatized")],
      ["repository", payloads.repository("deleted")],
      ["repository", payloads.repository("renamed", { repository: { name: { from: "old" } } })],
      ["repository", payloads.repository("transferred", { owner: { from: { user: fake.shapes.user("ada") } } })],
    ];
    for (const [event, payload] of bodies) await emit(app, installation, event, payload, shop);
    for (const action of ["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"])
      await fake.webhooks.emitInstallation(app, installation, action, [shop]);
    await fake.webhooks.emitRepositories(app, installation, { added: [shop], removed: [] });
    await fake.webhooks.emitRepositories(app, installation, { added: [], removed: [shop] });
    expect(fake.violations).toEqual([]);
    const [first] = fake.webhooks.deliveries;
    const signature = createHmac("sha256", app.webhookSecret)
      .update(first?.raw ?? "")
      .digest("hex");
    expect(first?.headers["x-hub-signature-256"]).toBe(`sha256=${signature}`);
  });

  it("pages with Link, by the repository's id, and cuts at 100", async () => {
    const { fake, ask, shop } = await start();
    for (let count = 0; count < 248; count++) addIssue(fake.state, shop);
    let next: string | undefined = "/repos/acme/shop/issues?state=all&per_page=1000&sort=created&direction=asc";
    const numbers: number[] = [];
    let pages = 0;
    while (next !== undefined) {
      const reply = await ask(next);
      pages++;
      numbers.push(...((await reply.json()) as { number: number }[]).map((one) => one.number));
      next = /<[^>]*\/api\/v3(\/repositories[^>]+)>; rel="next"/.exec(reply.headers.get("link") ?? "")?.[1];
    }
    expect(pages).toBe(3);
    expect(numbers).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
  });

  it("answers 304 without drawing on the budget, and says what is left of it", async () => {
    const { fake, ask, pat, shop, issue, later } = await start();
    const path = "/repos/acme/shop/issues?state=all&since=2000-01-01T00:00:00Z";
    const first = await ask(path);
    const etag = first.headers.get("etag") ?? "";
    expect(first.headers.get("x-ratelimit-remaining")).toBe("4999");
    const second = await ask(path, { headers: { "if-none-match": etag } });
    expect([second.status, second.headers.get("x-ratelimit-remaining")]).toEqual([304, "4999"]);
    later(1_000);
    touchIssue(fake.state, issue, { title: "Changed" });
    expect((await ask(path, { headers: { "if-none-match": etag } })).status).toBe(200);
    fake.access.settings.hourlyLimit = 1;
    later(3_600_000);
    expect((await ask(path)).status).toBe(200);
    const refused = await ask(path);
    expect([refused.status, refused.headers.get("x-ratelimit-remaining")]).toEqual([403, "0"]);
    expect(fake.access.budgetOf(pat.principal).used).toBe(1);
    expect(shop.issues.size).toBe(2);
  });

  it("names the permission that is missing, and shows nothing of what a token may not see", async () => {
    const { fake, ask, shop } = await start();
    const poor = fake.access.mintFineGrainedToken("ada", { contents: "read" }, new Set([shop.id])).value;
    const refused = await ask("/repos/acme/shop/issues", { token: poor });
    expect([refused.status, refused.headers.get("x-accepted-github-permissions")]).toEqual([403, "issues=read"]);
    expect((await ask("/repos/acme/docs", { token: poor })).status).toBe(404);
    fake.access.revoke(poor);
    expect((await ask("/repos/acme/shop", { token: poor })).status).toBe(401);
    expect(fake.violations).toEqual([]);
  });

  it("takes an App's JWT only when signed by its key, not from the future and for ten minutes at most", async () => {
    const { ask, jwt, installation, fake, later } = await start();
    const seconds = Math.floor(Date.now() / 1000);
    const status = async (token: string): Promise<number> => (await ask("/app", { token })).status;
    expect(await status(jwt())).toBe(200);
    expect(await status(jwt({ exp: seconds + 900 }))).toBe(401);
    expect(await status(jwt({ iat: seconds + 120 }))).toBe(401);
    expect(await status(jwt({ iss: "somebody" }))).toBe(401);
    expect(await status(jwt({}, fake.access.registerApp({ owner: "mallory" }).pem))).toBe(401);
    const grant = () =>
      ask(`/app/installations/${String(installation.id)}/access_tokens`, { token: jwt(), method: "POST" });
    const { token } = (await (await grant()).json()) as { token: string };
    expect((await ask("/repos/acme/shop", { token })).status).toBe(200);
    later(3_601_000);
    expect((await ask("/repos/acme/shop", { token })).status).toBe(401);
    installation.suspendedAt = "2026-01-01T00:00:00Z";
    expect((await grant()).status).toBe(403);
    expect(fake.violations).toEqual([]);
  });

  it("refreshes a user's token once for each refresh token, and checks the PKCE verifier", async () => {
    const { fake, app } = await start();
    app.callbackUrls.push("http://127.0.0.1:9/callback");
    const challenge = createHash("sha256").update("verifier").digest("base64url");
    const exchange = async (form: Record<string, string>): Promise<Record<string, unknown>> => {
      const reply = await fetch(`${fake.urls.web}/login/oauth/access_token`, {
        method: "POST",
        body: new URLSearchParams({ client_id: app.clientId, client_secret: app.clientSecret, ...form }),
      });
      return (await reply.json()) as Record<string, unknown>;
    };
    const authorize = async (): Promise<string> => {
      const query = new URLSearchParams({
        client_id: app.clientId,
        redirect_uri: "http://127.0.0.1:9/callback",
        state: "s",
        code_challenge: challenge,
        code_challenge_method: "S256",
        answer: "authorize",
      });
      const reply = await fetch(`${fake.urls.web}/login/oauth/authorize?${query.toString()}`, { redirect: "manual" });
      return new URL(reply.headers.get("location") ?? "").searchParams.get("code") ?? "";
    };
    expect(await exchange({ code: await authorize(), code_verifier: "wrong" })).toMatchObject({
      error: "bad_verification_code",
    });
    const granted = await exchange({ code: await authorize(), code_verifier: "verifier" });
    const refresh = { grant_type: "refresh_token", refresh_token: String(granted["refresh_token"]) };
    expect(await exchange(refresh)).toMatchObject({ token_type: "bearer" });
    expect(await exchange(refresh)).toMatchObject({ error: "bad_refresh_token" });
  });

  it("makes an App of a manifest, once for each code", async () => {
    const { fake } = await start();
    const manifest = {
      name: "OpenTrace",
      url: "https://opentrace.example.com",
      redirect_url: "https://opentrace.example.com/back",
      hook_attributes: { url: "https://opentrace.example.com/hook" },
      default_permissions: { metadata: "read", issues: "read" },
      default_events: ["issues"],
    };
    const create = (changed: object) =>
      fetch(`${fake.urls.web}/organizations/acme/settings/apps/new?state=abc`, {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ manifest: JSON.stringify({ ...manifest, ...changed }), confirmed: "1" }),
      });
    expect((await create({ default_events: ["push"] })).status).toBe(422);
    const back = new URL((await create({})).headers.get("location") ?? "");
    expect([back.origin, back.searchParams.get("state")]).toEqual(["https://opentrace.example.com", "abc"]);
    const convert = () =>
      fetch(`${fake.urls.api}/app-manifests/${back.searchParams.get("code") ?? ""}/conversions`, { method: "POST" });
    expect(await (await convert()).json()).toMatchObject({ pem: expect.stringContaining("RSA PRIVATE KEY") as string });
    expect((await convert()).status).toBe(404);
    expect(fake.violations).toEqual([]);
  });

  it("redirects from a repository's former name", async () => {
    const { fake, ask, shop } = await start();
    renameRepository(fake.state, shop, "acme/store");
    const moved = await ask("/repos/acme/shop/issues?state=all");
    expect(moved.status).toBe(301);
    const path = (moved.headers.get("location") ?? "").slice(fake.urls.api.length);
    expect((await ask(path)).status).toBe(200);
    expect(fake.violations).toEqual([]);
  });

  it("lists deliveries that failed, and sends one again with the same id when asked", async () => {
    const { fake, ask, jwt, app, installation, issue, shop } = await start();
    const delivery = await fake.webhooks.emit(
      app,
      installation,
      "issues",
      fake.webhooks.payloads.issue(shop, issue, "edited"),
      shop,
    );
    const failed = (await (await ask("/app/hook/deliveries?status=failure", { token: jwt() })).json()) as {
      id: number;
    }[];
    expect(failed.map((one) => one.id)).toEqual([delivery.id]);
    await ask(`/app/hook/deliveries/${String(delivery.id)}/attempts`, { token: jwt(), method: "POST" });
    expect(fake.webhooks.deliveries.map((one) => [one.guid, one.redelivery])).toEqual([
      [delivery.guid, false],
      [delivery.guid, true],
    ]);
  });

  it("breaks in the ways that were asked for, as often as asked for", async () => {
    const { fake, ask } = await start();
    fake.fail(/issues/, { is: "status", status: 502 });
    fake.fail(/pulls/, { is: "reset" });
    fake.fail(/releases/, { is: "half-open" });
    expect((await ask("/repos/acme/shop/issues")).status).toBe(502);
    expect((await ask("/repos/acme/shop/issues")).status).toBe(200);
    await expect(ask("/repos/acme/shop/pulls")).rejects.toThrow();
    const half = await ask("/repos/acme/shop/releases");
    const outcome = await Promise.race([
      half.text().then(() => "whole"),
      new Promise((resolve) => setTimeout(resolve, 200, "open")),
    ]);
    expect(outcome).toBe("open");
  });
});
