// Folders, files that no language reads, manifests.
import { manifestFacts } from "../facts/manifest-facts.ts";
import type { HashedScope } from "../facts/scope.ts";
import { changedDirectories, directoryScope } from "../facts/tree-facts.ts";
import type { IndexStep } from "../indexing.ts";
import type { Manifest } from "../languages/language.ts";
import type { ListedFile } from "../repository-listing.ts";
import { keepScope, recordOf, type PriorRecord, type Run } from "./run.ts";

export async function* writeTree(run: Run, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const { listing, withIr, known, prior, batcher, live, options } = run;
  const { repo } = options.repository;
  for (const folder of listing.folders.keys()) live.add(directoryScope(folder));
  for (const scope of changedDirectories(repo, listing, (path) => withIr.has(path), known)) {
    signal.throwIfAborted();
    batcher.add({ scopes: [scope] });
    const batch = batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  for (const file of listing.files.values()) {
    const text = run.configs.get(file.path);
    const scopes: HashedScope[] = [];
    if (text !== undefined) {
      const { scope, problems } =
        file.manifestOf.length > 0
          ? readManifest(run, file, text)
          : { scope: null, problems: wrongIn(run, file, text) };
      if (problems.length > 0 && file.skipped === null) {
        file.skipped = { reason: "parse_failed", detail: problems.slice(0, 5).join(" ").slice(0, 500) };
        listing.skippedCount++;
      }
      if (scope !== null) scopes.push(...keepScope(run, scope));
    }
    // Files with IR wrote their record with their facts.
    const files = !withIr.has(file.path) && isChanged(file, prior.get(file.path)) ? [recordOf(file, null, null)] : [];
    batcher.add({ scopes, files });
    const batch = batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
}

function isChanged(file: ListedFile, record: PriorRecord | undefined): boolean {
  return (
    record === undefined ||
    record.blob !== file.blob ||
    record.size !== file.size ||
    record.language !== file.dialect ||
    record.skipped?.reason !== file.skipped?.reason ||
    record.skipped?.detail !== file.skipped?.detail
  );
}

/** What the languages that read a file to find where imports lead say is wrong in it. */
function wrongIn({ languages }: Run, { path }: ListedFile, text: string): string[] {
  return [...languages.values()].flatMap((language) => language.configProblems?.(path, text) ?? []);
}

function readManifest(run: Run, file: ListedFile, text: string): { scope: HashedScope; problems: string[] } {
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  for (const language of file.manifestOf) {
    try {
      const manifest = language.readManifest(file.path, text);
      manifests.push(manifest);
      problems.push(...manifest.problems);
    } catch (error) {
      // A manifest is hostile input too: whatever its reader throws is told with the file and costs nothing else.
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { scope: manifestFacts(run.options.repository.repo, file.path, manifests), problems };
}
