// Streams of a project and a group: which there are, and issues.
//
// Full passes read in the order of creation, incremental ones in the order of change with a minute of overlap (a replica may lag behind).
import { AppError } from "@opentrace/contract/errors.ts";
import type { StreamInfo } from "@opentrace/contract/integrations.ts";
import type { z } from "zod";
import type { Json, SyncItem, SyncRequest } from "../connector.ts";
import { type Context, instant, type ProjectRef, projectOf, unlessGone, vendorTimeOf } from "./client.ts";
import { issueFacts } from "./facts.ts";
import { Issue } from "./schema.ts";
import { syncMergeRequests } from "./sync-merge-requests.ts";
import { syncOwners } from "./sync-codeowners.ts";
import { syncDeployments, syncProject, syncReleases } from "./sync-delivery.ts";
import { syncMembers, syncTeams } from "./sync-members.ts";
import { syncPipelines } from "./sync-pipelines.ts";
import { Anchor, Cursor, overlapped, readTimePage, start, type Steps, type TimeReply } from "./time-pages.ts";

const stream = (id: string, name: string, summary: string, needs: string, of = "project"): StreamInfo => ({
  id,
  name,
  summary,
  of: [of],
  needs: [needs],
  // Issues and merge requests tell what has changed by time; the others are asked for when somebody has pushed, or once an hour.
  quiet: !["issues", "pulls"].includes(id),
  own: id === "repository",
});

export const streams: readonly StreamInfo[] = [
  stream("repository", "Project", "Its name, description and topics", "read_api"),
  stream("issues", "Issues", "Title, state, labels, people", "issues"),
  stream(
    "pulls",
    "Merge requests",
    "With the files and lines they change, approvals and linked issues",
    "merge_requests",
  ),
  stream("pipelines", "CI/CD pipelines", "Latest runs with their stages, jobs, state and duration", "pipelines"),
  stream("deployments", "Deployments", "What was deployed to which environment, and how it went", "deployments"),
  stream("releases", "Releases", "Tags that were released", "deployments"),
  stream("owners", "Code owners", "Who owns which files by CODEOWNERS", "read_api"),
  stream("members", "Maintainers", "Who maintains the project", "members"),
  stream("teams", "Groups", "The group and those in it, with their members", "members", "group"),
];

export async function* sync(ctx: Context, request: SyncRequest): Steps {
  const isOff = request.scope.kind === "project" && projectOf(request.scope, ctx.config).off.includes(request.stream);
  if (isOff) return { complete: true, cursor: null };
  switch (request.stream) {
    case "repository":
      return yield* syncProject(ctx, request);
    case "issues":
      return yield* syncIssues(ctx, request);
    case "pulls":
      return yield* syncMergeRequests(ctx, request);
    case "pipelines":
      return yield* syncPipelines(ctx, request);
    case "deployments":
      return yield* syncDeployments(ctx, request);
    case "releases":
      return yield* syncReleases(ctx, request);
    case "owners":
      return yield* syncOwners(ctx, request);
    case "members":
      return yield* syncMembers(ctx, request);
    case "teams":
      return yield* syncTeams(ctx, request);
    default:
      throw new AppError("not_found", `GitLab has no stream ${request.stream}.`);
  }
}

async function* syncIssues(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  if (request.only !== null) return yield* onlyIssues(ctx, ref, request.only);
  const cursor = request.cursor === null ? null : Cursor.parse(request.cursor);
  if (request.mode === "incremental" && cursor !== null && cursor.is !== "full")
    return yield* changedIssues(ctx, ref, cursor);
  return yield* allIssues(ctx, ref, request, cursor?.is === "full" ? cursor : null);
}

/** Confidential ones are taken away again when they have become so: they are asked for, and not kept. */
const itemOf = (ctx: Context, ref: ProjectRef, issue: Issue): SyncItem => ({
  id: String(issue.iid),
  facts: issue.confidential === true && !ctx.config.confidentialIssues ? null : issueFacts(ref, issue),
});

async function* onlyIssues(ctx: Context, ref: ProjectRef, only: readonly string[]): Steps {
  for (const id of only) {
    const issue = await unlessGone(ctx.http.get(Issue, `${ref.at}/issues/${id}`, { needs: "issues" }));
    yield { is: "items", items: [issue === null ? { id, facts: null } : itemOf(ctx, ref, issue)], cursor: null };
  }
  return { complete: true, cursor: null };
}

async function* allIssues(
  ctx: Context,
  ref: ProjectRef,
  request: SyncRequest,
  from: (z.output<typeof Cursor> & { is: "full" }) | null,
): Steps {
  let began = from?.began ?? null;
  // Null in a cursor: killed after the last page.
  let at: Anchor | null = from === null ? start() : from.at;
  while (at !== null) {
    const key = `${at.after ?? ""} ${at.page}`;
    const known = await request.page(key);
    const asked = { url: `${ref.at}/issues`, query: { state: "all", scope: "all" }, needs: "issues" };
    const page = await readTimePage(ctx, Issue, { ...asked, by: "created", etag: known?.etag ?? null }, at);
    began ??= vendorTimeOf(page.reply, ctx.now());
    if ("unchanged" in page) {
      at = Anchor.nullable().parse(known?.next ?? null);
      yield { is: "unchanged", page: key, cursor: { is: "full", at, began } };
      continue;
    }
    at = page.next;
    const { etag } = page.reply;
    yield {
      is: "items",
      items: page.rows.map((issue) => itemOf(ctx, ref, issue)),
      cursor: { is: "full", at, began },
      // The last page of old may have a next one by now without having changed itself.
      ...(etag === null || at === null ? {} : { page: { key, etag, next: at } }),
    };
  }
  return { complete: true, cursor: { is: "since", since: began ?? ctx.now().toISOString(), etag: null } };
}

async function* changedIssues(
  ctx: Context,
  ref: ProjectRef,
  from: z.output<typeof Cursor> & { is: "since" | "reading" },
): Steps {
  let { since } = from;
  let at: Anchor | null = from.is === "reading" ? from.at : start(overlapped(since));
  let etag: string | null = null;
  for (let first = true; at !== null; first = false) {
    const asked = { url: `${ref.at}/issues`, query: { state: "all", scope: "all" }, needs: "issues" };
    const known = first && from.is === "since" ? from.etag : null;
    const page: TimeReply<Issue> = await readTimePage(ctx, Issue, { ...asked, by: "updated", etag: known }, at);
    if ("unchanged" in page) return { complete: true, cursor: { ...from } };
    const newest = page.rows.at(-1);
    const before = since;
    if (newest && instant(newest.updated_at) > since) since = instant(newest.updated_at);
    // The next pass asks the same again only if nothing was newer.
    etag = first && from.is === "since" && page.next === null && since === before ? page.reply.etag : null;
    at = page.next;
    const cursor: Json = { is: "reading", at, since };
    yield { is: "items", items: page.rows.map((issue) => itemOf(ctx, ref, issue)), cursor };
  }
  return { complete: true, cursor: { is: "since", since, etag } };
}
