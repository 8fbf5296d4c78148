// What goes with sources, counted beside what is really gone after they were removed: on both engines, with claims shared in every way.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { expect, it } from "vitest";
import { createIngest } from "../graph/ingest.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { countGoing } from "./count-going.ts";

const { signal } = new AbortController();
const workspace = "default";
const node = (name: string): NodeFact => ({ key: `person:${name}`, type: "Person", name });
const edge = (from: string, to: string): EdgeFact => ({
  from: `person:${from}`,
  to: `person:${to}`,
  type: "OWNS",
});

forEachStore("what goes with sources", (test) => {
  const ingest = () => createIngest({ store: test.store });

  async function fill(source: string, scopes: Record<string, { nodes: NodeFact[]; edges: EdgeFact[] }>): Promise<void> {
    const ref = { workspace, source };
    await ingest().openSource({ ...ref, name: source, kind: "integration" });
    const batch = Object.entries(scopes).map(([scope, facts]) => ({ scope, hash: scope, ...facts }));
    await ingest().apply(ref, { scopes: batch, removedScopes: [], files: [], removedFiles: [] }, signal);
  }
  const rows = (sources: readonly string[]) =>
    test.store.graph
      .selectFrom("sources")
      .select(["id", "nodes", "edges"])
      .where("source", "in", sources)
      .orderBy("source")
      .execute();
  const totals = async () => {
    const db = test.store.graph;
    return {
      nodes: (await db.selectFrom("nodes").select("id").execute()).length,
      edges: (await db.selectFrom("edges").select(["src", "type", "dst"]).distinct().execute()).length,
    };
  };

  it("is what nobody else says, each once however many of their scopes say it", async () => {
    const many = Array.from({ length: 60 }, (_, at) => `item${at}`);
    // "hub" is said by every scope of a, once by b, and never by c; "lonely" by every scope of a alone.
    await fill(
      "a",
      Object.fromEntries(
        many.map((name) => [
          name,
          {
            nodes: [node(name), node("hub"), node("lonely")],
            edges: [edge(name, "hub"), edge("hub", "lonely"), edge("lonely", "hub")],
          },
        ]),
      ),
    );
    await fill("b", {
      one: { nodes: [node("hub"), node("of b"), node("item3")], edges: [edge("hub", "lonely"), edge("of b", "hub")] },
    });
    await fill("c", {
      one: { nodes: [node("item3"), node("item4"), node("of b")], edges: [edge("item4", "hub")] },
    });
    const before = await totals();

    const alone = await countGoing(test.store, await rows(["a"]), signal);
    // hub, item3 and item4 stay; so do hub → lonely and item4 → hub.
    expect(alone).toEqual({ gone: { nodes: 59, edges: 60 }, kept: { nodes: 3, edges: 2 }, exact: true });
    const both = await countGoing(test.store, await rows(["a", "b"]), signal);
    expect(both.kept).toEqual({ nodes: 3, edges: 1 });

    const short = await countGoing(test.store, await rows(["a", "b"]), signal, 10);
    expect(short.exact).toBe(false);
    expect(short.gone.nodes).toBeGreaterThanOrEqual(both.gone.nodes);
    expect(short.gone.edges).toBeGreaterThanOrEqual(both.gone.edges);

    await ingest().removeSource({ workspace, source: "a" }, signal);
    await ingest().removeSource({ workspace, source: "b" }, signal);
    const after = await totals();
    expect(both.gone).toEqual({ nodes: before.nodes - after.nodes, edges: before.edges - after.edges });
  });
});
