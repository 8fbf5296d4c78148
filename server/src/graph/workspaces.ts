// Workspaces and sources in the graph: the rows that writers lock and that freshness is read from.
import type { GraphDatabase } from "../store/store.ts";

/** null when nothing was ever written in this workspace. */
export async function findWorkspace(
  graph: GraphDatabase,
  name: string,
): Promise<{ id: number; version: number } | null> {
  const row = await graph
    .selectFrom("workspaces")
    .select(["id", "version"])
    .where("name", "=", name)
    .executeTakeFirst();
  return row ?? null;
}

export async function ensureWorkspace(graph: GraphDatabase, name: string): Promise<number> {
  const found = await findWorkspace(graph, name);
  if (found !== null) return found.id;
  await graph
    .insertInto("workspaces")
    .values({ name, version: 0, next_scope: 1, removals_from: 0 })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const made = await findWorkspace(graph, name);
  return made!.id;
}

/** Locks the workspace for writing until the transaction ends; versions therefore become visible in their order. */
export async function lockWorkspace(
  tx: GraphDatabase,
  name: string,
  take: { versions: 0 | 1; scopes: number },
): Promise<{ id: number; version: number; firstScope: number }> {
  const row = await tx
    .updateTable("workspaces")
    .set((eb) => ({
      version: eb("version", "+", take.versions),
      next_scope: eb("next_scope", "+", take.scopes),
    }))
    .where("name", "=", name)
    .returning(["id", "version", "next_scope"])
    .executeTakeFirstOrThrow();
  // Scope ids are unique over all workspaces: the upper part is the workspace's number.
  return { id: row.id, version: row.version, firstScope: row.id * 2 ** 32 + row.next_scope - take.scopes };
}
