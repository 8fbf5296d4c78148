// Streams of a repository and an organization: which there are, and issues.
//
// Full passes read in the order of creation, where pages do not shift while things are edited; unchanged pages cost nothing (304).
// Incremental passes read by time of change, from the last one seen, and go on from it when killed.
import type { Json, SyncEnd, SyncRequest, SyncStep } from "../connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { StreamInfo } from "@opentrace/contract/integrations.ts";
import { z } from "zod";
import { type Context, nextOf, type RepositoryRef, repositoryOf, unlessGone, vendorTimeOf } from "./client.ts";
import { type Facts, issueFacts } from "./facts.ts";
import { Issue } from "./schema.ts";
import { syncOwners } from "./sync-codeowners.ts";
import { syncDeployments, syncPipelines, syncReleases, syncRepository } from "./sync-delivery.ts";
import { syncPulls } from "./sync-pulls.ts";
import { syncTeams } from "./sync-teams.ts";

export type Steps = AsyncGenerator<SyncStep, SyncEnd, void>;

const stream = (id: string, name: string, summary: string, needs: string, of = "repository"): StreamInfo => ({
  id,
  name,
  summary,
  of: [of],
  needs: [needs],
  quiet: !["issues", "pulls"].includes(id),
  own: id === "repository",
});

export const streams: readonly StreamInfo[] = [
  stream("repository", "Repository", "Its name, description and topics", "metadata"),
  stream("issues", "Issues", "Title, state, labels, people", "issues"),
  stream("pulls", "Pull requests", "With the files and lines they change, reviews and linked issues", "pull_requests"),
  stream("releases", "Releases", "Tags that were published", "contents"),
  stream("deployments", "Deployments", "What was deployed where, and how it went", "deployments"),
  stream("pipelines", "Workflows", "GitHub Actions workflows with their latest runs", "actions"),
  stream("owners", "Code owners", "Who owns which files by CODEOWNERS", "contents"),
  stream("teams", "Teams", "The organization's teams and their members", "members", "organization"),
];

export async function* sync(ctx: Context, request: SyncRequest): Steps {
  switch (request.stream) {
    case "repository":
      return yield* syncRepository(ctx, request);
    case "issues":
      return yield* syncIssues(ctx, request);
    case "pulls":
      return yield* syncPulls(ctx, request);
    case "releases":
      return yield* syncReleases(ctx, request);
    case "deployments":
      return yield* syncDeployments(ctx, request);
    case "pipelines":
      return yield* syncPipelines(ctx, request);
    case "owners":
      return yield* syncOwners(ctx, request);
    case "teams":
      return yield* syncTeams(ctx, request);
    default:
      throw new AppError("not_found", `GitHub has no stream ${request.stream}.`);
  }
}

/** In a full pass: the next page, and when the pass began at GitHub. Between passes: the time of change to go on from, with its ETag. */
const Cursor = z.union([
  z.object({ is: z.literal("full"), next: z.string().nullable(), began: z.string() }),
  z.object({
    is: z.literal("since"),
    since: z.string(),
    etag: z.string().nullable(),
    /** Where more than a page changed in one second. */
    page: z.int().default(1),
  }),
]);

async function* syncIssues(ctx: Context, request: SyncRequest): Steps {
  const ref = repositoryOf(request.scope, ctx.config);
  if (request.only !== null) return yield* onlyIssues(ctx, ref, request.only);
  const cursor = request.cursor === null ? null : Cursor.parse(request.cursor);
  if (request.mode === "incremental" && cursor?.is === "since") return yield* changedIssues(ctx, ref, cursor);
  return yield* allIssues(ctx, ref, request, cursor?.is === "full" ? cursor : null);
}

const itemsOf = (ref: RepositoryRef, issues: readonly Issue[]): { id: string; facts: Facts }[] =>
  issues
    // The list has pull requests as well; they have a stream of their own.
    .filter((issue) => issue.pull_request === undefined)
    .map((issue) => ({ id: String(issue.number), facts: issueFacts(ref, issue) }));

