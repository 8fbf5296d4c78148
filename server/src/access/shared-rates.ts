// A rate that holds across server processes: each leases slices of a subject's budget from the store, so most requests write nothing.
import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";

export const rateWindowMs = 60_000;
/**
 * A budget is leased in so many slices. Nothing is granted twice; what a server has leased and not used is missing to the others until
 * the window ends: at most a twentieth of the budget for each other server. Smaller budgets than this are exact.
 */
export const slicesOfBudget = 20;
/** What is held of subjects that come once; one that is dropped loses its slice. */
const mostHeld = 10_000;

interface Taken {
  /** Which request of the window this is, as far as this server knows; more than the limit when there is nothing left. */
  current: number;
  /** Milliseconds until the window ends. */
  ttl: number;
}

/** Who asks without a credential is counted by each server alone: a flood of addresses must not become a flood of writes. */
export const strangerAt = (network: string): string => `ip:${network}`;
const isStranger = (subject: string): boolean => subject.startsWith("ip:");

export interface SharedRates {
  take(this: void, subject: string, limit: number): Promise<Taken>;
  prune(): Promise<void>;
}

interface Lease {
  endsAt: number;
  /** Of the budget, before the next one that is granted here. */
  used: number;
  left: number;
  /** Whether more may be leased in this window; if not, the store is not asked again. */
  more: boolean;
}

export function createSharedRates({
  store,
  log,
  now,
}: {
  store: Pick<Store, "app">;
  log: Log;
  now(this: void): Date;
}): SharedRates {
  const held = new Map<string, Lease>();
  const asking = new Map<string, Promise<void>>();

  function hold(subject: string, lease: Lease): void {
    if (held.size >= mostHeld) held.delete(held.keys().next().value ?? "");
    held.set(subject, lease);
  }
  const holdAll = (subject: string, limit: number): void =>
    hold(subject, { endsAt: now().getTime() + rateWindowMs, used: 0, left: limit, more: false });

  async function lease(subject: string, limit: number): Promise<void> {
    const at = now().getTime();
    const slice = Math.max(1, Math.floor(limit / slicesOfBudget));
    const isOver = sql<boolean>`rate_windows.starts_at <= ${at - rateWindowMs}`;
    const row = await store.app
      .insertInto("rate_windows")
      .values({ subject, starts_at: at, taken: slice })
      .onConflict((conflict) =>
        conflict.column("subject").doUpdateSet({
          starts_at: sql`case when ${isOver} then excluded.starts_at else rate_windows.starts_at end`,
          taken: sql`case when ${isOver} then excluded.taken else rate_windows.taken + excluded.taken end`,
        }),
      )
      .returning(["starts_at", "taken"])
      .executeTakeFirstOrThrow();
    const before = row.taken - slice;
    const left = Math.max(0, Math.min(row.taken, limit) - before);
    hold(subject, {
      endsAt: row.starts_at + rateWindowMs,
      used: Math.min(before, limit),
      left,
      more: row.taken < limit,
    });
  }

  /** One question at a time for each subject, however many requests wait for it. */
  function leaseOnce(subject: string, limit: number): Promise<void> {
    const running =
      asking.get(subject) ??
      lease(subject, limit)
        .catch((err: unknown) => {
          // Better one minute counted here alone than nobody served.
          log.warn({ err, subject }, "rate not shared with the other servers");
          holdAll(subject, limit);
        })
        .finally(() => asking.delete(subject));
    asking.set(subject, running);
    return running;
  }

  return {
    async take(subject, limit) {
      for (;;) {
        const at = now().getTime();
        const mine = held.get(subject);
        if (mine !== undefined && mine.endsAt > at) {
          const ttl = mine.endsAt - at;
          if (mine.left > 0) {
            mine.left--;
            mine.used++;
            return { current: mine.used, ttl };
          }
          if (!mine.more) return { current: limit + 1, ttl };
        }
        if (isStranger(subject)) holdAll(subject, limit);
        else await leaseOnce(subject, limit);
      }
    },

    async prune() {
      await store.app
        .deleteFrom("rate_windows")
        .where("starts_at", "<", now().getTime() - 10 * rateWindowMs)
        .execute();
    },
  };
}
