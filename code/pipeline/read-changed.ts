// Reads what changed: configuration files as text, sources through the parser processes.
import type { IndexStep } from "../indexing.ts";
import { type BlobContent, readBlobs } from "../git/read-blobs.ts";
import { defaultParsePool, parseFiles, type SourceFile } from "../parse-pool.ts";
import type { ParsedFile } from "../parse-worker.ts";
import { MAX_FILE_BYTES, type ListedFile } from "../repository-listing.ts";
import type { Run } from "./run.ts";

/** Bytes of source that go to a parser process at once. */
const PARSE_BATCH_BYTES = 512 * 1024;

export async function* readChanged(run: Run, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const total = run.toParse.length;
  let done = 0;
  yield run.progress("reading", 0, total);
  // One git for both.
  const blobs = [...run.configFiles, ...run.toParse].map(({ blob }) => blob);
  const contents = readBlobs(run.options.repository, blobs, MAX_FILE_BYTES, signal);
  const unread: ParsedFile[] = [];
  const take = (results: readonly ParsedFile[]): void => {
    for (const { path, ir, skipped } of results) {
      const file = run.listing.files.get(path);
      if (file === undefined) continue;
      if (skipped !== null) {
        if (file.skipped === null) run.listing.skippedCount++;
        file.skipped = skipped;
      }
      if (ir !== null) {
        run.fresh.set(path, ir);
        run.withIr.add(path);
      }
      done++;
    }
  };
  try {
    await readConfigs(run, contents);
    if (total === 0) return;
    const pool = { ...defaultParsePool, ...run.options.parse };
    for await (const results of parseFiles(sourceBatches(run.toParse, contents, unread), pool, signal)) {
      take(results);
      yield run.progress("reading", done, total);
    }
  } finally {
    // Ends its git, whoever stopped asking.
    await contents.return(undefined);
  }
  take(unread);
}

/** Takes the first of `contents`, one for each configuration file. */
async function readConfigs({ configFiles, configs }: Run, contents: AsyncGenerator<BlobContent>): Promise<void> {
  for (const file of configFiles) {
    const { value: content } = await contents.next();
    if (content?.is === "read") configs.set(file.path, content.bytes.toString("utf8").replace(/^\uFEFF/, ""));
    else if (content?.is === "damaged")
      file.skipped = { reason: "parse_failed", detail: `git object ${file.blob} is damaged` };
  }
}

/** IR of unchanged files whose stored bytes are of no use: cut, damaged, another version's. What can't be read any more is left out. */
export async function parseAgain(
  run: Run,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const files = paths.flatMap((path) => run.listing.files.get(path) ?? []);
  const pool = { ...defaultParsePool, ...run.options.parse };
  const made = new Map<string, Uint8Array>();
  if (files.length === 0) return made;
  const blobs = files.map(({ blob }) => blob);
  const contents = readBlobs(run.options.repository, blobs, MAX_FILE_BYTES, signal);
  for await (const results of parseFiles(sourceBatches(files, contents, []), pool, signal)) {
    for (const { path, ir } of results) if (ir !== null) made.set(path, ir);
  }
  return made;
}

/** Sources in batches. What git can't give is noted in `unread`. */
async function* sourceBatches(
  files: readonly ListedFile[],
  contents: AsyncIterable<BlobContent>,
  unread: ParsedFile[],
): AsyncGenerator<SourceFile[]> {
  let batch: SourceFile[] = [];
  let size = 0;
  let index = 0;
  for await (const content of contents) {
    const file = files[index++];
    if (file?.language == null) continue;
    if (content.is !== "read") {
      const detail = `git object ${file.blob} is ${content.is === "damaged" ? "damaged" : "missing"}`;
      unread.push({ path: file.path, ir: null, skipped: { reason: "parse_failed", detail } });
      continue;
    }
    batch.push({ path: file.path, language: file.language.name, bytes: content.bytes });
    size += content.bytes.length;
    if (size < PARSE_BATCH_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}
