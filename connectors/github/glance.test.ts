import { afterEach, beforeEach, expect, it } from "vitest";
import { glance } from "./glance.ts";
import { type FakeGitHub, startFakeGitHub } from "./testing/fake-github.ts";
import { addIssue, addRepository, touchIssue, vendorTime } from "./testing/fake-state.ts";
import { connectTo, scopeOf } from "./testing/run-sync.ts";
import { addSampleOrg } from "./testing/sample-org.ts";

let fake: FakeGitHub;
let sample: ReturnType<typeof addSampleOrg>;
let connected: ReturnType<typeof connectTo>;
let offset = 3_600_000;
beforeEach(async () => {
  offset = 0;
  fake = await startFakeGitHub({ now: () => new Date(Date.now() + offset) });
  sample = addSampleOrg(fake);
  connected = connectTo(fake, sample);
  // What changed a moment ago is not settled yet.
  offset = 3_600_000;
});
afterEach(async () => {
  await connected.close();
  await fake.close();
  expect(fake.violations).toEqual([]);
});

const streams = ["repository", "issues", "pulls", "releases", "deployments", "pipelines", "owners"];
const look = async (asked = streams) => {
  const found = await glance(connected.context(), { scopes: [scopeOf(fake, sample.shop)], streams: asked });
  return found.get(String(sample.shop.id)) ?? {};
};

it("tells of a repository what its lists would, each change as another mark", async () => {
  const before = await look();
  expect(Object.keys(before).toSorted()).toEqual(["deployments", "issues", "owners", "pulls", "releases"]);
  expect(await look()).toEqual(before);
  const issues = [...sample.shop.issues.values()];
  expect(before["issues"]?.items).toBe(issues.filter(({ pull }) => pull === null).length);
  const differs = async (): Promise<string[]> => {
    const now = await look();
    return streams.filter((stream) => now[stream]?.mark !== before[stream]?.mark);
  };
  const at = vendorTime(new Date(Date.now() + 60_000));
  sample.issue.updatedAt = at;
  expect(await differs()).toEqual(["issues"]);
  addIssue(fake.state, sample.shop, { title: "another", createdAt: at, updatedAt: at });
  expect((await look())["issues"]?.items).toBe((before["issues"]?.items ?? 0) + 1);
  sample.shop.files.set("new.txt", "new");
  sample.shop.releases.pop();
  const [deployment] = sample.shop.deployments;
  deployment?.statuses.push({ id: 7, state: "inactive", createdAt: at, runId: null });
  expect(await differs()).toEqual(["issues", "releases", "deployments", "owners"]);
});

it("tells nothing of what changed this second: it may change again without a sign", async () => {
  touchIssue(fake.state, sample.issue, { title: "just now" });
  const found = await look();
  expect(found["issues"]).toBeUndefined();
  expect(found["pulls"]).toBeDefined();
});

it("asks in a request for fifty repositories, and for what is wanted alone", async () => {
  for (let count = 0; count < 110; count++) addRepository(fake.state, `acme/part-${count}`);
  const scopes = [...fake.state.repositories.values()].map((one) => scopeOf(fake, one));
  fake.takeRequests();
  const found = await glance(connected.context(), { scopes, streams: ["issues"] });
  expect(found.size).toBe(scopes.length);
  expect(new Set([...found.values()].flatMap((marks) => Object.keys(marks)))).toEqual(new Set(["issues"]));
  const asked = fake
    .takeRequests()
    .filter(({ path }) => path === "/graphql")
    .map(({ path, status }) => `${path} ${status}`);
  expect(asked).toEqual(Array.from({ length: Math.ceil(scopes.length / 50) }, () => "/graphql 200"));
});

it("knows nothing of what the token may not read, and of a GitHub where GraphQL is out of reach", async () => {
  const { value } = fake.access.mintFineGrainedToken("ada", { contents: "read", issues: "read" });
  const narrow = connectTo(fake, { token: value });
  const asked = { scopes: [scopeOf(fake, sample.shop)], streams };
  expect((await glance(narrow.context(), asked)).size).toBe(0);
  expect((await glance(narrow.context(), { ...asked, streams: ["issues"] })).size).toBe(1);
  await narrow.close();
  fake.settings.graphql = false;
  expect(await look()).toEqual({});
});
