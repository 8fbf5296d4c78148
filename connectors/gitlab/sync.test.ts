// What a sync from GitLab gives, against a stateful fake that GitLab's own schema judges.
// Long because its tests share one fake, and the published contract that judges it.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { VendorScope } from "../connector.ts";
import type { ApiJudge } from "../testing/openapi.ts";
import { nothingKept } from "../testing/run-stream.ts";
import { check } from "./check.ts";
import { count } from "./count.ts";
import { disconnect } from "./disconnect.ts";
import { cloneAccess, scopes } from "./scopes.ts";
import { type FakeGitLab, type FakeOptions, startFakeGitLab } from "./testing/fake-gitlab.ts";
import {
  addDeployment,
  addEnvironment,
  addIssue,
  addMergeRequest,
  addPipeline,
  addProject,
  touch,
  vendorTime,
} from "./testing/fake-state.ts";
import { makeCertificates } from "./testing/certificates.ts";
import { connectTo, groupScopeOf, runStream, scopeOf } from "./testing/run-sync.ts";
import { addSampleGroup } from "./testing/sample-group.ts";
import { loadVendorSchema } from "./testing/vendor-schema.ts";

let schema: ApiJudge;
beforeAll(() => {
  schema = loadVendorSchema();
});

const open: { close(): unknown }[] = [];
const fakes: FakeGitLab[] = [];
afterEach(async () => {
  // Whatever a test was about: nothing that went over the wire may contradict what GitLab documents.
  const violations = fakes.splice(0).flatMap((fake) => fake.violations);
  for (const one of open.splice(0)) await one.close();
  expect(violations).toEqual([]);
});

