// How far each stream of each scope is synced: cursor, pass, the items seen in it, and the vendor's pages with their etags.
import type { Json, KnownPage } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Selectable, Transaction } from "kysely";
import type { SourceRef } from "../graph/ingest.ts";
import { holdWriter } from "../graph/workspaces.ts";
import type { BulkTable } from "../store/engine.ts";
import { type Store, untyped } from "../store/store.ts";
import type { GraphTables, SyncStreamsTable } from "../store/graph-tables.ts";

export type StreamRow = Omit<Selectable<SyncStreamsTable>, "source" | "workspace" | "cursor_json"> & { cursor: Json };

export interface SyncState {
  streams(scope?: string): Promise<StreamRow[]>;
  stream(scope: string, stream: string): Promise<StreamRow>;
  save(scope: string, stream: string, change: Partial<StreamRow>): Promise<void>;
  /** These were as they had been: it counts as a sync of theirs. */
  touch(streams: readonly Pick<StreamRow, "scope" | "stream">[], at: number): Promise<void>;
  /** In one transaction: what a step has seen, and the cursor after it. */
  keep(
    at: StreamRow,
    step: {
      seen: readonly string[];
      gone: readonly string[];
      page: (KnownPage & { key: string }) | null;
      cursor: Json | undefined;
    },
  ): Promise<void>;
  /** What the page held counts as seen; answers how many items that are. */
  keepPage(at: StreamRow, page: string, cursor: Json): Promise<number>;
  page(at: StreamRow, key: string): Promise<KnownPage | null>;
  forgetPages(at: StreamRow): Promise<void>;
  /** Items that the pass of this generation did not see. */
  unseen(at: StreamRow, limit: number): Promise<string[]>;
  forgetItems(at: StreamRow, items: readonly string[]): Promise<void>;
  /** Any items of the scope, a stream at a time: for removing it. */
  anyItems(scope: string, limit: number): Promise<{ stream: string; item: string }[]>;
  forgetScope(scope: string): Promise<void>;
  /** In bounded steps. */
  forgetEverything(signal: AbortSignal): Promise<void>;
  countItems(): Promise<Map<string, Map<string, number>>>;
}

const itemRows = {
  table: "sync_items",
  columns: [
    ["source", "bigint"],
    ["workspace", "integer"],
    ["scope", "text"],
    ["stream", "text"],
    ["item", "text"],
    ["generation", "bigint"],
    ["page", "text"],
  ],
  key: ["source", "scope", "stream", "item"],
} as const satisfies BulkTable;

const forgottenAtOnce = 2_000;

const itemsAtOnce = 500;

/**
 * The source must be open (ingest.openSource). Throws `not_found` otherwise. With a writer, whatever is kept is refused (`conflict`) once a
 * later job has been let in: a worker that lost its job can't move a cursor past what it did not write.
 */
