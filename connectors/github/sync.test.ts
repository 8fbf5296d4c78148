import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { VendorScope } from "../connector.ts";
import { check } from "./check.ts";
import { cloneAccess, scopes } from "./scopes.ts";
import { type FakeGitHub, startFakeGitHub } from "./testing/fake-github.ts";
import { addIssue, addPull, addRepository, renameRepository, touchIssue, vendorTime } from "./testing/fake-state.ts";
import { nothingKept } from "../testing/run-stream.ts";
import { connectTo, runStream, scopeOf } from "./testing/run-sync.ts";
import { addSampleOrg } from "./testing/sample-org.ts";
import { loadVendorSchema, type VendorSchema } from "./testing/vendor-schema.ts";
import { loadWebhookSchema, type WebhookSchema } from "./testing/webhook-schema.ts";

let schema: VendorSchema;
let webhookSchema: WebhookSchema;
beforeAll(() => {
  schema = loadVendorSchema();
  webhookSchema = loadWebhookSchema();
});

const open: { close(): unknown }[] = [];
const fakes: FakeGitHub[] = [];
afterEach(async () => {
  // Whatever a test was about: nothing that went over the wire may contradict GitHub's schema.
  const violations = fakes.splice(0).flatMap((fake) => fake.violations);
  for (const one of open.splice(0)) await one.close();
  expect(violations).toEqual([]);
});

async function start() {
  let offset = 0;
  const fake = await startFakeGitHub({ now: () => new Date(Date.now() + offset), schema, webhookSchema });
  const sample = addSampleOrg(fake);
  fakes.push(fake);
  open.push(fake);
  const connect = (by: Parameters<typeof connectTo>[1] = sample, options?: Parameters<typeof connectTo>[2]) => {
    const connected = connectTo(fake, by, options);
    open.push(connected);
    return connected;
  };
  return {
    fake,
    ...sample,
    connect,
    later: (ms: number): void => void (offset += ms),
    scope: scopeOf(fake, sample.shop),
  };
}

const numbers = (items: Map<string, unknown>): number[] => [...items.keys()].map(Number).sort((a, b) => a - b);

const byNumber = (items: Map<string, unknown>): [string, unknown][] =>
  [...items].toSorted(([a], [b]) => Number(a) - Number(b));

describe("pull requests", () => {
  it("lead to the files and lines that they change, to their author, reviewers and the issue that they close", async () => {
    const { fake, connect, scope, pull } = await start();
    const kept = nothingKept();
    await runStream(connect().context(), scope, "pulls", kept);
    const repo = `${new URL(fake.urls.web).host}/acme/shop`;
    const facts = kept.items.get(String(pull.number));
    const edges = (facts?.edges ?? [])
      .filter((edge) => edge.type !== "SAME_AS")
      .map(({ from, to, type }) => `${from} ${type} ${to}`);
    const host = new URL(fake.urls.web).host;
    expect(edges.toSorted()).toEqual(
      [
        `person:${host}/ada AUTHORED pr:${repo}#2`,
        `person:${host}/grace REVIEWED pr:${repo}#2`,
        `pr:${repo}#2 CHANGES file:${repo}#logo.png`,
        `pr:${repo}#2 CHANGES file:${repo}#src/pay.py`,
        `pr:${repo}#2 MENTIONS issue:${repo}#1`,
        `repo:${repo} CONTAINS pr:${repo}#2`,
      ].toSorted(),
    );
    const change = facts?.edges.find((edge) => edge.to.endsWith("src/pay.py"));
    expect(change?.props).toMatchObject({ status: "modified", lines: [[4, 4]] });
  });

  it("have the lines of the new version once merged", async () => {
    const { fake, connect, scope, pull, later } = await start();
    later(5_000);
    touchIssue(fake.state, pull, { state: "closed", closedAt: vendorTime(fake.state.now()) });
    Object.assign(pull.pull, { mergedAt: vendorTime(fake.state.now()), mergeSha: pull.pull.headSha });
    const kept = nothingKept();
    await runStream(connect().context(), scope, "pulls", kept);
    const facts = kept.items.get("2");
    expect(facts?.edges.find((edge) => edge.to.endsWith("src/pay.py"))?.props?.["lines"]).toEqual([[4, 5]]);
    expect(facts?.nodes.find((node) => node.type === "PullRequest")?.props?.["state"]).toBe("merged");
  });

  it("are asked for their details once, and again only when they change", async () => {
    const { fake, connect, scope, shop, pull, later } = await start();
    for (let count = 0; count < 249; count++) addPull(fake.state, shop);
    const kept = nothingKept();
    const { context } = connect();
    fake.takeRequests();
    await runStream(context(), scope, "pulls", kept);
    // A token, three pages, and files and reviews of 250: all that the API allows to save is saved.
    expect(fake.takeRequests()).toHaveLength(1 + 3 + 2 * 250);
    expect(kept.items.size).toBe(250);
    await runStream(context(), scope, "pulls", kept, { mode: "full" });
    expect(fake.takeRequests()).toHaveLength(3);
    expect(kept.items.size).toBe(250);
    later(5_000);
    touchIssue(fake.state, pull, { title: "Round all fees up" });
    await runStream(context(), scope, "pulls", kept);
    const asked = fake.takeRequests();
    expect(asked.filter(({ path }) => /files|reviews/.test(path))).toHaveLength(2);
    expect(kept.items.get("2")?.nodes.find((node) => node.type === "PullRequest")?.name).toBe("Round all fees up");
    await runStream(context(), scope, "pulls", kept);
    expect(fake.takeRequests().filter(({ counted }) => counted)).toHaveLength(0);
  });
});