async function start(options: FakeOptions = {}) {
  let offset = 0;
  const fake = await startFakeGitLab({ now: () => new Date(Date.now() + offset), schema, ...options });
  const sample = addSampleGroup(fake);
  fakes.push(fake);
  open.push(fake);
  const connect = (by: Parameters<typeof connectTo>[1] = sample, more?: Parameters<typeof connectTo>[2]) => {
    const connected = connectTo(fake, by, more);
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

const byNumber = (items: Map<string, unknown>): [string, unknown][] =>
  [...items].toSorted(([a], [b]) => Number(a) - Number(b));
const numbers = (items: Map<string, unknown>): number[] => byNumber(items).map(([id]) => Number(id));

describe("merge requests", () => {
  it("lead to the files and lines that they change, to their author, approvers and the issues that they close", async () => {
    const { fake, connect, scope, mergeRequest } = await start();
    const kept = nothingKept();
    await runStream(connect().context(), scope, "pulls", kept);
    const { host } = new URL(fake.urls.web);
    const repo = `${host}/acme/platform/shop`;
    const facts = kept.items.get(String(mergeRequest.iid));
    const edges = (facts?.edges ?? [])
      .filter((edge) => edge.type !== "SAME_AS")
      .map(({ from, to, type }) => `${from} ${type} ${to}`);
    expect(edges.toSorted()).toEqual(
      [
        `person:${host}/ada AUTHORED pr:${repo}#1`,
        `person:${host}/grace REVIEWED pr:${repo}#1`,
        `pr:${repo}#1 CHANGES file:${repo}#logo.png`,
        `pr:${repo}#1 CHANGES file:${repo}#src/pay.py`,
        `pr:${repo}#1 MENTIONS issue:${repo}#1`,
        `pr:${repo}#1 MENTIONS issue:${host}/acme/docs#4`,
        `repo:${repo} CONTAINS pr:${repo}#1`,
      ].toSorted(),
    );
    const change = facts?.edges.find((edge) => edge.to.endsWith("src/pay.py"));
    expect(change?.props).toEqual({ status: "modified", additions: 2, deletions: 1, lines: [[4, 4]] });
    expect(facts?.nodes.find((node) => node.type === "PullRequest")?.props).toMatchObject({
      state: "open",
      reviewers: ["grace", "linus"],
      changedFiles: 2,
    });
  });

  it("have the lines of the new version, and lead to the commit, once merged", async () => {
    const { fake, connect, scope, mergeRequest, later } = await start();
    later(5_000);
    touch(fake.state, mergeRequest, { state: "merged", mergedAt: vendorTime(fake.state.now()) });
    const kept = nothingKept();
    await runStream(connect().context(), scope, "pulls", kept);
    const facts = kept.items.get("1");
    expect(facts?.edges.find((edge) => edge.to.endsWith("src/pay.py"))?.props?.["lines"]).toEqual([[4, 5]]);
    // Fast-forward: no merge commit was made, the branch's head is what landed.
    expect(facts?.edges.some(({ to, type }) => type === "CONTAINS" && to.endsWith(`#${mergeRequest.sha}`))).toBe(true);
  });

  it("close what any of GitLab's words, lists, paths and addresses name, and nothing else", async () => {
    const { fake, connect, scope, shop } = await start();
    const { host } = new URL(fake.urls.web);
    const description = [
      "Resolves #2, #3 and cart#5.",
      `Implements ${fake.urls.web}/acme/docs/-/issues/6`,
      `closing issues #8 acme/other/deep#9`,
      "Fixes https://elsewhere.example/acme/docs/-/issues/7",
      "relates to #10, unfixes #11, fixed in 3.2",
    ].join("\n");
    const { iid } = addMergeRequest(fake.state, shop, { description });
    const kept = nothingKept();
    await runStream(connect().context(), scope, "pulls", kept);
    const closed = (kept.items.get(String(iid))?.edges ?? [])
      .filter(({ type }) => type === "MENTIONS")
      .map(({ to }) => to.replace(`issue:${host}/`, ""));
    expect(closed.toSorted()).toEqual(
      [
        "acme/platform/shop#2",
        "acme/platform/shop#3",
        "acme/platform/cart#5",
        "acme/docs#6",
        "acme/platform/shop#8",
        "acme/other/deep#9",
      ].toSorted(),
    );
  });

  it("are asked for their details once, and again only when they change", async () => {
    const { fake, connect, scope, shop, mergeRequest, later } = await start();
    for (let count = 0; count < 249; count++) {
      later(1_000);
      addMergeRequest(fake.state, shop);
    }
    const kept = nothingKept();
    const { context } = connect();
    fake.takeRequests();
    await runStream(context(), scope, "pulls", kept);
    // The token, three pages, and files and approvals of 250.
    expect(fake.takeRequests()).toHaveLength(1 + 3 + 2 * 250);
    expect(kept.items.size).toBe(250);
    await runStream(context(), scope, "pulls", kept, { mode: "full" });
    expect(fake.takeRequests()).toHaveLength(3);
    expect(kept.items.size).toBe(250);
    later(300_000);
    touch(fake.state, mergeRequest, { title: "Round all fees up" });
    await runStream(context(), scope, "pulls", kept);
    expect(fake.takeRequests().filter(({ path }) => /diffs|approvals/.test(path))).toHaveLength(2);
    expect(kept.items.get("1")?.nodes.find((node) => node.type === "PullRequest")?.name).toBe("Round all fees up");
    later(300_000);
    for (let pass = 0; pass < 2; pass++) await runStream(context(), scope, "pulls", kept);
    fake.takeRequests();
    await runStream(context(), scope, "pulls", kept);
    expect(fake.takeRequests().map(({ status }) => status)).toEqual([304]);
  });
});

describe("issues", () => {
  it("are read page by page, and what is as it was comes without its body", async () => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 248; count++) {
      later(1_000);
      addIssue(fake.state, shop);
    }
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    expect(kept.items.size).toBe(249);
    fake.takeRequests();
    await runStream(context(), scope, "issues", kept, { mode: "full" });
    expect(fake.takeRequests().map(({ status }) => status)).toEqual([304, 304, 200]);
    expect(kept.items.size).toBe(249);
  });

  it("that changed are found by time of change, however many in one millisecond", async () => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 400; count++) addIssue(fake.state, shop);
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    expect(kept.items.size).toBe(401);
    later(600_000);
    const changed = [...shop.issues.values()].filter((one) => one.iid > 10 && one.iid <= 260);
    const at = vendorTime(fake.state.now());
    for (const one of changed) Object.assign(one, { title: "changed", updatedAt: at });
    later(600_000);
    await runStream(context(), scope, "issues", kept);
    const titles = [...kept.items.values()].filter(({ nodes }) => nodes.some(({ name }) => name === "changed"));
    expect(titles).toHaveLength(250);
    later(600_000);
    const [one] = changed;
    if (one) touch(fake.state, one);
    for (let pass = 0; pass < 2; pass++) await runStream(context(), scope, "issues", kept);
    fake.takeRequests();
    await runStream(context(), scope, "issues", kept);
    expect(fake.takeRequests().map(({ status }) => status)).toEqual([304]);
  });

  it("beyond GitLab's highest offset are read like all others", async () => {
    const { fake, connect, scope, shop, later } = await start();
    later(1_000);
    for (let count = 0; count < 300; count++)
      addIssue(fake.state, shop, { createdAt: at(count), updatedAt: at(count) });
    const kept = nothingKept();
    fake.takeRequests();
    await runStream(connect().context(), scope, "issues", kept);
    expect(kept.items.size).toBe(301);
    // Never by page number, so that there is no highest one.
    expect(fake.takeRequests().filter(({ query }) => query.has("page"))).toEqual([]);
  });

  it("that were deleted go with the next full pass, or at once when a webhook names them", async () => {
    const { fake, connect, scope, shop } = await start();
    const [second, third] = [addIssue(fake.state, shop), addIssue(fake.state, shop)];
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    shop.issues.delete(second.iid);
    await runStream(context(), scope, "issues", kept, { only: ["2"] });
    expect(numbers(kept.items)).toEqual([1, 3]);
    shop.issues.delete(third.iid);
    await runStream(context(), scope, "issues", kept, { mode: "full" });
    expect(numbers(kept.items)).toEqual([1]);
  });

  it("that are confidential are left out, and taken away when they become so, unless they are asked for", async () => {
    const { fake, connect, scope, shop, issue, later } = await start();
    addIssue(fake.state, shop, { confidential: true });
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "issues", kept);
    expect(numbers(kept.items)).toEqual([1]);
    later(600_000);
    touch(fake.state, issue, { confidential: true });
    await runStream(context(), scope, "issues", kept);
    expect(numbers(kept.items)).toEqual([]);
    const all = nothingKept();
    await runStream(connect(undefined, { config: { confidentialIssues: true } }).context(), scope, "issues", all);
    expect(numbers(all.items)).toEqual([1, 2]);
  });
});