export async function openSyncState(store: Store, ref: SourceRef): Promise<SyncState> {
  const found = await store.graph
    .selectFrom("sources")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select(["sources.id", "sources.workspace"])
    .where("workspaces.name", "=", ref.workspace)
    .where("sources.source", "=", ref.source)
    .executeTakeFirst();
  if (found === undefined) throw new AppError("not_found", `The graph has no source ${ref.source}.`);
  const source = found.id;
  const workspace = found.workspace;
  const db = store.graph;

  const toRow = ({ source: _source, workspace: _workspace, cursor_json, ...row }: Selectable<SyncStreamsTable>) => ({
    ...row,
    cursor: JSON.parse(cursor_json) as Json,
  });
  const toColumns = ({ cursor, ...change }: Partial<StreamRow>) => ({
    ...change,
    ...(cursor === undefined ? {} : { cursor_json: JSON.stringify(cursor) }),
  });

  const find = (scope: string, stream: string) =>
    db
      .selectFrom("sync_streams")
      .selectAll()
      .where("source", "=", source)
      .where("scope", "=", scope)
      .where("stream", "=", stream)
      .executeTakeFirst();

  const inTransaction = <T>(work: (tx: Transaction<GraphTables>) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (tx) => {
      if (ref.writer !== undefined) await holdWriter(tx, workspace, ref.writer);
      return await work(tx);
    });

  const changeStream = async (
    tx: Transaction<GraphTables>,
    scope: string,
    stream: string,
    change: Partial<StreamRow>,
  ): Promise<void> => {
    await tx
      .updateTable("sync_streams")
      .set(toColumns(change))
      .where("source", "=", source)
      .where("scope", "=", scope)
      .where("stream", "=", stream)
      .execute();
  };

  /** An item that comes by itself (a webhook named it) still stands on the page that it came with: that page may be unchanged. */
  async function pagesHolding(
    tx: Transaction<GraphTables>,
    scope: string,
    stream: string,
    items: readonly string[],
  ): Promise<Map<string, string>> {
    const held = new Map<string, string>();
    for (let at = 0; at < items.length; at += itemsAtOnce) {
      const rows = await tx
        .selectFrom("sync_items")
        .select(["item", "page"])
        .where("source", "=", source)
        .where("scope", "=", scope)
        .where("stream", "=", stream)
        .where("item", "in", items.slice(at, at + itemsAtOnce))
        .where("page", "is not", null)
        .execute();
      for (const { item, page } of rows) if (page !== null) held.set(item, page);
    }
    return held;
  }

  return {
    save: (scope, stream, change) => inTransaction((tx) => changeStream(tx, scope, stream, change)),

    async touch(streams, at) {
      const scopesOf = new Map<string, string[]>();
      for (const { scope, stream } of streams) scopesOf.set(stream, [...(scopesOf.get(stream) ?? []), scope]);
      for (const [stream, scopes] of scopesOf)
        for (let from = 0; from < scopes.length; from += itemsAtOnce)
          await inTransaction((tx) =>
            tx
              .updateTable("sync_streams")
              .set({ synced_at: at })
              .where("source", "=", source)
              .where("stream", "=", stream)
              .where("scope", "in", scopes.slice(from, from + itemsAtOnce))
              .execute(),
          );
    },

    async streams(scope) {
      let query = db.selectFrom("sync_streams").selectAll().where("source", "=", source);
      if (scope !== undefined) query = query.where("scope", "=", scope);
      return (await query.orderBy("scope").orderBy("stream").execute()).map(toRow);
    },

    async stream(scope, stream) {
      const known = await find(scope, stream);
      if (known !== undefined) return toRow(known);
      await inTransaction((tx) =>
        tx
          .insertInto("sync_streams")
          .values({
            source,
            workspace,
            scope,
            stream,
            cursor_json: "null",
            generation: 0,
            pass: null,
            pass_started_at: null,
            completed_at: null,
            mark: null,
            state: "waiting",
            error: null,
            synced_at: null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      const made = await find(scope, stream);
      if (made !== undefined) return toRow(made);
      throw new AppError("conflict", `The source ${ref.source} was removed while it was being synced.`);
    },

    async keep({ scope, stream, generation }, { seen, gone, page, cursor }) {
      await inTransaction(async (tx) => {
        const items = tx
          .updateTable("sync_items")
          .set({ page: null })
          .where("source", "=", source)
          .where("scope", "=", scope)
          .where("stream", "=", stream);
        // What a page held before and does not hold now is no longer vouched for by it.
        if (page !== null) await items.where("page", "=", page.key).execute();
        const held = page === null ? await pagesHolding(tx, scope, stream, seen) : null;
        await store.graphEngine.insertRows(
          untyped(tx),
          itemRows,
          seen.map((item) => [
            source,
            workspace,
            scope,
            stream,
            item,
            generation,
            page?.key ?? held?.get(item) ?? null,
          ]),
          "update",
        );
        await store.graphEngine.deleteRows(
          untyped(tx),
          itemRows,
          gone.map((item) => [source, scope, stream, item]),
        );
        if (page !== null) {
          const values = { etag: page.etag, next_json: JSON.stringify(page.next) };
          await tx
            .insertInto("sync_pages")
            .values({ source, workspace, scope, stream, page: page.key, ...values })
            .onConflict((conflict) => conflict.columns(["source", "scope", "stream", "page"]).doUpdateSet(values))
            .execute();
        }
        if (cursor !== undefined) await changeStream(tx, scope, stream, { cursor });
      });
    },

    async keepPage({ scope, stream, generation }, page, cursor) {
      return await inTransaction(async (tx) => {
        const updated = await tx
          .updateTable("sync_items")
          .set({ generation })
          .where("source", "=", source)
          .where("scope", "=", scope)
          .where("stream", "=", stream)
          .where("page", "=", page)
          .executeTakeFirst();
        await changeStream(tx, scope, stream, { cursor });
        return Number(updated.numUpdatedRows);
      });
    },

    async page({ scope, stream }, key) {
      const row = await db
        .selectFrom("sync_pages")
        .select(["etag", "next_json"])
        .where("source", "=", source)
        .where("scope", "=", scope)
        .where("stream", "=", stream)
        .where("page", "=", key)
        .executeTakeFirst();
      return row === undefined ? null : { etag: row.etag, next: JSON.parse(row.next_json) as Json };
    },

    async forgetPages({ scope, stream }) {
      await inTransaction((tx) =>
        tx
          .deleteFrom("sync_pages")
          .where("source", "=", source)
          .where("scope", "=", scope)
          .where("stream", "=", stream)
          .execute(),
      );
    },

    async unseen({ scope, stream, generation }, limit) {
      const rows = await db
        .selectFrom("sync_items")
        .select("item")
        .where("source", "=", source)
        .where("scope", "=", scope)
        .where("stream", "=", stream)
        .where("generation", "<", generation)
        .orderBy("item")
        .limit(limit)
        .execute();
      return rows.map((row) => row.item);
    },

    async forgetItems({ scope, stream }, items) {
      await inTransaction((tx) =>
        store.graphEngine.deleteRows(
          untyped(tx),
          itemRows,
          items.map((item) => [source, scope, stream, item]),
        ),
      );
    },

    anyItems: (scope, limit) =>
      db
        .selectFrom("sync_items")
        .select(["stream", "item"])
        .where("source", "=", source)
        .where("scope", "=", scope)
        .orderBy("stream")
        .orderBy("item")
        .limit(limit)
        .execute(),

    async forgetScope(scope) {
      await inTransaction(async (tx) => {
        await tx.deleteFrom("sync_pages").where("source", "=", source).where("scope", "=", scope).execute();
        await tx.deleteFrom("sync_streams").where("source", "=", source).where("scope", "=", scope).execute();
      });
    },

    async forgetEverything(signal) {
      for (;;) {
        signal.throwIfAborted();
        const items = await db
          .selectFrom("sync_items")
          .select(["scope", "stream", "item"])
          .where("source", "=", source)
          .limit(forgottenAtOnce)
          .execute();
        if (items.length === 0) break;
        await inTransaction((tx) =>
          store.graphEngine.deleteRows(
            untyped(tx),
            itemRows,
            items.map(({ scope, stream, item }) => [source, scope, stream, item]),
          ),
        );
      }
      await inTransaction(async (tx) => {
        await tx.deleteFrom("sync_pages").where("source", "=", source).execute();
        await tx.deleteFrom("sync_streams").where("source", "=", source).execute();
      });
    },

    async countItems() {
      const rows = await db
        .selectFrom("sync_items")
        .select(({ fn }) => ["scope", "stream", fn.countAll<number>().as("count")])
        .where("source", "=", source)
        .groupBy(["scope", "stream"])
        .execute();
      const counts = new Map<string, Map<string, number>>();
      for (const { scope, stream, count } of rows) {
        const streams = counts.get(scope) ?? new Map<string, number>();
        counts.set(scope, streams.set(stream, count));
      }
      return counts;
    },
  };
}