describe("pull requests that a webhook names", () => {
  it("are not asked for their details when only a check of theirs has ended", async () => {
    const { fake, connect, scope, pull, later } = await start();
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "pulls", kept);
    later(60_000);
    fake.takeRequests();
    await runStream(context(), scope, "pulls", kept, { only: ["2"] });
    expect(fake.takeRequests()).toHaveLength(1);
    touchIssue(fake.state, pull, { title: "Round up" });
    await runStream(context(), scope, "pulls", kept, { only: ["2"] });
    expect(fake.takeRequests()).toHaveLength(3);
    expect(kept.items.get("2")?.nodes.find((node) => node.type === "PullRequest")?.name).toBe("Round up");
  });

  it("close an issue that is named at the end of a long description", async () => {
    const { fake, connect, scope, pull } = await start();
    touchIssue(fake.state, pull, { body: `${"What was done, and why. ".repeat(500)}\nFixes #1` });
    const kept = nothingKept();
    await runStream(connect().context(), scope, "pulls", kept);
    expect(kept.items.get("2")?.edges.some(({ type, to }) => type === "MENTIONS" && to.endsWith("#1"))).toBe(true);
  });
});

describe("issues", () => {
  it("are read page by page without the pull requests among them", async () => {
    const { fake, connect, scope, shop } = await start();
    for (let count = 0; count < 248; count++) addIssue(fake.state, shop);
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    expect(kept.items.size).toBe(249);
    expect(kept.items.has("2")).toBe(false);
    fake.takeRequests();
    await runStream(context(), scope, "issues", kept, { mode: "full" });
    // Three pages that are as they were: nothing is drawn from the budget.
    expect(fake.takeRequests().map(({ status, counted }) => [status, counted])).toEqual(
      Array.from({ length: 3 }, () => [304, false]),
    );
    expect(kept.items.size).toBe(249);
  });

  it("that changed are found by time of change, however many in one second", async () => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 400; count++) addIssue(fake.state, shop);
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    later(10_000);
    const changed = [...shop.issues.values()].filter((one) => one.number > 10 && one.number <= 260);
    for (const one of changed) touchIssue(fake.state, one, { title: "changed" });
    later(10_000);
    fake.takeRequests();
    await runStream(context(), scope, "issues", kept);
    const titles = [...kept.items.values()].filter(({ nodes }) => nodes.some(({ name }) => name === "changed"));
    expect(titles).toHaveLength(250);
    const [last] = changed;
    if (last) touchIssue(fake.state, last);
    for (let pass = 0; pass < 2; pass++) await runStream(context(), scope, "issues", kept);
    fake.takeRequests();
    await runStream(context(), scope, "issues", kept);
    expect(fake.takeRequests().map(({ status }) => status)).toEqual([304]);
  });

  it("of a repository that has none switched on, as most forks, are none, and come once they are", async () => {
    const { connect, scope, shop } = await start();
    shop.hasIssues = false;
    const kept = nothingKept();
    const { context } = connect();
    for (let pass = 0; pass < 2; pass++) await runStream(context(), scope, "issues", kept);
    expect(kept.items.size).toBe(0);
    shop.hasIssues = true;
    await runStream(context(), scope, "issues", kept);
    expect(numbers(kept.items)).toEqual([1]);
  });

  it("that were deleted go with the next full pass, or at once when a webhook names them", async () => {
    const { fake, connect, scope, shop } = await start();
    const [third, fourth] = [addIssue(fake.state, shop), addIssue(fake.state, shop)];
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    shop.issues.delete(third.number);
    await runStream(context(), scope, "issues", kept, { only: ["3"] });
    expect(numbers(kept.items)).toEqual([1, 4]);
    shop.issues.delete(fourth.number);
    await runStream(context(), scope, "issues", kept, { mode: "full" });
    expect(numbers(kept.items)).toEqual([1]);
  });
});

