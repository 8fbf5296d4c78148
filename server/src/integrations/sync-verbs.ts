// The verbs on syncing: sync now, cancel, runs, log, health, and disconnecting.
import { z } from "zod";
import { Page } from "@opentrace/contract/graph.ts";
import {
  DisconnectPreview,
  Integration,
  IntegrationHealth,
  IntegrationLogLine,
  RateBudget,
  StreamState,
  SyncMode,
  SyncProgress,
  SyncRun,
  UsageCounts,
} from "@opentrace/contract/integrations.ts";
import { Job } from "@opentrace/contract/repositories.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { Store } from "../store/store.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { previewDisconnect } from "./disconnect-preview.ts";
import { refuseField } from "./forms.ts";
import type { History } from "./history.ts";
import { IntegrationId, type IntegrationVerbsDeps } from "./integration-verbs.ts";
import type { IntegrationRow } from "./integrations.ts";
import { presentNow } from "./present.ts";
import type { PresentScopes } from "./present-scopes.ts";
import {
  enqueueDisconnect,
  enqueueScan,
  enqueueSync,
  jobsOf,
  readSyncResource,
  scanJob,
  syncJob,
} from "./sync-queue.ts";

export interface SyncVerbsDeps extends IntegrationVerbsDeps {
  store: Store;
  history: History;
  feed: EventFeed;
  presentScopes: PresentScopes;
}

const ScopeId = z.string().min(1).max(500);
const limit = z.int().min(1).max(200).default(50);
const cursor = z.string().max(1000).optional();

const FailingStream = StreamState.extend({ scope: z.string(), name: z.string() });
const Health = z.object({
  health: IntegrationHealth,
  /** Streams that do not sync, at most 200. */
  streams: z.array(FailingStream),
  syncing: z.array(SyncProgress),
  waiting: z.int(),
  budgets: z.array(RateBudget),
  usage: UsageCounts,
  lastSuccessAt: z.iso.datetime().nullable(),
  nextSyncAt: z.iso.datetime().nullable(),
  credentialExpiresAt: z.iso.datetime().nullable(),
});

