// The job handlers on a whole integration: look at what there is at the vendor, drop a scope, disconnect.
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { noProgress } from "../jobs/job-rows.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import type { IntegrationCode } from "./code.ts";
import type { Connection, Connections } from "./connections.ts";
import { healthOfScopes, isCredentialRefused, unauthorized } from "./health.ts";
import { sourceOf, type IntegrationRow, type Integrations, type ScopeRow } from "./integrations.ts";
import { letGo, removeAllFacts, removeScope, syncStateOrNull } from "./remove-scope.ts";
import { revokeAtVendor } from "./revoke.ts";
import type { KeepHooks } from "./hook-jobs.ts";
import type { VendorWebhooks } from "./vendor-webhooks.ts";
import { scanScopes, type ScanResult } from "./scope-set.ts";
import type { SyncState } from "./sync-state.ts";
import { takeGlance } from "./glance.ts";
import {
  disconnectJob,
  dropJob,
  enqueueSync,
  hooksJob,
  jobsOf,
  readSyncResource,
  scanJob,
  type ScanInput,
  syncJob,
  syncResource,
} from "./sync-queue.ts";

export interface ScopeJobsDeps {
  store: Store;
  queue: JobQueue;
  integrations: Integrations;
  connections: Connections;
  ingest: Ingest;
  code: Pick<IntegrationCode, "release">;
  vendorWebhooks: Pick<VendorWebhooks, "unregister">;
  keepHooks: KeepHooks;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
  /** Looks for queued jobs now instead of at the next poll. */
  wake(this: void): void;
}

/** A quiet stream of a scope that shows no change is asked again after this long: sooner when a person asks. */
const quietMs: Record<ScanInput["cause"], number> = {
  schedule: 3_600_000,
  manual: 600_000,
  connect: 0,
  configure: 0,
  webhook: 0,
};
const leavingBecause = {
  "not found": "deleted at the vendor or no longer shared; its data is removed",
  "moved away": "moved out of what was chosen as a whole; its data is removed",
} as const;
const none: ReadonlySet<string> = new Set();
const revokeMs = 20_000;
/** More for each scope that may have a webhook. */
const unhookMs = 500;
const longestUnhookMs = 120_000;
const waitForSyncsMs = 60_000;