const at = (count: number): string => new Date(Date.UTC(2026, 0, 1) + count * 1_000).toISOString();

describe("a sync", () => {
  it.each(["issues", "pulls"])("of %s that is killed again and again ends as an undisturbed one", async (stream) => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 130; count++) {
      later(1_000);
      if (stream === "pulls") addMergeRequest(fake.state, shop);
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
    later(600_000);
    for (const one of [...shop.issues.values()].slice(5, 125)) touch(fake.state, one, { title: "again" });
    for (const one of [...shop.mergeRequests.values()].slice(5, 125)) touch(fake.state, one, { title: "again" });
    await pass();
  });

  it("follows a rename and a transfer, for it asks by the project's id", async () => {
    const { fake, connect, scope, shop, later } = await start();
    for (let count = 0; count < 250; count++) {
      later(1_000);
      addIssue(fake.state, shop);
    }
    const kept = nothingKept();
    const ctx = connect().context();
    await runStream(ctx, scope, "issues", kept, { killAfter: 1 });
    shop.path = "acme/store";
    await runStream(ctx, scope, "issues", kept);
    expect(kept.items.size).toBe(251);
  });

  it("waits as GitLab asks: for Retry-After, for the end of the window, a minute where nothing is said", async () => {
    const { fake, connect, scope, later } = await start();
    const slept: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      slept.push(ms);
      later(ms);
      return Promise.resolve();
    };
    const { context } = connect(undefined, { sleep, longestWaitMs: 600_000 });
    fake.fail(/issues/, { is: "status", status: 429, headers: { "retry-after": "17" } });
    fake.fail(/issues/, { is: "status", status: 429 });
    const kept = nothingKept();
    await runStream(context(), scope, "issues", kept);
    expect(kept.items.size).toBe(1);
    expect(slept.map((ms) => Math.round(ms / 1000))).toEqual([17, 120]);
    slept.splice(0);
    fake.access.settings.perMinute = 2;
    await runStream(context(), scope, "pulls", nothingKept());
    // Three requests, two a minute: it waits for the window's end before it is refused.
    expect(slept.length).toBeGreaterThan(0);
    expect(Math.max(...slept)).toBeLessThanOrEqual(61_000);
    expect(fake.takeRequests().filter(({ path, status }) => path.includes("merge_requests") && status === 429)).toEqual(
      [],
    );
  });

  it("outlives a reply that is slow, half, nonsense or an error", async () => {
    const { fake, connect, scope } = await start();
    const { context } = connect();
    for (const fault of [{ is: "status", status: 502 }, { is: "reset" }, { is: "slow", ms: 50 }] as const) {
      fake.fail(/issues/, fault);
      const kept = nothingKept();
      await runStream(context(), scope, "issues", kept);
      expect(kept.items.size).toBe(1);
    }
    fake.fail(/issues/, { is: "garbage" });
    await expect(runStream(context(), scope, "issues", nothingKept())).rejects.toMatchObject({
      code: "upstream_failed",
    });
  });

  it("says what to do when the token was revoked or has expired", async () => {
    const { fake, connect, scope, token, later } = await start();
    const { context } = connect();
    await runStream(context(), scope, "issues", nothingKept());
    fake.access.revoke(token);
    await expect(runStream(context(), scope, "issues", nothingKept())).rejects.toMatchObject({
      code: "upstream_auth",
      message: expect.stringMatching(/was revoked.*rotate the credential/) as string,
    });
    const tomorrow = new Date(fake.state.now().getTime() + 86_400_000).toISOString().slice(0, 10);
    const { value } = fake.access.mintToken("ada", ["read_api"], { expires: tomorrow });
    const short = connect({ token: value });
    const { expiresAt } = await short.context().authorize(new AbortController().signal);
    expect(expiresAt?.toISOString()).toBe(`${tomorrow}T00:00:00.000Z`);
    later(2 * 86_400_000);
    await expect(runStream(short.context(), scope, "issues", nothingKept())).rejects.toMatchObject({
      code: "upstream_auth",
      message: expect.stringMatching(/has expired/) as string,
    });
    const oauth = fake.access.grant("ada", ["read_api"]).access_token;
    later(7_300_000);
    await expect(runStream(connect({ oauth }).context(), scope, "issues", nothingKept())).rejects.toMatchObject({
      code: "upstream_auth",
    });
  });
});

