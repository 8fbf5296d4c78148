// Breadth-first walks from a set of nodes: the shortest way to each node, and how sure the surest way is.
import type { Adjacency } from "./adjacency.ts";
import { createPace } from "./pace.ts";
import type { EdgeKey } from "./read-nodes.ts";

export interface Step {
  node: number;
  nodeType: number;
  hop: number;
  /** Product of the confidences along the surest way found, 0–1. */
  confidence: number;
  /** The node before this one on the shortest way, and the edge between the two; null at a start. */
  before: number | null;
  edge: EdgeKey | null;
}

export interface WalkOptions {
  adjacency: Adjacency;
  /** Starts with their confidence (1 = sure). */
  starts: ReadonlyMap<number, { nodeType: number; confidence: number }>;
  forward: boolean;
  backward: boolean;
  edgeTypes: ReadonlySet<number> | null;
  maxDepth: number;
  maxNodes: number;
  signal: AbortSignal;
}

/** Steps by node; starts have hop 0. `complete` is false when a bound cut the walk. */
export async function walk(options: WalkOptions): Promise<{ steps: Map<number, Step>; complete: boolean }> {
  const { adjacency, edgeTypes, maxDepth, maxNodes, signal } = options;
  const steps = new Map<number, Step>();
  for (const [node, { nodeType, confidence }] of options.starts)
    steps.set(node, { node, nodeType, hop: 0, confidence, before: null, edge: null });
  let frontier = [...steps.keys()];
  let complete = true;
  const pace = createPace();
  for (let hop = 1; hop <= maxDepth && frontier.length > 0; hop++) {
    signal.throwIfAborted();
    const moved = new Set<number>();
    const visit =
      (forward: boolean) =>
      (from: number, to: number, type: number, confidence255: number, toType: number): void => {
        const source = steps.get(from)!;
        const confidence = (source.confidence * confidence255) / 255;
        const known = steps.get(to);
        const edge = forward ? { src: from, type, dst: to } : { src: to, type, dst: from };
        if (known === undefined) {
          if (steps.size >= maxNodes) {
            complete = false;
            return;
          }
          steps.set(to, { node: to, nodeType: toType, hop, confidence, before: from, edge });
          moved.add(to);
          return;
        }
        if (known.hop === 0) return;
        // Among ways of the same length the surest is shown; ties by type and number, so that both adjacencies agree.
        const isShorterEqual = source.hop + 1 === known.hop && known.hop === hop;
        const isSurer = confidence > known.confidence + 1e-9;
        if (isShorterEqual && (isSurer || (confidence > known.confidence - 1e-9 && precedes(edge, from, known)))) {
          known.before = from;
          known.edge = edge;
        }
        if (isSurer) {
          // A longer way may be surer: what is beyond it becomes surer too.
          known.confidence = confidence;
          moved.add(to);
        }
      };
    if (options.forward && !(await adjacency.expand(frontier, true, edgeTypes, visit(true)))) complete = false;
    if (options.backward && !(await adjacency.expand(frontier, false, edgeTypes, visit(false)))) complete = false;
    frontier = [...moved];
    await pace();
  }
  return { steps, complete };
}

function precedes(edge: EdgeKey, from: number, known: Step): boolean {
  if (known.edge === null || known.before === null) return false;
  return edge.type < known.edge.type || (edge.type === known.edge.type && from < known.before);
}

/** Node numbers from a start to `node`. */
export function wayTo(steps: ReadonlyMap<number, Step>, node: number): number[] {
  const way: number[] = [];
  for (let at: number | null = node; at !== null; at = steps.get(at)?.before ?? null) {
    way.push(at);
    if (way.length > 1_000) break;
  }
  return way.toReversed();
}
