// What an integration claims, each node and edge once however many of its items do: read in bounded steps, as it may be a lot.
import type { SourceRef } from "../graph/ingest.ts";
import { decodeClaims } from "../graph/claims.ts";
import type { Store } from "../store/store.ts";

interface Claimed {
  source: number;
  nodes: ReadonlySet<number>;
  edges: number;
}

const scopesAtOnce = 500;

/** Null before the first sync. */
async function claimedBy(store: Store, ref: Pick<SourceRef, "workspace" | "source">): Promise<Claimed | null> {
  const db = store.graph;
  const source = await db
    .selectFrom("sources")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select("sources.id")
    .where("workspaces.name", "=", ref.workspace)
    .where("sources.source", "=", ref.source)
    .executeTakeFirst();
  if (source === undefined) return null;
  const nodes = new Set<number>();
  const edges = new Set<string>();
  for (let after = ""; ;) {
    const scopes = await db
      .selectFrom("scopes")
      .select(["name", "claims"])
      .where("source", "=", source.id)
      .where("name", ">", after)
      .orderBy("name")
      .limit(scopesAtOnce)
      .execute();
    for (const { claims } of scopes) {
      const { nodes: claimed, sources, types, targets } = decodeClaims(claims);
      for (const node of claimed) nodes.add(node);
      for (let at = 0; at < types.length; at++) edges.add(`${sources[at]} ${types[at]} ${targets[at]}`);
    }
    if (scopes.length < scopesAtOnce) break;
    after = scopes.at(-1)?.name ?? "";
    await new Promise(setImmediate);
  }
  return { source: source.id, nodes, edges: edges.size };
}

/** Between counts `apply` adds and takes away claims. */
export async function recountClaims(store: Store, ref: Pick<SourceRef, "workspace" | "source">): Promise<void> {
  const claimed = await claimedBy(store, ref);
  if (claimed === null) return;
  const counts = { nodes: claimed.nodes.size, edges: claimed.edges };
  await store.graph.updateTable("sources").set(counts).where("id", "=", claimed.source).execute();
}
