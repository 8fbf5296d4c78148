// How many nodes and edges a source claims, each once however many of its scopes do: of some that a batch touches, or of all.
import { type GraphDatabase, untyped } from "../store/store.ts";
import { edgeRows } from "./rows.ts";
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

const idsAtOnce = 1_000;

/** Which of these the source claims now, within the transaction. */
export async function countClaimed(
  context: WriteContext,
  source: number,
  touched: { nodes: ReadonlySet<number>; edges: ReadonlyMap<string, EdgeKey> },
): Promise<ClaimCounts> {
  const { tx, engine } = context;
  const ids = [...touched.nodes];
  let nodes = 0;
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const part = ids.slice(at, at + idsAtOnce);
    const [alone] = await tx
      .selectFrom("nodes")
      .innerJoin("scopes", "scopes.id", "nodes.scope")
      .select(({ fn }) => fn.countAll<number | string>().as("number"))
      .where(engine.isAnyOf("nodes.id", "bigint", part))
      .where("nodes.shared", "=", 0)
      .where("scopes.source", "=", source)
      .execute();
    const [shared] = await tx
      .selectFrom("node_claims")
      .innerJoin("scopes", "scopes.id", "node_claims.scope")
      .select(({ fn }) => fn.count<number | string>("node_claims.node").distinct().as("number"))
      .where(engine.isAnyOf("node_claims.node", "bigint", part))
      .where("scopes.source", "=", source)
      .execute();
    nodes += Number(alone?.number ?? 0) + Number(shared?.number ?? 0);
  }

  const rows = await engine.selectByKey<EdgeKey & { scope: number }>(
    untyped(tx),
    edgeRows,
    ["src", "type", "dst", "scope"],
    [...touched.edges.values()].map(({ src, type, dst }) => [src, type, dst]),
  );
  const scopes = [...new Set(rows.map(({ scope }) => scope))];
  const own = new Set<number>();
  for (let at = 0; at < scopes.length; at += idsAtOnce) {
    const found = await tx
      .selectFrom("scopes")
      .select("id")
      .where("source", "=", source)
      .where(engine.isAnyOf("id", "bigint", scopes.slice(at, at + idsAtOnce)))
      .execute();
    for (const { id } of found) own.add(id);
  }
  const claimed = new Set<string>();
  for (const { src, type, dst, scope } of rows) if (own.has(scope)) claimed.add(`${src} ${type} ${dst}`);
  return { nodes, edges: claimed.size };
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
