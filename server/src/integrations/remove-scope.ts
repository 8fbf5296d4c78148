// Taking a scope out of an integration: its facts and how far it was synced go, and then its row.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Ingest, SourceRef } from "../graph/ingest.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { Store } from "../store/store.ts";
import type { IntegrationCode } from "./code.ts";
import { sourceOf, type IntegrationRow, type Integrations, type ScopeRow } from "./integrations.ts";
import { enqueueDrop } from "./sync-queue.ts";
import { openSyncState, type SyncState } from "./sync-state.ts";
import { removeItems } from "./sync-stream.ts";

export interface RemoveScopeDeps {
  store: Store;
  ingest: Ingest;
  integrations: Integrations;
  code: Pick<IntegrationCode, "release">;
}

const removedAtOnce = 200;

/** The vendor has it no more: it leaves the set now, and its data as soon as no sync of it runs. */
export async function letGo(
  { integrations, queue }: { integrations: Integrations; queue: JobQueue },
  row: Pick<IntegrationRow, "id" | "workspace">,
  scope: Pick<ScopeRow, "scope" | "name">,
  said: string,
): Promise<void> {
  await integrations.updateScope(row.id, scope.scope, { state: "gone" });
  await enqueueDrop(queue, row, scope.scope);
  await integrations.writeLog(row.id, "warn", said, { scope: scope.name });
}

/** Can be called again after a crash. No sync of the scope may be running. */
export async function removeScope(
  deps: RemoveScopeDeps,
  row: Pick<IntegrationRow, "id" | "workspace">,
  scope: Pick<ScopeRow, "scope">,
  signal: AbortSignal,
  writer?: SourceRef["writer"],
): Promise<number> {
  const ref = { workspace: row.workspace, source: sourceOf(row.id), ...(writer === undefined ? {} : { writer }) };
  await deps.ingest.admit(ref);
  await deps.code.release(row, scope);
  const removed = await removeScopeFacts(deps, ref, scope.scope, signal);
  await deps.integrations.forgetScope(row.id, scope.scope);
  return removed;
}

/** Takes back all that a scope's items claim. */
async function removeScopeFacts(
  { store, ingest }: Pick<RemoveScopeDeps, "store" | "ingest">,
  ref: SourceRef,
  scope: string,
  signal: AbortSignal,
): Promise<number> {
  const state = await syncStateOrNull(store, ref);
  if (state === null) return 0;
  let removed = 0;
  for (;;) {
    signal.throwIfAborted();
    const items = await state.anyItems(scope, removedAtOnce);
    const stream = items[0]?.stream;
    if (stream === undefined) break;
    const ids = items.filter((item) => item.stream === stream).map((item) => item.item);
    await removeItems(ingest, { ...ref, silent: true }, scope, stream, ids, signal);
    await state.forgetItems(await state.stream(scope, stream), ids);
    removed += ids.length;
  }
  await state.forgetScope(scope);
  return removed;
}

/** Removes all that an integration claims, how far it was synced, and its place in the graph. Can be called again after a crash. */
export async function removeAllFacts(
  { store, ingest }: Pick<RemoveScopeDeps, "store" | "ingest">,
  ref: SourceRef,
  onStep: (left: number) => void,
  signal: AbortSignal,
): Promise<void> {
  await ingest.admit(ref);
  const state = await syncStateOrNull(store, ref);
  // Before the source: its row's number may be given to another source later.
  await state?.forgetEverything(signal);
  await ingest.removeSource(ref, signal, onStep);
}

/** Null before the first sync. */
export async function syncStateOrNull(store: Store, ref: SourceRef): Promise<SyncState | null> {
  try {
    return await openSyncState(store, ref);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}
