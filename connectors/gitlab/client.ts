// How GitLab is asked: its limits, its paths, its pages.
import { AppError } from "@opentrace/contract/errors.ts";
import { z } from "zod";
import type { ConnectorContext, VendorScope } from "../connector.ts";
import type { HttpReply, HttpRequest, VendorPolicy } from "../http.ts";
import { type Config, hostNameOf, instanceOf, webUrl } from "./config.ts";
import type { Group, Project } from "./schema.ts";

export type Context = ConnectorContext<Config>;

/** docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers: a minute's window, its end as a Unix time. */
export const policy: VendorPolicy = {
  concurrency: 4,
  limits: {
    limit: "ratelimit-limit",
    remaining: "ratelimit-remaining",
    reset: "ratelimit-reset",
    resetIs: "epoch-seconds",
    resource: "ratelimit-name",
  },
  waitMs: 60_000,
};

const ProjectHandle = z.object({
  path: z.string(),
  topics: z.array(z.string()).default([]),
  group: z.string().nullish(),
  ci: z.string().nullish(),
  lastActivityAt: z.string().nullish(),
  off: z.array(z.string()).default([]),
});
const GroupHandle = z.object({ path: z.string() });

export interface ProjectRef {
  /** For requests: `projects/42`. By id, so that neither a rename nor a transfer breaks them. */
  at: string;
  id: number;
  /** `acme/platform/shop` */
  fullPath: string;
  topics: readonly string[];
  /** Streams of what is switched off in the project's settings: asking for it would be denied like a missing permission. */
  off: readonly string[];
  /** Of the last listing: when somebody last pushed or did something else, to the hour. */
  lastActivityAt: string | null;
  /** Full path of the group that holds it; null when a person does. */
  group: string | null;
  /** Where its pipelines are defined: `.gitlab-ci.yml`, or a file elsewhere: `ci.yml@acme/templates`. */
  ci: string;
  /** For keys: `gitlab.com/acme/platform/shop`. */
  repo: string;
  instance: string;
  hostName: string;
  web: string;
}

export function projectOf(scope: VendorScope, config: Config): ProjectRef {
  const { path, topics, group, ci, lastActivityAt, off } = ProjectHandle.parse(scope.handle);
  const instance = instanceOf(config);
  return {
    at: `projects/${scope.id}`,
    id: Number(scope.id),
    fullPath: path,
    topics,
    group: group ?? null,
    lastActivityAt: lastActivityAt ?? null,
    off,
    ci: ci == null || ci === "" ? ".gitlab-ci.yml" : ci,
    repo: `${instance}/${path}`,
    instance,
    hostName: hostNameOf(config),
    web: webUrl(config),
  };
}

export interface GroupRef {
  at: string;
  fullPath: string;
  instance: string;
  hostName: string;
  web: string;
}

export const groupScopeId = (id: number | string): string => `group:${id}`;

export function groupOf(scope: VendorScope, config: Config): GroupRef {
  return {
    at: `groups/${scope.id.replace(/^group:/, "")}`,
    fullPath: GroupHandle.parse(scope.handle).path,
    instance: instanceOf(config),
    hostName: hostNameOf(config),
    web: webUrl(config),
  };
}

const features = {
  issues: "issues_access_level",
  pulls: "merge_requests_access_level",
  pipelines: "builds_access_level",
  deployments: "environments_access_level",
  releases: "releases_access_level",
  owners: "repository_access_level",
} as const satisfies Record<string, keyof Project>;

export const projectScope = (one: Project): VendorScope => ({
  id: String(one.id),
  kind: "project",
  name: one.path_with_namespace,
  description: one.description ?? null,
  url: one.web_url,
  private: one.visibility !== undefined && one.visibility !== "public",
  archived: one.archived,
  defaultBranch: one.default_branch ?? null,
  parent: one.namespace?.kind === "group" ? groupScopeId(one.namespace.id) : null,
  handle: {
    path: one.path_with_namespace,
    topics: one.topics,
    group: one.namespace?.kind === "group" ? one.namespace.full_path : null,
    off: Object.entries(features).flatMap(([stream, feature]) => (one[feature] === "disabled" ? [stream] : [])),
    ...(one.last_activity_at == null ? {} : { lastActivityAt: one.last_activity_at }),
    ...(one.ci_config_path == null || one.ci_config_path === "" ? {} : { ci: one.ci_config_path }),
  },
});

export const groupScope = (one: Group): VendorScope => ({
  id: groupScopeId(one.id),
  kind: "group",
  name: one.full_path,
  description: one.description ?? null,
  url: one.web_url,
  private: one.visibility !== undefined && one.visibility !== "public",
  archived: false,
  defaultBranch: null,
  parent: one.parent_id == null ? null : groupScopeId(one.parent_id),
  handle: { path: one.full_path },
});

/** GitLab's own time of a reply: what a later `updated_after` is compared with there. */
export function vendorTimeOf(reply: HttpReply, now: Date): string {
  const told = Date.parse(reply.headers["date"] ?? "");
  return new Date(Number.isNaN(told) ? now : told).toISOString();
}

/** One spelling of a time whatever zone an instance writes it in, so that times compare as text. */
export const instant = (text: string): string => new Date(text).toISOString();

export async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}

export type Query = Record<string, string | number | boolean>;

/**
 * What to ask for next to get the next page, or null. From the `Link` header only its query is taken: behind a proxy its scheme and host
 * are often not those that we reach GitLab by. Keyset pages tell nothing else; offset pages also by `x-next-page`.
 */
export function nextQuery(reply: HttpReply, asked: Query): Query | null {
  const link = reply.links["next"];
  const url = link === undefined ? null : URL.parse(link, reply.url.href);
  if (url !== null) return Object.fromEntries(url.searchParams);
  const page = Number(reply.headers["x-next-page"] ?? "");
  return Number.isInteger(page) && page > 1 ? { ...asked, page } : null;
}

export async function* pagesOf(
  ctx: Context,
  { query = {}, ...asked }: Omit<HttpRequest, "query"> & { query?: Query },
): AsyncGenerator<HttpReply, void, void> {
  let next: Query | null = { per_page: 100, ...query };
  while (next !== null) {
    const reply: HttpReply = await ctx.http.request({ ...asked, query: next });
    yield reply;
    next = nextQuery(reply, next);
  }
}

/** All of a list that is not long; `most` bounds a hostile or unexpected one. */
export async function all<T>(
  ctx: Context,
  schema: z.ZodType<T>,
  asked: Omit<HttpRequest, "query"> & { query?: Query },
  most: number,
): Promise<T[]> {
  const found: T[] = [];
  for await (const reply of pagesOf(ctx, asked)) {
    found.push(...reply.json(z.array(schema)));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}
