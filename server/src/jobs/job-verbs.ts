// The verbs on jobs.
import { z } from "zod";
import { Page } from "@opentrace/contract/graph.ts";
import { Job, JobState } from "@opentrace/contract/repositories.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { EventFeed } from "./event-feed.ts";
import type { JobQueue } from "./job-queue.ts";
import type { JobRunner } from "./job-runner.ts";

export interface JobVerbsDeps {
  queue: JobQueue;
  runner: Pick<JobRunner, "cancelled">;
  feed: EventFeed;
}

const JobId = z.strictObject({ id: z.string().min(1).max(100) });

export function jobVerbs({ queue, runner, feed }: JobVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "jobs.list",
      summary: "List jobs",
      description: "Jobs, newest first: what is indexed or removed, how far it is, how it ended.",
      permission: "jobs:read",
      input: z.strictObject({
        resource: z.string().max(200).optional().describe("Only jobs on this, e.g. a repository's id"),
        state: JobState.optional(),
        limit: z.int().min(1).max(200).default(50),
        cursor: z.string().max(500).optional(),
      }),
      output: z.object({ jobs: z.array(Job), page: Page }),
      http: { method: "GET", path: "/jobs" },
      async run({ workspace }, { resource, state, limit, cursor }) {
        const { jobs, nextCursor } = await queue.list({
          workspace,
          limit,
          ...(resource === undefined ? {} : { resource }),
          ...(state === undefined ? {} : { state }),
          ...(cursor === undefined ? {} : { cursor }),
        });
        return { jobs, page: { returned: jobs.length, total: null, truncated: nextCursor !== null, nextCursor } };
      },
    }),
    defineVerb({
      name: "jobs.get",
      summary: "Get a job",
      description: "One job with its progress, error and result.",
      permission: "jobs:read",
      input: JobId,
      output: Job,
      http: { method: "GET", path: "/jobs/{id}" },
      run: ({ workspace }, { id }) => queue.get(id, workspace),
    }),
    defineVerb({
      name: "jobs.cancel",
      summary: "Cancel a job",
      description:
        "A waiting job ends at once; a running one is stopped within a second. What it has written so far stays until the next sync.",
      permission: "jobs:write",
      input: JobId,
      output: Job,
      http: { method: "POST", path: "/jobs/{id}/cancel" },
      writes: true,
      async run({ workspace }, { id }) {
        const job = await queue.cancel(id, workspace);
        runner.cancelled(id);
        await feed.publish({ type: "job.updated", job }, workspace);
        return job;
      },
    }),
  ];
}
