// Merge requests with what they change. Each one is remembered with its time of change, so that its details are asked for once for each.
import type { Json, SyncRequest, SyncStep } from "../connector.ts";
import { all, type Context, instant, type ProjectRef, projectOf, unlessGone, vendorTimeOf } from "./client.ts";
import { type MergeRequestDetail, mergeRequestFacts } from "./facts.ts";
import { Approvals, Diff, MergeRequest } from "./schema.ts";
import { type Anchor, Cursor, overlapped, readTimePage, start, type Steps } from "./time-pages.ts";

const MOST_FILES = 3_000;
const DAY = 86_400_000;

export async function* syncMergeRequests(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  if (request.only !== null) return yield* onlySome(ctx, ref, request.only);
  return yield* read(ctx, ref, request);
}

function isDetailed({ config, now }: Context, one: MergeRequest): boolean {
  const old = config.detailDays > 0 && Date.parse(one.updated_at) < now().getTime() - config.detailDays * DAY;
  return !old || one.state === "opened";
}

async function detailOf(ctx: Context, ref: ProjectRef, one: MergeRequest): Promise<MergeRequestDetail | null> {
  if (!isDetailed(ctx, one)) return null;
  const url = `${ref.at}/merge_requests/${one.iid}`;
  const needs = "merge_requests";
  const diffs = await all(ctx, Diff, { url: `${url}/diffs`, needs }, MOST_FILES);
  const approvals = await ctx.http.get(Approvals, `${url}/approvals`, { needs });
  return { diffs, approvals };
}

async function stepOf(ctx: Context, ref: ProjectRef, one: MergeRequest, cursor: Json): Promise<SyncStep> {
  const facts = mergeRequestFacts(ref, one, await detailOf(ctx, ref, one));
  const id = String(one.iid);
  return { is: "items", items: [{ id, facts }], cursor, page: { key: id, etag: one.updated_at, next: null } };
}

async function* onlySome(ctx: Context, ref: ProjectRef, only: readonly string[]): Steps {
  for (const id of only) {
    const url = `${ref.at}/merge_requests/${id}`;
    const one = await unlessGone(ctx.http.get(MergeRequest, url, { needs: "merge_requests" }));
    if (one === null) yield { is: "items", items: [{ id, facts: null }], cursor: null };
    else yield await stepOf(ctx, ref, one, null);
  }
  return { complete: true, cursor: null };
}

async function* read(ctx: Context, ref: ProjectRef, request: SyncRequest): Steps {
  const cursor = request.cursor === null ? null : Cursor.parse(request.cursor);
  const full = request.mode === "full" || cursor === null || cursor.is === "full";
  const by = full ? "created" : "updated";
  let began = cursor?.is === "full" ? cursor.began : null;
  let since = cursor !== null && cursor.is !== "full" ? cursor.since : null;
  let done = cursor?.is === "since" ? null : (cursor?.done ?? null);
  let at: Anchor | null = start();
  if (full) at = cursor?.is === "full" ? cursor.at : start();
  else if (cursor.is === "reading") ({ at } = cursor);
  else at = start(overlapped(cursor.since));

  const known = !full && cursor.is === "since" ? cursor.etag : null;
  let etag: string | null = null;
  for (let first = true; at !== null; first = false) {
    const asked = {
      url: `${ref.at}/merge_requests`,
      query: { state: "all", scope: "all" },
      needs: "merge_requests",
      by,
      etag: first ? known : null,
    } as const;
    const page = await readTimePage(ctx, MergeRequest, asked, at);
    if ("unchanged" in page) return { complete: true, cursor: request.cursor };
    began ??= vendorTimeOf(page.reply, ctx.now());
    const before = since;
    const newest = page.rows.at(-1);
    if (since !== null && newest && instant(newest.updated_at) > since) since = instant(newest.updated_at);
    etag = first && cursor?.is === "since" && page.next === null && since === before ? page.reply.etag : null;

    const here: Anchor = at;
    const place = (anchor: Anchor | null, last: number | null): Json => {
      if (full) return { is: "full", at: anchor, began, done: last };
      return { is: "reading", at: anchor, since: anchor === null ? since : (before ?? since), done: last };
    };
    // Rows after the one that was done before a kill; all of the page when that one is gone.
    const from = page.rows.findIndex(({ iid }) => iid === done) + 1;
    const rest = page.rows.slice(from);
    // Without details there is nothing to ask for: they are written together.
    const plain = rest.filter((one) => !isDetailed(ctx, one));
    if (plain.length > 0)
      yield {
        is: "items",
        items: plain.map((one) => ({ id: String(one.iid), facts: mergeRequestFacts(ref, one, null) })),
        cursor: place(here, done),
      };
    for (const one of rest) {
      if (plain.includes(one)) continue;
      const stored = await request.page(String(one.iid));
      const after = place(here, one.iid);
      if (stored?.etag === one.updated_at) yield { is: "unchanged", page: String(one.iid), cursor: after };
      else yield await stepOf(ctx, ref, one, after);
    }
    done = null;
    at = page.next;
    yield { is: "items", items: [], cursor: place(at, null) };
  }
  return {
    complete: true,
    cursor: full ? { is: "since", since: began ?? ctx.now().toISOString(), etag: null } : { is: "since", since, etag },
  };
}
