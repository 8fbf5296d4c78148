// A node's neighbours: each with every edge between the two, parallel types and both directions, with their evidence.
import { sql } from "kysely";
import { z } from "zod";
import { type EdgeCount, type Neighbor, NeighborsAnswer, NodeAnswer } from "@opentrace/contract/graph-answers.ts";
import { Direction, type EdgeType, type NodeType, type Page } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { cursorField, edgeTypesField, limitField, nodeReference, nodeTypesField } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { compactEdge, compactNode, presentList } from "./present.ts";
import {
  edgeKeyText,
  needNode,
  publicNode,
  readEdges,
  readNodeProvenance,
  readNodes,
  type StoredNode,
} from "./read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, isOffset, openView } from "./view.ts";
import { edgeTypeNumbers, edgeTypeOf, nodeTypeNumber, nodeTypeNumbers } from "./vocabulary.ts";

interface Filter {
  direction: Direction;
  edgeTypes?: EdgeType[] | undefined;
  nodeTypes?: NodeType[] | undefined;
}

interface Row {
  other: number;
  /** The other end's type. */
  kind: number;
  type: number;
  forward: number;
  name: string;
}

interface Touching {
  other: number;
  kind: number;
  type: number;
  forward: boolean;
  name: string;
}

/** More edges than this are paged in the database's order instead of being sorted by kind and name. */
const sortedUpTo = 2_000;

/** Edges of the node with an existing other end; `after` and `limit` page by the other end's number. */
async function readTouching(
  view: GraphView,
  node: number,
  filter: Filter,
  page: { after: number; limit: number },
): Promise<Touching[]> {
  const edgeTypes = filter.edgeTypes === undefined ? null : edgeTypeNumbers(filter.edgeTypes);
  const nodeTypes = filter.nodeTypes === undefined ? null : nodeTypeNumbers(filter.nodeTypes);
  const side = (mine: "src" | "dst", other: "src" | "dst", forward: 0 | 1) => sql<Row>`
    select distinct e.${sql.ref(other)} as other, e.type as type, ${sql.lit(forward)} as forward, n.name as name,
      n.type as kind
    from edges e join nodes n on n.id = e.${sql.ref(other)}
    where e.${sql.ref(mine)} = ${node} and e.${sql.ref(other)} > ${page.after} and n.workspace = ${view.workspace}
    ${edgeTypes === null ? sql`` : sql`and e.type in (${sql.join(edgeTypes)})`}
    ${nodeTypes === null ? sql`` : sql`and n.type in (${sql.join(nodeTypes)})`}`;
  const sides = [
    ...(filter.direction === "incoming" ? [] : [side("src", "dst", 1)]),
    ...(filter.direction === "outgoing" ? [] : [side("dst", "src", 0)]),
  ];
  const query = sql<Row>`${sql.join(sides, sql` union all `)} order by other limit ${page.limit}`;
  const { rows } = await query.execute(view.db);
  return rows.map((row) => ({ ...row, forward: row.forward === 1 }));
}

const contains = edgeTypeNumbers(["CONTAINS"])[0];
const folder = nodeTypeNumber("Directory");
const names = new Intl.Collator("en");

/** Kinds of edges in the contract's order (parts first), then outgoing before incoming; of what a folder holds the folders first; then names. */
const compareTouching = (a: Touching, b: Touching): number =>
  a.type - b.type ||
  Number(b.forward) - Number(a.forward) ||
  (a.type === contains ? Number(b.kind === folder) - Number(a.kind === folder) : 0) ||
  names.compare(a.name, b.name) ||
  a.other - b.other;

function group(touching: readonly Touching[]): Map<number, Touching[]> {
  const groups = new Map<number, Touching[]>();
  for (const one of touching) {
    const list = groups.get(one.other);
    if (list === undefined) groups.set(one.other, [one]);
    else list.push(one);
  }
  return groups;
}

type Cursor = { offset: number } | { after: number };
const isCursor = (value: unknown): value is Cursor =>
  typeof value === "object" &&
  value !== null &&
  (("offset" in value && isOffset(value.offset)) || ("after" in value && Number.isSafeInteger(value.after)));

interface NeighborPage {
  neighbors: Neighbor[];
  page: Page;
  scopes: number[];
}

