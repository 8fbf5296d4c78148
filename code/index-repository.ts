// The indexer: a repository at a commit → batches of facts. Reads only what changed since the state it is given.
//
// A run that is killed leaves whole batches behind and its first batch's mark: the next run sees the mark, keeps what was parsed and
// resolves everything anew. So the end state is always that of a clean index of the same commit.
import type { NodeFact } from "@opentrace/contract/facts.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import type { JobPhase } from "@opentrace/contract/repositories.ts";
import { branchFacts, commitFacts, commitScope, peopleFacts } from "./facts/history-facts.ts";
import { manifestFacts } from "./facts/manifest-facts.ts";
import { createBatcher, digest, hashScope, type HashedScope } from "./facts/scope.ts";
import { changedDirectories, directoryScope } from "./facts/tree-facts.ts";
import type { OpenedRepository } from "./git/open-repository.ts";
import { readBlobs } from "./git/read-blobs.ts";
import { readCommits, readLogHeads } from "./git/read-log.ts";
import { isIr } from "./ir-codec.ts";
import type { FileRecord, IndexState, IndexStep, IndexSummary } from "./indexing.ts";
import { loadLanguages } from "./languages/registry.ts";
import type { Language, Manifest } from "./languages/language.ts";
import { defaultParsePool, parseFiles, type ParsePoolOptions, type SourceFile } from "./parse-pool.ts";
import type { ParsedFile } from "./parse-worker.ts";
import {
  configFilesOf,
  listRepository,
  MAX_FILE_BYTES,
  projectFilesOf,
  type ListedFile,
  type Listing,
} from "./repository-listing.ts";
import type { CallCounts } from "./resolve/resolution.ts";
import { resolveRepository } from "./resolve/resolve-repository.ts";

/** Bump when anything makes other facts or other IR of the same source: what an older version stored is then made anew. */
export const INDEXER_VERSION = 2;

export interface IndexOptions {
  repository: OpenedRepository;
  state: IndexState;
  /** Commits of history to keep; 0 = none. */
  historyLimit: number;
  parse?: Partial<ParsePoolOptions>;
}

/** Bytes of source that go to a parser process at once. */
const PARSE_BATCH_BYTES = 512 * 1024;
/** Left in place of the repository's hash while a run is under way: with the version when the records beside it are of that version. */
const MARK = "unfinished";
const MARK_OF_VERSION = `${MARK}:${INDEXER_VERSION}`;

/** Yields nothing when the state is up to date. Throws AppError, and the reason of an abort. */
export async function* indexRepository(
  options: IndexOptions,
  signal: AbortSignal,
): AsyncGenerator<IndexStep, IndexSummary, void> {
  const { repository, state } = options;
  const known = await state.scopes();
  const branches = branchFacts({ ...repository, hasHeadCommit: options.historyLimit > 0 });
  const identity = `done:${digest(JSON.stringify([INDEXER_VERSION, repository.commit, repository.branch, repository.name, options.historyLimit]))}`;
  const isCurrent = state.version === INDEXER_VERSION && state.commit === repository.commit;
  if (isCurrent && known.get("repository") === identity) {
    if (known.get("branches") !== branches.hash) {
      yield { is: "batch", batch: { scopes: [branches], removedScopes: [], files: [], removedFiles: [] } };
    }
    return unchangedSummary(options);
  }
  const run = await startRun(options, known, signal);
  yield {
    is: "batch",
    batch: { scopes: [repositoryScope(options, run.mark)], removedScopes: [], files: [], removedFiles: [] },
  };

  yield* readChanged(run, signal);
  yield* resolveAffected(run, signal);
  yield* writeTree(run, signal);
  yield* writeHistory(run, branches, signal);
  yield* removeGone(run);

  yield run.progress("finishing", run.toParse.length, run.toParse.length);
  yield {
    is: "batch",
    batch: { scopes: [repositoryScope(options, identity)], removedScopes: [], files: [], removedFiles: [] },
  };
  return summaryOf(run);
}

type PriorRecord = Omit<FileRecord, "ir" | "resolution">;

