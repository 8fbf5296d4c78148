// The feed of events behind `/api/v1/events`: kept in a table, so that clients can catch up and other processes can hear.
import { ServerEvent } from "@opentrace/contract/events.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";

export interface FeedEntry {
  id: number;
  event: ServerEvent;
}

export interface EventFeed {
  publish(event: ServerEvent, workspace: string): Promise<void>;
  /** Entries after `id`, oldest first; `complete` is false when older ones are gone already. */
  since(id: number, workspace: string, limit: number): Promise<{ entries: FeedEntry[]; complete: boolean }>;
  latestId(workspace: string): Promise<number>;
  /** Hears of entries from now on, of every process; the returned function ends it. */
  subscribe(workspace: string, listener: (entry: FeedEntry) => void): () => void;
  close(): void;
}

export interface EventFeedDeps {
  store: Store;
  log: Log;
  now(this: void): Date;
  /** How often other processes' entries are looked for. Only a shared database has any. */
  pollMs?: number;
}

const kept = 5000;
const pruneEvery = 500;
/** Ids are given before they are committed: an entry may appear after a higher one. So a look back this far, seen ones left out. */
const lookBack = 64;

export function createEventFeed({ store, log, now, pollMs = 400 }: EventFeedDeps): EventFeed {
  const listeners = new Map<string, Set<(entry: FeedEntry) => void>>();
  const seen = new Map<string, { newest: number; recent: Set<number> }>();
  let published = 0;
  let timer: NodeJS.Timeout | null = null;

  function deliver(workspace: string, entry: FeedEntry): void {
    const known = seen.get(workspace);
    if (known !== undefined) {
      if (known.recent.has(entry.id)) return;
      known.recent.add(entry.id);
      known.newest = Math.max(known.newest, entry.id);
      for (const id of known.recent) if (id < known.newest - 4 * lookBack) known.recent.delete(id);
    }
    for (const listener of listeners.get(workspace) ?? []) listener(entry);
  }

  async function read(after: number, workspace: string, limit: number): Promise<FeedEntry[]> {
    const rows = await store.app
      .selectFrom("events")
      .select(["id", "data"])
      .where("workspace", "=", workspace)
      .where("id", ">", after)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.flatMap(({ id, data }) => {
      const event = ServerEvent.safeParse(JSON.parse(data));
      return event.success ? [{ id, event: event.data }] : [];
    });
  }

  const latestId = async (workspace: string): Promise<number> => {
    const row = await store.app
      .selectFrom("events")
      .select(({ fn }) => fn.max("id").as("id"))
      .where("workspace", "=", workspace)
      .executeTakeFirst();
    return row?.id ?? 0;
  };

  async function poll(): Promise<void> {
    for (const workspace of listeners.keys()) {
      const known = seen.get(workspace);
      if (known === undefined) {
        const newest = await latestId(workspace);
        const before = await read(newest - lookBack, workspace, lookBack);
        seen.set(workspace, { newest, recent: new Set(before.map((entry) => entry.id)) });
        continue;
      }
      for (const entry of await read(known.newest - lookBack, workspace, 1000)) deliver(workspace, entry);
    }
  }

  function listenToOthers(): void {
    if (store.kind !== "postgres" || timer !== null) return;
    const again = (afterMs: number): void => {
      timer = setTimeout(() => {
        poll()
          .catch((err: unknown) => log.warn({ err }, "events of other processes not read"))
          .finally(() => (listeners.size > 0 ? again(pollMs) : (timer = null)));
      }, afterMs);
      timer.unref();
    };
    // At once: what others publish before the first look counts as heard.
    again(0);
  }

  async function prune(workspace: string): Promise<void> {
    const newest = await latestId(workspace);
    await store.app
      .deleteFrom("events")
      .where("workspace", "=", workspace)
      .where("id", "<=", newest - kept)
      .execute();
  }

  return {
    async publish(event, workspace) {
      const row = await store.app
        .insertInto("events")
        .values({ workspace, type: event.type, data: JSON.stringify(event), created_at: now().getTime() })
        .returning("id")
        .executeTakeFirstOrThrow();
      deliver(workspace, { id: row.id, event });
      if (++published % pruneEvery === 0) await prune(workspace);
    },
    async since(id, workspace, limit) {
      const oldest = await store.app
        .selectFrom("events")
        .select(({ fn }) => fn.min("id").as("id"))
        .where("workspace", "=", workspace)
        .executeTakeFirst();
      const entries = await read(id, workspace, limit + 1);
      const complete = entries.length <= limit && (oldest?.id ?? 0) <= id + 1;
      return { entries: entries.slice(-limit), complete };
    },
    latestId,
    subscribe(workspace, listener) {
      const set = listeners.get(workspace) ?? new Set();
      set.add(listener);
      listeners.set(workspace, set);
      listenToOthers();
      return () => {
        set.delete(listener);
        if (set.size === 0) {
          listeners.delete(workspace);
          seen.delete(workspace);
        }
      };
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      listeners.clear();
    },
  };
}
