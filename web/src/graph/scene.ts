// What the canvas and its table twin show: a pure function of what is open, what was loaded, and the filters.
import type { EdgeType, GraphEdge, GraphNode, NodeType } from "@opentrace/contract/graph.ts";

/** As much of a node's neighbourhood as has been loaded. */
export interface Neighborhood {
  node: GraphNode;
  neighbors: { node: GraphNode; edges: GraphEdge[] }[];
  /** Of all neighbours that pass the filters, shown or not; null if the server did not count them. */
  total: number | null;
}

export interface SceneNode {
  node: GraphNode;
  /** Its neighbourhood is open. */
  open: boolean;
  /** The open node through which it came first; null for those a person chose. */
  parent: string | null;
  /** How many more neighbours could be shown; only known while open. */
  more: number;
  pinned: boolean;
  /** Links to what is shown. */
  degree: number;
}

/** All edges from one node to another: drawn as one line. */
export interface SceneLink {
  from: string;
  to: string;
  edges: GraphEdge[];
}

export interface Scene {
  nodes: Map<string, SceneNode>;
  links: Map<string, SceneLink>;
  /** Nodes on the shown path, in order; empty when none is shown. */
  trail: string[];
}

export interface SceneInput {
  open: readonly { id: string; count: number }[];
  loaded: ReadonlyMap<string, Neighborhood>;
  /** A path whose nodes and edges are added. */
  trail: { nodes: GraphNode[]; edges: GraphEdge[] } | null;
  hide: readonly string[];
  pin: readonly string[];
  /** Empty = all. Nodes that a person opened are shown whatever their type. */
  types: readonly NodeType[];
  edges: readonly EdgeType[];
}

export const linkKey = (from: string, to: string): string => `${from}~${to}`;

export function buildScene({ open, loaded, trail, hide, pin, types, edges }: SceneInput): Scene {
  const hidden = new Set(hide);
  const pinned = new Set(pin);
  const typeAllowed = (type: NodeType): boolean => types.length === 0 || types.includes(type);
  const edgeAllowed = (edge: GraphEdge): boolean => edges.length === 0 || edges.includes(edge.type);
  const nodes = new Map<string, SceneNode>();
  const links = new Map<string, SceneLink>();
  const add = (node: GraphNode, parent: string | null): void => {
    if (hidden.has(node.id) || nodes.has(node.id)) return;
    nodes.set(node.id, { node, open: false, parent, more: 0, pinned: pinned.has(node.id), degree: 0 });
  };

  for (const node of trail?.nodes ?? []) add(node, null);
  for (const { id } of open) {
    const neighborhood = loaded.get(id);
    if (neighborhood) add(neighborhood.node, null);
  }
  const found: GraphEdge[] = [...(trail?.edges ?? [])];
  for (const { id, count } of open) {
    const neighborhood = loaded.get(id);
    const center = nodes.get(id);
    if (!neighborhood || !center) continue;
    center.open = true;
    const shown = neighborhood.neighbors
      .filter(({ node, edges: between }) => typeAllowed(node.type) && between.some(edgeAllowed))
      .slice(0, count);
    center.more = Math.max(0, (neighborhood.total ?? neighborhood.neighbors.length) - shown.length);
    for (const { node, edges: between } of shown) {
      add(node, id);
      found.push(...between.filter(edgeAllowed));
    }
    // Neighbours beyond `count` that are on the canvas anyway still get their line.
    for (const { node, edges: between } of neighborhood.neighbors)
      if (nodes.has(node.id)) found.push(...between.filter(edgeAllowed));
  }
  for (const edge of found) join(links, nodes, edge);
  for (const link of links.values()) {
    for (const end of new Set([link.from, link.to])) {
      const node = nodes.get(end);
      if (node) node.degree += 1;
    }
  }
  return { nodes, links, trail: trail?.nodes.map((node) => node.id).filter((id) => nodes.has(id)) ?? [] };
}

function join(links: Map<string, SceneLink>, nodes: Map<string, SceneNode>, edge: GraphEdge): void {
  if (!nodes.has(edge.from) || !nodes.has(edge.to)) return;
  const key = linkKey(edge.from, edge.to);
  const link = links.get(key);
  if (!link) links.set(key, { from: edge.from, to: edge.to, edges: [edge] });
  else if (!link.edges.some((known) => known.type === edge.type)) link.edges.push(edge);
}

export interface SceneRow {
  node: GraphNode;
  degree: number;
  open: boolean;
  edgeTypes: EdgeType[];
}

/** The rows of the table twin: exactly the canvas' nodes. */
export function sceneRows(scene: Scene): SceneRow[] {
  const typesOf = new Map<string, Set<EdgeType>>();
  for (const { from, to, edges } of scene.links.values())
    for (const end of [from, to])
      for (const { type } of edges) typesOf.set(end, (typesOf.get(end) ?? new Set()).add(type));
  return [...scene.nodes.values()].map(({ node, degree, open }) => ({
    node,
    degree,
    open,
    edgeTypes: [...(typesOf.get(node.id) ?? [])].sort(),
  }));
}

/** The types that occur, most frequent first: what the filters offer. */
export function sceneTypes(scene: Scene): { nodes: [NodeType, number][]; edges: [EdgeType, number][] } {
  const nodes = new Map<NodeType, number>();
  const edges = new Map<EdgeType, number>();
  for (const { node } of scene.nodes.values()) nodes.set(node.type, (nodes.get(node.type) ?? 0) + 1);
  for (const link of scene.links.values())
    for (const { type } of link.edges) edges.set(type, (edges.get(type) ?? 0) + 1);
  const byCount = <T extends string>(counts: Map<T, number>): [T, number][] =>
    [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return { nodes: byCount(nodes), edges: byCount(edges) };
}
