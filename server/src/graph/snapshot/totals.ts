// Counts of the whole graph, from its adjacency.
import { type EdgeType, edgeTypes, type NodeType, nodeTypes } from "@opentrace/contract/graph.ts";
import type { SharedCsr } from "./csr.ts";

export interface GraphTotals {
  version: number;
  nodes: number;
  edges: number;
  nodesByType: Partial<Record<NodeType, number>>;
  edgesByType: Partial<Record<EdgeType, number>>;
}

export function totalsOf(csr: SharedCsr): GraphTotals {
  return {
    version: csr.version,
    nodes: csr.ids.length,
    edges: csr.outgoing.ends.length,
    nodesByType: named(nodeTypes, csr.types),
    edgesByType: named(edgeTypes, csr.outgoing.types),
  };
}

function named<T extends string>(names: readonly T[], numbers: Uint8Array): Partial<Record<T, number>> {
  const counts = new Uint32Array(256);
  for (const number of numbers) counts[number]!++;
  const result: Partial<Record<T, number>> = {};
  names.forEach((name, number) => {
    if (counts[number]! > 0) result[name] = counts[number]!;
  });
  return result;
}
