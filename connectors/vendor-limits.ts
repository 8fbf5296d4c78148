// What a vendor's replies say about its limits: how much is left, whether we were told to wait, and for how long.
import type { RateBudget } from "@opentrace/contract/integrations.ts";

export interface LimitReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** The first part of the body of a reply that failed. */
  excerpt: string;
}

export interface LimitHeaders {
  limit: string;
  remaining: string;
  reset: string;
  /** What `reset` counts: seconds since 1970, or seconds from now. */
  resetIs: "epoch-seconds" | "seconds";
  /** Names the budget when a vendor has several (`x-ratelimit-resource`). */
  resource?: string;
}

export interface VendorPolicy {
  /** Requests at once. */
  concurrency: number;
  limits: LimitHeaders | null;
  /** Replies that mean "slow down"; 429 alone if absent. Some vendors say it with 403. */
  isLimit?(this: void, reply: LimitReply): boolean;
  /** Wait at least this long when told to slow down without being told how long; doubled each time in a row. */
  waitMs: number;
  headers?: Readonly<Record<string, string>>;
}

export function isLimited(policy: VendorPolicy, reply: LimitReply): boolean {
  return reply.status === 429 || policy.isLimit?.(reply) === true;
}

export function readBudget(policy: VendorPolicy, headers: LimitReply["headers"], now: Date): RateBudget | null {
  const names = policy.limits;
  if (names === null) return null;
  const number = (name: string): number | null => {
    const text = headers[name];
    return text === undefined || !/^\d+(\.\d+)?$/.test(text.trim()) ? null : Number(text);
  };
  const remaining = number(names.remaining);
  if (remaining === null) return null;
  const reset = number(names.reset);
  const resetsAt =
    reset === null ? null : new Date(names.resetIs === "epoch-seconds" ? reset * 1000 : now.getTime() + reset * 1000);
  return {
    name: (names.resource === undefined ? undefined : headers[names.resource]) ?? "requests",
    limit: number(names.limit),
    remaining,
    resetsAt: resetsAt === null || Number.isNaN(resetsAt.getTime()) ? null : resetsAt.toISOString(),
  };
}

/**
 * How long a refused request has to wait: Retry-After (seconds or a date, RFC 9110 §10.2.3), else the reset of a spent budget, else the
 * policy's own wait, doubled with each refusal in a row.
 */
export function waitAsAsked(policy: VendorPolicy, reply: LimitReply, refusals: number, now: Date): number {
  const after = reply.headers["retry-after"]?.trim();
  if (after !== undefined) {
    const ms = /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now.getTime();
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  const budget = readBudget(policy, reply.headers, now);
  if (budget !== null && budget.remaining === 0 && budget.resetsAt !== null)
    return Math.max(0, Date.parse(budget.resetsAt) - now.getTime()) + 1000;
  return policy.waitMs * 2 ** Math.min(refusals, 6);
}
