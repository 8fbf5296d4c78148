// Cursors of lists, as the doors hand them out: opaque to the reader, and refused by name when they are not ours.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Page } from "@opentrace/contract/graph.ts";
import type { z } from "zod";

export const writeCursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Throws AppError("bad_request"). */
export function readCursor<T>(schema: z.ZodType<T>, cursor: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    value = undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("bad_request", "The cursor is not one that this list gave. Leave it out to start anew.", {
    details: { errors: [{ field: "cursor", message: "Not a cursor of this list." }] },
  });
}

/** `rows` holds one more than `limit` when there is more. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  cursorOf: (last: T) => unknown,
  total: number | null = null,
): { shown: T[]; page: Page } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    shown,
    page: {
      returned: shown.length,
      total,
      truncated: more,
      nextCursor: more ? writeCursor(cursorOf(last)) : null,
    },
  };
}
