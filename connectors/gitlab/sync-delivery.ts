// What leaves a project: the project itself, its releases and its deployments to environments.
import {
  commitKey,
  deploymentKey,
  groupKey,
  pipelineKey,
  releaseKey,
  repositoryKey,
} from "@opentrace/contract/keys.ts";
import { z } from "zod";
import { conditionally } from "../conditional-list.ts";
import type { SyncItem, SyncRequest } from "../connector.ts";
import { all, type Context, nextQuery, type ProjectRef, projectOf, unlessGone } from "./client.ts";
import { authored, type Facts, runStateOf } from "./facts.ts";
import { Deployment, Environment, Release } from "./schema.ts";
import type { Steps } from "./time-pages.ts";

const MOST_RELEASES = 1_000;
const MOST_ENVIRONMENTS = 500;
/** Environments whose newest deployment is older than the newest hundred cost a request each. */
const MOST_OLD = 50;

/** Needs no request: the list of projects said it all. */
export async function* syncProject({ config }: Context, { scope }: SyncRequest): Steps {
  const ref = projectOf(scope, config);
  const facts: Facts = {
    nodes: [
      {
        key: repositoryKey(ref.repo),
        type: "Repository",
        name: ref.fullPath,
        props: {
          description: scope.description,
          url: scope.url,
          private: scope.private,
          archived: scope.archived,
          defaultBranch: scope.defaultBranch,
          topics: [...ref.topics],
        },
      },
    ],
    edges: [],
  };
  if (ref.group !== null) {
    const team = groupKey(ref.instance, ref.group);
    facts.nodes.push({ key: team, type: "Team", name: ref.group, props: { path: ref.group } });
    facts.edges.push({
      from: team,
      to: repositoryKey(ref.repo),
      type: "OWNS",
      confidence: 0.8,
      rule: "the project is in the group",
      ...(scope.url === null ? {} : { evidence: [scope.url] }),
    });
  }
  yield { is: "items", items: [{ id: "repository", facts }], cursor: null };
  return { complete: true, cursor: null };
}

export async function* syncReleases(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  const needs = "deployments";
  const url = `${ref.at}/releases`;
  if (request.only !== null) {
    for (const tag of request.only) {
      const one = await unlessGone(ctx.http.get(Release, `${url}/${encodeURIComponent(tag)}`, { needs }));
      yield { is: "items", items: [{ id: tag, facts: one === null ? null : releaseFacts(ref, one) }], cursor: null };
    }
    return { complete: true, cursor: null };
  }
  const query = { order_by: "released_at", sort: "desc", per_page: 100 };
  return yield* conditionally(ctx, request, { url, query, needs }, async (reply) => {
    const releases = reply.json(z.array(Release));
    const next = nextQuery(reply, query);
    if (next !== null) releases.push(...(await all(ctx, Release, { url, query: next, needs }, MOST_RELEASES)));
    return { items: releases.map((one) => ({ id: one.tag_name, facts: releaseFacts(ref, one) })) };
  });
}

function releaseFacts(ref: ProjectRef, one: Release): Facts {
  const key = releaseKey(ref.repo, one.tag_name);
  const url = one._links?.self ?? `${ref.web}/${ref.fullPath}/-/releases/${encodeURIComponent(one.tag_name)}`;
  const evidence = [url];
  const facts: Facts = {
    nodes: [
      {
        key,
        type: "Release",
        name: (one.name ?? "") === "" ? one.tag_name : (one.name ?? "").slice(0, 500),
        props: { tag: one.tag_name, prerelease: one.upcoming_release, publishedAt: one.released_at ?? null, url },
      },
    ],
    edges: [{ from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence }],
  };
  if (one.commit) facts.edges.push({ from: key, to: commitKey(ref.repo, one.commit.id), type: "CONTAINS", evidence });
  authored(ref, one.author, facts, key, evidence);
  return facts;
}

/** The newest hundred, and of every environment that is not among them the deployment that stands there. */
export async function* syncDeployments(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  const needs = "deployments";
  const url = `${ref.at}/deployments`;
  const query = { order_by: "id", sort: "desc", per_page: 100 };
  const list = { ...request, only: null };
  return yield* conditionally(ctx, list, { url, query, needs }, async (reply, memory) => {
    const deployments = reply.json(z.array(Deployment));
    const environments = new Map<string, Environment>();
    const asked = { url: `${ref.at}/environments`, query: { states: "available" }, needs };
    for (const one of await all(ctx, Environment, asked, MOST_ENVIRONMENTS)) environments.set(one.name, one);

    const standing = new Map<string, Deployment>();
    for (const one of deployments)
      if (one.status === "success" && !standing.has(one.environment.name)) standing.set(one.environment.name, one);
    let old = 0;
    for (const environment of environments.keys()) {
      if (standing.has(environment) || ++old > MOST_OLD) continue;
      const newest = { environment, status: "success", order_by: "id", sort: "desc", per_page: 1 };
      const [one] = await ctx.http.get(z.array(Deployment), url, { query: newest, needs });
      if (!one) continue;
      standing.set(environment, one);
      if (!deployments.some(({ id }) => id === one.id)) deployments.push(one);
    }

    const current = new Set([...standing.values()].map(({ id }) => id));
    const items: SyncItem[] = deployments.map((one) => ({
      id: String(one.id),
      facts: deploymentFacts(ref, one, environments.get(one.environment.name) ?? null, current.has(one.id)),
    }));
    // One that stood somewhere and is now neither there nor among the newest would say so for ever.
    const told = new Set(deployments.map(({ id }) => id));
    for (const id of z.array(z.int()).catch([]).parse(memory))
      if (!told.has(id)) items.push({ id: String(id), facts: null });
    return { items, memory: [...current] };
  });
}

function deploymentFacts(ref: ProjectRef, one: Deployment, environment: Environment | null, current: boolean): Facts {
  const key = deploymentKey(ref.repo, one.id);
  const evidence = [one.deployable?.pipeline?.web_url ?? `${ref.web}/${ref.fullPath}/-/environments`];
  const facts: Facts = {
    nodes: [
      {
        key,
        type: "Deployment",
        name: `${one.environment.name}: ${one.ref}`.slice(0, 500),
        props: {
          environment: one.environment.name,
          environmentUrl: one.environment.external_url ?? environment?.external_url ?? null,
          tier: environment?.tier ?? null,
          ref: one.ref,
          sha: one.sha,
          current,
          state: runStateOf(one.status),
          job: one.deployable?.name ?? null,
          stage: one.deployable?.stage ?? null,
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
  if (one.deployable) facts.edges.push({ from: pipelineKey(ref.repo, ref.ci), to: key, type: "DEPLOYS", evidence });
  authored(ref, one.user, facts, key, evidence);
  return facts;
}
