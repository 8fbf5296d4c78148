// Which nodes matter most: PageRank along dependencies, number of dependents, articulation points of the dependency graph.
import { dependencyEdgeTypes } from "@opentrace/contract/graph.ts";
import { edgeTypeNumbers, nodeTypeNumbers } from "../vocabulary.ts";
import { selectBest } from "./select-best.ts";
import { placeOf, type SharedCsr } from "./csr.ts";

export interface RankingFilter {
  types?: readonly number[] | undefined;
  /** Only these nodes, e.g. those of one repository. */
  ids?: readonly number[] | undefined;
  /** Only what the indexed code holds, or only what it uses from outside; both if absent. */
  origin?: "own" | "external" | undefined;
}

export interface RankedNode {
  id: number;
  score: number;
  rank: number;
  dependents: number;
  dependencies: number;
  pageRank: number;
  cutsOff: number;
}

/** Numbers of every node; computed once for a version of the graph. */
export interface Centrality {
  pageRank: Float64Array;
  dependents: Uint32Array;
  dependencies: Uint32Array;
  cutsOff: Uint32Array;
}

const damping = 0.85;
const iterations = 40;

export function centralityOf(csr: SharedCsr): Centrality {
  const follows = new Uint8Array(256);
  for (const type of edgeTypeNumbers(dependencyEdgeTypes)) follows[type] = 1;
  const nodes = csr.ids.length;
  const dependencies = new Uint32Array(nodes);
  const dependents = new Uint32Array(nodes);
  const { starts, ends, types } = csr.outgoing;
  for (let node = 0; node < nodes; node++) {
    // Neighbours, not edges: a caller that also refers is one dependent. Edges are ordered by type, so repeats need a set.
    const seen = new Set<number>();
    for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) {
      const end = ends[edge]!;
      if (follows[types[edge]!] === 0 || end === node || seen.has(end)) continue;
      seen.add(end);
      dependencies[node]!++;
      dependents[end]!++;
    }
  }
  return { pageRank: pageRankOf(csr, follows), dependents, dependencies, cutsOff: cutsOffOf(csr, follows) };
}

/** Brin and Page 1998: rank flows from a node to what it depends on. Scaled so that the mean is 1. */
function pageRankOf(csr: SharedCsr, follows: Uint8Array): Float64Array {
  const nodes = csr.ids.length;
  const { starts, ends, types } = csr.outgoing;
  const degree = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++)
    for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) degree[node]! += follows[types[edge]!]!;
  let rank = new Float64Array(nodes).fill(1);
  let next = new Float64Array(nodes);
  for (let round = 0; round < iterations; round++) {
    let dangling = 0;
    next.fill(0);
    for (let node = 0; node < nodes; node++) {
      if (degree[node] === 0) {
        dangling += rank[node]!;
        continue;
      }
      const share = rank[node]! / degree[node]!;
      for (let edge = starts[node]!; edge < starts[node + 1]!; edge++) {
        if (follows[types[edge]!] === 1) next[ends[edge]!]! += share;
      }
    }
    let moved = 0;
    for (let node = 0; node < nodes; node++) {
      const value = 1 - damping + damping * (next[node]! + dangling / nodes);
      moved += Math.abs(value - rank[node]!);
      next[node] = value;
    }
    [rank, next] = [next, rank];
    if (moved < nodes * 1e-6) break;
  }
  return rank;
}

/**
 * For each node, how many others would be cut off from the largest part of what it connects if it went (0 = none): Tarjan's low-link
 * numbers (1972) on the undirected dependency graph, without recursion. Counts the subtrees that only this node joins to the rest.
 */