describe("the other streams", () => {
  const edgesOf = (kept: ReturnType<typeof nothingKept>): string[] =>
    [...kept.items.values()].flatMap(({ edges }) => edges.map(({ from, to, type }) => `${from} ${type} ${to}`));

  it("bring the project, pipelines, deployments, releases, owners and maintainers, and one request each while unchanged", async () => {
    const { fake, connect, shop } = await start();
    const { host } = new URL(fake.urls.web);
    const repo = `${host}/acme/platform/shop`;
    shop.members.set("linus", 40);
    shop.members.set("guest", 10);
    for (const path of ["src/pay.py", "src/api/orders.py", "docs/guide.md", ".gitlab-ci.yml"])
      shop.files.set(path, path);
    shop.files.set(".gitlab/CODEOWNERS", "* @acme/platform\n/src/ @ada\n");
    const { context } = connect();
    const scope = scopeOf(fake, shop);
    const told: string[] = [];
    const again: string[] = [];
    for (const stream of ["repository", "pipelines", "deployments", "releases", "owners", "members"]) {
      const kept = nothingKept();
      await runStream(context(), scope, stream, kept);
      told.push(...edgesOf(kept));
      const before = JSON.stringify([...kept.items]);
      fake.takeRequests();
      await runStream(context(), scope, stream, kept);
      again.push(...fake.takeRequests().map(({ status }) => `${stream} ${status}`));
      expect(JSON.stringify([...kept.items])).toBe(before);
    }
    const [deployment] = shop.deployments;
    const [run] = shop.pipelines;
    expect(told).toEqual(
      expect.arrayContaining([
        `team:${host}/acme/platform OWNS repo:${repo}`,
        `repo:${repo} CONTAINS release:${repo}#v1.0.0`,
        `release:${repo}#v1.0.0 CONTAINS commit:${repo}#${String(run?.sha)}`,
        `deployment:${repo}#${String(deployment?.id)} DEPLOYS commit:${repo}#${String(deployment?.sha)}`,
        `deployment:${repo}#${String(deployment?.id)} DEPLOYS repo:${repo}`,
        `pipeline:${repo}#.gitlab-ci.yml DEPLOYS deployment:${repo}#${String(deployment?.id)}`,
        `pipeline:${repo}#.gitlab-ci.yml BUILDS commit:${repo}#${String(run?.sha)}`,
        `file:${repo}#.gitlab-ci.yml DEFINES pipeline:${repo}#.gitlab-ci.yml`,
        `person:${host}/ada OWNS dir:${repo}#src`,
        `team:${host}/acme/platform OWNS dir:${repo}#docs`,
        `person:${host}/linus OWNS repo:${repo}`,
      ]),
    );
    expect(told.some((edge) => edge.startsWith(`person:${host}/guest`))).toBe(false);
    // CODEOWNERS is looked for in three places, and stands in the last; who maintains the project was read just now.
    const owners = ["owners 404", "owners 404", "owners 200"];
    expect(again).toEqual(["pipelines 304", "deployments 304", "releases 304", ...owners]);
  });

  it("that seldom change are read again after an hour, when somebody has pushed, or when a webhook names them", async () => {
    const { fake, connect, acme, shop, later } = await start();
    shop.files.set("CODEOWNERS", "* @ada\n");
    const { context } = connect();
    const asked = async (stream: string, kept: ReturnType<typeof nothingKept>, only: string[] | null = null) => {
      const scope = stream === "teams" ? groupScopeOf(fake, acme) : scopeOf(fake, shop);
      fake.takeRequests();
      await runStream(context(), scope, stream, kept, { only });
      return fake.takeRequests().length;
    };
    const [owners, members, teams] = [nothingKept(), nothingKept(), nothingKept()];
    await asked("owners", owners);
    await asked("members", members);
    expect(await asked("teams", teams)).toBe(4);
    expect([await asked("members", members), await asked("teams", teams)]).toEqual([0, 0]);
    acme.members.set("newcomer", 30);
    expect(await asked("teams", teams, [String(acme.id)])).toBe(2);
    expect(edgesOf(teams).some((edge) => edge.includes("/newcomer"))).toBe(true);

    // The project was made just now: GitLab may not tell of a push yet.
    expect(await asked("owners", owners)).toBe(1);
    later(2 * 3_600_000);
    expect(await asked("owners", owners)).toBe(1);
    later(2 * 3_600_000);
    expect(await asked("owners", owners)).toBe(0);
    expect([await asked("members", members), await asked("teams", teams)]).toEqual([1, 4]);
    shop.files.set("CODEOWNERS", "* @grace\n");
    expect(await asked("owners", owners, ["CODEOWNERS"])).toBeGreaterThan(1);
    shop.files.set("CODEOWNERS", "* @linus\n");
    shop.lastActivityAt = vendorTime(fake.state.now());
    await asked("owners", owners);
    expect(edgesOf(owners).some((edge) => edge.includes("/linus OWNS"))).toBe(true);
  });

  it("tell of each run its stages with state and duration, and ask for its jobs again only when it has changed", async () => {
    const { fake, connect, scope, shop, later } = await start();
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "pipelines", kept);
    const pipeline = (): unknown => kept.items.get("pipeline")?.nodes.find(({ type }) => type === "Pipeline")?.props;
    expect(pipeline()).toMatchObject({
      path: ".gitlab-ci.yml",
      state: "success",
      stages: ["test", "deploy"],
      // They ran side by side: the duration is that of the longest.
      runs: [
        {
          state: "success",
          seconds: 30,
          stages: [
            { name: "test", state: "success", seconds: 12.5, jobs: 2 },
            { name: "deploy", state: "success", seconds: 30, jobs: 1 },
          ],
        },
      ],
      jobs: [
        { name: "unit", stage: "test", state: "success", seconds: 12.5 },
        { name: "lint", stage: "test", state: "failure" },
        { name: "deploy", stage: "deploy" },
      ],
    });
    later(60_000);
    const run = addPipeline(fake.state, shop, {
      ref: "topic",
      status: "running",
      jobs: [{ status: "running", duration: null }],
    });
    fake.takeRequests();
    await runStream(context(), scope, "pipelines", kept);
    expect(fake.takeRequests().map(({ path }) => path.replace(/^.*pipelines/, ""))).toEqual(["", `/${run.id}/jobs`]);
    // The newest run is told first; the jobs are those of the default branch.
    expect(pipeline()).toMatchObject({
      state: "in_progress",
      stages: ["test", "deploy"],
      runs: [{ branch: "topic" }, {}],
    });
    later(60_000);
    Object.assign(run, { status: "failed", updatedAt: vendorTime(fake.state.now()) });
    fake.takeRequests();
    await runStream(context(), scope, "pipelines", kept);
    expect(fake.takeRequests()).toHaveLength(2);
    expect(pipeline()).toMatchObject({ state: "failure" });
  });

  it("know what stands in each environment, however long ago it was deployed", async () => {
    const { fake, connect, scope, shop, later } = await start();
    const [production] = shop.environments;
    const staging = addEnvironment(fake.state, shop, "staging", { url: "https://staging.acme.example" });
    if (!production) throw new Error("no environment");
    const [first] = shop.deployments;
    for (let count = 0; count < 120; count++) {
      later(1_000);
      addDeployment(fake.state, shop, staging, { status: count % 2 === 0 ? "success" : "failed" });
    }
    const kept = nothingKept();
    const { context } = connect();
    await runStream(context(), scope, "deployments", kept);
    const current = (): string[] =>
      [...kept.items]
        .filter(([, { nodes }]) => nodes.some(({ props }) => props?.["current"] === true))
        .map(([id]) => id)
        .toSorted();
    const standing = shop.deployments.at(-2);
    expect(current()).toEqual([String(first?.id), String(standing?.id)].toSorted());
    expect(kept.items.get(String(first?.id))?.nodes[0]?.props).toMatchObject({
      environment: "production",
      environmentUrl: "https://shop.acme.example",
      tier: "production",
      job: "deploy",
    });
    later(1_000);
    const next = addDeployment(fake.state, shop, production);
    await runStream(context(), scope, "deployments", kept);
    expect(current()).toEqual([String(standing?.id), String(next.id)].toSorted());
  });

  it("of what is switched off in a project are neither asked for nor an error", async () => {
    const { fake, connect, shop } = await start();
    for (const feature of ["issues", "merge_requests", "builds"]) shop.off.add(feature);
    const scope = scopeOf(fake, shop);
    const kept = nothingKept();
    for (const stream of ["issues", "pulls", "pipelines"]) await runStream(connect().context(), scope, stream, kept);
    expect(fake.takeRequests()).toEqual([]);
    shop.off.clear();
    await runStream(connect().context(), scopeOf(fake, shop), "pulls", kept);
    expect(kept.items.size).toBe(1);
  });

  it("lead from a group to those in it and to their members", async () => {
    const { fake, connect, acme } = await start();
    const { host } = new URL(fake.urls.web);
    const kept = nothingKept();
    await runStream(connect().context(), groupScopeOf(fake, acme), "teams", kept);
    expect(
      edgesOf(kept)
        .filter((edge) => edge.includes(" CONTAINS "))
        .toSorted(),
    ).toEqual(
      [
        `team:${host}/acme CONTAINS person:${host}/ada`,
        `team:${host}/acme CONTAINS person:${host}/grace`,
        `team:${host}/acme CONTAINS team:${host}/acme/platform`,
        `team:${host}/acme/platform CONTAINS person:${host}/linus`,
      ].toSorted(),
    );
  });
});