describe("a sync", () => {
  it.each(["issues", "pulls"])("of %s that is killed again and again ends as an undisturbed one", async (stream) => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 130; count++) {
      if (stream === "pulls") addPull(fake.state, shop);
      else addIssue(fake.state, shop);
    }
    const { context } = connect();
    const [whole, killed] = [nothingKept(), nothingKept()];
    const pass = async (): Promise<void> => {
      await runStream(context(), scope, stream, whole);
      let rounds = 0;
      do await runStream(context(), scope, stream, killed, { killAfter: stream === "pulls" ? 17 : 1 });
      while (killed.pass !== null && ++rounds < 50);
      expect(killed.pass).toBeNull();
      expect(byNumber(killed.items)).toEqual(byNumber(whole.items));
    };
    await pass();
    later(5_000);
    for (const one of [...shop.issues.values()].slice(5, 125)) touchIssue(fake.state, one, { title: "again" });
    await pass();
  });

  it("goes on with a new token when the old one has expired, and follows a rename", async () => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 250; count++) addIssue(fake.state, shop);
    const kept = nothingKept();
    const { context } = connect();
    const ctx = context();
    await runStream(ctx, scope, "issues", kept, { killAfter: 1 });
    later(3_700_000);
    renameRepository(fake.state, shop, "acme/store");
    await runStream(ctx, scope, "issues", kept);
    expect(kept.items.size).toBe(251);
    expect([...fake.access.tokens.values()].filter(({ kind }) => kind === "installation")).toHaveLength(2);
  });

  it("waits as GitHub asks: for the reset of the budget, for Retry-After, a minute where nothing is said", async () => {
    const { fake, connect, scope, later } = await start();
    const slept: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      slept.push(ms);
      later(ms);
      return Promise.resolve();
    };
    const { context } = connect(undefined, { longestWaitMs: 7_200_000, sleep });
    const limit = "You have exceeded a secondary rate limit";
    fake.fail(/issues/, { is: "status", status: 403, headers: { "retry-after": "17" }, message: limit });
    fake.fail(/issues/, { is: "status", status: 403, message: limit });
    const kept = nothingKept();
    await runStream(context(), scope, "issues", kept);
    expect(kept.items.size).toBe(1);
    expect(slept.map((ms) => Math.round(ms / 1000))).toEqual([17, 120]);
    // The budget is spent by somebody else: the wait is for its reset.
    slept.splice(0);
    for (const token of fake.access.tokens.values()) fake.access.budgetOf(token.principal).used = 5_000;
    await runStream(context(), scope, "pulls", nothingKept());
    const waited = slept.reduce((total, ms) => total + ms, 0) / 60_000;
    expect(waited).toBeGreaterThan(50);
    expect(waited).toBeLessThan(62);
  });

  it("says what to do when the credential was revoked, the App uninstalled or suspended", async () => {
    const { fake, connect, scope, installation } = await start();
    const { value } = fake.access.mintFineGrainedToken("ada", { issues: "read" });
    fake.access.revoke(value);
    const revoked = runStream(connect({ token: value }).context(), scope, "issues", nothingKept());
    await expect(revoked).rejects.toMatchObject({
      code: "upstream_auth",
      message: expect.stringContaining("rotate") as string,
    });
    installation.suspendedAt = vendorTime(fake.state.now());
    const suspended = runStream(connect().context(), scope, "issues", nothingKept());
    await expect(suspended).rejects.toMatchObject({
      code: "upstream_auth",
      message: expect.stringContaining("restore") as string,
    });
    fake.access.installations.delete(installation.id);
    const gone = runStream(connect().context(), scope, "issues", nothingKept());
    await expect(gone).rejects.toMatchObject({
      code: "upstream_auth",
      message: expect.stringContaining("Install it again") as string,
    });
  });
});

