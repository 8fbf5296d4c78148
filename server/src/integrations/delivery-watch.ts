// Sees to it that deliveries are worked off: as soon as they arrive, after a crash, and those that never arrived.
import type { Connector } from "@opentrace/connectors/connector.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
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
  stop(): Promise<void>;
}

/** Deliveries within this time become one batch. */
const gatherMs = 250;
const askEveryMs = 10 * 60_000;

export function createDeliveryWatch(deps: DeliveryWatchDeps): DeliveryWatch {
  const { store, connectorOf, behind, queue, log, now, wake, everyMs = 30_000 } = deps;
  const gathering = new Map<string, NodeJS.Timeout>();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> = Promise.resolve();

  async function queueUp(integration: { id: string; workspace: string }): Promise<void> {
    gathering.delete(integration.id);
    await enqueueDeliveries(queue, integration);
    wake();
  }

  async function look(signal: AbortSignal): Promise<void> {
    const rows = await store.app
      .selectFrom("integrations")
      .select(["id", "workspace", "connector", "credential", "deliveries_checked_at"])
      .where("removing", "=", 0)
      .execute();
    const left = new Set(await behind());
    for (const row of rows) {
      signal.throwIfAborted();
      if (left.has(row.id)) await enqueueDeliveries(queue, row);
      const asks = row.credential !== null && connectorOf(row.connector).webhook?.missed !== undefined;
      if (asks && now().getTime() - (row.deliveries_checked_at ?? 0) >= askEveryMs) await enqueueMissed(queue, row);
    }
    wake();
  }

  return {
    look,
    arrived(integration) {
      if (gathering.has(integration.id) || stopping.signal.aborted) return;
      const due = setTimeout(() => {
        queueUp(integration).catch((err: unknown) => log.warn({ err }, "deliveries not queued; the next look does it"));
      }, gatherMs);
      due.unref();
      gathering.set(integration.id, due);
    },
    start() {
      const again = (afterMs: number): void => {
        timer = setTimeout(() => {
          round = look(stopping.signal)
            .catch((err: unknown) => {
              if (!stopping.signal.aborted) log.warn({ err }, "deliveries not looked at");
            })
            .finally(() => {
              if (!stopping.signal.aborted) again(everyMs);
            });
        }, afterMs);
        timer.unref();
      };
      again(0);
    },
    async stop() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      for (const due of gathering.values()) clearTimeout(due);
      await round;
    },
  };
}
