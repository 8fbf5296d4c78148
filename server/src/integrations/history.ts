// What has happened to an integration: its sync runs and its log, newest first, and how long they (and webhook deliveries) are kept.
import type { IntegrationLogLine, SyncRun } from "@opentrace/contract/integrations.ts";
import type { Page } from "@opentrace/contract/graph.ts";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { Store } from "../store/store.ts";
import type { IntegrationLogTable, IntegrationRunsTable } from "../store/integration-tables.ts";
import { logKept } from "./integrations.ts";
import { pageOf, readCursor } from "./page-cursor.ts";

interface Paging {
  limit: number;
  cursor?: string | undefined;
}

export interface History {
  runs(
    integration: string,
    by: Paging & { scope?: string | undefined; state?: SyncRun["state"] | undefined },
  ): Promise<{ runs: SyncRun[]; page: Page }>;
  log(
    integration: string,
    by: Paging & { level?: IntegrationLogLine["level"] | undefined; search?: string | undefined },
  ): Promise<{ lines: IntegrationLogLine[]; page: Page }>;
  /** Ends the runs whose job has ended, when the server died before it could say so. */
  settle(integration: string, now: Date): Promise<void>;
  /** Drops what is older than it is kept, and what is more than is kept. */
  prune(integration: string, now: Date): Promise<void>;
}

const day = 86_400_000;
const keptRuns = 5_000;
const keptLogDays = 30;
const settledMs = 60_000;
/** A body is kept for looking at and for doing it again; after that only the fact that it came. */
const keptBodyDays = 3;
const keptDeliveryDays = 30;

/** A run is called as the job that does it. */
const jobOfRun = (run: string): string => `job_${run.slice(4)}`;
const levels = ["debug", "info", "warn", "error"] as const;
const date = (at: number): string => new Date(at).toISOString();
const like = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;

export function createHistory({ store }: { store: Store }): History {
  const db = store.app;
  return {
    async runs(integration, { limit, cursor, scope, state }) {
      let query = db.selectFrom("integration_runs").selectAll().where("integration", "=", integration);
      if (scope !== undefined) query = query.where("scope", "=", scope);
      if (state !== undefined) query = query.where("state", "=", state);
      if (cursor !== undefined) {
        const [at, id] = readCursor(z.tuple([z.number(), z.string()]), cursor);
        query = query.where(({ or, and, eb }) =>
          or([eb("started_at", "<", at), and([eb("started_at", "=", at), eb("id", "<", id)])]),
        );
      }
      const rows = await query
        .orderBy("started_at", "desc")
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const { shown, page } = pageOf(rows, limit, (row) => [row.started_at, row.id]);
      return { runs: shown.map(toRun), page };
    },

    async log(integration, { limit, cursor, level, search }) {
      let query = db.selectFrom("integration_log").selectAll().where("integration", "=", integration);
      if (level !== undefined) query = query.where("level", "in", levels.slice(levels.indexOf(level)));
      if (search !== undefined)
        query = query.where(
          sql<boolean>`(lower(message) like ${like(search)} escape '\\' or lower(fields) like ${like(search)} escape '\\')`,
        );
      if (cursor !== undefined) query = query.where("id", "<", readCursor(z.number(), cursor));
      const rows = await query
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const { shown, page } = pageOf(rows, limit, (row) => row.id);
      return { lines: shown.map(toLine), page };
    },

    async settle(integration, now) {
      const runs = await db
        .selectFrom("integration_runs")
        .select(["id", "started_at"])
        .where("integration", "=", integration)
        .where("state", "=", "running")
        .limit(1_000)
        .execute();
      if (runs.length === 0) return;
      const jobs = await db
        .selectFrom("jobs")
        .select(["id", "state", "finished_at"])
        .where(
          store.appEngine.isAnyOf(
            "id",
            "text",
            runs.map(({ id }) => jobOfRun(id)),
          ),
        )
        .execute();
      const byId = new Map(jobs.map((job) => [job.id, job]));
      for (const run of runs) {
        const job = byId.get(jobOfRun(run.id));
        if (job?.state === "queued" || job?.state === "running") continue;
        const endedAt = job?.finished_at ?? run.started_at;
        // Whoever has ended it just now is about to say so.
        if (now.getTime() - endedAt < settledMs) continue;
        await db
          .updateTable("integration_runs")
          .set({
            state: job?.state === "cancelled" ? "cancelled" : "failed",
            error:
              job?.state === "cancelled" ? null : "The server stopped while it ran. The next sync goes on from there.",
            finished_at: endedAt,
          })
          .where("id", "=", run.id)
          .where("state", "=", "running")
          .execute();
      }
    },

    async prune(integration, now) {
      const before = (days: number): number => now.getTime() - days * day;
      const oldest = await db
        .selectFrom("integration_runs")
        .select("started_at")
        .where("integration", "=", integration)
        .orderBy("started_at", "desc")
        .offset(keptRuns)
        .limit(1)
        .executeTakeFirst();
      if (oldest !== undefined)
        await db
          .deleteFrom("integration_runs")
          .where("integration", "=", integration)
          .where("started_at", "<=", oldest.started_at)
          .where("state", "!=", "running")
          .execute();
      await db
        .deleteFrom("integration_log")
        .where("integration", "=", integration)
        .where("at", "<", before(keptLogDays))
        .execute();
      const line = await db
        .selectFrom("integration_log")
        .select("id")
        .where("integration", "=", integration)
        .orderBy("id", "desc")
        .offset(logKept)
        .limit(1)
        .executeTakeFirst();
      if (line !== undefined)
        await db
          .deleteFrom("integration_log")
          .where("integration", "=", integration)
          .where("id", "<=", line.id)
          .execute();
      await db
        .updateTable("integration_deliveries")
        .set({ body: null })
        .where("integration", "=", integration)
        .where("processed_at", "<", before(keptBodyDays))
        .where("body", "is not", null)
        .execute();
      await db
        .deleteFrom("integration_deliveries")
        .where("integration", "=", integration)
        .where("processed_at", "<", before(keptDeliveryDays))
        .execute();
    },
  };
}

const toRun = (row: Selectable<IntegrationRunsTable>): SyncRun => ({
  id: row.id,
  integration: row.integration,
  scope: row.scope,
  scopeName: row.scope_name,
  trigger: row.cause,
  mode: row.mode,
  state: row.state,
  items: row.items,
  removed: row.removed,
  unchanged: row.unchanged,
  requests: row.requests,
  error: row.error,
  startedAt: date(row.started_at),
  finishedAt: row.finished_at === null ? null : date(row.finished_at),
});

const toLine = (row: Selectable<IntegrationLogTable>): IntegrationLogLine => ({
  at: date(row.at),
  level: row.level,
  message: row.message,
  // Cut at a length when it was written: what is no JSON any more is shown as it is.
  fields: fieldsOf(row.fields),
});

function fieldsOf(text: string): IntegrationLogLine["fields"] {
  try {
    return JSON.parse(text) as IntegrationLogLine["fields"];
  } catch {
    return { text };
  }
}