export function syncVerbs(deps: SyncVerbsDeps): Verb[] {
  const { integrations, registry, queue, runner, presentScopes, history, store, feed } = deps;

  return [
    defineVerb({
      name: "integrations.sync",
      summary: "Sync now",
      description:
        "Asks the vendor for what changed since the last sync; mode full reads everything again and removes what is gone. Without `scopes`: all that is chosen, after a look at what chosen organizations hold now. `streams` narrows it to issues, pulls and so on.",
      permission: "integrations:write",
      input: IntegrationId.extend({
        scopes: z.array(ScopeId).min(1).max(500).optional(),
        streams: z.array(z.string().max(100)).min(1).max(50).optional(),
        mode: SyncMode.default("incremental"),
      }),
      output: z.object({ integration: Integration, queued: z.int() }),
      http: { method: "POST", path: "/integrations/{id}/sync", status: 202 },
      writes: true,
      async run({ workspace }, { id, scopes, streams, mode }) {
        const row = await integrations.find(id, workspace);
        refuseUnknownStreams(row, streams);
        const chosen = await integrations.scopes(row.id);
        const all = chosen.filter((scope) => scope.state === "active");
        // What the vendor does not show any more is looked for again.
        if (!chosen.some((scope) => scope.state !== "gone"))
          throw new AppError("conflict", `Nothing of ${row.name} is chosen to be synced yet. Choose it first.`);
        const unknown = (scopes ?? []).filter((wanted) => !all.some((scope) => scope.scope === wanted));
        if (unknown.length > 0)
          throw refuseField("scopes", `${row.name} does not sync ${unknown.slice(0, 5).join(", ")}.`);
        let queued = 1;
        if (scopes === undefined && streams === undefined)
          await enqueueScan(queue, row, { cause: "manual", mode, onlyNew: false });
        else {
          const due = all.filter((scope) => scopes === undefined || scopes.includes(scope.scope));
          const only = streams && Object.fromEntries(streams.map((stream) => [stream, null]));
          for (const scope of due)
            await enqueueSync(queue, row, scope.scope, {
              cause: "manual",
              mode,
              ...(only === undefined ? {} : { only }),
            });
          queued = due.length;
        }
        runner.wake();
        await integrations.changed(row.id, workspace);
        return { integration: await presentNow(deps, row), queued };
      },
    }),
    defineVerb({
      name: "integrations.cancelSync",
      summary: "Cancel syncs",
      description:
        "Stops what is running and takes back what waits, for all scopes or for these. What was written stays, and the next sync goes on from there.",
      permission: "integrations:write",
      input: IntegrationId.extend({ scopes: z.array(ScopeId).min(1).max(500).optional() }),
      output: z.object({ cancelled: z.int() }),
      http: { method: "POST", path: "/integrations/{id}/sync/cancel" },
      writes: true,
      async run({ workspace }, { id, scopes }) {
        const row = await integrations.find(id, workspace);
        let cancelled = 0;
        // A look that runs queues syncs until it is stopped: it goes first.
        for (const kind of scopes === undefined ? [scanJob, syncJob] : [syncJob])
          for (const job of await jobsOf(store, row, [kind])) {
            if (scopes !== undefined && !scopes.includes(readSyncResource(job.resource).scope)) continue;
            await queue.cancel(job.id, workspace);
            runner.cancelled(job.id);
            cancelled++;
          }
        await integrations.changed(row.id, workspace);
        return { cancelled };
      },
    }),
    defineVerb({
      name: "integrations.runs",
      summary: "List syncs",
      description: "What was synced when and why, with what it brought, what it cost and how it ended; newest first.",
      permission: "integrations:read",
      input: IntegrationId.extend({ scope: ScopeId.optional(), state: SyncRun.shape.state.optional(), limit, cursor }),
      output: z.object({ runs: z.array(SyncRun), page: Page }),
      http: { method: "GET", path: "/integrations/{id}/runs" },
      run: async ({ workspace }, { id, ...by }) => history.runs((await integrations.find(id, workspace)).id, by),
    }),
    defineVerb({
      name: "integrations.log",
      summary: "Read an integration's log",
      description: "What was noticed while it synced, newest first. `level` leaves out what is less important.",
      permission: "integrations:read",
      input: IntegrationId.extend({
        level: IntegrationLogLine.shape.level.optional(),
        search: z.string().trim().min(1).max(200).optional(),
        limit,
        cursor,
      }),
      output: z.object({ lines: z.array(IntegrationLogLine), page: Page }),
      http: { method: "GET", path: "/integrations/{id}/log" },
      run: async ({ workspace }, { id, ...by }) => history.log((await integrations.find(id, workspace)).id, by),
    }),
    defineVerb({
      name: "integrations.health",
      summary: "Get an integration's health",
      description:
        "How it is doing and what to do about it: the state with its reason, the streams that do not sync, what is running, the vendor's budgets and what was used of them.",
      permission: "integrations:read",
      input: IntegrationId,
      output: Health,
      http: { method: "GET", path: "/integrations/{id}/health" },
      async run({ workspace }, { id }) {
        const row = await integrations.find(id, workspace);
        const { health, syncing, waiting, budgets, usage, lastSuccessAt, nextSyncAt, credentialExpiresAt } =
          await presentNow(deps, row);
        const scopes = await presentScopes(row, await integrations.scopes(row.id));
        const streams = scopes.flatMap(({ id: scope, name, streams: all }) =>
          all.filter((stream) => stream.error !== null).map((stream) => ({ scope, name, ...stream })),
        );
        return {
          health,
          streams: streams.slice(0, 200),
          syncing,
          waiting,
          budgets,
          usage,
          lastSuccessAt,
          nextSyncAt,
          credentialExpiresAt,
        };
      },
    }),
    defineVerb({
      name: "integrations.disconnectPreview",
      summary: "Preview a disconnect",
      description:
        "What a disconnect would remove, what of it stays because others say it too, what would happen at the vendor, and what to type to confirm it.",
      permission: "integrations:read",
      input: IntegrationId,
      output: DisconnectPreview,
      http: { method: "GET", path: "/integrations/{id}/disconnect" },
      run: async ({ workspace, signal }, { id }) =>
        previewDisconnect({ store, integrations, registry }, await integrations.find(id, workspace), signal),
    }),
    defineVerb({
      name: "integrations.disconnect",
      summary: "Disconnect an integration",
      description:
        "Stops its syncs, revokes its credential at the vendor where there is a way, and removes what it brought and nothing else. Nothing at the vendor is changed. `confirm` is the integration's name. The job's result says what was done at the vendor.",
      permission: "integrations:write",
      input: IntegrationId.extend({
        confirm: z.string().default("").describe("The integration's name, typed by the user"),
      }),
      output: z.object({ job: Job }),
      http: { method: "DELETE", path: "/integrations/{id}", status: 202 },
      writes: true,
      async run({ workspace }, { id, confirm }) {
        const row = await integrations.find(id, workspace);
        if (confirm !== row.name)
          throw refuseField("confirm", `Type the integration's name, ${row.name}, to confirm that it goes.`);
        await integrations.update(row.id, { removing: 1 });
        for (const job of await jobsOf(store, row, [syncJob, scanJob])) {
          await queue.cancel(job.id, workspace);
          runner.cancelled(job.id);
        }
        const job = await enqueueDisconnect(queue, row);
        await feed.publish({ type: "job.updated", job }, workspace);
        await integrations.changed(row.id, workspace);
        runner.wake();
        return { job };
      },
    }),
  ];

  function refuseUnknownStreams(row: IntegrationRow, streams: readonly string[] | undefined): void {
    const { manifest } = registry.find(row.connector);
    const unknown = (streams ?? []).filter((id) => !manifest.streams.some((stream) => stream.id === id));
    if (unknown.length === 0) return;
    throw refuseField(
      "streams",
      `${manifest.name} has no ${unknown.join(", ")}. There are: ${manifest.streams.map((stream) => stream.id).join(", ")}.`,
    );
  }
}
