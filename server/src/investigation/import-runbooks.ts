// Runbooks in indexed repositories: Markdown files below a folder `runbooks`, read from git as they were indexed.
import { AppError } from "@opentrace/contract/errors.ts";
import type { RunbooksImported } from "@opentrace/contract/investigation.ts";
import { fileKey } from "@opentrace/contract/keys.ts";
import { readRunbook } from "@opentrace/contract/runbook-markdown.ts";
import type { SourceDeps } from "../graph/source-files.ts";
import { openView } from "../graph/view.ts";
import type { VerbContext } from "../verb.ts";
import type { RunbookFile, RunbookStore } from "./runbooks.ts";

const mostFiles = 1_000;
const mostBytes = 200_000;
const isRunbook = (path: string): boolean =>
  /(?:^|\/)(?:runbooks?|playbooks?)\/(?:.*\/)?[^/]+\.(?:md|markdown)$/i.test(path);

export async function importRunbooks(
  deps: SourceDeps & { runbooks: RunbookStore },
  ctx: VerbContext,
  asked: { repository?: string | undefined },
): Promise<RunbooksImported> {
  const view = await openView(deps, ctx);
  const sources = await view.db
    .selectFrom("sources")
    .select(["id", "source", "name"])
    .where("workspace", "=", view.workspace)
    .where("kind", "=", "repository")
    .orderBy("source")
    .execute();
  const wanted =
    asked.repository === undefined
      ? sources
      : sources.filter((one) => [one.source, one.name].includes(asked.repository!));
  if (asked.repository !== undefined && wanted.length === 0)
    throw new AppError(
      "not_found",
      `The graph has no repository "${asked.repository}". Leave it out to read all of them.`,
    );
  const files: RunbookFile[] = [];
  const skipped: string[] = [];
  const read: string[] = [];
  for (const { id, source, name } of wanted) {
    const rows = await view.db
      .selectFrom("index_files")
      .select(["path", "blob", "size"])
      .where("source", "=", id)
      .where("path", "like", "%.m%")
      .orderBy("path")
      .execute();
    const found = rows.filter((row) => isRunbook(row.path)).slice(0, mostFiles);
    try {
      const contents = deps.sourceFiles.read(
        ctx,
        source,
        found.map((row) => row.blob),
        mostBytes,
      );
      let at = 0;
      for await (const content of contents) {
        const { path } = found[at++]!;
        const repository = source.replace(/^repo:/, "");
        if (content.is !== "read")
          skipped.push(`${name}: ${path} is larger than ${mostBytes / 1_000} KB or not there.`);
        else
          files.push({
            source: fileKey(repository, path),
            ...readRunbook(new TextDecoder().decode(content.bytes), path, name),
          });
      }
      read.push(source.replace(/^repo:/, ""));
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "cancelled") throw error;
      skipped.push(`${name}: ${error.message}`);
    }
  }
  return { ...(await deps.runbooks.take(ctx, files, read)), skipped: skipped.slice(0, 100) };
}
