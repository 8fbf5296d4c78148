// The shortest ways between two nodes: breadth-first from both ends until they meet, then all ways of that length in the area between,
// the most telling first; then, when more are wanted, those that are a little longer.
import type { WayGraph } from "./way-graph.ts";

export interface WayRules {
  /** any = edges may be walked against their direction. */
  direction: "along" | "any";
  /** By number of the edge type: what a step over it costs, among ways of the same length; null = not walked. */
  edgeCosts: readonly (number | null)[];
  /** May a way lead through nodes of this type? Its ends may be of any. */
  passable(type: number): boolean;
  /** Nodes with more edges are not led through. */
  mostEdges: number;
  maxLength: number;
}

export interface WayLimits {
  /** Called between steps, to let others run (pace.ts). */
  pace(): Promise<void>;
  signal: AbortSignal;
}

/** `complete` is false when a bound ended the search. Ways are node ids, from first to last. */
export interface Ways {
  ways: number[][];
  complete: boolean;
}

/** Alternatives that are longer by more than this tell nothing. */
const longestDetour = 2;
/** Bounds of putting ways together between two meeting searches. */
const candidatesAtMost = 300;
const edgesAtMost = 200_000;
/** Nodes looked at before a search gives up. */
export const visitBudget = 60_000;
/** Depths are kept with 1 added; 0 = not seen. */
const blocked = 255;

interface Side {
  depths: Uint8Array;
  frontier: number[];
  depth: number;
  seen: number;
  forward: boolean;
}

export async function findWays(
  graph: WayGraph,
  rules: WayRules,
  limits: WayLimits,
  ends: { from: number; to: number },
  count: number,
): Promise<Ways> {
  const [from, to] = [graph.placeOf(ends.from), graph.placeOf(ends.to)];
  if (from === to) return { ways: [[ends.from]], complete: true };
  const sideAt = (node: number, forward: boolean): Side => {
    const depths = new Uint8Array(graph.size);
    depths[node] = 1;
    return { depths, frontier: [node], depth: 0, seen: 1, forward };
  };
  const [start, end] = [sideAt(from, true), sideAt(to, false)];
  const ways: number[][] = [];
  let complete = true;
  let longest = rules.maxLength;
  let haveMet = false;
  while (start.depth + end.depth < longest && ways.length < count) {
    limits.signal.throwIfAborted();
    if (start.frontier.length === 0 && end.frontier.length === 0) break;
    // One side used up and no meeting: nothing connects them. After a meeting the other side may still find longer ways.
    if (!haveMet && (start.frontier.length === 0 || end.frontier.length === 0)) break;
    // The smaller side grows: a hub at one end is met from the other.
    const side =
      end.frontier.length === 0 || (start.frontier.length > 0 && start.frontier.length <= end.frontier.length)
        ? start
        : end;
    const other = side === start ? end : start;
    if ((await grow(graph, rules, limits, side, other, [from, to])) && !haveMet) {
      haveMet = true;
      longest = Math.min(longest, start.depth + end.depth + longestDetour);
    }
    if (haveMet) {
      const found = between(graph, rules, start, end, from, to);
      if (!found.complete) complete = false;
      ways.push(...best(graph, found.candidates, count - ways.length));
    }
    if (start.seen + end.seen > visitBudget) {
      complete = false;
      break;
    }
  }
  return { ways, complete };
}

/** One level further; tells whether the searches meet there. */
async function grow(
  graph: WayGraph,
  rules: WayRules,
  { pace, signal }: WayLimits,
  side: Side,
  other: Side,
  ends: readonly number[],
): Promise<boolean> {
  const directions = rules.direction === "any" ? [true, false] : [side.forward];
  const level = side.depth + 2;
  const next: number[] = [];
  const visit = (node: number, type: number): void => {
    if (rules.edgeCosts[type] === null || side.depths[node] !== 0) return;
    side.depths[node] = level;
    next.push(node);
  };
  for (let at = 0; at < side.frontier.length; at += 1_000) {
    const part = side.frontier.slice(at, at + 1_000);
    for (const forward of directions) for (const node of part) graph.forEachEdge(node, forward, visit);
    signal.throwIfAborted();
    await pace();
  }
  const mayPass = (node: number): boolean =>
    ends.includes(node) || (rules.passable(graph.typeOf(node)) && graph.degreeOf(node) <= rules.mostEdges);
  side.frontier = [];
  let meets = false;
  for (const node of next) {
    if (!mayPass(node)) {
      side.depths[node] = blocked;
      continue;
    }
    side.frontier.push(node);
    if (isNear(other.depths[node])) meets = true;
  }
  side.depth++;
  side.seen += next.length;
  return meets;
}

const isNear = (depth: number | undefined): boolean => depth !== undefined && depth !== 0 && depth !== blocked;

interface Candidate {
  nodes: number[];
  cost: number;
}

/**
 * The loopless ways of exactly the length that both searches have grown to. A node at the i-th step of such a way is at most i from its
 * start, and what is left of the way from its end: so only nodes that both searches have seen, within their depths, are tried.
 */
function between(graph: WayGraph, rules: WayRules, start: Side, end: Side, from: number, to: number) {
  const length = start.depth + end.depth;
  const candidates: Candidate[] = [];
  const path = [from];
  const onPath = new Set(path);
  const directions = rules.direction === "any" ? [true, false] : [true];
  let edges = 0;
  let complete = true;

  const mayFollow = (node: number, step: number): boolean => {
    if (node === to) return step === length;
    if (step === length || onPath.has(node)) return false;
    if (step < start.depth) return isNear(start.depths[node]);
    const left = end.depths[node];
    return isNear(left) && left! - 1 <= length - step;
  };
  const follow = (node: number, step: number, cost: number): void => {
    if (candidates.length >= candidatesAtMost || edges > edgesAtMost) {
      complete = false;
      return;
    }
    const cheapest = new Map<number, number>();
    for (const forward of directions) {
      graph.forEachEdge(node, forward, (next, type) => {
        edges++;
        const own = rules.edgeCosts[type] ?? null;
        if (own === null || !mayFollow(next, step)) return;
        const known = cheapest.get(next);
        if (known === undefined || own < known) cheapest.set(next, own);
      });
    }
    const nexts = [...cheapest].sort(([a, x], [b, y]) => x - y || graph.idOf(a) - graph.idOf(b));
    for (const [next, own] of nexts) {
      path.push(next);
      if (step === length) candidates.push({ nodes: [...path], cost: cost + own });
      else {
        onPath.add(next);
        follow(next, step + 1, cost + own);
        onPath.delete(next);
      }
      path.pop();
    }
  };
  follow(from, 1, 0);
  return { candidates, complete };
}

/** The cheapest, by the types of their edges and how many others their inner nodes are joined to; then by the nodes' numbers. */
function best(graph: WayGraph, candidates: readonly Candidate[], count: number): number[][] {
  const ranked = candidates.map(({ nodes, cost }) => ({
    way: nodes.map((node) => graph.idOf(node)),
    cost: nodes.slice(1, -1).reduce((sum, node) => sum + Math.log2(1 + graph.degreeOf(node)) / 4, cost),
  }));
  ranked.sort((a, b) => a.cost - b.cost || compareWays(a.way, b.way));
  return ranked.slice(0, count).map(({ way }) => way);
}

function compareWays(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return 0;
}
