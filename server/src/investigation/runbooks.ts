// Runbooks as stored: Markdown with the services and tags it is for, found by words; those of repositories are kept as their files have them.
import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  NewRunbook,
  Runbook,
  RunbookChange,
  Runbooks,
  RunbookSummary,
} from "@opentrace/contract/investigation.ts";
import { decodeCursor, encodeCursor, isOffset } from "../graph/view.ts";
import { searchWords, toTextQuery } from "../store/search-words.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { RunbooksTable } from "../store/investigation-tables.ts";
import { type Store, untyped } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import { excerptOf } from "./excerpt.ts";
import { changedMeanwhile, holdVersion, listOf, mayBeId, newId, timeText, type WriteContext } from "./records.ts";

export type RunbookRow = Selectable<RunbooksTable>;

export interface RunbooksDeps {
  store: Store;
  feed: Pick<EventFeed, "publish">;
  /** After every change: what the graph says of runbooks follows. */
  changed(this: void, workspace: string): void;
}

/** What a file of a repository says. */
export interface RunbookFile {
  source: string;
  title: string;
  body: string;
  services: readonly string[];
  tags: readonly string[];
}

export interface RunbookStore {
  list(
    ctx: Pick<VerbContext, "workspace">,
    asked: {
      q?: string | undefined;
      service?: string | undefined;
      tag?: string | undefined;
      limit: number;
      cursor?: string | undefined;
    },
  ): Promise<Runbooks>;
  get(ctx: Pick<VerbContext, "workspace">, id: string): Promise<Runbook>;
  add(ctx: WriteContext, input: NewRunbook): Promise<Runbook>;
  change(ctx: WriteContext, id: string, changes: RunbookChange): Promise<Runbook>;
  remove(ctx: WriteContext, id: string): Promise<void>;
  /** Writes what files say; of the repositories in `within` those runbooks go whose file is not among them. */
  take(
    ctx: WriteContext,
    files: readonly RunbookFile[],
    within: readonly string[],
  ): Promise<{ added: number; changed: number; removed: number; unchanged: number }>;
  /** All of a workspace, at most so many, without an order that matters. */
  all(workspace: string, limit: number): Promise<RunbookRow[]>;
  /** Numbers (`seq`) of those that hold all these words, newest first. */
  withWords(text: string, limit: number): Promise<number[]>;
}

