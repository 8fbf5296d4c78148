// Workspaces in the graph and who may write in them: the rows that writers lock.
import { AppError } from "@opentrace/contract/errors.ts";
import type { GraphDatabase } from "../store/store.ts";

/** A job that writes: of those about one resource the one with the highest fence may. */
export interface Writer {
  resource: string;
  fence: number;
}

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

/** Lets the writer in and those before it out, for good. Throws `conflict` when a later one is in already. */
export async function admitWriter(graph: GraphDatabase, workspace: number, { resource, fence }: Writer): Promise<void> {
  await graph
    .insertInto("writers")
    .values({ workspace, resource, fence })
    .onConflict((conflict) =>
      conflict.columns(["workspace", "resource"]).doUpdateSet({ fence }).where("writers.fence", "<", fence),
    )
    .execute();
  await holdWriter(graph, workspace, { resource, fence });
}

/** In a transaction: nobody else is let in until it ends. Throws `conflict` when a later writer is in. */
export async function holdWriter(tx: GraphDatabase, workspace: number, { resource, fence }: Writer): Promise<void> {
  const row = await tx
    .updateTable("writers")
    .set({ fence })
    .where("workspace", "=", workspace)
    .where("resource", "=", resource)
    .where("fence", "=", fence)
    .returning("fence")
    .executeTakeFirst();
  if (row !== undefined) return;
  throw new AppError("conflict", `Another worker has taken over ${resource}; nothing more is written by this one.`);
}
