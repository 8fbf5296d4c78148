// The job table: at least once, one running job a resource. Here jobs come in and are called off; job-reads.ts shows them,
// job-leases.ts is the worker's side.
import { randomBytes } from "node:crypto";
import type { Transaction } from "kysely";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { Store } from "../store/store.ts";
import type { AppTables } from "../store/tables.ts";
import { createJobLeases, type JobLeases } from "./job-leases.ts";
import { createJobReads, findJob, type JobReads } from "./job-reads.ts";
import { noProgress, toJob, type JobRow, type JsonObject } from "./job-rows.ts";

export interface NewJob {
  kind: string;
  resource: string;
  input: JsonObject;
  workspace: string;
  maxAttempts?: number;
}

export interface JobQueue extends JobReads, JobLeases {
  /** A job of the same kind that still waits for the same resource is returned instead of a second one. `tx`: queued with what it writes. */
  enqueue(job: NewJob, tx?: Transaction<AppTables>): Promise<Job>;
  /** A job of the same kind that still waits for the same resource takes this one's input in; null = the two can't be one. */
  enqueueMerged(job: NewJob, merge: (waiting: JsonObject, added: JsonObject) => JsonObject | null): Promise<Job>;
  /** A waiting job ends at once; a running one is asked to. */
  cancel(id: string, workspace: string): Promise<Job>;
}

export interface JobQueueDeps {
  store: Store;
  now(this: void): Date;
  /** Names this process in leases. */
  owner: string;
}

export function createJobQueue({ store, now, owner }: JobQueueDeps): JobQueue {
  const db = store.app;
  const time = (): number => now().getTime();

  async function insert(
    { kind, resource, input, workspace, maxAttempts = 5 }: NewJob,
    into: Pick<Store["app"], "insertInto"> = db,
  ): Promise<Job> {
    const at = time();
    const row: JobRow = {
      id: `job_${randomBytes(12).toString("base64url")}`,
      workspace,
      kind,
      resource,
      state: "queued",
      input: JSON.stringify(input),
      progress: JSON.stringify(noProgress),
      error: null,
      result: null,
      attempts: 0,
      max_attempts: maxAttempts,
      run_after: at,
      lease_owner: null,
      lease_until: null,
      fence: 0,
      cancel_requested: 0,
      created_at: at,
      started_at: null,
      finished_at: null,
    };
    await into.insertInto("jobs").values(row).execute();
    return toJob(row);
  }

  return {
    ...createJobReads({ store }),
    ...createJobLeases({ store, now, owner }),

    async enqueue(job, tx) {
      const { kind, resource, input, workspace } = job;
      const waiting = await (tx ?? db)
        .selectFrom("jobs")
        .selectAll()
        .where("workspace", "=", workspace)
        .where("resource", "=", resource)
        .where("kind", "=", kind)
        .where("state", "=", "queued")
        .where("input", "=", JSON.stringify(input))
        .executeTakeFirst();
      return waiting === undefined ? insert(job, tx) : toJob(waiting);
    },

    async enqueueMerged(job, merge) {
      const queued = await db
        .selectFrom("jobs")
        .selectAll()
        .where("workspace", "=", job.workspace)
        .where("resource", "=", job.resource)
        .where("kind", "=", job.kind)
        .where("state", "=", "queued")
        .orderBy("id")
        .execute();
      for (const waiting of queued) {
        const merged = merge(JSON.parse(waiting.input) as JsonObject, job.input);
        if (merged === null) continue;
        // Claimed or changed by another meanwhile: then it is none that this one can join.
        const row = await db
          .updateTable("jobs")
          .set({ input: JSON.stringify(merged) })
          .where("id", "=", waiting.id)
          .where("state", "=", "queued")
          .where("input", "=", waiting.input)
          .returningAll()
          .executeTakeFirst();
        if (row !== undefined) return toJob(row);
      }
      return insert(job);
    },

    async cancel(id, workspace) {
      const row = await findJob(db, id, workspace);
      const at = time();
      await db
        .updateTable("jobs")
        .set({ state: "cancelled", finished_at: at, cancel_requested: 1 })
        .where("id", "=", id)
        .where("state", "=", "queued")
        .execute();
      await db
        .updateTable("jobs")
        .set({ cancel_requested: 1 })
        .where("id", "=", id)
        .where("state", "=", "running")
        .execute();
      if (row.state !== "queued" && row.state !== "running") return toJob(row);
      return toJob(await findJob(db, id, workspace));
    },
  };
}
