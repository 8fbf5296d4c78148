// The job table: at least once, one running job a resource, leases with a fencing token, retries, dead letter, cancel.
// Claims are compare-and-set on one row, so they mean the same on both engines; a unique index guards "one running".
import { randomBytes } from "node:crypto";
import { type RawBuilder, type Selectable, sql, type Transaction } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import { type Job, JobProgress } from "@opentrace/contract/repositories.ts";
import type { Store } from "../store/store.ts";
import type { AppTables, JobsTable } from "../store/tables.ts";

export const leaseMs = 30_000;

export type JsonObject = Job["result"] & object;

export interface NewJob {
  kind: string;
  resource: string;
  input: JsonObject;
  workspace: string;
  maxAttempts?: number;
}

/** What a worker holds while it works: every write it makes to the job carries the token. */
export interface Claim {
  job: Job;
  input: JsonObject;
  workspace: string;
  /** Higher than that of every earlier claim of a job about the same resource. */
  fence: number;
  maxAttempts: number;
}

export type Outcome =
  | { is: "succeeded"; result: JsonObject }
  | { is: "failed"; error: { code: string; message: string } }
  | { is: "cancelled" }
  /** `counts: false`: it was told when to come back, which is no failure of its own. */
  | { is: "retry"; error: { code: string; message: string }; delayMs: number; counts?: false }
  /** The process is going down: another may take it at once, and this try does not count. */
  | { is: "released" };

interface JobList {
  jobs: Job[];
  nextCursor: string | null;
}

export interface JobQueue {
  /** A job of the same kind that still waits for the same resource is returned instead of a second one. `tx`: queued with what it writes. */
  enqueue(job: NewJob, tx?: Transaction<AppTables>): Promise<Job>;
  /** A job of the same kind that still waits for the same resource takes this one's input in; null = the two can't be one. */
  enqueueMerged(job: NewJob, merge: (waiting: JsonObject, added: JsonObject) => JsonObject | null): Promise<Job>;
  get(id: string, workspace: string): Promise<Job>;
  list(filter: {
    workspace: string;
    resource?: string;
    state?: Job["state"];
    limit: number;
    cursor?: string;
  }): Promise<JobList>;
  latestOf(resources: readonly string[], workspace: string): Promise<Map<string, Job>>;
  /** A waiting job ends at once; a running one is asked to. */
  cancel(id: string, workspace: string): Promise<Job>;
  claim(kinds: readonly string[]): Promise<Claim | null>;
  /** Extends the lease. `lost`: another worker has it, stop without writing anything. */
  heartbeat(claim: Claim): Promise<"go on" | "cancel" | "lost">;
  progress(claim: Claim, progress: JobProgress): Promise<Job | null>;
  /** False when the claim was lost: nothing is written then. */
  finish(claim: Claim, outcome: Outcome): Promise<Job | null>;
  /**
   * Jobs whose worker died: queued again, or failed for good when they were tried too often. `ownedByNobody`: the caller knows that no
   * other process works on this store, so leases need not run out. `kinds`: only those that the caller can bring to their end.
   */
  recover(options?: { ownedByNobody?: boolean; kinds?: readonly string[] }): Promise<{ job: Job; workspace: string }[]>;
}

export const noProgress: JobProgress = {
  phase: "queued",
  filesDone: 0,
  filesTotal: 0,
  nodes: 0,
  edges: 0,
  etaSeconds: null,
};

export interface JobQueueDeps {
  store: Store;
  now(this: void): Date;
  /** Names this process in leases. */
  owner: string;
}

type Row = Selectable<JobsTable>;

