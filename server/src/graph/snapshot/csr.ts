// The whole graph's adjacency as typed arrays (compressed sparse rows), in shared memory: built in the worker, read by every thread.
import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { GraphReader } from "./name-index-of-store.ts";

/** Edges of node `i` are at starts[i] … starts[i + 1]; `confidences` are in 255ths. Parallel claims of an edge are merged. */
interface SharedRows {
  starts: Uint32Array;
  ends: Uint32Array;
  types: Uint8Array;
  confidences: Uint8Array;
}

export interface SharedCsr {
  version: number;
  /** Node ids, ascending: an id's place is its number here. */
  ids: Float64Array;
  types: Uint8Array;
  outgoing: SharedRows;
  incoming: SharedRows;
}

export function placeOf(ids: Float64Array, id: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = ids[middle]!;
    if (value === id) return middle;
    if (value < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(Math.max(bytes, 8));
const rowsAPage = 8_000;

export async function buildCsr(reader: GraphReader, workspace: number): Promise<SharedCsr> {
  const { db } = reader;
  const { version } = await db
    .selectFrom("workspaces")
    .select("version")
    .where("id", "=", workspace)
    .executeTakeFirstOrThrow();
  const { ids, types } = await readNodes(reader, workspace);
  const edges = await readEdges(reader, workspace, ids);
  return {
    version,
    ids,
    types,
    outgoing: toRows(ids.length, edges.count, edges.sources, edges.targets, edges),
    incoming: toRows(ids.length, edges.count, edges.targets, edges.sources, edges),
  };
}

async function readNodes(reader: GraphReader, workspace: number) {
  const idList: number[] = [];
  const typeList: number[] = [];
  for (let after = -1; ;) {
    const rows = await reader.db
      .selectFrom("nodes")
      .select(["id", "type"])
      .where("workspace", "=", workspace)
      .where("id", ">", after)
      .orderBy("id")
      .limit(rowsAPage)
      .execute();
    for (const row of rows) {
      idList.push(row.id);
      typeList.push(row.type);
    }
    if (rows.length < rowsAPage) break;
    after = rows.at(-1)!.id;
    await nextTurn();
  }
  const ids = new Float64Array(shared(idList.length * 8), 0, idList.length);
  ids.set(idList);
  const types = new Uint8Array(shared(typeList.length), 0, typeList.length);
  types.set(typeList);
  return { ids, types };
}

interface EdgeLists {
  count: number;
  sources: Uint32Array;
  targets: Uint32Array;
  types: Uint8Array;
  confidences: Uint8Array;
}

/** Edges whose two ends both exist, in the order of (source, type, target). */
async function readEdges(reader: GraphReader, workspace: number, ids: Float64Array): Promise<EdgeLists> {
  let lists = emptyLists(1 << 16);
  let count = 0;
  // Pages of sources, not of edges: a page never splits the claims of one edge.
  for (let from = 0; from < ids.length;) {
    const to = Math.min(from + 4_000, ids.length) - 1;
    const { rows } = await sql<{ src: number; type: number; dst: number; confidence: number }>`
      select src, type, dst, max(coalesce(confidence, 1)) as confidence from edges
      where src >= ${ids[from]!} and src <= ${ids[to]!} and workspace = ${workspace}
      group by src, type, dst order by src, type, dst`.execute(reader.db);
    let source = from;
    for (const row of rows) {
      while (source < ids.length && ids[source]! < row.src) source++;
      if (ids[source] !== row.src) continue;
      const target = placeOf(ids, row.dst);
      if (target < 0) continue;
      if (count === lists.sources.length) lists = grown(lists);
      lists.sources[count] = source;
      lists.targets[count] = target;
      lists.types[count] = row.type;
      lists.confidences[count] = Math.round(row.confidence * 255);
      count++;
    }
    from = to + 1;
    await nextTurn();
  }
  return { ...lists, count };
}

const emptyLists = (size: number) => ({
  sources: new Uint32Array(size),
  targets: new Uint32Array(size),
  types: new Uint8Array(size),
  confidences: new Uint8Array(size),
});

function grown(lists: ReturnType<typeof emptyLists>): ReturnType<typeof emptyLists> {
  const larger = emptyLists(lists.sources.length * 2);
  larger.sources.set(lists.sources);
  larger.targets.set(lists.targets);
  larger.types.set(lists.types);
  larger.confidences.set(lists.confidences);
  return larger;
}

/** Counting sort by `from`; stable, so each node's edges keep the order of type and other end. */
function toRows(nodes: number, edges: number, from: Uint32Array, to: Uint32Array, lists: EdgeLists): SharedRows {
  const starts = new Uint32Array(shared((nodes + 1) * 4), 0, nodes + 1);
  for (let edge = 0; edge < edges; edge++) starts[from[edge]! + 1]!++;
  for (let node = 0; node < nodes; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice();
  const ends = new Uint32Array(shared(edges * 4), 0, edges);
  const types = new Uint8Array(shared(edges), 0, edges);
  const confidences = new Uint8Array(shared(edges), 0, edges);
  for (let edge = 0; edge < edges; edge++) {
    const at = next[from[edge]!]!++;
    ends[at] = to[edge]!;
    types[at] = lists.types[edge]!;
    confidences[at] = lists.confidences[edge]!;
  }
  return { starts, ends, types, confidences };
}