async function* onlyIssues(ctx: Context, ref: RepositoryRef, only: readonly string[]): Steps {
  for (const id of only) {
    const issue = await unlessGone(ctx.http.get(Issue, `${ref.path}/issues/${id}`, { needs: "issues" }));
    // Transferred: GitHub leads to where it is now.
    const here = issue !== null && issue.number === Number(id) && issue.html_url.includes(`/${ref.fullName}/`);
    const items = here ? itemsOf(ref, [issue]) : [{ id, facts: null }];
    yield { is: "items", items, cursor: null };
  }
  return { complete: true, cursor: null };
}

/** 410: the repository has no issues, as most forks. */
const DISABLED = 410;

async function* allIssues(
  ctx: Context,
  ref: RepositoryRef,
  request: SyncRequest,
  at: { next: string | null; began: string } | null,
): Steps {
  // Killed after the last page.
  if (at?.next === null) return { complete: true, cursor: { is: "since", since: at.began, etag: null } };
  const query = { state: "all", sort: "created", direction: "asc", per_page: 100 };
  let next: string | null = at?.next ?? null;
  let began = at?.began ?? null;
  for (let first = next === null; first || next !== null; first = false) {
    const address: string = next ?? `${ref.path}/issues`;
    const key = pageKey(address);
    const known = await request.page(key);
    const reply = await ctx.http.request({
      url: address,
      ...(next === null ? { query } : {}),
      ...(known === null ? {} : { etag: known.etag }),
      needs: "issues",
      expect: [DISABLED],
    });
    if (reply.status === DISABLED) return { complete: true, cursor: null };
    began ??= vendorTimeOf(reply, ctx.now());
    // A 304 has no Link header, and a page that was the last may have a next one by now.
    next = reply.unchanged ? (typeof known?.next === "string" ? known.next : null) : nextOf(reply);
    const cursor: Json = { is: "full", next, began };
    if (reply.unchanged) yield { is: "unchanged", page: key, cursor };
    else {
      const items = itemsOf(ref, reply.json(z.array(Issue)));
      yield { is: "items", items, cursor, ...(reply.etag === null ? {} : { page: { key, etag: reply.etag, next } }) };
    }
  }
  return { complete: true, cursor: { is: "since", since: began ?? "1970-01-01T00:00:00Z", etag: null } };
}

/** The page's number: what a page's ETag is remembered under. */
const pageKey = (address: string): string => /[?&]page=(\d+)/.exec(address)?.[1] ?? "1";

async function* changedIssues(
  ctx: Context,
  ref: RepositoryRef,
  at: { since: string; etag: string | null; page: number },
): Steps {
  let { since, etag, page } = at;
  for (;;) {
    const reply = await ctx.http.request({
      url: `${ref.path}/issues`,
      query: { state: "all", sort: "updated", direction: "asc", per_page: 100, since, ...(page === 1 ? {} : { page }) },
      ...(etag === null || page > 1 ? {} : { etag }),
      needs: "issues",
      expect: [DISABLED],
    });
    if (reply.status === DISABLED) return { complete: true, cursor: null };
    if (reply.unchanged) break;
    const issues = reply.json(z.array(Issue));
    if (issues.length === 0) {
      etag = page > 1 ? null : reply.etag;
      break;
    }
    const newest = issues.at(-1)?.updated_at ?? since;
    const more = nextOf(reply) !== null;
    // By time, not by page number: what is edited meanwhile moves to the end and would shift the pages.
    etag = newest > since || page > 1 ? null : reply.etag;
    page = newest > since ? 1 : etag === null || more ? page + 1 : 1;
    since = newest;
    yield { is: "items", items: itemsOf(ref, issues), cursor: { is: "since", since, etag: more ? null : etag, page } };
    if (!more) break;
  }
  return { complete: true, cursor: { is: "since", since, etag } };
}