describe("the other streams", () => {
  it("bring the repository, releases, deployments, workflows, owners and teams, and cost nothing while unchanged", async () => {
    const { fake, connect, scope, shop } = await start();
    const { context } = connect();
    const organization: VendorScope =
      (await scopes(context(), { kind: "organization", cursor: null, limit: 10 })).scopes[0] ?? scope;
    const host = new URL(fake.urls.web).host;
    const repo = `${host}/acme/shop`;
    const told: string[] = [];
    const again: unknown[] = [];
    for (const stream of ["repository", "releases", "deployments", "pipelines", "owners"]) {
      const kept = nothingKept();
      await runStream(context(), scope, stream, kept);
      told.push(
        ...[...kept.items.values()].flatMap(({ edges }) => edges.map(({ from, to, type }) => `${from} ${type} ${to}`)),
      );
      const before = JSON.stringify([...kept.items]);
      fake.takeRequests();
      await runStream(context(), scope, stream, kept);
      again.push(...fake.takeRequests().filter(({ counted }) => counted));
      expect(JSON.stringify([...kept.items])).toBe(before);
    }
    const teams = nothingKept();
    await runStream(context(), organization, "teams", teams);
    told.push(
      ...[...teams.items.values()].flatMap(({ edges }) => edges.map(({ from, to, type }) => `${from} ${type} ${to}`)),
    );
    const [deployment] = shop.deployments;
    expect(told).toEqual(
      expect.arrayContaining([
        `repo:${repo} CONTAINS release:${repo}#v1.0.0`,
        `deployment:${repo}#${String(deployment?.id)} DEPLOYS commit:${repo}#${String(deployment?.sha)}`,
        `pipeline:${repo}#.github/workflows/ci.yml DEPLOYS deployment:${repo}#${String(deployment?.id)}`,
        `pipeline:${repo}#.github/workflows/ci.yml BUILDS repo:${repo}`,
        `file:${repo}#.github/workflows/ci.yml DEFINES pipeline:${repo}#.github/workflows/ci.yml`,
        `team:${host}/acme/payments OWNS dir:${repo}#src`,
        `person:${host}/ada OWNS dir:${repo}#src`,
        `team:${host}/acme/platform OWNS dir:${repo}#.github`,
        `team:${host}/acme/platform CONTAINS team:${host}/acme/payments`,
        `team:${host}/acme/payments CONTAINS person:${host}/ada`,
      ]),
    );
    expect(told.filter((edge) => edge.endsWith("#docs") && edge.includes("OWNS"))).toEqual([]);
    expect(again).toEqual([]);
  });
});

