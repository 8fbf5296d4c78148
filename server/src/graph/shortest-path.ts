// Shortest ways between two nodes: breadth-first from both ends, and k loopless alternatives (Yen 1971).
import type { Adjacency } from "./adjacency.ts";

export interface PathOptions {
  adjacency: Adjacency;
  /** any = edges may be walked against their direction. */
  direction: "outgoing" | "any";
  edgeTypes: ReadonlySet<number> | null;
  maxLength: number;
  /** Nodes looked at before a search gives up. */
  budget: number;
  /** May a way lead through this node? Its ends always may. */
  passable(node: number, nodeType: number): boolean;
  /** Called between steps, to let others run (pace.ts). */
  pace(): Promise<void>;
  signal: AbortSignal;
}

/** `complete` is false when the budget ended the search. */
interface Found {
  path: number[] | null;
  complete: boolean;
}

interface Bans {
  nodes: ReadonlySet<number>;
  /** `from to`: this step is taken already. */
  steps: ReadonlySet<string>;
}

const noBans: Bans = { nodes: new Set(), steps: new Set() };

interface Side {
  before: Map<number, number | null>;
  frontier: number[];
  depth: number;
  towardsTarget: boolean;
}

async function shortestPath(
  options: PathOptions,
  from: number,
  to: number,
  bans: Bans = noBans,
  maxLength = options.maxLength,
): Promise<Found> {
  if (from === to) return { path: [from], complete: true };
  const start: Side = { before: new Map([[from, null]]), frontier: [from], depth: 0, towardsTarget: true };
  const end: Side = { before: new Map([[to, null]]), frontier: [to], depth: 0, towardsTarget: false };
  let complete = true;
  while (start.depth + end.depth < maxLength) {
    options.signal.throwIfAborted();
    await options.pace();
    if (start.frontier.length === 0 || end.frontier.length === 0) return { path: null, complete };
    // The smaller side grows: a hub at one end is met from the other.
    const side = start.frontier.length <= end.frontier.length ? start : end;
    const other = side === start ? end : start;
    const grown = await grow(options, side, other, bans);
    if (!grown.complete) complete = false;
    if (grown.meeting !== null) return { path: join(start, end, grown.meeting), complete };
    if (start.before.size + end.before.size > options.budget) return { path: null, complete: false };
  }
  return { path: null, complete };
}

async function grow(options: PathOptions, side: Side, other: Side, bans: Bans) {
  const next: number[] = [];
  let meeting: number | null = null;
  const visit = (from: number, to: number, _type: number, _confidence: number, toType: number): void => {
    if (side.before.has(to) || bans.nodes.has(to)) return;
    const step = side.towardsTarget ? `${from} ${to}` : `${to} ${from}`;
    if (bans.steps.size > 0 && bans.steps.has(step)) return;
    const meets = other.before.has(to);
    if (!meets && !options.passable(to, toType)) return;
    side.before.set(to, from);
    next.push(to);
    // The smallest number wins, so that the same question gets the same way.
    if (meets && (meeting === null || to < meeting)) meeting = to;
  };
  const { adjacency, edgeTypes, direction } = options;
  const frontier = side.frontier.sort((a, b) => a - b);
  let complete = await adjacency.expand(frontier, side.towardsTarget, edgeTypes, visit);
  if (direction === "any")
    complete = (await adjacency.expand(frontier, !side.towardsTarget, edgeTypes, visit)) && complete;
  side.frontier = next;
  side.depth++;
  return { meeting, complete };
}

function join(start: Side, end: Side, meeting: number): number[] {
  const path: number[] = [];
  for (let at: number | null = meeting; at !== null; at = start.before.get(at) ?? null) path.push(at);
  path.reverse();
  for (let at = end.before.get(meeting) ?? null; at !== null; at = end.before.get(at) ?? null) path.push(at);
  return path;
}

/** Up to `count` different loopless ways, the shortest first. */
export async function shortestPaths(
  options: PathOptions,
  from: number,
  to: number,
  count: number,
): Promise<{ paths: number[][]; complete: boolean }> {
  const first = await shortestPath(options, from, to);
  if (first.path === null) return { paths: [], complete: first.complete };
  const paths = [first.path];
  let complete = first.complete;
  const candidates = new Map<string, number[]>();
  while (paths.length < count) {
    const last = paths.at(-1)!;
    for (let at = 0; at < last.length - 1; at++) {
      const root = last.slice(0, at + 1);
      const steps = new Set<string>();
      for (const path of paths)
        if (path.length > at + 1 && root.every((node, index) => path[index] === node))
          steps.add(`${path[at]} ${path[at + 1]}`);
      const nodes = new Set(root.slice(0, -1));
      const spur = await shortestPath(options, last[at]!, to, { nodes, steps }, options.maxLength - at);
      if (!spur.complete) complete = false;
      if (spur.path === null) continue;
      const path = [...root.slice(0, -1), ...spur.path];
      candidates.set(path.join(" "), path);
    }
    for (const path of paths) candidates.delete(path.join(" "));
    const best = [...candidates.values()].sort((a, b) => a.length - b.length || compareWays(a, b))[0];
    if (best === undefined) break;
    candidates.delete(best.join(" "));
    paths.push(best);
  }
  return { paths, complete };
}

function compareWays(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return 0;
}
