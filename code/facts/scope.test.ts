// The content hash of a scope.
import type { EdgeFact, NodeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import { describe, expect, test } from "vitest";
import { hashScope } from "./scope.ts";

const node: NodeFact = { key: "file:a#x.ts", type: "File", name: "x.ts", props: { path: "x.ts", lines: 3 } };
const edge: EdgeFact = { from: node.key, to: "file:a#y.ts", type: "IMPORTS", rule: "import", evidence: ["x.ts:1"] };
const hashOf = (nodes: NodeFact[], edges: EdgeFact[]): string => hashScope({ scope: "s", nodes, edges }).hash;

describe("the hash of a scope", () => {
  test("is the same for the same facts, whoever made them", () => {
    const facts: ScopeFacts = { scope: "s", nodes: [node], edges: [edge] };
    expect(hashScope(structuredClone(facts)).hash).toBe(hashScope(facts).hash);
  });

  test("tells facts apart by each thing that is stored of them", () => {
    const other = { ...node, key: "file:a#z.ts" };
    const hashes = [
      hashOf([node], [edge]),
      hashOf([], [edge]),
      hashOf([node], []),
      hashOf([other], [edge]),
      hashOf([{ ...node, type: "Module" }], [edge]),
      hashOf([{ ...node, name: "y.ts" }], [edge]),
      hashOf([{ ...node, props: { path: "x.ts", lines: 4 } }], [edge]),
      hashOf([{ key: node.key, type: node.type, name: node.name }], [edge]),
      hashOf([node], [{ ...edge, from: other.key }]),
      hashOf([node], [{ ...edge, to: other.key }]),
      hashOf([node], [{ ...edge, type: "CALLS" }]),
      hashOf([node], [{ ...edge, rule: "dynamic" }]),
      hashOf([node], [{ ...edge, confidence: 0.5 }]),
      hashOf([node], [{ ...edge, evidence: ["x.ts:2"] }]),
      hashOf([node], [{ ...edge, evidence: ["x.ts:1", "x.ts:2"] }]),
      hashOf([node], [{ ...edge, props: { names: ["a"] } }]),
      hashOf([node], [edge, { ...edge, to: other.key }]),
      hashOf([node], [edge, { ...edge, from: other.key }]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
