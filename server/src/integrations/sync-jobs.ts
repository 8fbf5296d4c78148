// The job handler that syncs a scope: stream by stream, each failure told of its own, and the integration's health from all of them.
import type { VendorScope } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { StreamInfo } from "@opentrace/contract/integrations.ts";
import type { Ingest, SourceRef } from "../graph/ingest.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import { noProgress } from "../jobs/job-rows.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import type { IntegrationCode } from "./code.ts";
import { recountClaims } from "./claimed.ts";
import type { Connection, Connections } from "./connections.ts";
import { healthOfScopes, isCredentialRefused, isPermissionMissing, unauthorized } from "./health.ts";
import { sourceOf, type IntegrationRow, type Integrations, type ScopeRow } from "./integrations.ts";
import type { LinkChanges } from "./link-changes.ts";
import { jobsOf, readSyncResource, syncJob, type SyncInput } from "./sync-queue.ts";
import { syncStateOrNull } from "./remove-scope.ts";
import { openSyncState, type SyncState } from "./sync-state.ts";
import { syncStream, type StreamCounts } from "./sync-stream.ts";

export interface SyncJobsDeps {
  store: Store;
  integrations: Integrations;
  connections: Connections;
  ingest: Ingest;
  linkChanges: LinkChanges;
  code: Pick<IntegrationCode, "bring">;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
}

const progressEveryMs = 1_000;

