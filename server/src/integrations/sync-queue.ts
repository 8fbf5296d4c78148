// Jobs of integrations as they are queued: which kinds there are, on what resource each runs, and what it is told.
import type { Job } from "@opentrace/contract/repositories.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JsonObject } from "../jobs/job-rows.ts";
import type { Store } from "../store/store.ts";
import type { IntegrationRow, RunRow } from "./integrations.ts";

/** Syncs one scope. */
export const syncJob = "integration.sync";
/** Looks at what there is at the vendor: renames, new members of organizations, what is gone; then queues the syncs. */
export const scanJob = "integration.scan";
/** Removes what a scope that was taken out of the set had brought. */
export const dropJob = "integration.drop";
export const disconnectJob = "integration.disconnect";
/** Makes and removes webhooks at the vendor. */
export const hooksJob = "integration.hooks";

export interface SyncInput {
  cause: RunRow["cause"];
  mode: RunRow["mode"];
  /** Only these streams, and of them only these items (null = all that changed). Absent = all streams. */
  only?: Record<string, string[] | null>;
  /** The code, too, though only some streams are named. */
  code?: true;
  /** How streams stood at the vendor before this was queued. */
  marks?: { at: number; of: Record<string, string> };
}

/** One running sync for each scope of an integration: jobs are exclusive by resource. */
export const syncResource = (integration: string, scope: string): string => `${integration}/${scope}`;

export function readSyncResource(resource: string): { integration: string; scope: string } {
  const at = resource.indexOf("/");
  return { integration: resource.slice(0, at), scope: resource.slice(at + 1) };
}

type Target = Pick<IntegrationRow, "id" | "workspace">;

/** A sync of the scope that waits already takes this one in. */
export async function enqueueSync(queue: JobQueue, row: Target, scope: string, input: SyncInput): Promise<void> {
  await queue.enqueueMerged(
    {
      kind: syncJob,
      resource: syncResource(row.id, scope),
      input: input as unknown as JsonObject,
      workspace: row.workspace,
      // Each try goes on where the one before was killed, so a count of deaths is no sign of a job that can never end.
      maxAttempts: 60,
    },
    // Both were queued here.
    (waiting, added) =>
      mergeSyncs(waiting as unknown as SyncInput, added as unknown as SyncInput) as unknown as JsonObject,
  );
}

/** The one sync that does what both would. */
function mergeSyncs(one: SyncInput, other: SyncInput): SyncInput {
  const mode = one.mode === "full" || other.mode === "full" ? "full" : "incremental";
  // What a person asked for is not called the machine's doing; a full sync of some streams is none of all.
  const cause = one.cause === "webhook" || one.cause === "schedule" ? other.cause : one.cause;
  // The older look: what is read begins after it all the same.
  const marks = one.marks ?? other.marks;
  const more = {
    ...(one.code === true || other.code === true ? { code: true as const } : {}),
    ...(marks === undefined ? {} : { marks }),
  };
  if (one.only === undefined || other.only === undefined) return { cause, mode, ...more };
  const only = { ...one.only };
  for (const [stream, items] of Object.entries(other.only))
    only[stream] = Object.hasOwn(only, stream) ? mergeItems(only[stream] ?? null, items) : items;
  return { cause, mode, only, ...more };
}

/** More items than this are not named one by one. */
const mostItems = 200;

/** Null = all that changed. */
export function mergeItems(one: readonly string[] | null, other: readonly string[] | null): string[] | null {
  if (one === null || other === null) return null;
  const all = [...new Set([...one, ...other])];
  return all.length > mostItems ? null : all;
}

export interface ScanInput {
  cause: RunRow["cause"];
  mode: RunRow["mode"];
  /** Sync only scopes that were never synced: the set was changed, what is there already need not be asked again. */
  onlyNew: boolean;
  /** Only looks: what is new waits for the user to say so. */
  sync?: false;
}

/** A look that waits already takes this one in. */
export async function enqueueScan(queue: JobQueue, row: Target, input: ScanInput): Promise<void> {
  await queue.enqueueMerged(
    { kind: scanJob, resource: row.id, input: { ...input }, workspace: row.workspace, maxAttempts: 4 },
    // Both were queued here.
    (waiting, added) => ({ ...mergeScans(waiting as unknown as ScanInput, added as unknown as ScanInput) }),
  );
}

const weight: Record<ScanInput["cause"], number> = { schedule: 0, webhook: 1, connect: 2, configure: 3, manual: 4 };

/** The one look that does what both would. */
function mergeScans(one: ScanInput, other: ScanInput): ScanInput {
  return {
    cause: weight[other.cause] > weight[one.cause] ? other.cause : one.cause,
    mode: one.mode === "full" || other.mode === "full" ? "full" : "incremental",
    onlyNew: one.onlyNew && other.onlyNew,
    ...(one.sync === false && other.sync === false ? { sync: false as const } : {}),
  };
}

export const enqueueDisconnect = (queue: JobQueue, row: Target): Promise<Job> =>
  queue.enqueue({ kind: disconnectJob, resource: row.id, input: {}, workspace: row.workspace, maxAttempts: 10 });

/** On the resource of its sync: a running sync ends first. */
export async function enqueueDrop(queue: JobQueue, row: Target, scope: string): Promise<void> {
  await queue.enqueue({
    kind: dropJob,
    resource: syncResource(row.id, scope),
    input: {},
    workspace: row.workspace,
    maxAttempts: 5,
  });
}

/** Jobs on an integration or one of its scopes that wait or run. */
export async function jobsOf(
  { app }: Pick<Store, "app">,
  row: Target,
  kinds: readonly string[],
): Promise<{ id: string; kind: string; resource: string; state: "queued" | "running" }[]> {
  const found = await app
    .selectFrom("jobs")
    .select(["id", "kind", "resource", "state"])
    .where("workspace", "=", row.workspace)
    .where("kind", "in", kinds)
    .where("state", "in", ["queued", "running"])
    .where(({ or, and, eb }) =>
      or([
        eb("resource", "=", row.id),
        // All that begin with `<id>/`: "0" comes after "/".
        and([eb("resource", ">=", `${row.id}/`), eb("resource", "<", `${row.id}0`)]),
      ]),
    )
    .execute();
  return found.flatMap(({ state, ...job }) => (state === "queued" || state === "running" ? [{ ...job, state }] : []));
}