describe("the connection", () => {
  it("is tested permission by permission, and a missing one says what to grant", async () => {
    const { fake, connect, shop } = await start();
    const whole = await check(connect().context());
    expect(whole.account).toBe("ada");
    expect(Object.fromEntries(whole.checks.map(({ permission, state }) => [permission, state]))).toMatchObject({
      read_api: "granted",
      read_repository: "granted",
      issues: "granted",
      merge_requests: "granted",
      hooks: "missing",
    });
    shop.members.set("guest", 10);
    const { value } = fake.access.mintToken("guest", ["read_api"]);
    const { checks } = await check(connect({ token: value }).context());
    const found = Object.fromEntries(checks.map((one) => [one.permission, one]));
    expect(found["issues"]?.state).toBe("granted");
    expect(found["merge_requests"]).toMatchObject({
      state: "missing",
      detail: expect.stringMatching(/Reporter/) as string,
    });
    expect(found["read_repository"]).toMatchObject({
      state: "missing",
      detail: expect.stringMatching(/scope “read_repository”/) as string,
    });
    const none = await check(connect({ token: fake.access.mintToken("ada", ["read_user"]).value }).context());
    expect(none.checks.find(({ permission }) => permission === "read_api")?.state).toBe("missing");
    const oauth = fake.access.grant("ada", ["read_api", "read_repository"]).access_token;
    const signedIn = await check(connect({ oauth }).context());
    expect(signedIn.checks.find(({ permission }) => permission === "hooks")?.detail).toMatch(/api/);
  });

  it("tells how much there is without reading it", async () => {
    const { fake, connect, scope, shop } = await start();
    for (let number = 0; number < 30; number++) addIssue(fake.state, shop);
    expect(await count(connect().context(), scope)).toEqual({ repository: 1, issues: 31, pulls: 1, releases: 1 });
    fake.fail(/issues/, { is: "status", status: 403 });
    expect(await count(connect().context(), scope)).toMatchObject({ issues: null, pulls: 1 });
  });

  it("behind a private authority is reached once its certificate is given, and says so before", async () => {
    const { authority, tls } = makeCertificates();
    const { connect, scope } = await start({ tls });
    await expect(runStream(connect().context(), scope, "issues", nothingKept())).rejects.toMatchObject({
      code: "upstream_failed",
      message: expect.stringMatching(/authority's certificate/) as string,
    });
    const kept = nothingKept();
    await runStream(connect(undefined, { config: { ca: authority } }).context(), scope, "issues", kept);
    expect(kept.items.size).toBe(1);
  });

  it("lists projects by keyset, search and group with its subgroups, and leaves out what is being deleted", async () => {
    const { fake, connect, shop } = await start();
    for (let count = 0; count < 150; count++) addProject(fake.state, `acme/service-${count}`);
    addProject(fake.state, "acme/doomed", { markedForDeletionOn: "2026-12-01" });
    addProject(fake.state, "others/secret");
    const { context } = connect();
    const listed: VendorScope[] = [];
    let cursor = null;
    fake.settings.linksLeadTo = "http://gitlab.internal:8181";
    do {
      const page = await scopes(context(), { kind: "project", cursor, limit: 60 });
      listed.push(...page.scopes);
      ({ cursor } = page);
    } while (cursor !== null);
    expect(listed).toHaveLength(152);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(152);
    expect(listed.some(({ name }) => name === "acme/doomed" || name === "others/secret")).toBe(false);
    const found = await scopes(context(), { kind: "project", search: "PLATFORM", cursor: null, limit: 50 });
    expect(found.scopes.map(({ name }) => name)).toEqual(["acme/platform/shop"]);
    const groups = await scopes(context(), { kind: "group", cursor: null, limit: 50 });
    expect(groups.scopes.map(({ name }) => name)).toEqual(["acme", "acme/platform"]);
    const [acme] = groups.scopes;
    if (!acme) throw new Error("not found");
    const within = await scopes(context(), { kind: "project", within: acme, search: "shop", cursor: null, limit: 50 });
    expect(within.scopes).toMatchObject([{ id: String(shop.id), private: true, parent: groups.scopes[1]?.id }]);
    const access = await cloneAccess(context(), scopeOf(fake, shop));
    expect(access).toMatchObject({ url: `${fake.urls.web}/acme/platform/shop.git`, username: "oauth2" });
  });

  it("of a group's or a project's own token sees that alone", async () => {
    const { fake, connect, platform, docs } = await start();
    const names = async (within: { project: number } | { group: number }): Promise<string[]> => {
      const { value } = fake.access.mintToken("x", ["read_api"], { within });
      const page = await scopes(connect({ token: value }).context(), { kind: "project", cursor: null, limit: 50 });
      return page.scopes.map(({ name }) => name);
    };
    expect(await names({ group: platform.id })).toEqual(["acme/platform/shop"]);
    expect(await names({ project: docs.id })).toEqual(["acme/docs"]);
  });

  it("below a sub-path has keys and addresses with it", async () => {
    const { fake, connect, scope } = await start({ subPath: "/tools/gitlab" });
    const { host } = new URL(fake.urls.web);
    const kept = nothingKept();
    const { context } = connect(undefined, { config: { baseUrl: `${fake.urls.web}/` } });
    await runStream(context(), scope, "issues", kept);
    expect(kept.items.get("1")?.nodes.find(({ type }) => type === "Issue")?.key).toBe(
      `issue:${host}/tools/gitlab/acme/platform/shop#1`,
    );
    expect((await cloneAccess(context(), scope)).url).toBe(`http://${host}/tools/gitlab/acme/platform/shop.git`);
    expect((await check(context())).checks.filter(({ state }) => state === "granted").length).toBeGreaterThan(3);
  });

  it("is ended by revoking the token at GitLab", async () => {
    const { fake, connect, token } = await start();
    const { context } = connect();
    expect(await disconnect(context())).toMatch(/“opentrace” was revoked/);
    expect(fake.access.tokens.get(token)?.revoked).toBe(true);
    const oauth = fake.access.grant("ada", ["read_api"]).access_token;
    expect(await disconnect(connect({ oauth }).context())).toMatch(/applications/);
  });
});
