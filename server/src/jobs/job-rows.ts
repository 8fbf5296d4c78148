// A job as its row keeps it, and as it is shown.
import type { Selectable } from "kysely";
import { type Job, JobProgress } from "@opentrace/contract/repositories.ts";
import type { JobsTable } from "../store/tables.ts";

export type JobRow = Selectable<JobsTable>;

export type JsonObject = Job["result"] & object;

export const noProgress: JobProgress = {
  phase: "queued",
  filesDone: 0,
  filesTotal: 0,
  nodes: 0,
  edges: 0,
  etaSeconds: null,
};

/** The stored JSON was written by the job queue. */
export function toJob(row: JobRow): Job {
  const date = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    id: row.id,
    kind: row.kind,
    resource: row.resource,
    state: row.state,
    progress: JobProgress.catch(noProgress).parse(JSON.parse(row.progress)),
    error: row.error === null ? null : (JSON.parse(row.error) as Job["error"]),
    result: row.result === null ? null : (JSON.parse(row.result) as Job["result"]),
    attempts: row.attempts,
    createdAt: new Date(row.created_at).toISOString(),
    startedAt: date(row.started_at),
    finishedAt: date(row.finished_at),
  };
}
