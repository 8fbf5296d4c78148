// What is asked of the job table: one job, a list, the latest of some resources.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { Store } from "../store/store.ts";
import { toJob, type JobRow } from "./job-rows.ts";

interface JobList {
  jobs: Job[];
  nextCursor: string | null;
}

export interface JobReads {
  /** Throws `not_found`. */
  get(id: string, workspace: string): Promise<Job>;
  list(filter: {
    workspace: string;
    resource?: string;
    state?: Job["state"];
    limit: number;
    cursor?: string;
  }): Promise<JobList>;
  latestOf(resources: readonly string[], workspace: string): Promise<Map<string, Job>>;
}

/** Throws `not_found`. */
export async function findJob(db: Store["app"], id: string, workspace: string): Promise<JobRow> {
  const row = await db
    .selectFrom("jobs")
    .selectAll()
    .where("id", "=", id)
    .where("workspace", "=", workspace)
    .executeTakeFirst();
  if (row === undefined) throw new AppError("not_found", `There is no job ${id}.`);
  return row;
}

export function createJobReads({ store }: { store: Store }): JobReads {
  const db = store.app;

  return {
    get: async (id, workspace) => toJob(await findJob(db, id, workspace)),

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
  };
}

function readCursor(cursor: string): [number, string] {
  const match = /^(\d+):(.+)$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] === undefined || match[2] === undefined)
    throw new AppError("bad_request", "The cursor is not one that a list of jobs gave. Leave it out to start anew.");
  return [Number(match[1]), match[2]];
}
