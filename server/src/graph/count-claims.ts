// How many nodes and edges a source claims, each once however many of its scopes do: of some that a batch touches, or of all.
import { type RawBuilder, sql } from "kysely";
import type { GraphDatabase } from "../store/store.ts";
import type { WriteContext } from "./write-nodes.ts";

export interface EdgeKey {
  src: number;
  type: number;
  dst: number;
}

export interface ClaimCounts {
  nodes: number;
  edges: number;
}

const keysAtOnce = 1_000;

/**
 * How many of these the source claims now, within the transaction. Thousands of its scopes may claim the same person
 * or repository: each key ends at its first claim, from the newest scope on, for the source being written made that one.
 */
export async function countClaimed(
  context: WriteContext,
  source: number,
  touched: { nodes: ReadonlySet<number>; edges: ReadonlyMap<string, EdgeKey> },
): Promise<ClaimCounts> {
  const { engine } = context;
  const nodes = [...touched.nodes].map((id) => [id]);
  const edges = [...touched.edges.values()].map(({ src, type, dst }) => [src, type, dst]);
  const counts = { nodes: 0, edges: 0 };
  for (let at = 0; at < nodes.length; at += keysAtOnce) {
    const keys = engine.keyTable([["id", "bigint"]], nodes.slice(at, at + keysAtOnce));
    counts.nodes += await count(
      context,
      sql`${keys} as k where (select 1 from nodes n cross join scopes s
          where n.id = k.id and n.shared = 0 and s.id = n.scope and s.source = ${source}) = 1
        or (select 1 from node_claims c cross join scopes s
          where c.node = k.id and s.id = c.scope and s.source = ${source} order by c.scope desc limit 1) = 1`,
    );
  }
  const edgeColumns = [
    ["src", "bigint"],
    ["type", "integer"],
    ["dst", "bigint"],
  ] as const;
  for (let at = 0; at < edges.length; at += keysAtOnce) {
    const keys = engine.keyTable(edgeColumns, edges.slice(at, at + keysAtOnce));
    counts.edges += await count(
      context,
      sql`${keys} as k where (select 1 from edges e cross join scopes s
        where e.src = k.src and e.type = k.type and e.dst = k.dst and s.id = e.scope and s.source = ${source}
        order by e.scope desc limit 1) = 1`,
    );
  }
  return counts;
}

async function count({ tx }: WriteContext, from: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ number: number | string }>`select count(*) as number from ${from}`.execute(tx);
  return Number(rows[0]?.number ?? 0);
}

/** All of them: reads every node and edge of the source. */
export async function countAll(graph: GraphDatabase, source: number): Promise<ClaimCounts> {
  const own = graph.selectFrom("scopes").select("id").where("source", "=", source);
  const [alone] = await graph
    .selectFrom("nodes")
    .select(({ fn }) => fn.countAll<number | string>().as("number"))
    .where("shared", "=", 0)
    .where("scope", "in", own)
    .execute();
  const [shared] = await graph
    .selectFrom("node_claims")
    .select(({ fn }) => fn.count<number | string>("node").distinct().as("number"))
    .where("scope", "in", own)
    .execute();
  const [joined] = await graph
    .selectFrom(
      graph.selectFrom("edges").select("src").where("scope", "in", own).groupBy(["src", "type", "dst"]).as("once"),
    )
    .select(({ fn }) => fn.countAll<number | string>().as("number"))
    .execute();
  return { nodes: Number(alone?.number ?? 0) + Number(shared?.number ?? 0), edges: Number(joined?.number ?? 0) };
}