export function createJobQueue({ store, now, owner }: JobQueueDeps): JobQueue {
  const db = store.app;
  const time = (): number => now().getTime();
  const held = (claim: Claim) =>
    db
      .updateTable("jobs")
      .where("id", "=", claim.job.id)
      .where("fence", "=", claim.fence)
      .where("state", "=", "running");

  async function find(id: string, workspace: string): Promise<Row> {
    const row = await db
      .selectFrom("jobs")
      .selectAll()
      .where("id", "=", id)
      .where("workspace", "=", workspace)
      .executeTakeFirst();
    if (row === undefined) throw new AppError("not_found", `There is no job ${id}.`);
    return row;
  }

  async function tryClaim(candidate: Row, at: number): Promise<Row | undefined> {
    try {
      return await db
        .updateTable("jobs")
        .set({
          state: "running",
          lease_owner: owner,
          lease_until: at + leaseMs,
          fence: nextFence(candidate, at),
          attempts: candidate.attempts + 1,
          started_at: at,
          error: null,
        })
        .where("id", "=", candidate.id)
        .where("state", "=", "queued")
        .where("fence", "=", candidate.fence)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("jobs as other")
                .select("other.id")
                .where("other.workspace", "=", candidate.workspace)
                .where("other.resource", "=", candidate.resource)
                .where("other.state", "=", "running"),
            ),
          ),
        )
        .returningAll()
        .executeTakeFirst();
    } catch (error) {
      // Two claims of one resource in the same moment: the unique index lets one through.
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  }

  async function insert(
    { kind, resource, input, workspace, maxAttempts = 5 }: NewJob,
    into: Pick<Store["app"], "insertInto"> = db,
  ): Promise<Job> {
    const at = time();
    const row: Row = {
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

    get: async (id, workspace) => toJob(await find(id, workspace)),

    async list({ workspace, resource, state, limit, cursor }) {
      let query = db.selectFrom("jobs").selectAll().where("workspace", "=", workspace);
      if (resource !== undefined) query = query.where("resource", "=", resource);
      if (state !== undefined) query = query.where("state", "=", state);
      if (cursor !== undefined) {
        const [at, id] = readCursor(cursor);
        query = query.where(({ or, and, eb }) =>
          or([eb("created_at", "<", at), and([eb("created_at", "=", at), eb("id", "<", id)])]),
        );
      }
      const rows = await query
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const last = rows[limit - 1];
      return {
        jobs: rows.slice(0, limit).map(toJob),
        nextCursor:
          rows.length > limit && last !== undefined
            ? Buffer.from(`${last.created_at}:${last.id}`).toString("base64url")
            : null,
      };
    },

    async latestOf(resources, workspace) {
      const latest = new Map<string, Job>();
      if (resources.length === 0) return latest;
      const rows = await db
        .selectFrom("jobs")
        .selectAll()
        .where("workspace", "=", workspace)
        .where("resource", "in", resources)
        .where(({ not, exists, selectFrom, eb }) =>
          not(
            exists(
              selectFrom("jobs as later")
                .select("later.id")
                .whereRef("later.workspace", "=", "jobs.workspace")
                .whereRef("later.resource", "=", "jobs.resource")
                .where(({ or, and, eb: inner }) =>
                  or([
                    inner("later.created_at", ">", eb.ref("jobs.created_at")),
                    and([
                      inner("later.created_at", "=", eb.ref("jobs.created_at")),
                      inner("later.id", ">", eb.ref("jobs.id")),
                    ]),
                  ]),
                ),
            ),
          ),
        )
        .execute();
      for (const row of rows) latest.set(row.resource, toJob(row));
      return latest;
    },

    async cancel(id, workspace) {
      const row = await find(id, workspace);
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
      return toJob(await find(id, workspace));
    },

    async claim(kinds) {
      const at = time();
      const due = await db
        .selectFrom("jobs")
        .selectAll()
        .where("state", "=", "queued")
        .where("run_after", "<=", at)
        .where("kind", "in", kinds)
        .orderBy("run_after")
        .orderBy("id")
        .limit(20)
        .execute();
      for (const candidate of due) {
        const row = await tryClaim(candidate, at);
        if (row !== undefined)
          return {
            job: toJob(row),
            input: JSON.parse(row.input) as JsonObject,
            workspace: row.workspace,
            fence: row.fence,
            maxAttempts: row.max_attempts,
          };
      }
      return null;
    },

    async heartbeat(claim) {
      const row = await held(claim)
        .set({ lease_until: time() + leaseMs })
        .returning("cancel_requested")
        .executeTakeFirst();
      return row === undefined ? "lost" : row.cancel_requested === 1 ? "cancel" : "go on";
    },

    async progress(claim, progress) {
      const row = await held(claim)
        .set({ progress: JSON.stringify(progress) })
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toJob(row);
    },

    async finish(claim, outcome) {
      const at = time();
      const free = { lease_owner: null, lease_until: null };
      const write = (() => {
        switch (outcome.is) {
          case "succeeded":
            return {
              ...free,
              state: "succeeded" as const,
              result: JSON.stringify(outcome.result),
              error: null,
              finished_at: at,
            };
          case "failed":
            return { ...free, state: "failed" as const, error: JSON.stringify(outcome.error), finished_at: at };
          case "cancelled":
            return { ...free, state: "cancelled" as const, finished_at: at };
          case "retry":
            return {
              ...free,
              state: "queued" as const,
              error: JSON.stringify(outcome.error),
              run_after: at + outcome.delayMs,
              ...(outcome.counts === false ? { attempts: Math.max(0, claim.job.attempts - 1) } : {}),
              progress: JSON.stringify(noProgress),
            };
          case "released":
            return {
              ...free,
              state: "queued" as const,
              run_after: at,
              attempts: Math.max(0, claim.job.attempts - 1),
              progress: JSON.stringify(noProgress),
            };
        }
      })();
      const row = await held(claim).set(write).returningAll().executeTakeFirst();
      return row === undefined ? null : toJob(row);
    },

    async recover({ ownedByNobody = false, kinds } = {}) {
      const at = time();
      const until = ownedByNobody ? Number.MAX_SAFE_INTEGER : at;
      let query = db.selectFrom("jobs").selectAll().where("state", "=", "running").where("lease_until", "<", until);
      if (kinds !== undefined) query = query.where("kind", "in", kinds);
      const dead = await query.limit(100).execute();
      const recovered: { job: Job; workspace: string }[] = [];
      for (const row of dead) {
        const over = row.cancel_requested === 1 || row.attempts >= row.max_attempts;
        const error = JSON.stringify({
          code: "internal",
          message: `The worker died ${row.attempts} times while it ran this. See the server's log; then start it again.`,
        });
        const next = await db
          .updateTable("jobs")
          .set({
            lease_owner: null,
            lease_until: null,
            // A dead worker that is only slow must not find its token valid again.
            fence: row.fence + 1,
            ...(row.cancel_requested === 1
              ? { state: "cancelled" as const, finished_at: at }
              : over
                ? { state: "failed" as const, error, finished_at: at }
                : { state: "queued" as const, run_after: at, progress: JSON.stringify(noProgress) }),
          })
          .where("id", "=", row.id)
          .where("fence", "=", row.fence)
          .where("state", "=", "running")
          .where("lease_until", "<", until)
          .returningAll()
          .executeTakeFirst();
        if (next !== undefined) recovered.push({ job: toJob(next), workspace: next.workspace });
      }
      return recovered;
    },
  };
}

/** The time at least: what was written under an older copy of this table must not outrank it. */
function nextFence({ workspace, resource }: Row, at: number): RawBuilder<number> {
  return sql<number>`(select case when max(every.fence) >= ${at} then max(every.fence) + 1 else cast(${at} as bigint) end
    from jobs as every where every.workspace = ${workspace} and every.resource = ${resource})`;
}

function readCursor(cursor: string): [number, string] {
  const match = /^(\d+):(.+)$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] === undefined || match[2] === undefined)
    throw new AppError("bad_request", "The cursor is not one that a list of jobs gave. Leave it out to start anew.");
  return [Number(match[1]), match[2]];
}

function isUniqueViolation(error: unknown): boolean {
  const text = error instanceof Error ? `${String((error as { code?: unknown }).code)} ${error.message}` : "";
  return /23505|UNIQUE constraint failed/.test(text);
}

/** The stored JSON was written by this module. */
function toJob(row: Row): Job {
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
