// Slows those who guess passwords: by account and address together, by address, and gently by account, so that nobody can lock another out.
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Store } from "../store/store.ts";

interface Pace {
  /** Failures before anybody has to wait. */
  free: number;
  firstMs: number;
  /** The wait doubles up to this: it always ends. */
  mostMs: number;
}

const minute = 60_000;
const paces = {
  pair: { free: 5, firstMs: 5_000, mostMs: 15 * minute },
  address: { free: 40, firstMs: 5_000, mostMs: 15 * minute },
  // From anywhere: enough to make guessing from many addresses hopeless, too little to keep the owner out.
  account: { free: 20, firstMs: 2_000, mostMs: 10_000 },
} as const satisfies Record<string, Pace>;
/** Failures before that are forgotten. */
const memoryMs = 60 * minute;

export interface Throttle {
  /**
   * Counts an attempt before it is made, so that many at once don't slip through. Throws AppError("rate_limited"). `known`: the account's
   * owner has signed in from this address before, and does not wait for what others do elsewhere.
   */
  attempt(account: string, address: string, known: boolean): Promise<void>;
  succeeded(account: string, address: string): Promise<void>;
  prune(): Promise<void>;
}

export function createThrottle({ store, now }: { store: Pick<Store, "app">; now(this: void): Date }): Throttle {
  return {
    async attempt(account, address, known) {
      const at = now().getTime();
      const waits = await store.app.transaction().execute(async (tx) => {
        const found: number[] = [];
        for (const [kind, subject] of subjectsOf(account, address)) {
          if (known && kind === "account") continue;
          const row = await tx
            .insertInto("sign_in_attempts")
            .values({ subject, failures: 0, last_at: at, blocked_until: 0 })
            // Takes the row's lock: the next attempt waits and sees this one.
            .onConflict((conflict) => conflict.column("subject").doUpdateSet({ subject }))
            .returningAll()
            .executeTakeFirstOrThrow();
          if (row.blocked_until > at) {
            found.push(row.blocked_until - at);
            continue;
          }
          const failures = row.last_at < at - memoryMs ? 1 : row.failures + 1;
          const { free, firstMs, mostMs } = paces[kind];
          const wait = failures < free ? 0 : Math.min(mostMs, firstMs * 2 ** Math.min(20, failures - free));
          await tx
            .updateTable("sign_in_attempts")
            .set({ failures, last_at: at, blocked_until: wait === 0 ? 0 : at + wait })
            .where("subject", "=", subject)
            .execute();
        }
        return found;
      });
      if (waits.length === 0) return;
      const seconds = Math.ceil(Math.max(...waits) / 1000);
      throw new AppError("rate_limited", `Too many failed attempts. Try again in ${seconds} s.`, {
        details: { retryAfter: seconds },
      });
    },

    async succeeded(account, address) {
      const subjects = subjectsOf(account, address);
      const own = subjects.filter(([kind]) => kind !== "address").map(([, subject]) => subject);
      await store.app.deleteFrom("sign_in_attempts").where("subject", "in", own).execute();
      // An address that also guesses at others keeps most of its count.
      const shared = subjects.find(([kind]) => kind === "address")?.[1] ?? "";
      await store.app
        .updateTable("sign_in_attempts")
        .set((row) => ({ failures: row("failures", "-", 1), blocked_until: 0 }))
        .where("subject", "=", shared)
        .where("failures", ">", 0)
        .execute();
    },

    async prune() {
      await store.app
        .deleteFrom("sign_in_attempts")
        .where("last_at", "<", now().getTime() - memoryMs)
        .execute();
    },
  };
}

/** Sorted by subject, so that two attempts never wait for each other. What is kept names neither account nor address. */
function subjectsOf(account: string, address: string): [kind: keyof typeof paces, subject: string][] {
  const place = networkOf(address);
  const subjects: [keyof typeof paces, string][] = [
    ["account", hashOf(`account ${account}`)],
    ["address", hashOf(`address ${place}`)],
    ["pair", hashOf(`pair ${account} ${place}`)],
  ];
  return subjects.sort(([, one], [, other]) => (one < other ? -1 : 1));
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** One IPv6 customer has a /64 at least: its addresses are one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ""))
    .join(":");
}
