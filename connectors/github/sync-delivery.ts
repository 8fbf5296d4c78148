// What leaves a repository: releases, deployments, and the workflows that build it.
import type { EdgeFact } from "@opentrace/contract/facts.ts";
import {
  commitKey,
  deploymentKey,
  fileKey,
  pipelineKey,
  releaseKey,
  repositoryKey,
  userKey,
} from "@opentrace/contract/keys.ts";
import { z } from "zod";
import { conditionally } from "../conditional-list.ts";
import type { SyncItem, SyncRequest } from "../connector.ts";
import { all, type Context, isObject, nextOf, type RepositoryRef, repositoryOf } from "./client.ts";
import { type Facts, personFacts } from "./facts.ts";
import {
  Deployment,
  DeploymentStatus,
  Release,
  type Run,
  Runs,
  type User,
  type Workflow,
  Workflows,
} from "./schema.ts";
import type { Steps } from "./sync.ts";

const MOST_RELEASES = 1_000;
const RECENT_RUNS = 10;
/** How many deployments of an environment are asked for their state, until one has succeeded. */
const MOST_TRIES = 3;
const MOST_OLD = 50;

/** Needs no request: the list of repositories said it all. */
export async function* syncRepository({ config }: Context, request: SyncRequest): Steps {
  const { scope } = request;
  const ref = repositoryOf(scope, config);
  const topics = isObject(scope.handle) && Array.isArray(scope.handle["topics"]) ? scope.handle["topics"] : [];
  const facts: Facts = {
    nodes: [
      {
        key: repositoryKey(ref.repo),
        type: "Repository",
        name: ref.fullName,
        props: {
          description: scope.description,
          url: scope.url,
          private: scope.private,
          archived: scope.archived,
          defaultBranch: scope.defaultBranch,
          topics,
        },
      },
    ],
    edges: [],
  };
  yield { is: "items", items: [{ id: "repository", facts }], cursor: null };
  return { complete: true, cursor: null };
}

function by(ref: RepositoryRef, user: User | null | undefined, facts: Facts, key: string): void {
  if (!user) return;
  const { nodes, edges } = personFacts(ref, user);
  facts.nodes.push(...nodes);
  facts.edges.push(...edges, { from: userKey(ref.host, user.login), to: key, type: "AUTHORED" });
}

export async function* syncReleases(ctx: Context, request: SyncRequest): Steps {
  const ref = repositoryOf(request.scope, ctx.config);
  const asked = { url: `${ref.path}/releases`, query: { per_page: 100 }, needs: "contents" };
  return yield* conditionally(ctx, request, asked, async (reply) => {
    const releases = reply.json(z.array(Release));
    const next = nextOf(reply);
    if (next !== null) releases.push(...(await all(ctx.http, Release, next, "contents", MOST_RELEASES)));
    const items = releases
      .filter((one) => !one.draft)
      .map((one) => ({ id: String(one.id), facts: releaseFacts(ref, one) }));
    return { items };
  });
}

function releaseFacts(ref: RepositoryRef, one: Release): Facts {
  const key = releaseKey(ref.repo, one.tag_name);
  const evidence = [one.html_url];
  const facts: Facts = {
    nodes: [
      {
        key,
        type: "Release",
        name: (one.name ?? "") === "" ? one.tag_name : (one.name ?? "").slice(0, 500),
        props: {
          tag: one.tag_name,
          prerelease: one.prerelease,
          publishedAt: one.published_at ?? null,
          url: one.html_url,
        },
      },
    ],
    edges: [{ from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence }],
  };
  if (/^[0-9a-f]{40}$/.test(one.target_commitish))
    facts.edges.push({ from: key, to: commitKey(ref.repo, one.target_commitish), type: "CONTAINS", evidence });
  by(ref, one.author, facts, key);
  return facts;
}

/** The newest hundred. The state costs a request each: it is asked for until that which stands in the environment is found. */
export async function* syncDeployments(ctx: Context, request: SyncRequest): Steps {
  const ref = repositoryOf(request.scope, ctx.config);
  const asked = { url: `${ref.path}/deployments`, query: { per_page: 100 }, needs: "deployments" };
  return yield* conditionally(ctx, request, asked, async (reply, memory) => {
    const deployments = reply.json(z.array(Deployment));
    const before = z.record(z.string(), z.int()).catch({}).parse(memory);
    const seen = new Set(deployments.map(({ environment }) => environment));
    for (const environment of Object.keys(before).slice(0, MOST_OLD)) {
      if (seen.has(environment)) continue;
      // Nothing of it is among the newest: what stands there still does.
      const query = { environment, per_page: MOST_TRIES };
      deployments.push(...(await ctx.http.get(z.array(Deployment), asked.url, { query, needs: asked.needs })));
    }
    const asking = new Map<string, number>();
    const standing = new Map<string, number>();
    const items: SyncItem[] = [];
    let workflows: Map<string, string> | null = null;
    for (const one of deployments) {
      let status: DeploymentStatus | null = null;
      const tries = asking.get(one.environment) ?? 0;
      if (!standing.has(one.environment) && tries < MOST_TRIES) {
        asking.set(one.environment, tries + 1);
        const url = `${ref.path}/deployments/${one.id}/statuses`;
        const found = await ctx.http.get(z.array(DeploymentStatus), url, {
          query: { per_page: 1 },
          needs: "deployments",
        });
        status = found[0] ?? null;
        if (status?.state === "success") standing.set(one.environment, one.id);
      }
      const runId = /\/actions\/runs\/(\d+)/.exec(`${status?.log_url ?? ""} ${status?.target_url ?? ""}`)?.[1];
      if (runId !== undefined) workflows ??= await workflowsOfRuns(ctx, ref);
      items.push({
        id: String(one.id),
        facts: deploymentFacts(ref, one, {
          status,
          current: standing.get(one.environment) === one.id,
          workflow: workflows?.get(runId ?? "") ?? null,
        }),
      });
    }
    // One that stood somewhere and is not told any more would say so for ever.
    const told = new Set(deployments.map(({ id }) => id));
    for (const id of Object.values(before)) if (!told.has(id)) items.push({ id: String(id), facts: null });
    return { items, memory: Object.fromEntries(standing) };
  });
}

