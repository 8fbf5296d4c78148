// What API keys were used for: requests and failures by day and verb. Counted in memory, written every few seconds, kept for a season.
import type { ApiKeyUsage } from "@opentrace/contract/access.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";

const dayMs = 86_400_000;
export const usageKeptDays = 90;
const flushEveryMs = 10_000;
/** So many counters at once are written early: a thousand keys that do something new each. */
const mostWaiting = 2_000;
const mostVerbs = 200;

export interface KeyUsage {
  count(this: void, apiKey: string, verb: string, failed: boolean): void;
  of(apiKey: string, days: number): Promise<Pick<ApiKeyUsage, "days" | "verbs" | "requests" | "errors">>;
  flush(): Promise<void>;
  prune(): Promise<void>;
  stop(): Promise<void>;
}

interface Count {
  api_key: string;
  day: number;
  verb: string;
  requests: number;
  errors: number;
}

export function createKeyUsage({
  store,
  log,
  now,
}: {
  store: Pick<Store, "app">;
  log: Log;
  now(this: void): Date;
}): KeyUsage {
  let waiting = new Map<string, Count>();
  let writing: Promise<void> = Promise.resolve();
  const today = (): number => Math.floor(now().getTime() / dayMs);

  async function write(counts: readonly Count[]): Promise<void> {
    for (let at = 0; at < counts.length; at += 100)
      await store.app
        .insertInto("api_key_usage")
        .values(counts.slice(at, at + 100))
        .onConflict((conflict) =>
          conflict.columns(["api_key", "day", "verb"]).doUpdateSet((row) => ({
            requests: row("api_key_usage.requests", "+", row.ref("excluded.requests")),
            errors: row("api_key_usage.errors", "+", row.ref("excluded.errors")),
          })),
        )
        .execute();
  }

  const flush = (): Promise<void> => {
    const counts = [...waiting.values()];
    waiting = new Map();
    if (counts.length > 0)
      writing = writing.then(() =>
        write(counts).catch((err: unknown) => log.warn({ err, counts: counts.length }, "use of API keys not written")),
      );
    return writing;
  };
  const timer = setInterval(() => void flush(), flushEveryMs);
  timer.unref();

  return {
    flush,

    count(apiKey, verb, failed) {
      const day = today();
      const id = `${apiKey} ${day} ${verb}`;
      const found = waiting.get(id) ?? { api_key: apiKey, day, verb, requests: 0, errors: 0 };
      found.requests++;
      if (failed) found.errors++;
      waiting.set(id, found);
      if (waiting.size >= mostWaiting) void flush();
    },

    async of(apiKey, days) {
      await flush();
      const since = today() - days + 1;
      const rows = store.app
        .selectFrom("api_key_usage")
        .where("api_key", "=", apiKey)
        .where("day", ">=", since)
        .select((row) => [
          row.fn.sum<number | string>("requests").as("requests"),
          row.fn.sum<number | string>("errors").as("errors"),
        ]);
      const byDay = await rows.select("day").groupBy("day").orderBy("day").execute();
      const byVerb = await rows
        .select("verb")
        .groupBy("verb")
        .orderBy("requests", "desc")
        .orderBy("verb")
        .limit(mostVerbs)
        .execute();
      const total = (of: "requests" | "errors"): number => byDay.reduce((sum, row) => sum + Number(row[of]), 0);
      return {
        requests: total("requests"),
        errors: total("errors"),
        days: byDay.map((row) => ({
          day: new Date(row.day * dayMs).toISOString().slice(0, 10),
          requests: Number(row.requests),
          errors: Number(row.errors),
        })),
        verbs: byVerb.map((row) => ({ verb: row.verb, requests: Number(row.requests), errors: Number(row.errors) })),
      };
    },

    async prune() {
      await store.app
        .deleteFrom("api_key_usage")
        .where("day", "<=", today() - usageKeptDays)
        .execute();
    },

    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
