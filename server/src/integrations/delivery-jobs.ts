// What webhook deliveries mean: many of them become few syncs of what they touched, and a look at the vendor where order could deceive.
import { AppError } from "@opentrace/contract/errors.ts";
import type { MissedQuery, RawDelivery, VendorEvent } from "@opentrace/connectors/connector.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Log } from "../verb.ts";
import type { Connections } from "./connections.ts";
import type { Deliveries } from "./deliveries.ts";
import { isCredentialRefused, unauthorized } from "./health.ts";
import type { IntegrationRow, Integrations, ScopeRow } from "./integrations.ts";
import type { ScopeHooks } from "./scope-hooks.ts";
import { listScopes } from "./scope-set.ts";
import { letGo } from "./remove-scope.ts";
import { enqueueScan, enqueueSync, mergeItems } from "./sync-queue.ts";

/** Works off what has come in. */
const deliveriesJob = "integration.deliveries";
/** Asks the vendor for deliveries that did not arrive. */
const missedJob = "integration.missed";

type Target = Pick<IntegrationRow, "id" | "workspace">;

export async function enqueueDeliveries(queue: JobQueue, { id, workspace }: Target): Promise<void> {
  await queue.enqueue({ kind: deliveriesJob, resource: `deliveries:${id}`, input: {}, workspace, maxAttempts: 5 });
}

export async function enqueueMissed(queue: JobQueue, { id, workspace }: Target): Promise<Job> {
  return await queue.enqueue({ kind: missedJob, resource: `missed:${id}`, input: {}, workspace, maxAttempts: 2 });
}

export interface DeliveryJobsDeps {
  integrations: Integrations;
  connections: Connections;
  deliveries: Deliveries;
  hooks: ScopeHooks;
  queue: JobQueue;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  /** Commits came to a branch of a scope. */
  pushed(this: void, row: IntegrationRow, scope: ScopeRow, branch: string): Promise<void>;
}

/** Looked back further than the last look: a delivery fails a while after it was sent. */
const overlapMs = 15 * 60_000;
/** As long as vendors keep what they could not hand over. */
const longestBackMs = 3 * 86_400_000;

