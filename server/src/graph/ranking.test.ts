import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CriticalAnswer, ExportLine, type SimilarAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Verb } from "../verb.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { exportGraph } from "./export.ts";
import { createIngest } from "./ingest.ts";
import { presentList } from "./present.ts";
import { createGraphWorker, type GraphWorker } from "./snapshot/graph-worker.ts";
import { ask, edge, node, noSources, shop, shopScopes, symbol, testContext, writeSource } from "./testing/sample.ts";
import { graphVerbs } from "./verbs.ts";

const service = (name: string): string => `service:${name}`;

forEachStore("similar and critical nodes, and the export", (test) => {
  let worker: GraphWorker;
  let verbs: Map<string, Verb>;
  const verb = (name: string): Verb => verbs.get(`graph.${name}`)!;

  beforeAll(async () => {
    worker = createGraphWorker({ config: test.config });
    const ingest = createIngest({ store: test.store });
    verbs = new Map(graphVerbs({ store: test.store, worker, sourceFiles: noSources }).map((one) => [one.name, one]));
    await writeSource(ingest, shop, shopScopes);
    // Two islands that only the gateway joins; cart and basket use the same database and queue.
    const names = ["gateway", "cart", "basket", "mail", "report", "archive", "db", "queue"];
    await writeSource(ingest, "integration:mesh", [
      {
        scope: "services",
        nodes: names.map((name) => node(service(name), "Service", name)),
        edges: [
          edge(service("gateway"), "REQUESTS", service("cart")),
          edge(service("gateway"), "REQUESTS", service("basket")),
          edge(service("cart"), "READS", service("db")),
          edge(service("basket"), "READS", service("db")),
          edge(service("cart"), "REQUESTS", service("queue")),
          edge(service("basket"), "REQUESTS", service("queue")),
          edge(service("report"), "REQUESTS", service("gateway")),
          edge(service("archive"), "REQUESTS", service("report")),
          edge(service("mail"), "REQUESTS", service("report")),
        ],
      },
    ]);
  });
  afterAll(() => worker.close());

  it("finds nodes with the same neighbours and says which", async () => {
    const answer = await ask<SimilarAnswer>(verb("similar"), { id: service("cart") });
    expect(answer.similar[0]?.node.name).toBe("basket");
    const reason = answer.similar[0]?.reasons.find((one) => one.kind === "neighbors");
    expect(reason?.nodes.map((one) => one.name).sort()).toEqual(["db", "gateway", "queue"]);
    expect(answer.similar.map((one) => one.node.name)).not.toContain("mail");
  });

  it("finds nodes with alike names", async () => {
    const answer = await ask<SimilarAnswer>(verb("similar"), { id: symbol("src/pay.ts", "Payments.charge") });
    expect(answer.similar[0]).toMatchObject({ node: { key: symbol("src/pay.ts", "PayService.charge") } });
    expect(answer.similar[0]?.reasons.map((one) => one.kind)).toContain("name");
  });

  it("ranks what most depends on, and tells what would fall apart", async () => {
    const answer = await ask<CriticalAnswer>(verb("critical"), { types: ["Service"] });
    expect(answer.critical[0]).toMatchObject({ score: 1, rank: 1 });
    const of = (name: string) => answer.critical.find((one) => one.node.name === name);
    // gateway: {report, archive, mail} | {cart, basket, db, queue}; report: {archive}, {mail} | the rest.
    expect([of("gateway")?.cutsOff, of("report")?.cutsOff, of("cart")?.cutsOff]).toEqual([3, 2, 0]);
    // Two depend on each of db and report; report also holds others in the graph, and nothing depends on mail.
    const order = answer.critical.map((one) => one.node.name);
    expect([of("db")?.dependents, of("report")?.dependents, of("mail")?.dependents]).toEqual([2, 2, 0]);
    expect(order.indexOf("report")).toBeLessThan(order.indexOf("mail"));
    expect(order.indexOf("db")).toBeLessThan(order.indexOf("cart"));
    expect(of("gateway")?.reasons.join(" ")).toContain("3 other nodes would be cut off");
    expect(answer.page.total).toBe(8);
  });

  it("ranks what comes from outside apart from what the indexed code holds", async () => {
    const own = await ask<CriticalAnswer>(verb("critical"), { source: shop });
    expect(own.critical.map((one) => one.node.type)).not.toContain("Package");
    expect(own.external.map((one) => [one.rank, one.node.key])).toEqual([[1, "package:npm/stripe"]]);
    const outside = await ask<CriticalAnswer>(verb("critical"), { source: shop, origin: "external" });
    expect(outside.critical.map((one) => one.node.key)).toEqual(["package:npm/stripe"]);
    const all = await ask<CriticalAnswer>(verb("critical"), { source: shop, origin: "any" });
    expect(all.page.total).toBe((own.page.total ?? 0) + (outside.page.total ?? 0));
  });

  it("ranks within a source only, page by page", async () => {
    const first = await ask<CriticalAnswer>(verb("critical"), { source: shop, limit: 2 });
    expect(
      first.critical.every((one) => one.node.key.includes("acme/shop") || one.node.key.startsWith("package:")),
    ).toBe(true);
    const second = await ask<CriticalAnswer>(verb("critical"), {
      source: shop,
      limit: 2,
      cursor: first.page.nextCursor,
    });
    expect(second.critical[0]?.rank).toBe(3);
    await expect(ask(verb("critical"), { source: "repo:none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("exports every node and edge with who claims it, between a header and an end that counts them", async () => {
    const lines: ExportLine[] = [];
    for await (const line of exportGraph(test.store, testContext())) lines.push(ExportLine.parse(JSON.parse(line)));
    expect(lines[0]).toMatchObject({ kind: "header", formatVersion: 1 });
    const nodes = lines.filter((line) => line.kind === "node");
    const edges = lines.filter((line) => line.kind === "edge");
    expect(lines.at(-1)).toEqual({ kind: "end", nodes: nodes.length, edges: edges.length });
    expect(edges.find((line) => line.type === "REFERENCES")).toMatchObject({
      from: symbol("src/order.ts", "placeOrder"),
      to: symbol("src/pay.ts", "PayService.charge"),
      provenance: [{ source: shop, confidence: 1 }],
    });
  });

  it("stops exporting when nobody reads on", async () => {
    for await (const line of exportGraph(test.store, testContext())) {
      expect(line).toContain("header");
      break;
    }
    // The snapshot's connection is closed by now: the store can be written as before.
    await writeSource(createIngest({ store: test.store }), "repo:after", [{ scope: "s", nodes: [] }]);
  });
});

describe("results for models", () => {
  it("stay within the budget, stay JSON, and say what was left out", () => {
    const items = Array.from({ length: 200 }, (_, at) => ({ name: `item ${at}`, text: "x".repeat(100) }));
    const page = { returned: 200, total: 500, truncated: true, nextCursor: "later" };
    const result = presentList({ name: "items", items, page, budget: 1_000, cursorAt: (kept) => `after-${kept}` });
    const text = JSON.stringify(result);
    expect(text.length).toBeLessThan(3_000);
    expect(result["items"]).toHaveLength(result.returned);
    expect(result.returned).toBeGreaterThan(10);
    expect(result).toMatchObject({ total: 500, truncated: true, next_cursor: `after-${result.returned}` });
    expect(result.left_out).toContain(String(200 - result.returned));
    const all = presentList({ name: "items", items: items.slice(0, 3), page, budget: 1_000 });
    expect(all).toMatchObject({ returned: 3, next_cursor: "later" });
    expect(all.left_out).toBeUndefined();
  });
});
