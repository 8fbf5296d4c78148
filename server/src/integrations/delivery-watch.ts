// Sees to it that deliveries are worked off: as soon as they arrive, after a crash, and those that never arrived.
import type { Connector } from "@opentrace/connectors/connector.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { createRounds } from "../jobs/rounds.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import { enqueueDeliveries, enqueueMissed } from "./delivery-jobs.ts";

export interface DeliveryWatchDeps {
  store: Store;
  connectorOf(this: void, id: string): Connector;
  behind(this: void): Promise<string[]>;
  queue: JobQueue;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  everyMs?: number;
}

export interface DeliveryWatch {
  /** New deliveries of this integration are durable. Returns at once. */
  arrived(integration: { id: string; workspace: string }): void;
  start(): void;
  /** Queues what is due. */
  look(signal: AbortSignal): Promise<void>;
  /** Ends the rounds. What arrives is still worked off. */
  rest(): Promise<void>;
  stop(): Promise<void>;
}

/** Deliveries within this time become one batch. */
const gatherMs = 250;
const askEveryMs = 10 * 60_000;
/** Each webhook of a scope costs a request to ask. */
const eachHookMs = 15_000;
const longestMs = 60 * 60_000;

export function createDeliveryWatch(deps: DeliveryWatchDeps): DeliveryWatch {
  const { store, connectorOf, behind, queue, log, now, wake, everyMs = 30_000 } = deps;
  const gathering = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  async function queueUp(integration: { id: string; workspace: string }): Promise<void> {
    gathering.delete(integration.id);
    await enqueueDeliveries(queue, integration);
    wake();
  }

  async function hooksMade(): Promise<Map<string, number>> {
    const rows = await store.app
      .selectFrom("integration_hooks")
      .select(({ fn }) => ["integration", fn.countAll<number | string>().as("count")])
      .where("state", "=", "made")
      .groupBy("integration")
      .execute();
    return new Map(rows.map((row) => [row.integration, Number(row.count)]));
  }

  async function look(signal: AbortSignal): Promise<void> {
    const rows = await store.app
      .selectFrom("integrations")
      .select(["id", "workspace", "connector", "credential", "deliveries_checked_at"])
      .where("removing", "=", 0)
      .execute();
    const left = new Set(await behind());
    const made = await hooksMade();
    for (const row of rows) {
      signal.throwIfAborted();
      if (left.has(row.id)) await enqueueDeliveries(queue, row);
      const asks = row.credential !== null && connectorOf(row.connector).webhook?.missed !== undefined;
      const every = Math.min(longestMs, Math.max(askEveryMs, (made.get(row.id) ?? 0) * eachHookMs));
      if (asks && now().getTime() - (row.deliveries_checked_at ?? 0) >= every) await enqueueMissed(queue, row);
    }
    wake();
  }

  const rounds = createRounds({ everyMs, firstMs: 0, look, what: "deliveries", log });

  return {
    look,
    arrived(integration) {
      if (gathering.has(integration.id) || stopped) return;
      const due = setTimeout(() => {
        queueUp(integration).catch((err: unknown) => log.warn({ err }, "deliveries not queued; the next look does it"));
      }, gatherMs);
      due.unref();
      gathering.set(integration.id, due);
    },
    start: rounds.start,
    rest: rounds.stop,
    async stop() {
      stopped = true;
      for (const due of gathering.values()) clearTimeout(due);
      await rounds.stop();
    },
  };
}