const wordIndex = "runbook_words";
const mostRunbooks = 10_000;
const mostFound = 2_000;
const lastDocument = Number.MAX_SAFE_INTEGER;

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export function createRunbooks({ store, feed, changed }: RunbooksDeps): RunbookStore {
  const { app } = store;

  async function announce(workspace: string, runbookId: string): Promise<void> {
    changed(workspace);
    await feed.publish({ type: "runbook.changed", runbookId }, workspace);
  }

  async function find(workspace: string, id: string): Promise<RunbookRow> {
    const row = mayBeId(id)
      ? await app
          .selectFrom("runbooks")
          .selectAll()
          .where("id", "=", id)
          .where("workspace", "=", workspace)
          .executeTakeFirst()
      : undefined;
    if (row !== undefined) return row;
    throw new AppError(
      "not_found",
      `There is no runbook "${id.slice(0, 100)}". List them with GET /api/v1/runbooks, or search there with q.`,
    );
  }

  async function writeWords(tx: AppTransaction, row: RunbookRow): Promise<void> {
    await store.appEngine.text.put(untyped(tx), wordIndex, row.seq, {
      title: [
        ...searchWords(row.title),
        ...listOf(row.services).flatMap(searchWords),
        ...listOf(row.tags).flatMap(searchWords),
      ],
      body: searchWords(row.body),
    });
  }

  async function insert(
    tx: AppTransaction,
    ctx: WriteContext,
    input: NewRunbook,
    source: string | null,
  ): Promise<RunbookRow> {
    const at = ctx.now().getTime();
    const row = await tx
      .insertInto("runbooks")
      .values({
        id: newId("rbk"),
        workspace: ctx.workspace,
        ...columnsOf(input),
        origin: source === null ? "written" : "repository",
        source,
        version: 1,
        created_by: ctx.actor.id,
        created_at: at,
        updated_at: at,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await writeWords(tx, row);
    return row;
  }

  async function removeRow(tx: AppTransaction, row: Pick<RunbookRow, "id" | "seq">): Promise<void> {
    await tx.deleteFrom("runbooks").where("id", "=", row.id).execute();
    await tx.deleteFrom("runbook_vectors").where("runbook", "=", row.id).execute();
    await store.appEngine.text.remove(untyped(tx), wordIndex, [row.seq]);
  }

  const withWords: RunbookStore["withWords"] = async (text, limit) => {
    const query = toTextQuery(text);
    if (query.length === 0) return [];
    return await store.appEngine.text.find(untyped(app), wordIndex, query, {
      upTo: lastDocument,
      limit,
    });
  };

  return {
    withWords,
    get: async (ctx, id) => toRunbook(await find(ctx.workspace, id)),

    all: (workspace, limit) =>
      app.selectFrom("runbooks").selectAll().where("workspace", "=", workspace).orderBy("seq").limit(limit).execute(),

    async list(ctx, { q, service, tag, limit, cursor }) {
      const offset = decodeCursor(cursor, isOffset) ?? 0;
      let query = app
        .selectFrom("runbooks")
        .select(["id", "title", "services", "tags", "seq"])
        .where("workspace", "=", ctx.workspace)
        .limit(mostRunbooks);
      if (q !== undefined) {
        const found = await withWords(q, mostFound);
        if (found.length === 0) return { items: [], total: 0, next_cursor: null };
        query = query.where(store.appEngine.isAnyOf("seq", "bigint", found));
      }
      const rows = (await query.execute()).filter(
        (row) =>
          (service === undefined || listOf(row.services).some((one) => sameName(one, service))) &&
          (tag === undefined || listOf(row.tags).some((one) => sameName(one, tag))),
      );
      const asked = q === undefined ? [] : searchWords(q);
      const score = (title: string): number => {
        const words = new Set(searchWords(title));
        return asked.filter((word) => words.has(word)).length;
      };
      const scores = new Map(rows.map((row) => [row.id, score(row.title)]));
      rows.sort(
        (a, b) => scores.get(b.id)! - scores.get(a.id)! || a.title.localeCompare(b.title, "en") || a.seq - b.seq,
      );
      const shown = rows.slice(offset, offset + limit);
      const whole = await readIds(shown.map((row) => row.id));
      const next = offset + shown.length;
      return {
        items: shown.flatMap((row) => {
          const found = whole.get(row.id);
          return found === undefined ? [] : [toSummary(found, q)];
        }),
        total: rows.length,
        next_cursor: next < rows.length && shown.length > 0 ? encodeCursor(next) : null,
      };
    },

    async add(ctx, input) {
      const { n } = await app
        .selectFrom("runbooks")
        .select(({ fn }) => fn.countAll<number | string>().as("n"))
        .where("workspace", "=", ctx.workspace)
        .executeTakeFirstOrThrow();
      if (Number(n) >= mostRunbooks)
        throw new AppError("unprocessable", `There are ${mostRunbooks} runbooks: that is the most.`);
      let id = "";
      return await once(
        store,
        ctx,
        { verb: "runbooks.add", input, committed: () => announce(ctx.workspace, id) },
        async (tx) => {
          const row = await insert(tx, ctx, input, null);
          id = row.id;
          return toRunbook(row);
        },
      );
    },

    async change(ctx, id, { version, ...changes }) {
      const row = await find(ctx.workspace, id);
      if (row.origin === "repository")
        throw new AppError(
          "conflict",
          `The runbook ${row.id} is read from ${row.source ?? "a repository"}: change the file, and import again.`,
        );
      holdVersion(ctx, version, row.version, `The runbook ${row.id}`);
      const { title, body, services, tags } = changes;
      const columns = columnsOf({
        title: title ?? row.title,
        body: body ?? row.body,
        services: services ?? listOf(row.services),
        tags: tags ?? listOf(row.tags),
      });
      const after = await app.transaction().execute(async (tx) => {
        const written = await tx
          .updateTable("runbooks")
          .set({ ...columns, version: row.version + 1, updated_at: ctx.now().getTime() })
          .where("id", "=", row.id)
          .where("version", "=", row.version)
          .returningAll()
          .executeTakeFirst();
        if (written === undefined) throw changedMeanwhile(`The runbook ${row.id}`);
        await writeWords(tx, written);
        return written;
      });
      await announce(ctx.workspace, row.id);
      return toRunbook(after);
    },

    async remove(ctx, id) {
      const row = await find(ctx.workspace, id);
      holdVersion(ctx, undefined, row.version, `The runbook ${row.id}`);
      await app.transaction().execute((tx) => removeRow(tx, row));
      await announce(ctx.workspace, row.id);
    },

    async take(ctx, files, within) {
      const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
      const stored = await app
        .selectFrom("runbooks")
        .selectAll()
        .where("workspace", "=", ctx.workspace)
        .where("origin", "=", "repository")
        .execute();
      const known = new Map(stored.map((row) => [row.source, row]));
      for (const { source, ...said } of files) {
        const row = known.get(source);
        known.delete(source);
        const input = { ...said, services: [...said.services], tags: [...said.tags] };
        if (row === undefined) {
          await app.transaction().execute((tx) => insert(tx, ctx, input, source));
          counts.added++;
        } else if (row.hash === columnsOf(input).hash) counts.unchanged++;
        else {
          await app.transaction().execute(async (tx) => {
            const written = await tx
              .updateTable("runbooks")
              .set({ ...columnsOf(input), version: row.version + 1, updated_at: ctx.now().getTime() })
              .where("id", "=", row.id)
              .returningAll()
              .executeTakeFirstOrThrow();
            await writeWords(tx, written);
          });
          counts.changed++;
        }
      }
      for (const row of known.values()) {
        if (!within.some((repository) => row.source?.startsWith(`file:${repository}#`) === true)) continue;
        await app.transaction().execute((tx) => removeRow(tx, row));
        counts.removed++;
      }
      if (counts.added + counts.changed + counts.removed > 0) await announce(ctx.workspace, "");
      return counts;
    },
  };

  async function readIds(ids: readonly string[]): Promise<Map<string, RunbookRow>> {
    if (ids.length === 0) return new Map();
    const rows = await app.selectFrom("runbooks").selectAll().where("id", "in", ids).execute();
    return new Map(rows.map((row) => [row.id, row]));
  }
}

function columnsOf({ title, body, services, tags }: NewRunbook) {
  const unique = (names: readonly string[]): string => JSON.stringify([...new Set(names)]);
  const columns = { title, body, services: unique(services), tags: unique(tags) };
  return { ...columns, hash: createHash("sha256").update(JSON.stringify(columns)).digest("base64url") };
}

const toRunbook = (row: RunbookRow): Runbook => ({
  id: row.id,
  title: row.title,
  body: row.body,
  services: listOf(row.services),
  tags: listOf(row.tags),
  origin: row.origin,
  source: row.source,
  version: row.version,
  created_by: row.created_by,
  created_at: timeText(row.created_at),
  updated_at: timeText(row.updated_at),
});

export function toSummary(row: RunbookRow, q?: string): RunbookSummary {
  const { body, ...summary } = toRunbook(row);
  return { ...summary, excerpt: excerptOf(body, q) };
}