export function syncJobs(deps: SyncJobsDeps): Record<string, JobHandler> {
  const { store, integrations, connections, ingest, linkChanges, code, feed, log, now } = deps;

  async function target(resource: string, workspace: string): Promise<{ row: IntegrationRow; scope: ScopeRow } | null> {
    const at = readSyncResource(resource);
    const row = await integrations.find(at.integration, workspace).catch(() => null);
    const scope = row === null ? null : await integrations.scope(row.id, at.scope);
    if (row === null || scope === null || row.removing === 1 || scope.state !== "active") return null;
    return { row, scope };
  }

  return {
    [syncJob]: {
      async run(rawInput, { job, workspace, signal, writer, assertHeld, progress }) {
        const found = await target(job.resource, workspace);
        const input = rawInput as unknown as SyncInput;
        if (found === null) return { skipped: "It was removed." };
        const { row, scope } = found;
        if (row.paused === 1 && input.cause !== "manual") return { skipped: "The integration is paused." };
        // One refusal is enough: the next look at the vendor finds out whether it takes the credential again.
        if (row.state === "unauthorized" && input.cause !== "manual")
          return { skipped: "The vendor refuses the credential." };
        const connection = connections.open(row);
        const ref = { workspace, source: sourceOf(row.id), writer };
        await ingest.openSource({ ...ref, name: row.name, kind: "integration" });
        // A disconnect may have come between: what it has removed must not come back.
        if ((await target(job.resource, workspace)) === null) {
          await ingest.removeSource(ref, signal);
          return { skipped: "It was removed." };
        }
        const state = await openSyncState(store, ref);
        const runId = `run_${job.id.slice(4)}`;
        await integrations.saveRun({
          id: runId,
          workspace,
          integration: row.id,
          scope: scope.scope,
          scope_name: scope.name,
          cause: input.cause,
          mode: input.mode,
          state: "running",
          items: 0,
          removed: 0,
          unchanged: 0,
          requests: 0,
          started_at: now().getTime(),
        });
        // First, so that the code is read while the rest is still asked for. A person who asks for a sync means the code too, though the
        // vendor's lists show no change.
        if (input.only === undefined || input.code === true || input.cause === "manual")
          await code.bring(row, scope, signal);
        let version = 0;
        const counted: StreamCounts = { items: 0, unchanged: 0, removed: 0, complete: true };
        const failures: string[] = [];
        let told = 0;
        await ingest.mark(ref, { state: "syncing" });
        try {
          for (const stream of streamsOf(connection, scope, input)) {
            const say = (done: number, total: number | null): void => {
              progress({ ...noProgress, phase: "reading", filesDone: done, filesTotal: total ?? 0 });
              const at = now().getTime();
              if (at - told < progressEveryMs) return;
              told = at;
              feed
                .publish(
                  {
                    type: "integration.progress",
                    integrationId: row.id,
                    progress: { scope: scope.scope, name: scope.name, stream: stream.id, done, total },
                  },
                  workspace,
                )
                .catch((err: unknown) => log.warn({ err }, "progress not published"));
            };
            const failure = await oneStream(connection, stream, {
              row,
              ref,
              scope: scope.choice,
              input,
              state,
              counted,
              signal,
              assertHeld,
              say,
              applied: (at) => (version = Math.max(version, at)),
            });
            if (failure !== null) failures.push(`${stream.name}: ${failure}`);
          }
        } finally {
          const requests = await connection.settle().catch(() => 0);
          await integrations.updateRun(runId, {
            items: counted.items,
            unchanged: counted.unchanged,
            removed: counted.removed,
            requests,
          });
        }
        await assertHeld();
        const at = now();
        await integrations.updateRun(runId, {
          state: failures.length === 0 ? "succeeded" : "partial",
          error: failures.length === 0 ? null : failures.join(" "),
          finished_at: at.getTime(),
        });
        // Several items claim the same person. Once for all scopes that are synced together: by the last of them.
        if (
          version > 0 &&
          (input.only === undefined || input.mode === "full") &&
          (await jobsOf(store, row, [syncJob])).length <= 1
        )
          await recountClaims(store, ref);
        await assess(row, state, ref, at, failures.length === 0);
        if (version > 0) await feed.publish({ type: "graph.changed", version }, workspace);
        return {
          items: counted.items,
          unchanged: counted.unchanged,
          removed: counted.removed,
          failed: failures.length,
        };
      },

      async ended(job, workspace) {
        const found = await target(job.resource, workspace);
        if (found === null) return;
        const runId = `run_${job.id.slice(4)}`;
        const finished = { finished_at: now().getTime(), error: job.error?.message ?? null };
        if (job.state === "cancelled") await integrations.updateRun(runId, { state: "cancelled", ...finished });
        if (job.state === "failed") {
          await integrations.updateRun(runId, { state: "failed", ...finished });
          const ref = { workspace, source: sourceOf(found.row.id) };
          await ingest.mark(ref, { state: "failing", detail: job.error?.message ?? null }).catch(() => undefined);
          await giveUpStreams(ref, found.scope.scope, job.error?.message ?? "The sync failed.");
          const row = await integrations.find(found.row.id, workspace);
          if (row.state !== "unauthorized")
            await integrations.setHealth(row, {
              state: "failing",
              reason: job.error?.message ?? "The sync failed.",
              action: "It is tried again with the next sync. Sync now to try at once; the log has the details.",
            });
        }
        await integrations.changed(found.row.id, workspace);
      },
    },
  };

  /** What was under way when the job ended for good is not to be taken for well by the scopes that sync after it. */
  async function giveUpStreams(
    ref: { workspace: string; source: string },
    scope: string,
    error: string,
  ): Promise<void> {
    const state = await syncStateOrNull(store, ref);
    for (const stream of (await state?.streams(scope)) ?? [])
      if (stream.state === "syncing") await state?.save(scope, stream.stream, { state: "failing", error });
  }

  interface StreamRun {
    row: IntegrationRow;
    ref: SourceRef;
    scope: VendorScope;
    input: SyncInput;
    state: SyncState;
    counted: StreamCounts;
    signal: AbortSignal;
    assertHeld(this: void): Promise<void>;
    say(this: void, done: number, total: number | null): void;
    applied(this: void, version: number): void;
  }

  /** Null, or why this stream failed while the others may go on. What ends the whole sync is thrown. */
  async function oneStream(connection: Connection, stream: StreamInfo, run: StreamRun): Promise<string | null> {
    const { row, ref, scope, input, state, counted, signal } = run;
    const only = input.only?.[stream.id] ?? null;
    const ctx = connection.context(signal);
    try {
      const done = await syncStream(
        {
          connector: connection.connector,
          ctx,
          ref,
          scope,
          stream: stream.id,
          mode: input.mode,
          only,
          mark: markOf(input, stream.id),
        },
        {
          ingest: {
            ...ingest,
            apply: async (into, batch, applySignal) => {
              const applied = await ingest.apply(into, batch, applySignal);
              run.applied(applied.version);
              return applied;
            },
          },
          state,
          linkChanges,
          now,
          assertHeld: run.assertHeld,
          progress: run.say,
        },
        signal,
      );
      counted.items += done.items;
      counted.unchanged += done.unchanged;
      counted.removed += done.removed;
      return done.complete ? null : "Some of it could not be read.";
    } catch (error) {
      signal.throwIfAborted();
      if (isCredentialRefused(error)) {
        await integrations.setHealth(row, unauthorized(error));
        throw error;
      }
      // A missing permission stops its own stream until it is granted; the pass is begun anew then.
      const missing = isPermissionMissing(error);
      const message =
        error instanceof AppError ? error.message : "Something went wrong on the server; its log has the details.";
      await state.save(scope.id, stream.id, {
        state: missing ? "off" : "failing",
        error: message,
        ...(missing ? { pass: null } : {}),
      });
      if (!(error instanceof AppError)) log.error({ err: error, integration: row.id }, "stream failed");
      ctx.log.warn({ scope: scope.name, stream: stream.id, error: message }, "a stream could not be synced");
      const waits =
        error instanceof AppError &&
        (error.code === "rate_limited" || error.code === "unavailable" || error.code === "conflict");
      if (waits) throw error;
      return message;
    }
  }

  async function assess(
    row: IntegrationRow,
    state: SyncState,
    ref: SourceRef,
    at: Date,
    clean: boolean,
  ): Promise<void> {
    const health = healthOfScopes(await state.streams(), await integrations.scopes(row.id));
    if (clean) await integrations.update(row.id, { last_success_at: at.getTime() });
    await integrations.setHealth(row, health);
    await ingest.mark(ref, {
      state: health.state === "ok" ? "fresh" : "failing",
      detail: health.reason,
      observedAt: at,
    });
  }
}

function markOf({ marks }: SyncInput, stream: string): { mark: string; at: number } | undefined {
  const mark = marks?.of[stream];
  return marks === undefined || mark === undefined ? undefined : { mark, at: marks.at };
}

function streamsOf(connection: Connection, scope: ScopeRow, input: SyncInput): StreamInfo[] {
  return connection.connector.manifest.streams.filter(
    (stream) => stream.of.includes(scope.kind) && (input.only === undefined || Object.hasOwn(input.only, stream.id)),
  );
}