describe("deployments", () => {
  it("tell what stands in each environment: the newest that succeeded, and only that one", async () => {
    const { fake, connect, scope, shop } = await start();
    const { context } = connect();
    const kept = nothingKept();
    const deploy = (environment: string, state: "success" | "failure"): number => {
      const at = vendorTime(fake.state.now());
      const id = fake.state.id();
      const [old] = shop.deployments;
      if (!old) throw new Error("no deployment");
      const statuses = [{ id: fake.state.id(), state, createdAt: at, runId: old.statuses[0]?.runId ?? null }];
      shop.deployments.push({ ...old, id, environment, createdAt: at, updatedAt: at, statuses });
      return id;
    };
    const current = (): number[] =>
      [...kept.items]
        .filter(([, { nodes }]) => nodes.some(({ props }) => props?.["current"] === true))
        .map(([id]) => Number(id))
        .toSorted((a, b) => a - b);
    const first = shop.deployments[0]?.id;
    deploy("production", "failure");
    await runStream(context(), scope, "deployments", kept);
    expect(current()).toEqual([first]);
    const staging = deploy("staging", "success");
    for (let count = 0; count < 98; count++) deploy("preview", "success");
    const preview = deploy("preview", "success");
    await runStream(context(), scope, "deployments", kept);
    // What stands in production is not among the newest hundred any more.
    expect(current()).toEqual([first, staging, preview]);
    const next = deploy("production", "success");
    await runStream(context(), scope, "deployments", kept);
    expect(current()).toEqual([staging, preview, next]);
  });
});

describe("what a repository or an account does not have", () => {
  it("costs nothing while it stays so: no CODEOWNERS, and no teams of a person", async () => {
    const { fake, connect, shop } = await start();
    shop.files.delete(".github/CODEOWNERS");
    const { context } = connect();
    const kept = nothingKept();
    const scope = scopeOf(fake, shop);
    for (let pass = 0; pass < 2; pass++) {
      fake.takeRequests();
      await runStream(context(), scope, "owners", kept);
    }
    expect(fake.takeRequests().map(({ status }) => status)).toEqual([304]);

    fake.state.account("ada", "User");
    const own = addRepository(fake.state, "ada/notes");
    Object.assign(fake.state.account("ada"), { type: "User" });
    const token = fake.access.mintFineGrainedToken("ada", { issues: "read" }, new Set([own.id])).value;
    const by = connect({ token }).context();
    const { checks } = await check(by);
    expect(checks.find(({ permission }) => permission === "members")).toMatchObject({
      state: "unknown",
      detail: expect.stringMatching(/person's account/) as string,
    });
    const [person] = (await scopes(by, { kind: "organization", cursor: null, limit: 10 })).scopes;
    if (!person) throw new Error("not found");
    fake.takeRequests();
    await runStream(by, person, "teams", nothingKept());
    expect(fake.takeRequests()).toEqual([]);
  });
});

describe("the connection", () => {
  it("is tested permission by permission, and a missing one says what to grant", async () => {
    const { fake, connect, shop } = await start();
    const token = fake.access.mintFineGrainedToken(
      "ada",
      { contents: "read", pull_requests: "read" },
      new Set([shop.id]),
    ).value;
    const { account, checks } = await check(connect({ token }).context());
    expect(account).toBe("acme");
    expect(Object.fromEntries(checks.map(({ permission, state }) => [permission, state]))).toEqual({
      metadata: "granted",
      contents: "granted",
      issues: "missing",
      pull_requests: "granted",
      deployments: "missing",
      actions: "missing",
      checks: "unknown",
      members: "missing",
    });
    expect(checks.find(({ permission }) => permission === "issues")?.detail).toMatch(/Issues: read.*issues=read/);
    const whole = await check(connect().context());
    expect(whole.checks.filter(({ state }) => state === "missing")).toEqual([]);
  });

  it("lists repositories by page, search and organization, and gives git a token", async () => {
    const { fake, connect } = await start();
    for (let count = 0; count < 150; count++) addRepository(fake.state, `acme/service-${String(count)}`);
    const { context } = connect();
    const first = await scopes(context(), { cursor: null, limit: 50 });
    const second = await scopes(context(), { cursor: first.cursor, limit: 50 });
    expect([first.total, first.scopes.length, second.scopes.length, second.cursor]).toEqual([152, 100, 52, null]);
    const found = await scopes(context(), { search: "SHOP", cursor: null, limit: 50 });
    expect(found.scopes.map(({ name }) => name)).toEqual(["acme/shop"]);
    const [shop] = found.scopes;
    if (!shop) throw new Error("not found");
    const access = await cloneAccess(context(), shop);
    expect([access.url, access.token.length > 400]).toEqual([`${fake.urls.web}/acme/shop`, true]);
  });
});
