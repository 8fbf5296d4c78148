// The index of edges by target, which lies as no first index writes: where nobody reads meanwhile it is made when all is written, for a
// third of what it costs row by row. Whoever opens the store next makes it where a killed run has left none.
import { sql } from "kysely";
import type { GraphDatabase } from "./store.ts";

const name = "edges_by_target";
export const edgesByTarget = `create index ${name} on edges (dst, type, src)`;

/** Of an embedded graph without edges. Only for a process that has the data folder to itself. */
export async function leaveOutEdgesByTarget(graph: GraphDatabase): Promise<void> {
  const some = await graph.selectFrom("edges").select("src").limit(1).executeTakeFirst();
  if (some === undefined) await sql.raw(`drop index if exists ${name}`).execute(graph);
}

/** Of an embedded graph; costs nothing where it is there. */
export async function makeEdgesByTarget(graph: GraphDatabase): Promise<void> {
  const { rows } = await sql`select 1 from sqlite_schema where type = 'index' and name = ${name}`.execute(graph);
  if (rows.length > 0) return;
  const make = async (sortedIn: "file" | "memory"): Promise<void> => {
    await sql.raw(`pragma temp_store = ${sortedIn}`).execute(graph);
    await sql.raw(edgesByTarget.replace("index", "index if not exists")).execute(graph);
  };
  try {
    // Millions of edges are more than memory should hold; but a container need not have a folder for such files.
    await make("file").catch(() => make("memory"));
  } finally {
    await sql.raw("pragma temp_store = memory").execute(graph);
  }
}
