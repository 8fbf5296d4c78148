import { afterAll, beforeAll, expect, it } from "vitest";
import type {
  NeighborsAnswer,
  NodeAnswer,
  NodeList,
  SearchAnswer,
  StatsAnswer,
} from "@opentrace/contract/graph-answers.ts";
import type { Verb } from "../verb.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createIngest, type Ingest } from "./ingest.ts";
import { createGraphWorker, type GraphWorker } from "./snapshot/graph-worker.ts";
import { findWorkspace } from "./workspaces.ts";
import {
  ask,
  never,
  noSources,
  edge,
  file,
  node,
  shop,
  shopScopes,
  symbol,
  testContext,
  writeSource,
} from "./testing/sample.ts";
import { graphVerbs } from "./verbs.ts";

forEachStore("reading the graph", (test) => {
  let worker: GraphWorker;
  let ingest: Ingest;
  let verbs: Map<string, Verb>;
  const verb = (name: string): Verb => verbs.get(`graph.${name}`)!;

  beforeAll(async () => {
    worker = createGraphWorker({ config: test.config });
    ingest = createIngest({ store: test.store });
    verbs = new Map(graphVerbs({ store: test.store, worker, sourceFiles: noSources }).map((one) => [one.name, one]));
    await writeSource(ingest, shop, shopScopes);
  });
  afterAll(() => worker.close());

  it("finds a node by id and by key, with all edges to each neighbour and their evidence", async () => {
    const byKey = await ask<NodeAnswer>(verb("getNode"), { id: symbol("src/pay.ts", "PayService.charge") });
    const byId = await ask<NodeAnswer>(verb("getNode"), { id: byKey.node.id });
    expect(byId).toEqual(byKey);
    expect(byKey.node).toMatchObject({ type: "Method", name: "charge" });
    const order = byKey.neighbors.find((one) => one.node.name === "placeOrder");
    expect(order?.edges.map((one) => one.type).sort()).toEqual(["CALLS", "REFERENCES"]);
    const call = order?.edges.find((one) => one.type === "CALLS");
    expect(call?.provenance).toEqual([
      {
        source: shop,
        sourceName: "shop",
        scope: "file:src/order.ts",
        evidence: ["src/order.ts:9"],
        observedAt: expect.any(String),
        confidence: 0.8,
        rule: "declared-type",
      },
    ]);
    expect(byKey.edgeCounts).toEqual([
      { type: "DEFINES", outgoing: 0, incoming: 1 },
      { type: "CALLS", outgoing: 0, incoming: 2 },
      { type: "REFERENCES", outgoing: 0, incoming: 1 },
    ]);
    expect(byKey.freshness).toMatchObject([{ source: shop, state: "fresh", observedAt: "2026-01-01T00:00:00.000Z" }]);
  });

  it("reads the names ahead once, in the worker that the first search then asks", async () => {
    const started: unknown[] = [];
    const note = (thread: unknown): void => void started.push(thread);
    process.on("worker", note);
    const ahead = createGraphWorker({ config: test.config });
    try {
      const { id } = (await findWorkspace(test.store.graph, "default"))!;
      ahead.prepare(id);
      ahead.prepare(id);
      const [search] = graphVerbs({ store: test.store, worker: ahead, sourceFiles: noSources }).filter(
        ({ name }) => name === "graph.search",
      );
      expect((await ask<SearchAnswer>(search!, { q: "charge" })).hits.length).toBeGreaterThan(0);
    } finally {
      process.off("worker", note);
      await ahead.close();
    }
    expect(started).toHaveLength(1);
    await expect(ahead.ask("names", { workspace: 1 }, never)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("says what was probably meant when a node is unknown", async () => {
    const attempt = ask(verb("getNode"), { id: symbol("src/pay.ts", "PayServce") });
    await expect(attempt).rejects.toMatchObject({ code: "not_found", message: expect.stringContaining("PayService") });
  });

  it("pages neighbours without losing or repeating one", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const answer: NeighborsAnswer = await ask(verb("neighbors"), { id: file("src/pay.ts"), limit: 2, cursor });
      seen.push(...answer.neighbors.map((one) => one.node.name));
      expect(answer.page.total).toBe(5);
      cursor = answer.page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(["PayService", "Payments", "order.ts", "shop", "stripe"]);
  });

  it("filters neighbours by direction, edge type and node type", async () => {
    const incoming = await ask<NeighborsAnswer>(verb("neighbors"), { id: file("src/pay.ts"), direction: "incoming" });
    expect(incoming.neighbors.map((one) => one.node.name).sort()).toEqual(["order.ts", "shop"]);
    const imports = await ask<NeighborsAnswer>(verb("neighbors"), {
      id: file("src/pay.ts"),
      edgeTypes: ["IMPORTS"],
      nodeTypes: ["Package"],
    });
    expect(imports.neighbors.map((one) => one.node.name)).toEqual(["stripe"]);
  });

  it.each([
    ["PayService", "PayService", "exact"],
    ["payserv", "PayService", "prefix"],
    ["service", "PayService", "word"],
    ["aceOrd", "placeOrder", "substring"],
    ["PaySrevice", "PayService", "fuzzy"],
    ["PayService.charge", "charge", "exact"],
    ["src/order.ts", "order.ts", "path"],
    ["gateway", "PayService", "doc"],
  ])("searching %s finds %s (%s)", async (q, name, match) => {
    const answer = await ask<SearchAnswer>(verb("search"), { q });
    expect(answer.hits[0]).toMatchObject({ node: { name }, match });
    expect(answer.page.total).toBeGreaterThan(0);
  });

  it("applies filters before the limit", async () => {
    const answer = await ask<SearchAnswer>(verb("search"), { q: "pay", types: ["File"], limit: 1 });
    expect(answer.hits.map((hit) => hit.node.name)).toEqual(["pay.ts"]);
    const inTests = await ask<SearchAnswer>(verb("search"), { q: "order", path: "test" });
    expect(inTests.hits.map((hit) => hit.node.name).sort()).toEqual(["order.test.ts", "placesAnOrder"]);
  });

  it("pages hits and tells how many there are", async () => {
    const first = await ask<SearchAnswer>(verb("search"), { q: "pay", limit: 2 });
    const second = await ask<SearchAnswer>(verb("search"), { q: "pay", limit: 2, cursor: first.page.nextCursor });
    expect(first.page.truncated).toBe(true);
    const ids = [...first.hits, ...second.hits].map((hit) => hit.node.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("finds what was written a moment ago and no longer what was removed", async () => {
    await writeSource(ingest, "repo:local/tmp", [
      { scope: "one", nodes: [node("service:zebra", "Service", "zebraService")] },
    ]);
    const before = await ask<SearchAnswer>(verb("search"), { q: "zebra" });
    expect(before.hits.map((hit) => hit.node.key)).toEqual(["service:zebra"]);
    await ingest.removeSource({ workspace: "default", source: "repo:local/tmp" }, testContext().signal);
    const after = await ask<SearchAnswer>(verb("search"), { q: "zebra" });
    expect(after.hits).toEqual([]);
  });

  it("lists nodes of a type by name, page after page", async () => {
    const first = await ask<NodeList>(verb("listNodes"), { type: "File", limit: 2 });
    expect(first.nodes.map((one) => one.name)).toEqual(["order.test.ts", "order.ts"]);
    expect(first.page).toMatchObject({ returned: 2, total: 3, truncated: true });
    const second = await ask<NodeList>(verb("listNodes"), { type: "File", limit: 2, cursor: first.page.nextCursor });
    expect(second.nodes.map((one) => one.name)).toEqual(["pay.ts"]);
    expect(second.page.nextCursor).toBeNull();
    const byKey = await ask<NodeList>(verb("listNodes"), { key: shop });
    expect(byKey.nodes.map((one) => one.type)).toEqual(["Repository"]);
  });

  it("counts nodes and edges by type, and not the edges whose other end nobody claims", async () => {
    const before = await ask<StatsAnswer>(verb("stats"), {});
    expect(before.nodes_by_type).toMatchObject({ File: 3, Method: 3, Class: 1, Package: 1 });
    expect(before.edges_by_type).toMatchObject({ CALLS: 3, IMPORTS: 2, IMPLEMENTS: 1 });
    await writeSource(ingest, "repo:local/dangling", [
      { scope: "one", edges: [edge(shop, "DEPENDS_ON", "package:npm/nowhere")] },
    ]);
    const after = await ask<StatsAnswer>(verb("stats"), {});
    expect(after.total_edges).toBe(before.total_edges);
    expect(after.version).toBeGreaterThan(before.version);
    await ingest.removeSource({ workspace: "default", source: "repo:local/dangling" }, testContext().signal);
  });

  it("shows nothing of one workspace in another", async () => {
    const other = testContext("other");
    await expect(ask(verb("getNode"), { id: shop }, other)).rejects.toMatchObject({ code: "not_found" });
    const hits = await ask<SearchAnswer>(verb("search"), { q: "pay" }, other);
    expect(hits.hits).toEqual([]);
  });
});
