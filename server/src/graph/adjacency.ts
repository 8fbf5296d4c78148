// Which edges leave or enter a set of nodes: by one query a level on the store, or from the snapshot in memory. Traversals know neither.
import { sql } from "kysely";
import { createPace } from "./pace.ts";
import { placeOf, type SharedCsr } from "./snapshot/csr.ts";
import type { GraphView } from "./view.ts";

/** `confidence` in 255ths. `to` is the far end, whatever the edge's direction. */
type Visit = (from: number, to: number, type: number, confidence: number, toType: number) => void;

export interface Adjacency {
  /** Visits the edges of `nodes` that lead to existing nodes: forward = along the edges. false when it had to stop early. */
  expand(nodes: readonly number[], forward: boolean, types: ReadonlySet<number> | null, visit: Visit): Promise<boolean>;
  /** Edges of each node in this direction; those that have none may be missing. */
  degrees(nodes: readonly number[], forward: boolean): Promise<ReadonlyMap<number, number>>;
}

export function adjacencyOf(view: GraphView): Adjacency {
  const csr = view.worker.csrOf(view.workspace, view.version);
  return csr === null ? sqlAdjacency(view) : csrAdjacency(csr);
}

function csrAdjacency(csr: SharedCsr): Adjacency {
  const { ids, types: nodeTypes } = csr;
  return {
    async expand(nodes, forward, types, visit) {
      const rows = forward ? csr.outgoing : csr.incoming;
      for (const node of nodes) {
        const place = placeOf(ids, node);
        if (place < 0) continue;
        const end = rows.starts[place + 1]!;
        for (let edge = rows.starts[place]!; edge < end; edge++) {
          const type = rows.types[edge]!;
          if (types !== null && !types.has(type)) continue;
          const other = rows.ends[edge]!;
          visit(node, ids[other]!, type, rows.confidences[edge]!, nodeTypes[other]!);
        }
      }
      return true;
    },
    async degrees(nodes, forward) {
      const { starts } = forward ? csr.outgoing : csr.incoming;
      const found = new Map<number, number>();
      for (const node of nodes) {
        const place = placeOf(ids, node);
        if (place >= 0) found.set(node, starts[place + 1]! - starts[place]!);
      }
      return found;
    },
  };
}

const nodesAQuery = 150;
/** What one query returns: a statement runs in one go, and a hub must not hold up the event loop. */
const rowsAPage = 2_000;
const pagesAtMost = 10;

interface EdgeRow {
  mine: number;
  other: number;
  type: number;
  confidence: number | null;
  node: number;
}

function sqlAdjacency(view: GraphView): Adjacency {
  return {
    async expand(nodes, forward, types, visit) {
      const [mine, other] = forward ? ["e.src", "e.dst"] : ["e.dst", "e.src"];
      const pace = createPace();
      let complete = true;
      for (let at = 0; at < nodes.length; at += nodesAQuery) {
        const part = nodes.slice(at, at + nodesAQuery);
        // The order is the index's own, so that a page costs no sorting.
        const edges = sql<EdgeRow>`
          select ${sql.ref(mine)} as mine, ${sql.ref(other)} as other, e.type as type, e.confidence as confidence,
            n.type as node
          from edges e join nodes n on n.id = ${sql.ref(other)}
          where ${view.engine.isAnyOf(mine, "bigint", part)} and n.workspace = ${view.workspace}
          ${types === null ? sql`` : sql`and e.type in (${sql.join([...types])})`}
          order by ${sql.ref(mine)}, e.type, ${sql.ref(other)}`;
        for (let page = 0; ; page++) {
          view.signal.throwIfAborted();
          const query = sql<EdgeRow>`${edges} limit ${rowsAPage} offset ${page * rowsAPage}`;
          const { rows } = await query.execute(view.db);
          for (const row of rows)
            visit(row.mine, row.other, row.type, Math.round((row.confidence ?? 1) * 255), row.node);
          await pace();
          if (rows.length < rowsAPage) break;
          if (page + 1 === pagesAtMost) {
            complete = false;
            break;
          }
        }
      }
      return complete;
    },
    async degrees(nodes, forward) {
      const mine = forward ? "src" : "dst";
      const other = forward ? "dst" : "src";
      // As in memory: claims of one edge count once, and only edges whose other end exists.
      const { rows } = await sql<{ node: number; n: number }>`select node, count(*) as n from
        (select distinct ${sql.ref(`e.${mine}`)} as node, e.type as type, ${sql.ref(`e.${other}`)} as other
         from edges e join nodes n on n.id = ${sql.ref(`e.${other}`)}
         where ${view.engine.isAnyOf(`e.${mine}`, "bigint", nodes)} and n.workspace = ${view.workspace}) t
        group by node`.execute(view.db);
      return new Map(rows.map((row) => [row.node, row.n]));
    },
  };
}