/** Run → path of its workflow; empty where Actions may not be read. */
async function workflowsOfRuns(ctx: Context, ref: RepositoryRef): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const ask = { query: { per_page: 100 }, needs: "actions", expect: [403, 404] };
  const listed = await ctx.http.request({ url: `${ref.path}/actions/workflows`, ...ask });
  const runs = listed.status === 200 ? await ctx.http.request({ url: `${ref.path}/actions/runs`, ...ask }) : null;
  if (runs?.status !== 200) return found;
  const paths = new Map(listed.json(Workflows).workflows.map((one) => [one.id, one.path]));
  for (const run of runs.json(Runs).workflow_runs) {
    const path = paths.get(run.workflow_id);
    if (path !== undefined) found.set(String(run.id), path);
  }
  return found;
}

function deploymentFacts(
  ref: RepositoryRef,
  one: Deployment,
  { status, current, workflow }: { status: DeploymentStatus | null; current: boolean; workflow: string | null },
): Facts {
  const key = deploymentKey(ref.repo, one.id);
  const evidence = [status?.target_url ?? ""].filter((text) => text !== "");
  const facts: Facts = {
    nodes: [
      {
        key,
        type: "Deployment",
        name: `${one.environment}: ${one.ref}`.slice(0, 500),
        props: {
          environment: one.environment,
          ref: one.ref,
          sha: one.sha,
          current,
          state: status?.state ?? null,
          createdAt: one.created_at,
          updatedAt: one.updated_at,
        },
      },
    ],
    edges: [
      { from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence },
      { from: key, to: commitKey(ref.repo, one.sha), type: "DEPLOYS", evidence },
      { from: key, to: repositoryKey(ref.repo), type: "DEPLOYS", evidence },
    ],
  };
  if (workflow !== null)
    facts.edges.push({ from: pipelineKey(ref.repo, workflow), to: key, type: "DEPLOYS", evidence });
  by(ref, one.creator, facts, key);
  return facts;
}

/** A workflow is one node; its latest runs are on it, and an edge leads to each commit they built. */
export async function* syncPipelines(ctx: Context, request: SyncRequest): Steps {
  const ref = repositoryOf(request.scope, ctx.config);
  const asked = { url: `${ref.path}/actions/runs`, query: { per_page: 100 }, needs: "actions" };
  return yield* conditionally(ctx, request, asked, async (reply) => {
    const { workflow_runs: runs } = reply.json(Runs);
    const workflows = await ctx.http.get(Workflows, `${ref.path}/actions/workflows`, {
      query: { per_page: 100 },
      needs: "actions",
    });
    const items = workflows.workflows.map((workflow) => ({
      id: String(workflow.id),
      facts: pipelineFacts(ref, workflow, runs.filter((run) => run.workflow_id === workflow.id).slice(0, RECENT_RUNS)),
    }));
    return { items };
  });
}

function pipelineFacts(ref: RepositoryRef, workflow: Workflow, runs: readonly Run[]): Facts {
  const key = pipelineKey(ref.repo, workflow.path);
  const evidence = [workflow.html_url];
  const told = runs.map((run) => ({
    number: run.run_number,
    branch: run.head_branch ?? null,
    sha: run.head_sha,
    event: run.event,
    state: run.conclusion ?? run.status ?? null,
    seconds: run.status === "completed" ? (Date.parse(run.updated_at) - Date.parse(run.created_at)) / 1000 : null,
    startedAt: run.created_at,
    url: run.html_url,
  }));
  const builds = new Map<string, EdgeFact>();
  for (const run of told.toReversed())
    builds.set(run.sha, {
      from: key,
      to: commitKey(ref.repo, run.sha),
      type: "BUILDS",
      props: { state: run.state, run: run.number },
      evidence: [run.url],
    });
  return {
    nodes: [
      {
        key,
        type: "Pipeline",
        name: workflow.name.slice(0, 500),
        props: { path: workflow.path, active: workflow.state === "active", state: told[0]?.state ?? null, runs: told },
      },
    ],
    edges: [
      { from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence },
      { from: fileKey(ref.repo, workflow.path), to: key, type: "DEFINES", evidence },
      { from: key, to: repositoryKey(ref.repo), type: "BUILDS", evidence },
      ...builds.values(),
    ],
  };
}