async function readNeighbors(
  view: GraphView,
  node: StoredNode,
  filter: Filter,
  paging: { limit: number; cursor?: string | undefined },
): Promise<NeighborPage> {
  const cursor = decodeCursor(paging.cursor, isCursor);
  const { limit } = paging;
  let groups: [number, Touching[]][];
  let total: number | null = null;
  let next: Cursor | null = null;
  const all =
    cursor !== null && "after" in cursor
      ? null
      : await readTouching(view, node.number, filter, { after: -1, limit: sortedUpTo + 1 });
  if (all !== null && all.length <= sortedUpTo) {
    const offset = cursor !== null && "offset" in cursor ? cursor.offset : 0;
    const sorted = [...group(all.sort(compareTouching))];
    total = sorted.length;
    groups = sorted.slice(offset, offset + limit);
    if (offset + limit < total) next = { offset: offset + limit };
  } else {
    const after = cursor !== null && "after" in cursor ? cursor.after : -1;
    // A neighbour has at most two edges a type; one that the limit splits is left to the next page.
    const rows = await readTouching(view, node.number, filter, { after, limit: limit * 50 + 100 });
    const found = [...group(rows)];
    groups = found.slice(0, limit);
    if (found.length > limit) next = { after: groups.at(-1)![0] };
  }
  const keys = groups.flatMap(([other, list]) =>
    list.map(({ type, forward }) =>
      forward ? { src: node.number, type, dst: other } : { src: other, type, dst: node.number },
    ),
  );
  const edges = await readEdges(view, keys);
  const nodes = await readNodes(
    view,
    groups.map(([other]) => other),
  );
  const neighbors = groups.flatMap(([other, list]) => {
    const found = nodes.get(other);
    if (found === undefined) return [];
    const own = list.flatMap(({ type, forward }) => {
      const key = forward ? { src: node.number, type, dst: other } : { src: other, type, dst: node.number };
      return edges.get(edgeKeyText(key)) ?? [];
    });
    return [{ node: publicNode(found), edges: own }];
  });
  return {
    neighbors,
    page: {
      returned: neighbors.length,
      total,
      truncated: next !== null,
      nextCursor: next === null ? null : encodeCursor(next),
    },
    scopes: [node.scope, ...[...nodes.values()].map((one) => one.scope)],
  };
}

/** Edges by type and direction; a hub's count is exact too. */
async function countEdges(view: GraphView, node: number): Promise<EdgeCount[]> {
  const count = async (mine: "src" | "dst", other: "src" | "dst") => {
    const query = sql<{ type: number; n: number }>`select type, count(*) as n from
      (select distinct e.type as type, e.${sql.ref(other)} as other from edges e
       join nodes n on n.id = e.${sql.ref(other)} where e.${sql.ref(mine)} = ${node} and n.workspace = ${view.workspace}) t
      group by type`;
    return (await query.execute(view.db)).rows;
  };
  const counts = new Map<number, EdgeCount>();
  const entry = (type: number): EdgeCount => {
    let found = counts.get(type);
    if (found === undefined) counts.set(type, (found = { type: edgeTypeOf(type), outgoing: 0, incoming: 0 }));
    return found;
  };
  for (const { type, n } of await count("src", "dst")) entry(type).outgoing = n;
  for (const { type, n } of await count("dst", "src")) entry(type).incoming = n;
  return [...counts].sort(([a], [b]) => a - b).map(([, value]) => value);
}

const NodeInput = z.strictObject({ id: nodeReference, limit: limitField(25, 200).describe("Neighbours to return") });

const NeighborsInput = z.strictObject({
  id: nodeReference,
  direction: Direction.default("both"),
  edgeTypes: edgeTypesField,
  nodeTypes: nodeTypesField,
  limit: limitField(50, 500),
  cursor: cursorField,
});

/** A neighbour for a model: `relationship` lists every edge, seen from the node. */
const compactNeighbor = (node: { id: string }, neighbor: Neighbor): object => ({
  node: compactNode(neighbor.node),
  relationship: neighbor.edges
    .map((edge) => `${edge.from === node.id ? "" : "incoming "}${compactEdge(edge)}`)
    .join("; "),
});

export const getNodeVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.getNode",
    summary: "One node with its neighbours",
    description:
      "A node by id or key: properties, who claims it, how many edges of which type, and its first neighbours with all edges " +
      "between the two.",
    permission: "graph:read",
    input: NodeInput,
    output: NodeAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}" },
    mcp: {
      tool: "get_node",
      input: z.strictObject({ nodeId: nodeReference, limit: limitField(25, 200) }),
      toInput: ({ nodeId, ...rest }) => ({ ...rest, id: String(nodeId) }),
      present: (answer, budget) =>
        presentList({
          head: { node: answer.node, edge_counts: answer.edgeCounts },
          name: "neighbors",
          items: answer.neighbors.map((neighbor) => compactNeighbor(answer.node, neighbor)),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = await needNode(view, input.id);
      const { neighbors, page, scopes } = await readNeighbors(view, node, { direction: "both" }, input);
      return {
        node: publicNode(node),
        provenance: await readNodeProvenance(view, node),
        edgeCounts: await countEdges(view, node.number),
        neighbors,
        page,
        freshness: await freshnessOf(view, { scopes }),
      };
    },
  });

export const neighborsVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.neighbors",
    summary: "Neighbours of a node",
    description: "All that a node is joined to directly, paged; each neighbour with every edge between the two.",
    permission: "graph:read",
    input: NeighborsInput,
    output: NeighborsAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}/neighbors" },
    mcp: {
      tool: "get_neighbors",
      listed: false,
      input: NeighborsInput.omit({ id: true }).extend({ nodeId: nodeReference }),
      toInput: ({ nodeId, ...rest }) => ({ ...rest, id: String(nodeId) }),
      present: (answer, budget) =>
        presentList({
          head: { node: compactNode(answer.node) },
          name: "neighbors",
          items: answer.neighbors.map((neighbor) => compactNeighbor(answer.node, neighbor)),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, { id, ...input }) {
      const view = await openView(deps, ctx);
      const node = await needNode(view, id);
      const { neighbors, page, scopes } = await readNeighbors(view, node, input, input);
      return { node: publicNode(node), neighbors, page, freshness: await freshnessOf(view, { scopes }) };
    },
  });
