// How far a change is, in edges of the graph, from what is affected and from what the evidence names, and by which way.
import { dependencyEdgeTypes } from "@opentrace/contract/graph.ts";
import type { NodeRef, PathStep } from "@opentrace/contract/investigation.ts";
import { type Adjacency, adjacencyOf } from "../graph/adjacency.ts";
import { membersOf } from "../graph/members.ts";
import { readNodes, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { edgeTypeNumbers, edgeTypeOf, nodeTypeNumber, nodeTypeNumbers } from "../graph/vocabulary.ts";
import { type Step, walk, wayTo } from "../graph/walk.ts";
import { nodeRef } from "./affected.ts";

export interface Near {
  distance: number;
  /** Numbers of nodes, from what was started at to what changed, and the edge types between them. */
  way: { node: number; edge: string | null }[];
}

export interface Reach {
  /** Null when no way of the bounded length leads to it. */
  to(number: number): Promise<Near | null>;
  /** All that was reached, with how far it is. */
  steps: ReadonlyMap<number, Step>;
  complete: boolean;
}

const dependencies = new Set(edgeTypeNumbers(dependencyEdgeTypes));
const longestWay = 4;
const mostMembers = 20_000;
const mostNodes = 40_000;
const containers = new Set(nodeTypeNumbers(["File", "Class", "Interface", "Module", "Directory"]));

/** Along dependencies: what is affected may fail because something that it uses was changed. */
export async function reachFrom(view: GraphView, starts: readonly StoredNode[]): Promise<Reach> {
  const adjacency = adjacencyOf(view);
  const members = await membersOf(adjacency, starts, mostMembers, view.signal);
  const seeds = new Map([...members.steps].map(([node, { nodeType }]) => [node, { nodeType, confidence: 1 }]));
  const walked = await walk({
    adjacency,
    starts: seeds,
    forward: true,
    backward: false,
    edgeTypes: dependencies,
    maxDepth: longestWay,
    maxNodes: mostNodes,
    signal: view.signal,
  });
  const wayIn = (number: number): { node: number; edge: string | null }[] => {
    const along = wayTo(walked.steps, number);
    const down = wayTo(members.steps, along[0] ?? number);
    // Of a way down into what is affected the ends are enough.
    const whole = [...new Set([down[0] ?? number, ...along])];
    return whole.map((node, at) => {
      const next = whole[at + 1];
      const edge = next === undefined ? null : (walked.steps.get(next)?.edge ?? null);
      return { node, edge: next === undefined ? null : edge === null ? "CONTAINS" : edgeTypeOf(edge.type) };
    });
  };
  return {
    steps: walked.steps,
    complete: members.complete && walked.complete,
    async to(number) {
      const step = walked.steps.get(number);
      if (step !== undefined) return { distance: step.hop, way: wayIn(number) };
      const inside = await nearestInside(adjacency, number, walked.steps);
      if (inside === null) return null;
      const way = wayIn(inside.node);
      const last = way.at(-1);
      if (last !== undefined) last.edge = "part of";
      return { distance: inside.hop + 1, way: [...way, { node: number, edge: null }] };
    },
  };
}

/** A file or class that was not reached itself, but something in it was. */
async function nearestInside(
  adjacency: Adjacency,
  number: number,
  steps: ReadonlyMap<number, Step>,
): Promise<Step | null> {
  let best: Step | null = null;
  const defines = new Set(edgeTypeNumbers(["DEFINES", "CONTAINS"]));
  let frontier = [number];
  for (let depth = 0; depth < 3 && frontier.length > 0; depth++) {
    const next: number[] = [];
    await adjacency.expand(frontier, true, defines, (_from, to, _type, _confidence, kind) => {
      const step = steps.get(to);
      if (step !== undefined && (best === null || step.hop < best.hop)) best = step;
      if (containers.has(kind) && next.length < 500) next.push(to);
    });
    frontier = next;
  }
  return best;
}

/** Ways as people read them, all nodes read at once. */
export async function readWays(view: GraphView, ways: readonly (Near["way"] | null)[]): Promise<(PathStep[] | null)[]> {
  const numbers = new Set(ways.flatMap((way) => (way ?? []).map((step) => step.node)));
  const nodes = await readNodes(view, [...numbers]);
  return ways.map((way) => {
    if (way === null) return null;
    return way.flatMap(({ node, edge }): PathStep[] => {
      const found = nodes.get(node);
      return found === undefined ? [] : [{ node: nodeRef(found) satisfies NodeRef, edge }];
    });
  });
}

const runtime = new Set(
  nodeTypeNumbers([
    "Workload",
    "Service",
    "KubernetesService",
    "Ingress",
    "Database",
    "Queue",
    "Cache",
    "ExternalService",
    "Namespace",
    "Cluster",
    "Image",
    "Container",
  ]),
);

/** Of what was reached, and around what is affected: the nodes of what runs, nearest first. */
export async function runtimeNear(
  view: GraphView,
  starts: readonly StoredNode[],
): Promise<Map<number, { hop: number; step: Step }>> {
  const own = new Map(
    starts
      .filter((node) => runtime.has(nodeTypeNumber(node.type)!))
      .map((node) => [node.number, { nodeType: nodeTypeNumber(node.type)!, confidence: 1 }]),
  );
  if (own.size === 0) return new Map();
  const { steps } = await walk({
    adjacency: adjacencyOf(view),
    starts: own,
    forward: true,
    backward: true,
    edgeTypes: null,
    maxDepth: 2,
    maxNodes: 2_000,
    signal: view.signal,
  });
  return new Map(
    [...steps].filter(([, step]) => runtime.has(step.nodeType)).map(([node, step]) => [node, { hop: step.hop, step }]),
  );
}
