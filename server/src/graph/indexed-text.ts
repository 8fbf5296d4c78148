// The text of one indexed file, as it was at the indexed commit.
import { AppError } from "@opentrace/contract/errors.ts";
import type { IndexFilesTable } from "../store/graph-tables.ts";
import type { VerbContext } from "../verb.ts";
import { type SourceFiles, toLines } from "./source-files.ts";
import type { GraphView } from "./view.ts";

const bytesAtMost = 8 * 1024 * 1024;

interface IndexedFile extends Pick<IndexFilesTable, "path" | "blob" | "size" | "language" | "skip_reason"> {
  commit: string | null;
}

/** Throws `not_found`. `source` is the repository's graph key. */
export async function needFile(view: GraphView, source: string, path: string): Promise<IndexedFile> {
  const file = await view.db
    .selectFrom("index_files")
    .innerJoin("sources", "sources.id", "index_files.source")
    .select(["path", "blob", "size", "language", "skip_reason", "sources.commit_sha as commit"])
    .where("sources.workspace", "=", view.workspace)
    .where("sources.source", "=", source)
    .where("path", "=", path)
    .executeTakeFirst();
  if (file !== undefined) return file;
  throw new AppError("not_found", `${source} has no file "${path}" at the indexed commit.`);
}

/** Throws `too_large`, `unavailable` or, for what is no text, `unprocessable`. */
export async function readLines(
  deps: { sourceFiles: SourceFiles },
  ctx: Pick<VerbContext, "workspace" | "signal">,
  source: string,
  file: Pick<IndexedFile, "path" | "blob">,
): Promise<string[]> {
  for await (const content of deps.sourceFiles.read(ctx, source, [file.blob], bytesAtMost)) {
    if (content.is === "too_large")
      throw new AppError("too_large", `${file.path} has ${content.size} bytes; at most ${bytesAtMost} can be shown.`);
    if (content.is !== "read")
      throw new AppError("unavailable", `${file.path} can't be read from ${source}: sync the repository again.`);
    const lines = toLines(content.bytes);
    if (lines === null) throw new AppError("unprocessable", `${file.path} is not text.`);
    return lines;
  }
  throw new AppError("unavailable", `${file.path} can't be read from ${source}: sync the repository again.`);
}
