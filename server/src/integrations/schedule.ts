// When integrations are synced without being asked: each in its own rhythm with jitter, once whatever the number of servers.
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { createRounds } from "../jobs/rounds.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import type { History } from "./history.ts";
import type { IntegrationRow, Integrations } from "./integrations.ts";
import { disconnectJob, dropJob, enqueueDisconnect, enqueueScan, jobsOf, scanJob, syncJob } from "./sync-queue.ts";

export interface ScheduleDeps {
  store: Store;
  integrations: Integrations;
  queue: JobQueue;
  history: History;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  workspace: string;
  /** Between two syncs of an integration; 0 = only what is asked for. */
  everySeconds: number;
  /** 0 to 1. */
  random?(this: void): number;
  lookMs?: number;
}

export interface Schedule {
  start(): void;
  /** One round over all integrations. */
  look(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const day = 86_400_000;
/** A credential that is refused is tried again this much more rarely. */
const refusedFactor = 4;
/** Never connected: a sign-in that nobody finished, with or without the application's id and secret. */
const abandonedMs = day;

export function createSchedule(deps: ScheduleDeps): Schedule {
  const { store, integrations, queue, history, log, now, wake, workspace, everySeconds, lookMs = 15_000 } = deps;
  const random = deps.random ?? Math.random;
  const pruned = new Map<string, number>();

  /** Between nine and eleven tenths of the interval: integrations that were connected together drift apart. */
  const nextAt = (row: IntegrationRow): number => {
    const factor = row.state === "unauthorized" ? refusedFactor : 1;
    return Math.round(now().getTime() + everySeconds * 1000 * factor * (0.9 + random() / 5));
  };

  /** True for one server only. */
  async function claim(row: IntegrationRow): Promise<boolean> {
    const done = await store.app
      .updateTable("integrations")
      .set({ next_sync_at: nextAt(row) })
      .where("id", "=", row.id)
      .where("next_sync_at", row.next_sync_at === null ? "is" : "=", row.next_sync_at)
      .executeTakeFirst();
    return done.numUpdatedRows > 0n;
  }

  async function lookAt(row: IntegrationRow): Promise<void> {
    const at = now().getTime();
    if (row.removing === 1) {
      // A disconnect that was given up (the vendor hung, the server died too often) goes on.
      if ((await jobsOf(store, row, [disconnectJob])).length === 0) await enqueueDisconnect(queue, row);
      return;
    }
    if (row.state === "connecting" && at - row.created_at > abandonedMs && !(await isSigningIn(row, at))) {
      await integrations.forget(row.id);
      await deps.feed.publish({ type: "integration.removed", integrationId: row.id }, workspace);
      return;
    }
    if (at - (pruned.get(row.id) ?? 0) > day) {
      pruned.set(row.id, at);
      await history.settle(row.id, now());
      await history.prune(row.id, now());
    }
    if (everySeconds === 0 || row.paused === 1 || row.credential === null || row.state === "connecting") return;
    if (row.next_sync_at !== null && row.next_sync_at > at) return;
    const isFirst = row.next_sync_at === null;
    if (!(await claim(row)) || isFirst) return;
    // The sync before is still at it, or waits for the vendor: it will bring what there is.
    if ((await jobsOf(store, row, [syncJob, scanJob, dropJob])).length > 0) return;
    if (!(await hasScopes(row))) return;
    const mode = isFullDue(row, at) ? "full" : "incremental";
    await enqueueScan(queue, row, { cause: "schedule", mode, onlyNew: false });
    wake();
  }

  /** Somebody is at the vendor's page just now. */
  const isSigningIn = async (row: IntegrationRow, at: number): Promise<boolean> =>
    (await store.app
      .selectFrom("integration_flows")
      .select("integration")
      .where("integration", "=", row.id)
      .where("expires_at", ">", at)
      .where("used_at", "is", null)
      .limit(1)
      .executeTakeFirst()) !== undefined;

  const hasScopes = async (row: IntegrationRow): Promise<boolean> =>
    (await store.app
      .selectFrom("integration_scopes")
      .select("scope")
      .where("integration", "=", row.id)
      .limit(1)
      .executeTakeFirst()) !== undefined;

  /** Once a day everything is looked at again: what no webhook and no time of change tells (deletions, transfers) is found then. */
  const isFullDue = (row: IntegrationRow, at: number): boolean => at - (row.full_at ?? row.created_at) >= day;

  async function look(signal: AbortSignal): Promise<void> {
    for (const row of await integrations.all(workspace)) {
      signal.throwIfAborted();
      await lookAt(row).catch((err: unknown) => {
        if (!signal.aborted) log.warn({ err, integration: row.id }, "integration not looked at");
      });
    }
  }

  return { look, ...createRounds({ everyMs: lookMs, look, what: "integrations", log }) };
}