export function scopeJobs(deps: ScopeJobsDeps): Record<string, JobHandler> {
  const { store, queue, integrations, connections, ingest, code, vendorWebhooks, keepHooks, feed, log, now, wake } =
    deps;
  const rowOf = (id: string, workspace: string): Promise<IntegrationRow | null> =>
    integrations.find(id, workspace).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "not_found") return null;
      throw error;
    });

  return {
    [scanJob]: {
      async run(rawInput, { job, workspace, signal, assertHeld }) {
        const row = await rowOf(job.resource, workspace);
        if (row === null || row.removing === 1) return { skipped: "It was removed." };
        // Queued by enqueueScan.
        const input = rawInput as unknown as ScanInput;
        if (row.paused === 1 && input.cause !== "manual") return { skipped: "The integration is paused." };
        const connection = connections.open(row);
        try {
          const found = await scanScopes(integrations, row, connection, now(), signal);
          await assertHeld();
          if (row.state === "unauthorized")
            await integrations.setHealth(row, { state: "ok", reason: null, action: null });
          const fresh = new Set([...found.added, ...found.renamed].map((scope) => scope.scope));
          const due = found.active.filter(
            (scope) => input.sync !== false && (!input.onlyNew || fresh.has(scope.scope)),
          );
          // What the vendor says of the others (archived, private, described otherwise) is known now: it costs no request to write it.
          if (input.sync !== false && input.onlyNew)
            for (const scope of found.changed)
              if (scope.state === "active" && !fresh.has(scope.scope))
                await syncOwnStreams(row, connection, scope, input);
          for (const { scope, why } of found.leaving)
            await letGo({ integrations, queue }, row, scope, leavingBecause[why]);
          for (const scope of found.renamed) await forgetPages(row, scope);
          const queued = await queueDue(row, connection, { due, found, input }, signal);
          if (input.mode === "full" && !input.onlyNew) await integrations.update(row.id, { full_at: now().getTime() });
          // Each sync ends with saying how it all stands; without one, the look says it.
          const state = queued > 0 ? null : await syncStateOrNull(store, { workspace, source: sourceOf(row.id) });
          if (state !== null) await assess(row, state, input);
          for (const scope of found.lost)
            await integrations.writeLog(row.id, "warn", "not to be seen at the vendor any more", { scope: scope.name });
          await keepHooks(row, input.mode === "full" || input.cause === "manual" || input.cause === "configure");
          await integrations.changed(row.id, workspace);
          wake();
          return {
            scopes: found.active.length,
            added: found.added.length,
            lost: found.lost.length,
            left: found.leaving.length,
            queued,
          };
        } catch (error) {
          if (isCredentialRefused(error)) await integrations.setHealth(row, unauthorized(error));
          throw error;
        } finally {
          await connection.settle().catch(() => 0);
        }
      },
      async ended(job, workspace) {
        if (job.state !== "failed") return;
        const row = await rowOf(job.resource, workspace);
        if (row === null || row.state === "unauthorized") return;
        await integrations.setHealth(row, {
          state: "failing",
          reason: job.error?.message ?? "The look at the vendor failed.",
          action: "It is tried again with the next sync. Sync now to try at once; the log has the details.",
        });
      },
    },

    [dropJob]: {
      async run(_input, { job, workspace, signal, writer, assertHeld }) {
        const at = readSyncResource(job.resource);
        const row = await rowOf(at.integration, workspace);
        const scope = row === null ? null : await integrations.scope(row.id, at.scope);
        // Chosen again meanwhile: it stays.
        if (row === null || scope === null || scope.state !== "gone") return { skipped: "There is nothing to drop." };
        await assertHeld();
        await vendorWebhooks.unregister(row, [scope], AbortSignal.any([signal, AbortSignal.timeout(revokeMs)]));
        const removed = await removeScope({ store, ingest, integrations, code }, row, scope, signal, writer);
        await integrations.changed(row.id, workspace);
        await publishGraph(workspace);
        return { removed };
      },
    },

    [disconnectJob]: {
      async run(_input, { job, workspace, signal, writer, progress, assertHeld }) {
        const row = await rowOf(job.resource, workspace);
        if (row === null) return { skipped: "It was removed." };
        await stopSyncs(row, signal);
        await assertHeld();
        // While the credential still opens something.
        const chosen = await integrations.scopes(row.id);
        // A worker that hung in a sync and does not know that its job was taken away writes nothing more, neither facts nor cursors.
        for (const scope of chosen)
          await ingest.admit({
            workspace,
            source: sourceOf(row.id),
            writer: { resource: syncResource(row.id, scope.scope), fence: writer.fence },
          });
        const enough = Math.min(longestUnhookMs, revokeMs + chosen.length * unhookMs);
        await vendorWebhooks.unregister(row, chosen, AbortSignal.any([signal, AbortSignal.timeout(enough)]));
        const revoked = await revokeAtVendor(
          { integrations, connections },
          row,
          AbortSignal.any([signal, AbortSignal.timeout(revokeMs)]),
        );
        for (const scope of chosen) await code.release(row, scope);
        let total = 0;
        await removeAllFacts(
          { store, ingest },
          { workspace, source: sourceOf(row.id), writer },
          (left) => {
            total = Math.max(total, left);
            progress({ ...noProgress, phase: "writing", filesDone: total - left, filesTotal: total });
          },
          signal,
        );
        await integrations.forget(row.id);
        connections.forget(row.id);
        await feed.publish({ type: "integration.removed", integrationId: row.id }, workspace);
        await publishGraph(workspace);
        return { name: row.name, revoked };
      },
    },
  };

  /** The syncs that this look asks for, and how many there are. */
  async function queueDue(
    row: IntegrationRow,
    connection: Connection,
    { due, found, input }: { due: readonly ScopeRow[]; found: ScanResult; input: ScanInput },
    signal: AbortSignal,
  ): Promise<number> {
    const ref = { workspace: row.workspace, source: sourceOf(row.id) };
    const state = await syncStateOrNull(store, ref);
    const quiet = await quietStreams(state, connection, now().getTime() - quietMs[input.cause]);
    // Under a new name every key is another one: all of it is written anew.
    const modeOf = (scope: ScopeRow) => (found.renamed.includes(scope) ? "full" : input.mode);
    const skippedOf = (scope: ScopeRow): ReadonlySet<string> =>
      (modeOf(scope) === "full" || found.changed.includes(scope) ? undefined : quiet.get(scope.scope)) ?? none;
    // Whoever asks for everything again gets everything.
    const looks = state !== null && !(input.mode === "full" && input.cause === "manual");
    const at = due.filter((scope) => !found.renamed.includes(scope));
    const wanted = connection.connector.manifest.streams
      .filter(({ id, of }) => at.some((scope) => of.includes(scope.kind) && !skippedOf(scope).has(id)))
      .map(({ id }) => id);
    const seen = looks
      ? await takeGlance({ connection, state, now }, { scopes: at, streams: wanted, mode: input.mode }, signal)
      : null;
    const touched: { scope: string; stream: string }[] = [];
    // The code of a scope is no stream: who asks for a sync, or gives another credential, means it too.
    const asked = !input.onlyNew && input.cause !== "schedule" && input.cause !== "webhook";
    let queued = 0;
    for (const scope of due) {
      const unchanged = found.renamed.includes(scope) ? none : (seen?.unchanged.get(scope.scope) ?? none);
      for (const stream of unchanged) touched.push({ scope: scope.scope, stream });
      const skipped = new Set([...skippedOf(scope), ...unchanged]);
      const withCode = found.changed.includes(scope) || (asked && hasCode(connection, scope));
      const only = skipped.size === 0 ? undefined : loudStreams(connection, scope, skipped);
      if (only !== undefined && Object.keys(only).length === 0 && !withCode) continue;
      const of = seen?.marks.get(scope.scope);
      await enqueueSync(queue, row, scope.scope, {
        cause: input.cause,
        mode: seen?.shrunk.has(scope.scope) === true ? "full" : modeOf(scope),
        ...(only === undefined ? {} : { only }),
        ...(withCode ? { code: true } : {}),
        ...(of === undefined || seen === null ? {} : { marks: { at: seen.at, of } }),
      });
      queued++;
    }
    await state?.touch(touched, now().getTime());
    return queued;
  }

  /** A look that found nothing to sync is a sync of all there is. */
  async function assess(row: IntegrationRow, state: SyncState, input: ScanInput): Promise<void> {
    const health = healthOfScopes(await state.streams(), await integrations.scopes(row.id));
    await integrations.setHealth(row, health);
    if (health.state !== "ok" || input.onlyNew || input.sync === false) return;
    const at = now();
    await integrations.update(row.id, { last_success_at: at.getTime() });
    const ref = { workspace: row.workspace, source: sourceOf(row.id) };
    await ingest.mark(ref, { state: "fresh", detail: null, observedAt: at });
  }

  async function syncOwnStreams(
    row: IntegrationRow,
    { connector }: Connection,
    { scope, kind }: ScopeRow,
    { cause }: ScanInput,
  ): Promise<void> {
    const own = connector.manifest.streams.filter((stream) => stream.own === true && stream.of.includes(kind));
    if (own.length === 0) return;
    const only = Object.fromEntries(own.map(({ id }) => [id, null]));
    await enqueueSync(queue, row, scope, { cause, mode: "incremental", only });
  }

  /** Of each scope, the quiet streams that were synced well since then. */
  async function quietStreams(
    synced: SyncState | null,
    connection: Connection,
    since: number,
  ): Promise<Map<string, Set<string>>> {
    const quiet = new Set(
      connection.connector.manifest.streams.filter((stream) => stream.quiet === true).map((stream) => stream.id),
    );
    const recent = new Map<string, Set<string>>();
    for (const { scope, stream, state: is, pass, synced_at } of (await synced?.streams()) ?? []) {
      if (!quiet.has(stream) || is !== "ok" || pass !== null) continue;
      if ((synced_at ?? 0) < since) continue;
      recent.set(scope, (recent.get(scope) ?? new Set()).add(stream));
    }
    return recent;
  }

  /** Syncs of this integration end first, in whatever process: what they write late would stay for ever. */
  async function stopSyncs(row: IntegrationRow, signal: AbortSignal): Promise<void> {
    const deadline = now().getTime() + waitForSyncsMs;
    for (;;) {
      const left = await jobsOf(store, row, [syncJob, scanJob, dropJob, hooksJob]);
      for (const job of left) await queue.cancel(job.id, row.workspace);
      if (!left.some((job) => job.state === "running")) return;
      if (now().getTime() > deadline)
        throw new AppError("unavailable", `A sync of ${row.name} is still running. It is tried again.`);
      await sleep(200, undefined, { signal });
    }
  }

  /** The vendor says that its pages are as they were; what was made of them has other keys now. */
  async function forgetPages(row: IntegrationRow, { scope }: ScopeRow): Promise<void> {
    const state = await syncStateOrNull(store, { workspace: row.workspace, source: sourceOf(row.id) });
    for (const stream of (await state?.streams(scope)) ?? []) await state?.forgetPages(stream);
  }

  async function publishGraph(workspace: string): Promise<void> {
    const found = await store.graph
      .selectFrom("workspaces")
      .select("version")
      .where("name", "=", workspace)
      .executeTakeFirst();
    if (found === undefined) return;
    await feed
      .publish({ type: "graph.changed", version: found.version }, workspace)
      .catch((err: unknown) => log.warn({ err }, "event not published"));
  }
}

const hasCode = ({ connector }: Connection, scope: ScopeRow): boolean =>
  connector.cloneAccess !== undefined &&
  connector.manifest.scopeKinds.some((kind) => kind.id === scope.kind && kind.hasBranch);

function loudStreams(connection: Connection, scope: ScopeRow, quiet: ReadonlySet<string>): Record<string, null> {
  const streams = connection.connector.manifest.streams.filter(
    (stream) => stream.of.includes(scope.kind) && !quiet.has(stream.id),
  );
  return Object.fromEntries(streams.map((stream) => [stream.id, null]));
}
