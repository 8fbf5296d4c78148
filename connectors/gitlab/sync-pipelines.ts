// CI/CD: what a project's CI file defines is one node; its latest runs with their stages are on it, and an edge leads to each commit they built.
import type { EdgeFact } from "@opentrace/contract/facts.ts";
import { commitKey, fileKey, pipelineKey, repositoryKey } from "@opentrace/contract/keys.ts";
import { z } from "zod";
import { conditionally } from "../conditional-list.ts";
import type { SyncRequest } from "../connector.ts";
import { all, type Context, type ProjectRef, projectOf } from "./client.ts";
import { type Facts, runStateOf } from "./facts.ts";
import { Job, PipelineRun } from "./schema.ts";
import type { Steps } from "./time-pages.ts";

const RECENT_RUNS = 10;
const MOST_JOBS = 1_000;
const JOBS_SHOWN = 50;

const Detail = z.object({
  seconds: z.number().nullable(),
  stages: z.array(z.object({ name: z.string(), state: z.string(), seconds: z.number().nullable(), jobs: z.int() })),
  jobs: z.array(
    z.object({ name: z.string(), stage: z.string(), state: z.string(), seconds: z.number().nullable(), id: z.int() }),
  ),
});
type Detail = z.infer<typeof Detail>;

/** Of the runs that are shown: what their jobs were when they were last asked for. By the run's number and its state then. */
const Memory = z.record(z.string(), Detail);

/** A run's jobs cost a request; it is made again only when the run has changed. */
export async function* syncPipelines(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  const needs = "pipelines";
  const asked = {
    url: `${ref.at}/pipelines`,
    query: { order_by: "id", sort: "desc", per_page: RECENT_RUNS },
    needs,
  };
  return yield* conditionally(ctx, { ...request, only: null }, asked, async (reply, remembered) => {
    const runs = reply.json(z.array(PipelineRun));
    const before = Memory.catch({}).parse(remembered);
    const memory: Record<string, Detail> = {};
    for (const run of runs) {
      const version = `${run.id} ${run.status} ${run.updated_at}`;
      const jobs = { url: `${ref.at}/pipelines/${run.id}/jobs`, needs };
      memory[version] = before[version] ?? detailOf(await all(ctx, Job, jobs, MOST_JOBS));
    }
    const details = Object.values(memory);
    const facts = runs.length === 0 ? null : pipelineFacts(ref, request.scope.defaultBranch, runs, details);
    return { items: [{ id: "pipeline", facts }], memory };
  });
}

function detailOf(jobs: readonly Job[]): Detail {
  const inOrder = jobs.toSorted((a, b) => a.id - b.id);
  const stages = new Map<string, Job[]>();
  for (const job of inOrder) stages.set(job.stage, [...(stages.get(job.stage) ?? []), job]);
  return {
    seconds: secondsOf(jobs),
    stages: [...stages].map(([name, of]) => ({
      name,
      state: stageState(of),
      seconds: secondsOf(of),
      jobs: of.length,
    })),
    jobs: inOrder.slice(0, JOBS_SHOWN).map((job) => ({
      id: job.id,
      name: job.name.slice(0, 200),
      stage: job.stage,
      state: runStateOf(job.status),
      seconds: job.duration ?? null,
    })),
  };
}

/** How long any of them ran: waiting between them does not count, as in GitLab's own duration of a pipeline. */
function secondsOf(jobs: readonly Job[]): number | null {
  const spans = jobs
    .flatMap(({ started_at, finished_at }) =>
      started_at == null || finished_at == null ? [] : [[Date.parse(started_at), Date.parse(finished_at)] as const],
    )
    .toSorted(([a], [b]) => a - b);
  if (spans.length === 0) return null;
  let total = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans) {
    total += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return Math.round(total / 100) / 10;
}

/** docs.gitlab.com/ci/jobs/#job-status-order: what is worst, or still going on; jobs that may fail do not fail their stage. */
function stageState(jobs: readonly Job[]): string {
  const states = jobs.map((job) => (job.status === "failed" && job.allow_failure ? "success" : job.status));
  const worst = ["failed", "canceled", "running", "pending", "created", "manual", "success"];
  return runStateOf(worst.find((state) => states.includes(state)) ?? states[0] ?? "skipped");
}

function pipelineFacts(
  ref: ProjectRef,
  defaultBranch: string | null,
  runs: readonly PipelineRun[],
  details: readonly Detail[],
): Facts {
  const key = pipelineKey(ref.repo, ref.ci);
  const evidence = [`${ref.web}/${ref.fullPath}/-/pipelines`];
  const told = runs.map((run, index) => ({
    number: run.iid ?? run.id,
    branch: run.ref ?? null,
    sha: run.sha,
    event: run.source ?? null,
    state: runStateOf(run.status),
    seconds: details[index]?.seconds ?? null,
    stages: details[index]?.stages ?? [],
    startedAt: run.created_at,
    url: run.web_url,
  }));
  // What the default branch is built by says more of the pipeline than a merge request's part of it.
  const main = Math.max(
    0,
    told.findIndex(({ branch }) => branch === defaultBranch),
  );
  const builds = new Map<string, EdgeFact>();
  for (const run of told.toReversed())
    builds.set(run.sha, {
      from: key,
      to: commitKey(ref.repo, run.sha),
      type: "BUILDS",
      props: { state: run.state, run: run.number, seconds: run.seconds },
      evidence: [run.url],
    });
  const local = !ref.ci.includes("@") && !/^https?:/i.test(ref.ci);
  return {
    nodes: [
      {
        key,
        type: "Pipeline",
        name: `CI/CD of ${ref.fullPath}`.slice(0, 500),
        props: {
          path: ref.ci,
          active: true,
          state: told[0]?.state ?? null,
          runs: told,
          stages: told[main]?.stages.map(({ name }) => name) ?? [],
          jobs: details[main]?.jobs.map(({ id: _id, ...job }) => job) ?? [],
        },
      },
    ],
    edges: [
      { from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence },
      ...(local ? [{ from: fileKey(ref.repo, ref.ci), to: key, type: "DEFINES", evidence } as const] : []),
      { from: key, to: repositoryKey(ref.repo), type: "BUILDS", evidence },
      ...builds.values(),
    ],
  };
}
