// Keeps timelines up to date: a job builds one again when its incident, its evidence or what is delivered has changed.
import type { ServerEvent } from "@opentrace/contract/events.ts";
import { incidentStatuses } from "@opentrace/contract/incidents.ts";
import { findWorkspace } from "../graph/workspaces.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import type { Timelines } from "./timelines.ts";

const buildJob = "timeline.build";
const resourceOf = (incident: string): string => `timeline:${incident}`;

export interface KeepTimelinesDeps {
  store: Store;
  timelines: Pick<Timelines, "build">;
  queue: JobQueue;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  workspace: string;
  /** Changes that come close together cost one build. */
  settleMs?: number;
}

export interface KeepTimelines {
  jobs: Record<string, JobHandler>;
  start(this: void): void;
  stop(this: void): Promise<void>;
}

/** Incidents that people still work on: news of deliveries concerns only these. */
const mostOpen = 500;
const standing = [incidentStatuses.indexOf("open"), incidentStatuses.indexOf("investigating")];
const openForMs = 30 * 86_400_000;

export function createKeepTimelines(deps: KeepTimelinesDeps): KeepTimelines {
  const { store, timelines, queue, feed, log, now, wake, workspace, settleMs = 1_000 } = deps;
  const waiting = new Set<string>();
  let everyOpen = false;
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();
  let unsubscribe: (() => void) | null = null;

  /** Those whose timeline is older than they are, or than the graph. */
  async function openIncidents(): Promise<string[]> {
    const version = (await findWorkspace(store.graph, workspace))?.version ?? 0;
    const rows = await store.app
      .selectFrom("incidents")
      .leftJoin("timelines", "timelines.incident", "incidents.id")
      .select("incidents.id")
      .where("incidents.workspace", "=", workspace)
      .where(({ eb, or }) =>
        or([
          eb("timelines.incident", "is", null),
          eb("timelines.graph_version", "!=", version),
          eb("timelines.built_at", "<", eb.ref("incidents.updated_at")),
        ]),
      )
      .where("status", "in", standing)
      .where("merged_into", "is", null)
      .where("started_at", ">=", now().getTime() - openForMs)
      .orderBy("seq", "desc")
      .limit(mostOpen)
      .execute();
    return rows.map((row) => row.id);
  }

  async function flush(): Promise<void> {
    const all = everyOpen;
    everyOpen = false;
    const incidents = new Set([...waiting, ...(all ? await openIncidents() : [])]);
    waiting.clear();
    for (const incident of incidents)
      await queue.enqueue({ kind: buildJob, resource: resourceOf(incident), input: {}, workspace, maxAttempts: 4 });
    if (incidents.size > 0) wake();
  }

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = null;
      flushing = flush().catch((err: unknown) => log.warn({ err }, "timelines not queued"));
    }, settleMs);
    timer.unref();
  }

  function heard(event: ServerEvent): void {
    if (event.type === "incident.changed" || event.type === "evidence.changed") waiting.add(event.incidentId);
    else if (event.type === "investigation.changed" && event.part === "actions") waiting.add(event.incidentId);
    else if (bringsFacts(event)) everyOpen = true;
    else return;
    soon();
  }

  return {
    jobs: {
      [buildJob]: {
        async run(_input, { job, workspace: of, signal }) {
          const incident = job.resource.slice(resourceOf("").length);
          const { total, added, changed, removed } = await timelines.build({ workspace: of, signal, now }, incident);
          return { total, added, changed, removed };
        },
      },
    },
    start() {
      unsubscribe = feed.subscribe(workspace, ({ event }) => heard(event));
      // What arrived while no server ran was heard by nobody.
      everyOpen = true;
      soon();
    },
    async stop() {
      unsubscribe?.();
      if (timer !== null) clearTimeout(timer);
      await flushing;
    },
  };
}

/** A sync or an index run that ended well has brought what timelines are made of. */
const bringsFacts = (event: ServerEvent): boolean =>
  event.type === "job.updated" &&
  event.job.state === "succeeded" &&
  (event.job.kind.startsWith("integration.") || event.job.kind.startsWith("repository."));
