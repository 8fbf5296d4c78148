// What a node holds: files of a directory, symbols of a file, methods of a class.
import { containmentEdgeTypes } from "@opentrace/contract/graph.ts";
import type { Adjacency } from "./adjacency.ts";
import type { StoredNode } from "./read-nodes.ts";
import { edgeTypeNumbers, nodeTypeNumber } from "./vocabulary.ts";
import { type Step, walk } from "./walk.ts";

const containment = new Set(edgeTypeNumbers(containmentEdgeTypes));

/** The nodes and all below them, as steps of a walk along containment: `before` leads back up. */
export async function membersOf(
  adjacency: Adjacency,
  nodes: readonly StoredNode[],
  maxNodes: number,
  signal: AbortSignal,
): Promise<{ steps: Map<number, Step>; complete: boolean }> {
  const starts = new Map(nodes.map((node) => [node.number, { nodeType: nodeTypeNumber(node.type)!, confidence: 1 }]));
  return await walk({
    adjacency,
    starts,
    forward: true,
    backward: false,
    edgeTypes: containment,
    maxDepth: 30,
    maxNodes,
    signal,
  });
}
