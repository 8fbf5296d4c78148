// Questions over pull requests, issues, pipelines, deployments and owners, on both stores. It is 2 January 2026, 03:04 UTC.
import { CompiledQuery, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import type {
  DeliveryOverview,
  DeploymentsAnswer,
  IssuesAnswer,
  OwnersAnswer,
  PipelinesAnswer,
  PullRequestsAnswer,
} from "@opentrace/contract/delivery.ts";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { createIngest, type Ingest } from "../graph/ingest.ts";
import { createGraphWorker, type GraphWorker } from "../graph/snapshot/graph-worker.ts";
import {
  ask,
  batch,
  file,
  never,
  shop,
  shopScopes,
  symbol,
  testContext,
  writeSource,
} from "../graph/testing/sample.ts";
import { openView } from "../graph/view.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import type { GraphDatabase, Store } from "../store/store.ts";
import type { Verb } from "../verb.ts";
import { deliveredSince } from "./delivered.ts";
import { isEnvironment } from "./deployments.ts";
import { textOf } from "./present.ts";
import { happenedBetween, newest } from "./newest.ts";
import { changes, deliveryScopes, pull } from "./testing/delivery-facts.ts";
import { deliveryVerbs } from "./verbs.ts";

const charge = symbol("src/pay.ts", "PayService.charge");
const refund = symbol("src/pay.ts", "PayService.refund");

const numberOf = (one: GraphNode): string => JSON.stringify(one.props["number"]);

forEachStore("delivery", (test) => {
  let worker: GraphWorker;
  let ingest: Ingest;
  let verbs: Map<string, Verb>;
  const verb = (name: string): Verb => verbs.get(`delivery.${name}`)!;
  const connected = { workspace: "default", source: "integration:int_1" };

  beforeAll(async () => {
    worker = createGraphWorker({ config: test.config });
    ingest = createIngest({ store: test.store });
    verbs = new Map(deliveryVerbs({ store: test.store, worker }).map((one) => [one.name, one]));
    await writeSource(ingest, shop, shopScopes);
    await writeSource(ingest, shop, shopScopes, "not-connected");
    await ingest.openSource({ ...connected, name: "GitHub acme", kind: "integration" });
    await ingest.apply(connected, batch(deliveryScopes), never);
    await ingest.mark(connected, { state: "fresh", observedAt: new Date("2026-01-02T03:00:00Z") });
  });
  afterAll(() => worker.close());

  const pulls = async (input: Record<string, unknown>) => {
    const answer = await ask<PullRequestsAnswer>(verb("pullRequests"), input);
    return answer.pullRequests.map((one) => `${numberOf(one.node)} ${one.how}`);
  };

  it("finds the pull requests that touch a function, with the lines and the page that say so", async () => {
    const answer = await ask<PullRequestsAnswer>(verb("pullRequests"), { node: charge, state: ["open"] });
    expect(answer.pullRequests).toHaveLength(1);
    const [one] = answer.pullRequests;
    expect(one).toMatchObject({ how: "itself", touchesTotal: 1, node: { name: "Round fees up" } });
    expect(one?.touches[0]).toMatchObject({
      node: { key: charge },
      edge: {
        type: "CHANGES",
        props: { lines: [[14, 15]] },
        provenance: [{ sourceName: "GitHub acme", evidence: ["https://github.com/acme/shop/pull/12/files"] }],
      },
    });
    expect(answer.page).toMatchObject({ total: 1, truncated: false });
    expect(answer.freshness.map((one) => one.source).sort()).toEqual([connected.source, shop].sort());
  });

  it("counts what touches a part, and says when only the file is known", async () => {
    expect(await pulls({ node: symbol("src/pay.ts", "PayService") })).toEqual(["12 part", "14 file"]);
    expect(await pulls({ node: refund })).toEqual(["14 file"]);
    expect(await pulls({ node: file("src/pay.ts") })).toEqual(["12 itself", "14 itself"]);
    expect(await pulls({ node: file("src/pay.ts"), state: ["closed", "merged"] })).toEqual(["14 itself"]);
  });

  it("lists a repository's and everybody's, open ones first, a page at a time", async () => {
    expect(await pulls({ node: shop })).toEqual(["12 repository", "13 repository", "14 repository"]);
    expect(await pulls({ state: ["merged"] })).toEqual(["13 repository"]);
    const first = await ask<PullRequestsAnswer>(verb("pullRequests"), { limit: 2 });
    expect(first.page).toMatchObject({ returned: 2, total: 3, truncated: true });
    expect(await pulls({ limit: 2, cursor: first.page.nextCursor })).toEqual(["14 repository"]);
    expect(await pulls({ number: 13 })).toEqual(["13 repository"]);
    expect(await pulls({ number: 13, node: charge })).toEqual(["13 repository"]);
    expect(await pulls({ number: 99 })).toEqual([]);
  });

  it("says that nothing is connected instead of that there is nothing", async () => {
    const answer = await ask<PullRequestsAnswer>(verb("pullRequests"), { node: charge }, testContext("not-connected"));
    expect(answer.detail).toMatch(/No integration is connected.*GitHub or GitLab/);
    expect((await ask<PullRequestsAnswer>(verb("pullRequests"), { node: refund, state: ["open"] })).detail).toBeNull();
  });

  it("finds issues through pull requests and by their titles", async () => {
    const of = async (node: string) =>
      (await ask<IssuesAnswer>(verb("issues"), { node })).issues.map((one) => [
        one.node.props["number"],
        one.how,
        one.through.map((touch) => touch.node.name),
      ]);
    expect(await of(charge)).toEqual([[5, "pull request", ["Round fees up"]]]);
    expect(await of(symbol("src/order.ts", "placeOrder"))).toEqual([[6, "title", []]]);
    expect((await ask<IssuesAnswer>(verb("issues"), { state: "open" })).issues.map((one) => one.node.name)).toEqual([
      "Charges are rounded down",
    ]);
  });

  it("knows which pipeline deploys something, and where to", async () => {
    for (const node of [shop, charge, file("src/order.ts")]) {
      const { pipelines } = await ask<PipelinesAnswer>(verb("pipelines"), { node, deploys: true });
      expect(pipelines).toHaveLength(1);
      expect(pipelines[0]).toMatchObject({
        node: { name: "Deploy" },
        builds: true,
        deploys: true,
        environments: [
          { name: "production", deployment: { props: { createdAt: "2026-01-01T12:10:00Z" } } },
          { name: "staging" },
        ],
      });
      expect(pipelines[0]?.edges.map((edge) => edge.type)).toEqual(["BUILDS", "CONTAINS", "DEPLOYS", "DEPLOYS"]);
    }
  });

  it("lists what was deployed since a time, to an environment, or is there now", async () => {
    const made = async (input: Record<string, unknown>) =>
      (await ask<DeploymentsAnswer>(verb("deployments"), input)).deployments.map(
        (one) => `${textOf(one.node, "environment")} ${textOf(one.node, "createdAt").slice(0, 10)}`,
      );
    expect(await made({ environment: "prod" })).toEqual(["production 2026-01-01", "production 2025-12-20"]);
    expect(await made({ environment: "prod", since: "2025-12-29T00:00:00+01:00" })).toEqual(["production 2026-01-01"]);
    expect(await made({ current: true })).toEqual(["production 2026-01-01", "staging 2026-01-01"]);
    expect(await made({ node: charge, environment: "staging" })).toEqual(["staging 2026-01-01"]);
    const { deployments } = await ask<DeploymentsAnswer>(verb("deployments"), { limit: 1 });
    expect(deployments[0]).toMatchObject({ repository: { key: shop }, pipeline: { name: "Deploy" }, commit: null });
    expect(isEnvironment("eu-prod-1", "production")).toBe(false);
    expect(isEnvironment("eu-prod-1", "prod")).toBe(true);
  });

  it("takes the owner of the nearest that is owned, with the line that says so", async () => {
    const of = async (node: string) =>
      (await ask<OwnersAnswer>(verb("owners"), { node })).owners.map((one) => [
        one.node.name,
        one.how,
        one.of.key,
        one.edge.provenance[0]?.evidence,
      ]);
    expect(await of(charge)).toEqual([["acme/payments", "inherited", file("src/pay.ts"), ["CODEOWNERS:2"]]]);
    expect(await of(file("src/pay.ts"))).toEqual([["acme/payments", "itself", file("src/pay.ts"), ["CODEOWNERS:2"]]]);
    expect(await of(file("src/order.ts"))).toEqual([["acme/platform", "inherited", shop, ["CODEOWNERS:1"]]]);
  });

  it("tells what happened since a time: each thing once, by the last that happened to it", async () => {
    const since = async (node?: string) =>
      (
        await deliveredSince({ store: test.store, worker }, testContext(), {
          node,
          since: "2026-01-01T00:00:00Z",
          limit: 50,
        })
      ).changes.map((one) => `${one.what} ${one.node.name}${one.detail === null ? "" : `: ${one.detail}`}`);
    const all = [
      "merged Tidy the docs",
      "ran Deploy: 2 runs, 1 failed; the last: failure",
      "closed placeOrder forgets the address",
      "deployed production: main: success",
      "deployed staging: main: success",
      "opened Round fees up",
    ];
    expect(await since()).toEqual(all);
    expect(await since(shop)).toEqual(all);
    expect(await since(charge)).toEqual(["opened Round fees up"]);
  });

  it("gathers what is going on around a node", async () => {
    const answer = await ask<DeliveryOverview>(verb("overview"), { node: charge });
    expect(answer.pullRequests.pullRequests.map((one) => one.node.name)).toEqual(["Round fees up"]);
    expect(answer.issues.issues.map((one) => one.node.name)).toEqual(["Charges are rounded down"]);
    expect(answer.pipelines.pipelines.map((one) => one.node.name)).toEqual(["Deploy"]);
    expect(answer.deployments.deployments).toHaveLength(2);
    expect(answer.owners.owners.map((one) => one.node.name)).toEqual(["acme/payments"]);
  });

  it("forgets what the source takes back", async () => {
    await ingest.apply(
      connected,
      batch([pull(20, "Short-lived", {}, [changes(20, file("src/order.ts"), { lines: [[1, 2]] })])]),
      never,
    );
    expect(await pulls({ node: file("src/order.ts") })).toEqual(["20 itself", "13 itself"]);
    await ingest.apply(connected, batch([], { removedScopes: ["1/pulls/20"] }), never);
    expect(await pulls({ node: file("src/order.ts") })).toEqual(["13 itself"]);
  });

  it("answers lists from the indexes, whatever the number of issues", async () => {
    const view = await openView({ store: test.store, worker }, testContext());
    const { db, queries } = recording(test.store.graph);
    const page = { offset: 0, limit: 5 };
    await newest({ ...view, db }, { types: ["Issue"], since: "2026-01-01T00:00:00" }, page);
    await newest({ ...view, db }, { types: ["Issue"], repository: "github.com/acme/shop", states: ["open"] }, page);
    await newest({ ...view, db }, { types: ["PullRequest"], states: ["open"] }, page);
    const happened = { types: ["PullRequest"], repositories: ["github.com/acme/shop"] } as const;
    const [from, to] = [new Date("2025-01-01"), new Date("2026-01-01")];
    await happenedBetween({ ...view, db }, { ...happened, from, to });
    expect(queries).toHaveLength(7);
    const plans: string[] = [];
    for (const query of queries) plans.push(await planOf(test.store, query));
    for (const plan of plans) expect(plan).toMatch(/using (?:(?:covering )?index )?nodes_delivery_by_/i);
    // Of one state over all: not by walking through those of every state.
    // (PostgreSQL takes any index over so few rows.)
    if (test.store.kind === "sqlite")
      for (const plan of plans.slice(4, 6)) expect(plan).toContain("nodes_delivery_by_state");
  });
});

/** The database, with every statement that goes to it. */
function recording(graph: GraphDatabase): { db: GraphDatabase; queries: CompiledQuery[] } {
  const queries: CompiledQuery[] = [];
  const db = graph.withPlugin({
    transformQuery({ node, queryId }) {
      queries.push(graph.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  return { db, queries };
}

async function planOf(store: Store, query: CompiledQuery): Promise<string> {
  const explain = store.graphEngine.kind === "sqlite" ? "explain query plan" : "explain";
  return await store.graph.transaction().execute(async (tx) => {
    // So few rows are read through faster than an index is opened.
    if (store.graphEngine.kind === "postgres") await sql`set local enable_seqscan = off`.execute(tx);
    const { rows } = await tx.executeQuery(CompiledQuery.raw(`${explain} ${query.sql}`, [...query.parameters]));
    return JSON.stringify(rows);
  });
}
