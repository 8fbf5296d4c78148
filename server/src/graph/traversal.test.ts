import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImpactAnswer, PathAnswer, TraversalAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Verb } from "../verb.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createIngest } from "./ingest.ts";
import { createGraphWorker, type GraphWorker } from "./snapshot/graph-worker.ts";
import { ask, noSources, edge, file, never, node, shop, shopScopes, symbol, writeSource } from "./testing/sample.ts";
import { graphVerbs } from "./verbs.ts";

const charge = symbol("src/pay.ts", "PayService.charge");

forEachStore("traversing the graph", (test) => {
  let worker: GraphWorker;
  let verbs: Map<string, Verb>;
  const verb = (name: string): Verb => verbs.get(`graph.${name}`)!;
  const names = (answer: { node: { name: string } }[]): string[] => answer.map((one) => one.node.name).sort();

  beforeAll(async () => {
    worker = createGraphWorker({ config: test.config });
    const ingest = createIngest({ store: test.store });
    verbs = new Map(graphVerbs({ store: test.store, worker, sourceFiles: noSources }).map((one) => [one.name, one]));
    await writeSource(ingest, shop, shopScopes);
  });
  afterAll(() => worker.close());

  it("follows dependents over hops, with the edge and the way to each", async () => {
    const answer = await ask<TraversalAnswer>(verb("dependents"), { id: charge });
    expect(answer.byHop).toEqual([
      { hop: 1, count: 2 },
      { hop: 2, count: 1 },
    ]);
    const test2 = answer.reached.find((one) => one.node.name === "placesAnOrder")!;
    const order = answer.reached.find((one) => one.node.name === "placeOrder")!;
    expect(test2.path).toEqual([answer.start.id, order.node.id, test2.node.id]);
    expect(test2.edge).toMatchObject({ type: "CALLS", from: test2.node.id, to: order.node.id });
  });

  it("counts what a file's symbols need as the file's dependencies", async () => {
    const answer = await ask<TraversalAnswer>(verb("dependencies"), { id: file("src/order.ts"), depth: 1 });
    expect(names(answer.reached)).toEqual(["charge", "pay.ts"]);
    const alone = await ask<TraversalAnswer>(verb("dependencies"), {
      id: file("src/order.ts"),
      depth: 1,
      members: false,
    });
    expect(names(alone.reached)).toEqual(["pay.ts"]);
  });

  it("applies node types to the answer and not to the way", async () => {
    const answer = await ask<TraversalAnswer>(verb("dependencies"), {
      id: file("src/order.ts"),
      nodeTypes: ["Package"],
    });
    expect(names(answer.reached)).toEqual(["stripe"]);
    expect(answer.reached[0]?.hop).toBe(2);
  });

  it("pages a traversal and says what is left", async () => {
    const first = await ask<TraversalAnswer>(verb("dependents"), { id: charge, limit: 2 });
    expect(first.page).toMatchObject({ returned: 2, total: 3, truncated: true });
    const second = await ask<TraversalAnswer>(verb("dependents"), {
      id: charge,
      limit: 2,
      cursor: first.page.nextCursor,
    });
    expect(names([...first.reached, ...second.reached])).toEqual(["placeOrder", "placesAnOrder", "refund"]);
    expect(second.page.nextCursor).toBeNull();
  });

  it("takes the inputs of older traversal tools", () => {
    const { mcp, input } = verb("traverse");
    const parsed = input.parse(mcp!.toInput!({ nodeId: "x", maxDepth: 2, limit: 5 }, "traverse_dependencies_incoming"));
    expect(parsed).toMatchObject({ id: "x", depth: 2, direction: "incoming", limit: 5 });
  });

  it("says what a change affects, how sure that is and how risky", async () => {
    const answer = await ask<ImpactAnswer>(verb("impact"), { id: charge });
    expect(names(answer.affected)).toEqual(["placeOrder", "placesAnOrder", "refund"]);
    const placed = answer.affected.find((one) => one.node.name === "placesAnOrder")!;
    // placeOrder also REFERENCES charge with full confidence: the surest way counts.
    expect(placed).toMatchObject({ hop: 2, confidence: 1 });
    expect(answer.affected.find((one) => one.node.name === "refund")?.confidence).toBe(0.9);
    expect(answer.risk).toMatchObject({ level: "low", affected: 3, tests: 1, files: 3, untested: [] });
    expect(answer.risk.reasons.length).toBeGreaterThan(0);
  });

  it("takes the members of a class for seeds, and not the class for a method's", async () => {
    const ofClass = await ask<ImpactAnswer>(verb("impact"), { id: symbol("src/pay.ts", "PayService") });
    expect(names(ofClass.affected)).toEqual(["placeOrder", "placesAnOrder"]);
    expect(ofClass.seeds.map((seed) => seed.why)).toContain("member");
    const ofRefund = await ask<ImpactAnswer>(verb("impact"), { id: symbol("src/pay.ts", "PayService.refund") });
    expect(ofRefund.affected).toEqual([]);
    expect(ofRefund.risk.level).toBe("none");
  });

  it("reaches an implementation's callers when the interface's method changes, less surely", async () => {
    const answer = await ask<ImpactAnswer>(verb("impact"), { id: symbol("src/pay.ts", "Payments.charge") });
    expect(answer.seeds.map((seed) => seed.why).sort()).toEqual(["asked", "overrides"]);
    const order = answer.affected.find((one) => one.node.name === "placeOrder");
    expect(order?.confidence).toBe(0.7);
  });

  it("finds the symbols of changed lines and of a diff", async () => {
    const byLines = await ask<ImpactAnswer>(verb("impactOfChange"), {
      lines: [{ path: "src/pay.ts", startLine: 15, endLine: 16 }],
    });
    expect(byLines.seeds[0]).toMatchObject({ node: { name: "charge" }, why: "lines", detail: "lines 15–16" });
    const diff = `--- a/src/pay.ts\n+++ b/src/pay.ts\n@@ -14,3 +14,3 @@\n x\n-y\n+z\n x\n--- a/gone.ts\n+++ b/gone.ts\n@@ -1 +1 @@\n-a\n+b\n`;
    const byDiff = await ask<ImpactAnswer>(verb("impactOfChange"), { diff, repository: "shop" });
    expect(names(byDiff.affected)).toEqual(names(byLines.affected));
    expect(byDiff.unmatched).toEqual([{ path: "gone.ts", detail: expect.stringContaining("no such file") }]);
  });

  it("refuses an impact of nothing", async () => {
    await expect(ask(verb("impactOfChange"), {})).rejects.toMatchObject({ code: "bad_request" });
    await expect(ask(verb("impactOfChange"), { diff: "hello" })).rejects.toThrow(/git diff/);
  });

  it("finds the shortest way and says which edges it takes", async () => {
    const answer = await ask<PathAnswer>(verb("path"), {
      from: symbol("test/order.test.ts", "placesAnOrder"),
      to: charge,
      k: 1,
    });
    expect(answer.paths[0]?.nodes.map((one) => one.name)).toEqual(["placesAnOrder", "placeOrder", "charge"]);
    expect(answer.paths[0]?.steps[1]?.edges.map((one) => one.type).sort()).toEqual(["CALLS", "REFERENCES"]);
  });

  it("gives loopless alternatives, the shortest first", async () => {
    const answer = await ask<PathAnswer>(verb("path"), { from: file("src/order.ts"), to: charge, k: 5 });
    const ways = answer.paths.map((path) => path.nodes.map((one) => one.id));
    expect(ways.length).toBeGreaterThan(1);
    expect(new Set(ways.map((way) => way.join(" "))).size).toBe(ways.length);
    for (const way of ways) expect(new Set(way).size).toBe(way.length);
    const lengths = answer.paths.map((path) => path.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  });

  it("goes through a repository only when there is no other way, and says so", async () => {
    const answer = await ask<PathAnswer>(verb("path"), { from: file("test/order.test.ts"), to: shop, k: 1 });
    expect(answer.paths[0]?.length).toBe(1);
    const around = await ask<PathAnswer>(verb("path"), {
      from: file("test/order.test.ts"),
      to: file("src/pay.ts"),
      k: 1,
    });
    expect(around.paths[0]?.nodes.map((one) => one.type)).not.toContain("Repository");
    const none = await ask<PathAnswer>(verb("path"), { from: "package:npm/stripe", to: charge, direction: "outgoing" });
    expect(none.paths).toEqual([]);
    expect(none.detail).toMatch(/no way/);
  });

  describe("ways among services", () => {
    const at = (name: string): string => `service:${name}`;
    const names = ["a", "b", "c", "x", "y", "logger", "far"];
    const many = Array.from({ length: 250 }, (_, index) => `n${index}`);
    const way = (answer: PathAnswer): string[] => answer.paths[0]?.nodes.map((one) => one.name) ?? [];
    const path = (from: string, to: string, more: object = {}): Promise<PathAnswer> =>
      ask<PathAnswer>(verb("path"), { from, to, ...more });

    beforeAll(async () => {
      await writeSource(createIngest({ store: test.store }), "integration:ways", [
        {
          scope: "all",
          nodes: [...names, ...many].map((name) => node(at(name), "Service", name)),
          edges: [
            // a needs c over b, and both use the logger that everybody uses.
            edge(at("a"), "REQUESTS", at("b")),
            edge(at("b"), "REQUESTS", at("c")),
            ...["a", "c", "far", ...many].map((name) => edge(at(name), "REQUESTS", at("logger"))),
            // From x to y: over a mention, or over what is really called.
            edge(at("x"), "MENTIONS", at("n1")),
            edge(at("n1"), "MENTIONS", at("y")),
            edge(at("x"), "REQUESTS", at("n2")),
            edge(at("n2"), "REQUESTS", at("y")),
          ],
        },
      ]);
    });
    afterAll(() =>
      createIngest({ store: test.store }).removeSource({ workspace: "default", source: "integration:ways" }, never),
    );

    it("prefer what one needs of the other to what both share", async () => {
      const answer = await path(at("a"), at("c"));
      expect(way(answer)).toEqual(["a", "b", "c"]);
      expect(answer).toMatchObject({ how: "forward", detail: null });
    });

    it("are told to lead back when the second needs the first", async () => {
      const answer = await path(at("c"), at("a"));
      expect(way(answer)).toEqual(["c", "b", "a"]);
      expect(answer.how).toBe("backward");
      expect(answer.paths[0]?.steps.every((step) => !step.forward)).toBe(true);
      expect(answer.detail).toContain('from "a" to "c"');
    });

    it("lead through what everybody uses only when there is no other, and say so", async () => {
      const answer = await path(at("far"), at("c"));
      expect(way(answer)).toEqual(["far", "logger", "c"]);
      expect(answer.how).toBe("hub");
      expect(answer.detail).toMatch(/"logger" has 253 edges/);
      expect((await path(at("far"), at("c"), { direction: "outgoing" })).paths).toEqual([]);
    });

    it("of the same length begin with those that say most", async () => {
      const answer = await path(at("x"), at("y"));
      expect(answer.paths.map((one) => one.nodes[1]?.name)).toEqual(["n2", "n1"]);
      const mentions = await path(at("x"), at("y"), { edgeTypes: ["MENTIONS"] });
      expect(way(mentions)).toEqual(["x", "n1", "y"]);
    });
  });

  it("answers the same from the store and from the snapshot in memory", async () => {
    const ids = [charge, file("src/pay.ts"), shop, symbol("src/pay.ts", "PayService")];
    const workspace = await test.store.graph.selectFrom("workspaces").selectAll().executeTakeFirstOrThrow();
    // A worker that read a graph which has changed since waits before it reads again: this one reads it for the first time.
    const fresh = createGraphWorker({ config: test.config });
    const verbsOn = (on: GraphWorker): Map<string, Verb> =>
      new Map(graphVerbs({ store: test.store, worker: on, sourceFiles: noSources }).map((one) => [one.name, one]));
    const answersOf = async (of: Map<string, Verb>): Promise<unknown[]> => {
      const answers = [];
      for (const id of ids)
        answers.push(await ask(of.get("graph.impact")!, { id }), await ask(of.get("graph.dependents")!, { id }));
      return answers;
    };
    try {
      const fromStore = await answersOf(verbsOn({ ...fresh, csrOf: () => null }));
      await expect.poll(() => fresh.csrOf(workspace.id, workspace.version)).not.toBeNull();
      expect(await answersOf(verbsOn(fresh))).toEqual(fromStore);
    } finally {
      await fresh.close();
    }
  });

  it("stops at its bounds and says that it did", async () => {
    const ingest = createIngest({ store: test.store });
    const hub = "service:hub";
    const callers = Array.from({ length: 6_000 }, (_, index) => `service:caller-${index}`);
    await writeSource(ingest, "integration:hub", [
      {
        scope: "all",
        nodes: [node(hub, "Service", "hub"), ...callers.map((key) => node(key, "Service", key.slice(8)))],
        edges: callers.map((key) => edge(key, "REQUESTS", hub)),
      },
    ]);
    const answer = await ask<ImpactAnswer>(verb("impact"), { id: hub, limit: 10 });
    expect(answer.page).toMatchObject({ returned: 10, total: null, truncated: true });
    expect(answer.risk.level).toBe("critical");
    await ingest.removeSource({ workspace: "default", source: "integration:hub" }, never);
  });
});