export function deliveryJobs(deps: DeliveryJobsDeps): Record<string, JobHandler> {
  const { integrations, connections, deliveries, hooks, queue, log, now, wake } = deps;

  async function rowOf(resource: string, workspace: string): Promise<IntegrationRow | null> {
    try {
      const row = await integrations.find(resource.slice(resource.indexOf(":") + 1), workspace);
      return row.removing === 1 ? null : row;
    } catch (error) {
      if (error instanceof AppError && error.code === "not_found") return null;
      throw error;
    }
  }

  return {
    [deliveriesJob]: {
      async run(_input, { job, workspace, signal, assertHeld }) {
        const counts = { done: 0, ignored: 0, failed: 0 };
        for (;;) {
          const row = await rowOf(job.resource, workspace);
          if (row === null) return { ...counts, skipped: "It was removed." };
          const batch = await deliveries.waiting(row.id);
          const last = batch.at(-1);
          if (last === undefined) break;
          const results = await takeIn(row, batch, signal);
          await assertHeld();
          await deliveries.processed(row.id, results);
          for (const { state } of results) counts[state]++;
          await integrations.update(row.id, { last_delivery_at: last.received_at, webhook_registered: 1 });
          await integrations.changed(row.id, workspace);
          wake();
        }
        return counts;
      },
    },

    [missedJob]: {
      async run(_input, { job, workspace, signal }) {
        const row = await rowOf(job.resource, workspace);
        // Before the sign-in there is nobody to ask as.
        if (row === null || row.paused === 1 || row.state === "connecting") return { recovered: 0 };
        const { connector, context, settle } = connections.open(row);
        if (connector.webhook?.missed === undefined) return { recovered: 0 };
        const started = now().getTime();
        const from = (row.deliveries_checked_at ?? row.created_at) - overlapMs;
        let recovered = 0;
        try {
          const since = new Date(Math.max(from, started - longestBackMs));
          const asked = { since, secret: integrations.webhookSecret(row), ...(await hooksOf(row)) };
          for await (const raw of connector.webhook.missed(context(signal), asked)) {
            signal.throwIfAborted();
            await deliveries.recover(row, raw);
            recovered++;
          }
        } catch (error) {
          if (isCredentialRefused(error)) await integrations.setHealth(row, unauthorized(error));
          throw error;
        } finally {
          await settle().catch(() => 0);
        }
        await integrations.update(row.id, { deliveries_checked_at: started });
        return { recovered };
      },
    },
  };

  /** Those that were made scope by scope, with a way to change what is known of them. */
  async function hooksOf(row: IntegrationRow): Promise<Pick<MissedQuery, "hooks" | "remember">> {
    const known = await hooks.all(row.id);
    const scopes = (await integrations.scopes(row.id)).filter(({ scope }) => known.get(scope)?.state === "made");
    return {
      hooks: scopes.map(({ scope, choice }) => ({ scope: choice, hook: known.get(scope)?.memory ?? null })),
      async remember({ scope: { id } }, memory) {
        const before = known.get(id);
        if (before === undefined) return;
        // The next look at the vendor makes it anew.
        if (memory === null) await hooks.forget(row.id, id);
        else await hooks.save(row.id, { ...before, memory });
      },
    };
  }

  type Waiting = Awaited<ReturnType<Deliveries["waiting"]>>;
  type Result = Parameters<Deliveries["processed"]>[1][number];

  /** Can be done twice: every step asks for something that ends the same however often it is asked. */
  async function takeIn(row: IntegrationRow, batch: Waiting, signal: AbortSignal): Promise<Result[]> {
    if (row.paused === 1)
      return batch.map(({ id }) => ({ id, state: "ignored", detail: "The integration was paused." }));
    const { connector, config } = connections.open(row);
    const scopes = new Map((await integrations.scopes(row.id)).map((scope) => [scope.scope, scope]));
    const results: Result[] = [];
    const events: VendorEvent[] = [];
    for (const { id, headers, body } of batch) {
      try {
        // Written by deliveries.ts.
        const raw: RawDelivery = {
          headers: JSON.parse(headers) as Record<string, string>,
          body: body ?? new Uint8Array(),
        };
        const found = connector.webhook?.toEvents(raw, config) ?? [];
        const useful = found.filter((event) => concerns(event, scopes));
        const why = found.map((event) => (event.is === "ignored" ? event.why : notSynced)).join(" ");
        results.push(
          useful.length > 0 ? { id, state: "done", detail: null } : { id, state: "ignored", detail: why || null },
        );
        events.push(...useful);
      } catch (err) {
        log.error({ err, integration: row.id, delivery: id }, "webhook delivery not understood");
        results.push({ id, state: "failed", detail: "The server could not read it; its log has the details." });
      }
    }
    await apply(row, scopes, events, signal);
    return results;
  }

  async function apply(
    row: IntegrationRow,
    scopes: ReadonlyMap<string, ScopeRow>,
    events: readonly VendorEvent[],
    signal: AbortSignal,
  ): Promise<void> {
    const touched = new Map<string, Record<string, string[] | null>>();
    const pushed = new Map<string, Set<string>>();
    let look = false;
    let doubt: string | null = null;
    for (const event of events)
      switch (event.is) {
        case "changed":
          touch(touched, event.scope, event.stream, event.items);
          break;
        case "pushed":
          pushed.set(event.scope, (pushed.get(event.scope) ?? new Set()).add(event.branch));
          break;
        case "renamed":
        case "added":
          // The vendor is asked what is so now: two of these may come in the wrong order.
          look = true;
          break;
        case "removed": {
          const scope = scopes.get(event.scope);
          if (scope === undefined || scope.state === "gone") break;
          if (event.why === "deleted" || !(await isListed(row, scope, signal)))
            await letGo({ integrations, queue }, row, scope, removedBecause[event.why]);
          break;
        }
        case "suspended":
        case "restored":
        case "uninstalled":
          doubt = event.detail;
          break;
        case "ignored":
          break;
      }
    if (doubt !== null && (await isUsable(row, doubt, signal))) look = true;
    if (look) await enqueueScan(queue, row, { cause: "webhook", mode: "incremental", onlyNew: true });
    for (const [scope, only] of touched)
      await enqueueSync(queue, row, scope, { cause: "webhook", mode: "incremental", only });
    for (const [id, branches] of pushed) {
      const scope = scopes.get(id);
      if (scope !== undefined) for (const branch of branches) await deps.pushed(row, scope, branch);
    }
  }

  /** Access that was lost may have been given back before we hear of the loss. */
  async function isListed(row: IntegrationRow, scope: ScopeRow, signal: AbortSignal): Promise<boolean> {
    const connection = connections.open(row);
    try {
      for await (const one of listScopes(connection, { kind: scope.kind }, signal))
        if (one.id === scope.scope) return true;
      return false;
    } catch (error) {
      if (isCredentialRefused(error)) return false;
      throw error;
    } finally {
      await connection.settle().catch(() => 0);
    }
  }

  /** Said to be suspended, restored or removed: a real call tells which it is now. */
  async function isUsable(row: IntegrationRow, detail: string, signal: AbortSignal): Promise<boolean> {
    // A token from before would go on working for a while.
    connections.forget(row.id);
    const connection = connections.open(row);
    try {
      await connection.connector.check(connection.context(signal));
    } catch (error) {
      if (!isCredentialRefused(error)) throw error;
      await integrations.setHealth(row, { ...unauthorized(error), reason: detail });
      return false;
    } finally {
      await connection.settle().catch(() => 0);
    }
    if (row.state === "unauthorized") await integrations.setHealth(row, { state: "ok", reason: null, action: null });
    return true;
  }
}

const removedBecause = {
  deleted: "deleted at the vendor; its data is removed",
  "access lost": "no longer shared; its data is removed",
} as const;
const notSynced = "It is about something that is not synced here.";

function concerns(event: VendorEvent, scopes: ReadonlyMap<string, ScopeRow>): boolean {
  switch (event.is) {
    case "ignored":
      return false;
    case "changed":
    case "pushed":
      return scopes.get(event.scope)?.state === "active";
    case "removed":
      return scopes.has(event.scope);
    default:
      return true;
  }
}

function touch(
  touched: Map<string, Record<string, string[] | null>>,
  scope: string,
  stream: string,
  items: readonly string[] | null,
): void {
  const only = touched.get(scope) ?? {};
  only[stream] = mergeItems(Object.hasOwn(only, stream) ? (only[stream] ?? null) : [], items);
  touched.set(scope, only);
}
