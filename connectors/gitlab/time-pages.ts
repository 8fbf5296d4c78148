// Reads a long list of a project page by page along a time, instead of by page number: nothing shifts while it is read, no list is too
// long for it (GitLab refuses offsets above 50,000 where it knows keysets), and every GitLab version can do it.
import { z } from "zod";
import type { SyncEnd, SyncStep } from "../connector.ts";
import type { HttpReply } from "../http.ts";
import { type Context, instant, nextQuery, type Query } from "./client.ts";

export type Steps = AsyncGenerator<SyncStep, SyncEnd, void>;

/** Where a page begins. `page` counts further only where more than a page stands in one millisecond. */
export const Anchor = z.object({ after: z.string().nullable(), page: z.int() });
export type Anchor = z.infer<typeof Anchor>;

export const start = (after: string | null = null): Anchor => ({ after, page: 1 });

/** Between passes what to go on from, in a pass where it stands. */
export const Cursor = z.union([
  z.object({
    is: z.literal("full"),
    at: Anchor.nullable(),
    began: z.string(),
    done: z.int().nullable().default(null),
  }),
  z.object({ is: z.literal("since"), since: z.string(), etag: z.string().nullable() }),
  z.object({
    is: z.literal("reading"),
    /** Null: killed after the last page. */
    at: Anchor.nullable(),
    since: z.string(),
    done: z.int().nullable().default(null),
  }),
]);

const OVERLAP = 60_000;
export const overlapped = (since: string): string => new Date(Date.parse(since) - OVERLAP).toISOString();

export type TimeReply<T> = TimePage<T> | { unchanged: true; reply: HttpReply };

interface TimePage<T> {
  rows: T[];
  reply: HttpReply;
  /** Null = this was the last. */
  next: Anchor | null;
}

interface Row {
  created_at: string;
  updated_at: string;
}

/** `by: "created"` for all there are, `"updated"` for what changed since the anchor. An `etag` that still holds gives null. */
export async function readTimePage<T extends Row>(
  ctx: Context,
  schema: z.ZodType<T>,
  asked: { url: string; query?: Query; needs: string; by: "created" | "updated"; etag?: string | null },
  at: Anchor,
): Promise<TimeReply<T>> {
  const query: Query = {
    ...asked.query,
    order_by: `${asked.by}_at`,
    sort: "asc",
    per_page: 100,
    ...(at.after === null ? {} : { [`${asked.by}_after`]: at.after }),
    ...(at.page === 1 ? {} : { page: at.page }),
  };
  const reply = await ctx.http.request({
    url: asked.url,
    query,
    needs: asked.needs,
    ...(asked.etag == null ? {} : { etag: asked.etag }),
  });
  if (reply.unchanged) return { unchanged: true, reply };
  const rows = reply.json(z.array(schema));
  const last = rows.at(-1);
  if (last === undefined || nextQuery(reply, query) === null) return { rows, reply, next: null };
  const newest = instant(last[`${asked.by}_at`]);
  // The time is told in milliseconds and kept in microseconds: the last row comes again, and what shares its time with it.
  const next = at.after === null || newest > at.after ? start(newest) : { after: at.after, page: at.page + 1 };
  return { rows, reply, next };
}