/** All that one run holds. */
interface Run {
  options: IndexOptions;
  languages: ReadonlyMap<string, Language>;
  listing: Listing;
  configs: ReadonlyMap<string, string>;
  /** Scopes stored before, with their hashes. */
  known: ReadonlyMap<string, string>;
  /** Names of all scopes that stay. */
  live: Set<string>;
  /** Usable records of the previous run: same indexer version. */
  prior: Map<string, PriorRecord>;
  /** Paths of all previous records, whatever their version. */
  priorPaths: Set<string>;
  resolutions: Map<string, Uint8Array>;
  /** The last run was killed, or there was none: nothing that was resolved can be relied on. */
  fromScratch: boolean;
  mark: string;
  toParse: ListedFile[];
  /** IR made in this run. */
  fresh: Map<string, Uint8Array>;
  /** Paths that have IR now. */
  withIr: Set<string>;
  calls: CallCounts;
  batcher: ReturnType<typeof createBatcher>;
  progress(phase: JobPhase, filesDone: number, filesTotal: number): IndexStep;
}

async function startRun(options: IndexOptions, known: ReadonlyMap<string, string>, signal: AbortSignal): Promise<Run> {
  const { repository, state } = options;
  const languages = await loadLanguages();
  const listing = await listRepository(repository, languages, signal);
  const prior = new Map<string, PriorRecord>();
  const priorPaths = new Set<string>();
  const before = known.get("repository");
  const usable = state.version === INDEXER_VERSION || (state.version === null && before === MARK_OF_VERSION);
  for await (const record of state.files()) {
    priorPaths.add(record.path);
    if (usable) prior.set(record.path, record);
  }
  const resolutions = usable ? new Map(await state.resolutions()) : new Map<string, Uint8Array>();
  const toParse = [...listing.files.values()].filter((file) => {
    if (file.language === null || file.skipped !== null) return false;
    const record = prior.get(file.path);
    return record === undefined || record.blob !== file.blob || record.language !== file.dialect;
  });
  const parsedAnew = new Set(toParse.map(({ path }) => path));
  const withIr = new Set<string>();
  for (const file of listing.files.values()) {
    if (file.language === null || file.skipped !== null || parsedAnew.has(file.path)) continue;
    file.skipped = prior.get(file.path)?.skipped ?? null;
    if (resolutions.has(file.path)) withIr.add(file.path);
  }
  return {
    options,
    languages,
    listing,
    configs: await readConfigs(repository, configFilesOf(listing, languages), signal),
    known,
    live: new Set(["repository"]),
    prior,
    priorPaths,
    resolutions,
    fromScratch: !usable || state.commit === null || before === undefined || before.startsWith(MARK),
    mark: usable || priorPaths.size === 0 ? MARK_OF_VERSION : MARK,
    toParse,
    fresh: new Map(),
    withIr,
    calls: { resolved: 0, external: 0, unresolved: 0 },
    batcher: createBatcher(),
    progress: (phase, filesDone, filesTotal) => ({ is: "progress", phase, filesDone, filesTotal }),
  };
}

