// The worker's side of the job table: leases with a fencing token, retries, dead letter. Claims are compare-and-set on one row, so they
// mean the same on both engines; a unique index guards "one running".
import { type RawBuilder, sql } from "kysely";
import type { Job, JobProgress } from "@opentrace/contract/repositories.ts";
import type { Store } from "../store/store.ts";
import { noProgress, toJob, type JobRow, type JsonObject } from "./job-rows.ts";

export const leaseMs = 30_000;
/** Jobs about one resource that are kept; a periodic sync makes some hundred a day. */
export const keptOfResource = 100;

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

export interface JobLeases {
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

interface JobLeasesDeps {
  store: Store;
  now(this: void): Date;
  /** Names this process in leases. */
  owner: string;
}

export function createJobLeases({ store, now, owner }: JobLeasesDeps): JobLeases {
  const db = store.app;
  const time = (): number => now().getTime();
  const held = (claim: Claim) =>
    db
      .updateTable("jobs")
      .where("id", "=", claim.job.id)
      .where("fence", "=", claim.fence)
      .where("state", "=", "running");

  async function tryClaim(candidate: JobRow, at: number): Promise<JobRow | undefined> {
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

  async function prune({ workspace, resource }: JobRow): Promise<void> {
    await db
      .deleteFrom("jobs")
      .where("workspace", "=", workspace)
      .where("resource", "=", resource)
      .where("state", "in", ["succeeded", "failed", "cancelled"])
      .where("created_at", "<", ({ selectFrom }) =>
        selectFrom("jobs as kept")
          .select("kept.created_at")
          .where("kept.workspace", "=", workspace)
          .where("kept.resource", "=", resource)
          .orderBy("kept.created_at", "desc")
          .limit(1)
          .offset(keptOfResource - 1),
      )
      .execute();
  }

  return {
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
      if (row === undefined) return null;
      if (row.finished_at !== null) await prune(row);
      return toJob(row);
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
function nextFence({ workspace, resource }: JobRow, at: number): RawBuilder<number> {
  return sql<number>`(select case when max(every.fence) >= ${at} then max(every.fence) + 1 else cast(${at} as bigint) end
    from jobs as every where every.workspace = ${workspace} and every.resource = ${resource})`;
}

function isUniqueViolation(error: unknown): boolean {
  const text = error instanceof Error ? `${String((error as { code?: unknown }).code)} ${error.message}` : "";
  return /23505|UNIQUE constraint failed/.test(text);
}
