// What the indexer is told of its previous run: reads of the file records and scopes that ingest keeps.
import type { SkippedPath } from "@opentrace/contract/repositories.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Page } from "@opentrace/contract/graph.ts";
import { SkipReason } from "@opentrace/contract/repositories.ts";
import type { FileRecord, IndexState } from "@opentrace/code/indexing.ts";
import type { Store } from "../store/store.ts";

const rowsAPage = 2_000;

export async function createIndexState(store: Store, source: { id: number }): Promise<IndexState> {
  const { graph, graphEngine } = store;
  const row = await graph
    .selectFrom("sources")
    .select(["commit_sha", "indexer_version"])
    .where("id", "=", source.id)
    .executeTakeFirstOrThrow();

  /** Pages by path, so that nothing is held open between them. */
  async function eachPage<T extends { path: string }>(
    read: (after: string) => Promise<T[]>,
    take: (rows: readonly T[]) => void,
  ): Promise<void> {
    for (let after = ""; ;) {
      const rows = await read(after);
      take(rows);
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsAPage) return;
      after = last.path;
      await new Promise(setImmediate);
    }
  }
  const filesAfter = (after: string) =>
    graph
      .selectFrom("index_files")
      .where("source", "=", source.id)
      .where("path", ">", after)
      .orderBy("path")
      .limit(rowsAPage);

  return {
    commit: row.commit_sha,
    version: row.indexer_version,

    async files() {
      const columns = ["path", "blob", "size", "language", "skip_reason", "skip_detail"] as const;
      const found: Omit<FileRecord, "ir" | "resolution">[] = [];
      await eachPage(
        (after) => filesAfter(after).select(columns).execute(),
        (rows) => {
          for (const { path, blob, size, language, skip_reason, skip_detail } of rows) {
            const skipped: FileRecord["skipped"] =
              skip_reason === null ? null : { reason: SkipReason.parse(skip_reason), detail: skip_detail ?? "" };
            found.push({ path, blob, size, language, skipped });
          }
        },
      );
      return found;
    },

    async ir(paths) {
      const found = new Map<string, Uint8Array>();
      for (let at = 0; at < paths.length; at += 200) {
        const rows = await graph
          .selectFrom("index_files")
          .select(["path", "ir"])
          .where("source", "=", source.id)
          .where(graphEngine.isAnyOf("path", "text", paths.slice(at, at + 200)))
          .execute();
        for (const { path, ir } of rows) if (ir !== null) found.set(path, ir);
        if (at + 200 < paths.length) await new Promise(setImmediate);
      }
      return found;
    },

    async resolutions() {
      const found = new Map<string, Uint8Array>();
      const read = (after: string) =>
        filesAfter(after).select(["path", "resolution"]).where("resolution", "is not", null).execute();
      await eachPage(read, (rows) => {
        for (const { path, resolution } of rows) if (resolution !== null) found.set(path, resolution);
      });
      return found;
    },

    async scopes() {
      const found = new Map<string, string>();
      for (let after = ""; ;) {
        const rows = await graph
          .selectFrom("scopes")
          .select(["name", "hash"])
          .where("source", "=", source.id)
          .where("name", ">", after)
          .orderBy("name")
          .limit(rowsAPage)
          .execute();
        for (const { name, hash } of rows) found.set(name, hash);
        const last = rows.at(-1);
        if (last === undefined || rows.length < rowsAPage) return found;
        after = last.name;
        await new Promise(setImmediate);
      }
    },
  };
}

/** What an index run passed over and why, by path; the cursor is the last path. Throws `not_found`. */
export async function readSkipped(
  store: Store,
  ref: { workspace: string; source: string },
  page: { limit: number; cursor?: string | undefined },
): Promise<{ skipped: SkippedPath[]; page: Page }> {
  const { graph } = store;
  const source = await graph
    .selectFrom("sources")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select("sources.id")
    .where("workspaces.name", "=", ref.workspace)
    .where("sources.source", "=", ref.source)
    .executeTakeFirst();
  if (source === undefined) throw new AppError("not_found", `The graph has no source ${ref.source}.`);
  const skipped = graph.selectFrom("index_files").where("source", "=", source.id).where("skip_reason", "is not", null);
  const rows = await skipped
    .select(["path", "skip_reason", "skip_detail"])
    .where("path", ">", page.cursor ?? "")
    .orderBy("path")
    .limit(page.limit + 1)
    .execute();
  const { total } = await skipped.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const truncated = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  return {
    skipped: shown.map((row) => ({
      path: row.path,
      reason: SkipReason.parse(row.skip_reason),
      detail: row.skip_detail ?? "",
    })),
    page: {
      returned: shown.length,
      total,
      truncated,
      nextCursor: truncated ? (shown.at(-1)?.path ?? null) : null,
    },
  };
}