async function readConfigs(
  repository: OpenedRepository,
  files: readonly ListedFile[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  let index = 0;
  for await (const content of readBlobs(
    repository,
    files.map(({ blob }) => blob),
    MAX_FILE_BYTES,
    signal,
  )) {
    const file = files[index++];
    if (file === undefined) continue;
    if (content.is === "read") texts.set(file.path, content.bytes.toString("utf8").replace(/^\uFEFF/, ""));
    else if (content.is === "damaged")
      file.skipped = { reason: "parse_failed", detail: `git object ${file.blob} is damaged` };
  }
  return texts;
}

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function* readChanged(run: Run, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const total = run.toParse.length;
  let done = 0;
  yield run.progress("reading", 0, total);
  if (total === 0) return;
  const unread: ParsedFile[] = [];
  const pool = { ...defaultParsePool, ...run.options.parse };
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
  for await (const results of parseFiles(sourceBatches(run, run.toParse, unread, signal), pool, signal)) {
    take(results);
    yield run.progress("reading", done, total);
  }
  take(unread);
}

/** IR of unchanged files whose stored bytes are of no use: cut, damaged, another version's. What can't be read any more is left out. */
async function parseAgain(run: Run, paths: readonly string[], signal: AbortSignal): Promise<Map<string, Uint8Array>> {
  const files = paths.flatMap((path) => run.listing.files.get(path) ?? []);
  const pool = { ...defaultParsePool, ...run.options.parse };
  const made = new Map<string, Uint8Array>();
  if (files.length === 0) return made;
  for await (const results of parseFiles(sourceBatches(run, files, [], signal), pool, signal)) {
    for (const { path, ir } of results) if (ir !== null) made.set(path, ir);
  }
  return made;
}

/** Sources in batches. What git can't give is noted in `unread`. */
async function* sourceBatches(
  { options }: Run,
  files: readonly ListedFile[],
  unread: ParsedFile[],
  signal: AbortSignal,
): AsyncGenerator<SourceFile[]> {
  let batch: SourceFile[] = [];
  let size = 0;
  let index = 0;
  const blobs = files.map(({ blob }) => blob);
  for await (const content of readBlobs(options.repository, blobs, MAX_FILE_BYTES, signal)) {
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

// ── Resolving ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function* resolveAffected(run: Run, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const { listing, languages, resolutions, withIr, fresh, fromScratch, options } = run;
  const stored = new Map<string, Uint8Array>();
  /** Of `stored` those that were made anew. */
  const mended = new Set<string>();
  const irOf = async (paths: readonly string[]): Promise<Map<string, Uint8Array>> => {
    const wanted = paths.filter((path) => !fresh.has(path) && !stored.has(path));
    const unusable: string[] = [];
    if (wanted.length > 0) {
      for (const [path, bytes] of await options.state.ir(wanted)) {
        if (isIr(bytes)) stored.set(path, bytes);
        else unusable.push(path);
      }
    }
    for (const [path, bytes] of await parseAgain(run, unusable, signal)) {
      stored.set(path, bytes);
      mended.add(path);
    }
    const found = new Map<string, Uint8Array>();
    for (const path of paths) {
      const bytes = fresh.get(path) ?? stored.get(path);
      if (bytes !== undefined) found.set(path, bytes);
    }
    return found;
  };
  const removed = new Set([...resolutions.keys()].filter((path) => !withIr.has(path)));
  const scopes = resolveRepository(
    {
      repo: options.repository.repo,
      project: projectFilesOf(listing, run.configs),
      languages,
      files: [...withIr].sort(),
      changed: fromScratch ? withIr : new Set(fresh.keys()),
      removed: fromScratch ? new Set() : removed,
      filesMoved: fromScratch || pathsMoved(run) || configsChanged(run),
      ir: irOf,
      previousIr: async (paths) => {
        if (fromScratch) return new Map();
        const before = await options.state.ir(paths.filter((path) => resolutions.has(path)));
        return new Map([...before].filter(([, bytes]) => isIr(bytes)));
      },
      resolutions: fromScratch ? new Map() : resolutions,
      size: (path) => listing.files.get(path)?.size,
    },
    signal,
  );
  let done = 0;
  for await (const result of scopes) {
    signal.throwIfAborted();
    if (result.is === "links_stand") {
      for (const scope of run.known.keys()) if (scope.startsWith("link:")) run.live.add(scope);
      continue;
    }
    const scope = hashScope(result.facts);
    const changed = keepScope(run, scope);
    if (result.is === "link") {
      run.batcher.add({ scopes: changed });
    } else {
      addCalls(run.calls, result.calls);
      const file = listing.files.get(result.path);
      const ir = fresh.get(result.path) ?? stored.get(result.path);
      if (file === undefined || ir === undefined) continue;
      run.batcher.add({ scopes: changed, files: [recordOf(file, ir, result.resolution)] });
      mended.delete(result.path);
      if (++done % 50 === 0) yield run.progress("resolving", done, Math.max(done, fresh.size));
    }
    const batch = run.batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  for (const path of mended) {
    const [file, ir] = [listing.files.get(path), stored.get(path)];
    if (file === undefined || ir === undefined) continue;
    run.batcher.add({ files: [recordOf(file, ir, resolutions.get(path) ?? null)] });
    const batch = run.batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  for (const path of withIr) run.live.add(`file:${path}`);
}

/** Marks a scope as one that stays and says whether it has to be written: not when the same is stored, not when it claims nothing. */
function keepScope({ known, live }: Run, scope: HashedScope): HashedScope[] {
  if (scope.nodes.length + scope.edges.length === 0) return [];
  live.add(scope.scope);
  return known.get(scope.scope) === scope.hash ? [] : [scope];
}

function addCalls(sum: CallCounts, more: CallCounts): void {
  sum.resolved += more.resolved;
  sum.external += more.external;
  sum.unresolved += more.unresolved;
}

/** Does a file that decides where imports lead say something else than before? */
function configsChanged({ configs, listing, prior }: Run): boolean {
  for (const path of configs.keys()) if (listing.files.get(path)?.blob !== prior.get(path)?.blob) return true;
  return false;
}

function recordOf(file: ListedFile, ir: Uint8Array | null, resolution: Uint8Array | null): FileRecord {
  const { path, blob, size, skipped } = file;
  return { path, blob, size, language: file.dialect, skipped, ir, resolution };
}

// ── Directories, other files, manifests ────────────────────────────────────────────────────────────────────────────────

async function* writeTree(run: Run, signal: AbortSignal): AsyncGenerator<IndexStep> {
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
    const isManifest = file.manifestOf.length > 0 && run.configs.has(file.path);
    const scopes: HashedScope[] = [];
    if (isManifest) {
      const { scope, problem } = readManifest(run, file);
      if (problem !== null && file.skipped === null) {
        file.skipped = problem;
        listing.skippedCount++;
      }
      scopes.push(...keepScope(run, scope));
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

function readManifest(run: Run, file: ListedFile): { scope: HashedScope; problem: FileRecord["skipped"] } {
  const text = run.configs.get(file.path) ?? "";
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
  const detail = problems.slice(0, 5).join(" ").slice(0, 500);
  return {
    scope: manifestFacts(run.options.repository.repo, file.path, manifests),
    problem: detail === "" ? null : { reason: "parse_failed", detail },
  };
}

// ── History ────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function* writeHistory(run: Run, branches: HashedScope, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const { known, live, batcher, listing, options } = run;
  const { repository, historyLimit } = options;
  const scopes = [branches];
  if (historyLimit > 0) {
    yield run.progress("history", run.toParse.length, run.toParse.length);
    const heads = await readLogHeads(repository, repository.commit, historyLimit, signal);
    for (const { sha } of heads) live.add(commitScope(sha));
    scopes.push(peopleFacts(heads));
    const exists = filesWithNodes(listing);
    // A path that came or went changes which of its commits' edges can be drawn.
    const all = run.fromScratch || run.prior.size === 0 || pathsMoved(run);
    const wanted = heads.map(({ sha }) => sha).filter((sha) => all || !known.has(commitScope(sha)));
    for (let start = 0; start < wanted.length; start += 500) {
      for (const commit of await readCommits(repository, wanted.slice(start, start + 500), signal)) {
        scopes.push(commitFacts(repository.repo, commit, (path) => exists.has(path)));
      }
    }
  }
  for (const scope of scopes) {
    batcher.add({ scopes: keepScope(run, scope) });
    const batch = batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
}

function filesWithNodes(listing: Listing): Set<string> {
  const paths = new Set<string>();
  for (const { files } of listing.folders.values()) for (const path of files) paths.add(path);
  return paths;
}

function pathsMoved(run: Run): boolean {
  const before = run.prior;
  for (const path of before.keys()) if (!run.listing.files.has(path)) return true;
  for (const path of run.listing.files.keys()) if (!before.has(path)) return true;
  return false;
}

// ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function* removeGone(run: Run): AsyncGenerator<IndexStep> {
  const { known, live, batcher, priorPaths, listing } = run;
  for (const scope of known.keys()) {
    if (live.has(scope)) continue;
    batcher.add({ removedScopes: [scope] });
    const batch = batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  for (const path of priorPaths) {
    if (listing.files.has(path)) continue;
    batcher.add({ removedFiles: [path] });
    const batch = batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  const rest = batcher.rest();
  if (rest !== null) yield { is: "batch", batch: rest };
}

function repositoryScope({ repository }: IndexOptions, hash: string): HashedScope {
  const { repo, name, branch, defaultBranch, commit } = repository;
  const node: NodeFact = {
    key: repositoryKey(repo),
    type: "Repository",
    name,
    props: { source: repository.subject, branch, defaultBranch, commit },
  };
  return { scope: "repository", nodes: [node], edges: [], hash };
}

function summaryOf(run: Run): IndexSummary {
  const { repository } = run.options;
  let bytes = 0;
  let parsed = 0;
  let files = 0;
  for (const file of run.listing.files.values()) {
    if (file.path.endsWith("/")) continue;
    files++;
    if (!run.withIr.has(file.path)) continue;
    parsed++;
    bytes += file.size;
  }
  return {
    commit: repository.commit,
    branch: repository.branch,
    files,
    parsed,
    changed: run.toParse.length,
    skipped: run.listing.skippedCount,
    bytes,
    calls: run.calls,
  };
}

async function unchangedSummary({ repository, state }: IndexOptions): Promise<IndexSummary> {
  const summary = { files: 0, parsed: 0, skipped: 0, bytes: 0 };
  for await (const record of state.files()) {
    if (record.skipped !== null) summary.skipped++;
    if (record.path.endsWith("/")) continue;
    summary.files++;
    if (record.language === null) continue;
    summary.parsed++;
    summary.bytes += record.size;
  }
  const { commit, branch } = repository;
  return { commit, branch, ...summary, changed: 0, calls: { resolved: 0, external: 0, unresolved: 0 } };
}