function cutsOffOf(csr: SharedCsr, follows: Uint8Array): Uint32Array {
  const nodes = csr.ids.length;
  const cuts = new Uint32Array(nodes);
  const order = new Uint32Array(nodes);
  const low = new Uint32Array(nodes);
  const size = new Uint32Array(nodes).fill(1);
  const parent = new Int32Array(nodes).fill(-1);
  const cursor = new Uint32Array(nodes);
  const lost = new Uint32Array(nodes);
  const largest = new Uint32Array(nodes);
  const rows = [csr.outgoing, csr.incoming] as const;
  const outDegree = (node: number): number => rows[0].starts[node + 1]! - rows[0].starts[node]!;
  const degree = (node: number): number => outDegree(node) + rows[1].starts[node + 1]! - rows[1].starts[node]!;
  let clock = 0;
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== 0) continue;
    const stack = [root];
    const component: number[] = [root];
    order[root] = low[root] = ++clock;
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      const at = cursor[node]!;
      if (at < degree(node)) {
        cursor[node] = at + 1;
        const side = at < outDegree(node) ? rows[0] : rows[1];
        const edge = side.starts[node]! + (at < outDegree(node) ? at : at - outDegree(node));
        if (follows[side.types[edge]!] === 0) continue;
        const end = side.ends[edge]!;
        if (end === node || end === parent[node]) continue;
        if (order[end] === 0) {
          parent[end] = node;
          order[end] = low[end] = ++clock;
          component.push(end);
          stack.push(end);
        } else if (order[end]! < low[node]!) low[node] = order[end]!;
        continue;
      }
      stack.pop();
      const above = parent[node]!;
      if (above < 0) continue;
      if (low[node]! < low[above]!) low[above] = low[node]!;
      size[above]! += size[node]!;
      if (low[node]! >= order[above]!) {
        lost[above]! += size[node]!;
        if (size[node]! > largest[above]!) largest[above] = size[node]!;
      }
    }
    for (const node of component) {
      // Without the node its separate subtrees and the rest fall apart; the largest piece is what the others are cut off from.
      const rest = component.length - 1 - lost[node]!;
      cuts[node] = lost[node]! + rest - Math.max(largest[node]!, rest);
    }
  }
  return cuts;
}

const packageType = nodeTypeNumbers(["Package"])[0]!;
const externalService = nodeTypeNumbers(["ExternalService"])[0]!;
const holds = new Set(edgeTypeNumbers(["CONTAINS", "DEFINES"]));

/** Standard libraries, third-party packages and services: nothing in the graph holds or defines them. */
function isExternal(csr: SharedCsr, place: number): boolean {
  const type = csr.types[place];
  if (type === externalService) return true;
  if (type !== packageType) return false;
  const { starts, types } = csr.incoming;
  for (let edge = starts[place]!; edge < starts[place + 1]!; edge++) if (holds.has(types[edge]!)) return false;
  return true;
}

export function rank(
  csr: SharedCsr,
  centrality: Centrality,
  filter: RankingFilter,
  limit: number,
): { ranked: RankedNode[]; total: number } {
  const types = filter.types === undefined ? null : new Set(filter.types);
  const places: number[] = [];
  const consider = (place: number): void => {
    if (place < 0 || (types !== null && !types.has(csr.types[place]!))) return;
    if (filter.origin === undefined || (filter.origin === "external") === isExternal(csr, place)) places.push(place);
  };
  if (filter.ids === undefined) for (let place = 0; place < csr.ids.length; place++) consider(place);
  else for (const id of filter.ids) consider(placeOf(csr.ids, id));
  let topRank = 0;
  let topDependents = 0;
  let topCuts = 0;
  for (const place of places) {
    topRank = Math.max(topRank, centrality.pageRank[place]!);
    topDependents = Math.max(topDependents, centrality.dependents[place]!);
    topCuts = Math.max(topCuts, centrality.cutsOff[place]!);
  }
  // Logarithms: a node with ten times the dependents is not ten times as critical.
  const part = (value: number, top: number): number => (top === 0 ? 0 : Math.log1p(value) / Math.log1p(top));
  const scores = new Float64Array(csr.ids.length);
  for (const place of places) {
    scores[place] =
      0.45 * part(centrality.pageRank[place]!, topRank) +
      0.4 * part(centrality.dependents[place]!, topDependents) +
      0.15 * part(centrality.cutsOff[place]!, topCuts);
  }
  const best = selectBest(places, limit, (a, b) => scores[a]! > scores[b]! || (scores[a] === scores[b] && a < b));
  const ranked = best.map((place, index) => ({
    id: csr.ids[place]!,
    score: scores[place]!,
    rank: index + 1,
    dependents: centrality.dependents[place]!,
    dependencies: centrality.dependencies[place]!,
    pageRank: centrality.pageRank[place]!,
    cutsOff: centrality.cutsOff[place]!,
  }));
  return { ranked, total: places.length };
}
