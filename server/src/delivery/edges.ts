// Edges of some nodes whose other end is of one type: with the edge, the end, and a bound.
import type { EdgeType, GraphEdge, NodeType } from "@opentrace/contract/graph.ts";
import { adjacencyOf } from "../graph/adjacency.ts";
import { type EdgeKey, edgeKeyText, readEdges, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { edgeTypeNumbers, nodeTypeNumbers } from "../graph/vocabulary.ts";

export interface Joined {
  /** Which of the nodes asked about. */
  from: number;
  end: StoredNode;
  edge: GraphEdge;
}

export async function joined(
  view: GraphView,
  nodes: readonly number[],
  asked: { forward: boolean; edges: readonly EdgeType[]; ends: readonly NodeType[]; most: number },
): Promise<{ found: Joined[]; complete: boolean }> {
  if (nodes.length === 0) return { found: [], complete: true };
  const ends = new Set(nodeTypeNumbers(asked.ends));
  const keys: (EdgeKey & { from: number; end: number })[] = [];
  const seen = new Set<string>();
  let cut = false;
  const whole = await adjacencyOf(view).expand(
    nodes,
    asked.forward,
    new Set(edgeTypeNumbers(asked.edges)),
    (from, to, type, _confidence, kind) => {
      if (!ends.has(kind)) return;
      const key = asked.forward ? { src: from, type, dst: to } : { src: to, type, dst: from };
      const text = edgeKeyText(key);
      if (seen.has(text)) return;
      seen.add(text);
      if (keys.length >= asked.most) cut = true;
      else keys.push({ ...key, from, end: to });
    },
  );
  const edges = await readEdges(view, keys);
  const found = await readNodes(
    view,
    keys.map((key) => key.end),
  );
  return {
    found: keys.flatMap((key) => {
      const [edge, end] = [edges.get(edgeKeyText(key)), found.get(key.end)];
      return edge === undefined || end === undefined ? [] : [{ from: key.from, end, edge }];
    }),
    complete: whole && !cut,
  };
}
