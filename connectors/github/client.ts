// How GitHub is asked: its limits, its paths, its pages.
import { AppError } from "@opentrace/contract/errors.ts";
import { z } from "zod";
import type { ConnectorContext, Json, VendorScope } from "../connector.ts";
import type { Http, HttpReply, VendorPolicy } from "../http.ts";
import { type Config, hostOf, webUrl } from "./config.ts";
import type { Repository } from "./schema.ts";

export type Context = ConnectorContext<Config>;

/** docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: one request at a time, a minute when no time is told. */
export const policy: VendorPolicy = {
  concurrency: 1,
  limits: {
    limit: "x-ratelimit-limit",
    remaining: "x-ratelimit-remaining",
    reset: "x-ratelimit-reset",
    resetIs: "epoch-seconds",
    resource: "x-ratelimit-resource",
  },
  isLimit: ({ status, headers, excerpt }) =>
    status === 403 &&
    (headers["retry-after"] !== undefined ||
      headers["x-ratelimit-remaining"] === "0" ||
      /rate limit|abuse detection/i.test(excerpt)),
  waitMs: 60_000,
  headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
};

const RepositoryHandle = z.object({ fullName: z.string(), node: z.string().optional() });
const OrganizationHandle = z.object({ login: z.string(), person: z.boolean().default(false) });

export interface RepositoryRef {
  /** `acme/shop` */
  fullName: string;
  /** For requests: `repos/acme/shop`. */
  path: string;
  /** For keys: `github.com/acme/shop`. */
  repo: string;
  host: string;
}

export function repositoryOf(scope: VendorScope, config: Config): RepositoryRef {
  const { fullName } = RepositoryHandle.parse(scope.handle);
  const host = hostOf(config);
  return { fullName, path: `repos/${fullName}`, repo: `${host}/${fullName}`, host };
}

/** Its id where GitHub is asked by GraphQL; null when no listing has told it yet. */
export const nodeOf = (scope: VendorScope): string | null => RepositoryHandle.parse(scope.handle).node ?? null;

/** Null for a person's own account: it holds repositories, but no teams. */
export function organizationOf(scope: VendorScope): string | null {
  const { login, person } = OrganizationHandle.parse(scope.handle);
  return person ? null : login;
}

const timeOf = (at: string | number | null | undefined): string | null =>
  typeof at === "number" ? `${new Date(at * 1000).toISOString().slice(0, 19)}Z` : (at ?? null);

export const repositoryScope = (one: Repository): VendorScope => ({
  id: String(one.id),
  kind: "repository",
  name: one.full_name,
  description: one.description ?? null,
  url: one.html_url,
  private: one.private,
  archived: one.archived,
  defaultBranch: one.default_branch,
  parent: `org:${one.owner.id}`,
  // The time of the last push is there to tell that something may be new.
  handle: {
    fullName: one.full_name,
    topics: one.topics,
    pushedAt: timeOf(one.pushed_at),
    ...(one.node_id === undefined ? {} : { node: one.node_id }),
  },
});

export const organizationScope = (owner: Repository["owner"], config: Config): VendorScope => ({
  id: `org:${owner.id}`,
  kind: "organization",
  name: owner.login,
  description: null,
  url: `${webUrl(config)}/${owner.login}`,
  private: false,
  archived: false,
  defaultBranch: null,
  parent: null,
  handle: { login: owner.login, person: owner.type === "User" },
});

/** GitHub's own time of a reply: what a later `since` is compared with there. */
export function vendorTimeOf(reply: HttpReply, now: Date): string {
  const told = Date.parse(reply.headers["date"] ?? "");
  return `${new Date(Number.isNaN(told) ? now : told).toISOString().slice(0, 19)}Z`;
}

/** All pages of a small list. */
export async function all<T>(http: Http, schema: z.ZodType<T>, url: string, needs: string, most: number): Promise<T[]> {
  const found: T[] = [];
  for await (const reply of http.pages({ url, query: { per_page: 100 }, needs })) {
    found.push(...reply.json(z.array(schema)));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

export async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}

/** The next page's address below the API's root, to be kept in a cursor: it names the repository by id, so a rename does not break it. */
export const nextOf = (reply: HttpReply): string | null => reply.links["next"] ?? null;

export const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
