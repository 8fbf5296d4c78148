import { afterAll, beforeAll, expect, it } from "vitest";
import type { ImpactAnswer, NeighborsAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Verb } from "../verb.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createIngest, type Ingest } from "./ingest.ts";
import { createGraphWorker, type GraphWorker } from "./snapshot/graph-worker.ts";
import { ask, edge, node, noSources, writeSource } from "./testing/sample.ts";
import { graphVerbs } from "./verbs.ts";

interface Told {
  affected?: { key: string; node?: { key: string } }[];
  results?: { key?: string; node?: { key: string } }[];
  next_cursor: string | null;
}

forEachStore("the order of answers", (test) => {
  let worker: GraphWorker;
  let ingest: Ingest;
  let verbs: Map<string, Verb>;

  beforeAll(() => {
    worker = createGraphWorker({ config: test.config });
    ingest = createIngest({ store: test.store });
    verbs = new Map(graphVerbs({ store: test.store, worker, sourceFiles: noSources }).map((one) => [one.name, one]));
  });
  afterAll(() => worker.close());

  it("lists what a folder holds folders first, then by name whatever its case", async () => {
    const repository = "repo:github.com/acme/many";
    const holds = [
      ["File", "README.md"],
      ["Directory", "src"],
      ["File", "a.txt"],
      ["Directory", "Docs"],
      ["File", "Z.txt"],
    ] as const;
    await writeSource(ingest, repository, [
      {
        scope: "repository",
        nodes: [
          node(repository, "Repository", "many"),
          ...holds.map(([type, name]) => node(`${repository}#${name}`, type, name)),
        ],
        edges: holds.map(([, name]) => edge(repository, "CONTAINS", `${repository}#${name}`)),
      },
    ]);
    const answer = await ask<NeighborsAnswer>(verbs.get("graph.neighbors")!, { id: repository });
    expect(answer.neighbors.map((one) => one.node.name)).toEqual(["Docs", "src", "a.txt", "README.md", "Z.txt"]);
  });

  it("lists what runs in production before tests at each hop of an impact, and spells large numbers", async () => {
    const at = (path: string, name: string): string => `symbol:github.com/acme/popular#${path}#${name}`;
    const target = at("src/a.ts", "target");
    const user = at("src/b.ts", "user");
    const tests = Array.from({ length: 1_200 }, (_, n) => at("test/a.test.ts", `t${n}`));
    await writeSource(ingest, "repo:github.com/acme/popular", [
      {
        scope: "all",
        nodes: [target, user, ...tests].map((key) => node(key, "Function", key.slice(key.lastIndexOf("#") + 1))),
        edges: [edge(user, "CALLS", target, { confidence: 0.5 }), ...tests.map((key) => edge(key, "CALLS", target))],
      },
    ]);
    const answer = await ask<ImpactAnswer>(verbs.get("graph.impact")!, { id: target, limit: 3 });
    expect(answer.affected[0]?.node.name).toBe("user");
    expect(answer.risk.reasons[0]).toContain("1 node of the code and 1,200 nodes of tests");

    // A model's budget holds less than a page: its cursor goes on at what was cut off, and nothing is lost or told twice.
    const lists = [
      ["graph.impactOfChange", { ids: [target] }],
      ["graph.traverse", { id: target, direction: "incoming" }],
    ] as const;
    for (const [name, input] of lists) {
      const verb = verbs.get(name)!;
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: object = await ask(verb, { ...input, limit: 400, ...(cursor === null ? {} : { cursor }) });
        const told = verb.mcp!.present!(page, 8_000) as Told;
        seen.push(...(told.affected ?? told.results ?? []).map((one) => one.key ?? one.node!.key));
        cursor = told.next_cursor;
      } while (cursor !== null);
      expect(seen.toSorted()).toEqual([user, ...tests].sort());
    }
  });
});
