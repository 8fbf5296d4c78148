// What seldom changes and can't be asked for by change is not read in every incremental pass.
import { z } from "zod";
import type { Json, SyncRequest } from "../connector.ts";
import type { Context } from "./client.ts";

const Cursor = z.object({ readAt: z.string() });
const HOUR = 3_600_000;

/** For the end of a pass that did read. Some minutes back, for clocks that differ. */
export const readNow = ({ now }: Context): Json => ({ readAt: new Date(now().getTime() - HOUR / 12).toISOString() });

function readAt({ mode, only, cursor }: SyncRequest): number | null {
  if (mode === "full" || only !== null) return null;
  const parsed = Cursor.safeParse(cursor);
  return parsed.success ? Date.parse(parsed.data.readAt) : null;
}

/** It was read within the hour, and no webhook names it. */
export function wasReadLately({ now }: Context, request: SyncRequest): boolean {
  const at = readAt(request);
  return at !== null && now().getTime() - at < HOUR;
}

/**
 * Nobody has pushed since it was read. GitLab writes the time of a project's last activity once an hour at most: what came within the hour
 * after it may not be in it.
 */
export function isIdleSince(request: SyncRequest, lastActivityAt: string | null): boolean {
  const at = readAt(request);
  return at !== null && lastActivityAt !== null && at >= Date.parse(lastActivityAt) + HOUR;
}
