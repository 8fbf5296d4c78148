// Pull requests with what they change. Each one is remembered with its time of change, so that its details are asked for once for each.
import { z } from "zod";
import type { Json, SyncRequest, SyncStep } from "../connector.ts";
import { all, type Context, nextOf, type RepositoryRef, repositoryOf, unlessGone, vendorTimeOf } from "./client.ts";
import { type PullDetail, pullFacts } from "./facts.ts";
import { Pull, PullFile, Review } from "./schema.ts";
import type { Steps } from "./sync.ts";

const Cursor = z.union([
  z.object({ is: z.literal("full"), at: z.string().nullable(), skip: z.int(), began: z.string() }),
  z.object({ is: z.literal("since"), since: z.string(), etag: z.string().nullable() }),
]);

/** GitHub lists 3,000 files of a pull request at most. */
const MOST_FILES = 3_000;
const MOST_REVIEWS = 300;
const DAY = 86_400_000;
const SETTLED = 10_000;

export async function* syncPulls(ctx: Context, request: SyncRequest): Steps {
  const ref = repositoryOf(request.scope, ctx.config);
  if (request.only !== null) return yield* onlyPulls(ctx, ref, request, request.only);
  const cursor = request.cursor === null ? null : Cursor.parse(request.cursor);
  if (request.mode === "incremental" && cursor?.is === "since") return yield* changedPulls(ctx, ref, request, cursor);
  return yield* allPulls(ctx, ref, request, cursor?.is === "full" ? cursor : null);
}

async function detailOf(ctx: Context, ref: RepositoryRef, pull: Pull): Promise<PullDetail | null> {
  const { detailDays } = ctx.config;
  const old = detailDays > 0 && Date.parse(pull.updated_at) < ctx.now().getTime() - detailDays * DAY;
  if (old && pull.state !== "open") return null;
  const path = `${ref.path}/pulls/${pull.number}`;
  const files = await all(ctx.http, PullFile, `${path}/files`, "pull_requests", MOST_FILES);
  const reviews = await all(ctx.http, Review, `${path}/reviews`, "pull_requests", MOST_REVIEWS);
  return { files, reviews };
}

async function stepOf(ctx: Context, ref: RepositoryRef, pull: Pull, cursor: Json): Promise<SyncStep> {
  const facts = pullFacts(ref, pull, await detailOf(ctx, ref, pull));
  const id = String(pull.number);
  return { is: "items", items: [{ id, facts }], cursor, page: { key: id, etag: pull.updated_at, next: null } };
}

/** A list's ETag would not do: each pull request in it carries the whole repository, which changes with every push. */
async function isKnown(request: SyncRequest, pull: Pull): Promise<boolean> {
  const known = await request.page(String(pull.number));
  return known?.etag === pull.updated_at;
}

async function* onlyPulls(ctx: Context, ref: RepositoryRef, request: SyncRequest, only: readonly string[]): Steps {
  for (const id of only) {
    const pull = await unlessGone(ctx.http.get(Pull, `${ref.path}/pulls/${id}`, { needs: "pull_requests" }));
    if (pull === null) yield { is: "items", items: [{ id, facts: null }], cursor: null };
    // A check that ended, or a delivery that came twice: nothing of it has changed. Times are told in seconds.
    else if ((await isKnown(request, pull)) && ctx.now().getTime() - Date.parse(pull.updated_at) > SETTLED) continue;
    else yield await stepOf(ctx, ref, pull, null);
  }
  return { complete: true, cursor: null };
}

async function* allPulls(
  ctx: Context,
  ref: RepositoryRef,
  request: SyncRequest,
  at: (z.output<typeof Cursor> & { is: "full" }) | null,
): Steps {
  const query = { state: "all", sort: "created", direction: "asc", per_page: 100 };
  let address = at?.at ?? null;
  let skip = at?.skip ?? 0;
  let began = at?.began ?? null;
  for (;;) {
    const reply = await ctx.http.request({
      url: address ?? `${ref.path}/pulls`,
      ...(address === null ? { query } : {}),
      needs: "pull_requests",
    });
    began ??= vendorTimeOf(reply, ctx.now());
    const pulls = reply.json(z.array(Pull));
    const next = nextOf(reply);
    for (const [index, pull] of pulls.entries()) {
      if (index < skip) continue;
      const ended = index === pulls.length - 1 && next !== null;
      const cursor: Json = { is: "full", at: ended ? next : address, skip: ended ? 0 : index + 1, began };
      if (await isKnown(request, pull)) yield { is: "unchanged", page: String(pull.number), cursor };
      else yield await stepOf(ctx, ref, pull, cursor);
    }
    if (next === null) break;
    address = next;
    skip = 0;
  }
  return { complete: true, cursor: { is: "since", since: began, etag: null } };
}

/** There is no `since` for pull requests: newest change first, until what is known; then written oldest first, so that a kill loses nothing. */
async function* changedPulls(
  ctx: Context,
  ref: RepositoryRef,
  request: SyncRequest,
  at: { since: string; etag: string | null },
): Steps {
  const changed: Pull[] = [];
  let etag: string | null = null;
  let address: string | null = null;
  do {
    const reply = await ctx.http.request({
      url: address ?? `${ref.path}/pulls`,
      ...(address === null ? { query: { state: "all", sort: "updated", direction: "desc", per_page: 100 } } : {}),
      ...(address === null && at.etag !== null ? { etag: at.etag } : {}),
      needs: "pull_requests",
    });
    if (reply.unchanged) return { complete: true, cursor: at };
    if (address === null) etag = reply.etag;
    const pulls = reply.json(z.array(Pull));
    const fresh = pulls.filter((pull) => pull.updated_at >= at.since);
    changed.push(...fresh);
    address = fresh.length < pulls.length ? null : nextOf(reply);
  } while (address !== null);

  let since = at.since;
  for (const pull of changed.toReversed()) {
    since = pull.updated_at > since ? pull.updated_at : since;
    if (await isKnown(request, pull)) continue;
    yield await stepOf(ctx, ref, pull, { is: "since", since, etag: null });
  }
  return { complete: true, cursor: { is: "since", since, etag } };
}
