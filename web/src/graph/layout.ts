// Places nodes by forces. Deterministic: the same picture for the same input. Runs in a worker (layout.worker.ts).
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from "d3-force";

export interface LayoutNode {
  id: string;
  /** Where it is now; absent for newcomers, which start beside `parent`. */
  x?: number;
  y?: number;
  parent: string | null;
  fixed: boolean;
  radius: number;
}

export interface LayoutRequest {
  nodes: LayoutNode[];
  links: { from: string; to: string }[];
}

export type Positions = Record<string, { x: number; y: number }>;

interface Body extends SimulationNodeDatum {
  id: string;
  radius: number;
}

const goldenAngle = Math.PI * (3 - Math.sqrt(5));

export function layOut({ nodes, links }: LayoutRequest): Positions {
  const known = new Map(nodes.filter(isPlaced).map((node) => [node.id, node]));
  const newcomers = new Map<string | null, number>();
  const bodies = nodes.map((node): Body => {
    const body: Body = { id: node.id, radius: node.radius };
    if (isPlaced(node)) {
      body.x = node.x;
      body.y = node.y;
    } else {
      const nth = newcomers.get(node.parent) ?? 0;
      newcomers.set(node.parent, nth + 1);
      const start = node.parent === null ? undefined : known.get(node.parent);
      const distance = nth === 0 && node.parent === null ? 0 : 40 + 14 * Math.sqrt(nth);
      body.x = (start?.x ?? 0) + distance * Math.cos(nth * goldenAngle);
      body.y = (start?.y ?? 0) + distance * Math.sin(nth * goldenAngle);
    }
    if (node.fixed && isPlaced(node)) {
      body.fx = node.x;
      body.fy = node.y;
    }
    return body;
  });
  const present = new Set(nodes.map((node) => node.id));
  const joined = links
    .filter(({ from, to }) => from !== to && present.has(from) && present.has(to))
    .map(({ from, to }) => ({ source: from, target: to }));
  const degree = new Map<string, number>();
  for (const { source, target } of joined)
    for (const end of [source, target]) degree.set(end, (degree.get(end) ?? 0) + 1);

  const simulation = forceSimulation(bodies)
    .force(
      "link",
      forceLink<Body, { source: string | Body; target: string | Body }>(joined)
        .id((body) => body.id)
        // A hub's spokes are longer, so that its neighbours' names have room.
        .distance(({ source, target }) => 95 + 10 * Math.sqrt(Math.max(size(source), size(target)))),
    )
    .force("charge", forceManyBody().strength(-380).distanceMax(900))
    .force(
      "collide",
      forceCollide<Body>((body) => body.radius + 10),
    )
    .force("x", forceX(0).strength(0.03))
    .force("y", forceY(0).strength(0.045))
    .stop();
  function size(end: string | Body): number {
    return degree.get(typeof end === "string" ? end : end.id) ?? 0;
  }
  // When most is placed already, it only settles: what a person has learnt to find stays where it is.
  if (known.size > nodes.length / 2) simulation.alpha(0.4);
  const rounds = nodes.length > 400 ? 140 : 260;
  simulation.tick(rounds);
  return Object.fromEntries(bodies.map(({ id, x = 0, y = 0 }) => [id, { x, y }]));
}

const isPlaced = (node: LayoutNode): node is LayoutNode & { x: number; y: number } =>
  node.x !== undefined && node.y !== undefined;
