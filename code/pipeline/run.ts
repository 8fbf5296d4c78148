// What one index run holds, and how it begins: what the commit lists, what the last run left, and so what has to be read.
import type { JobPhase } from "@opentrace/contract/repositories.ts";
import { createBatcher, type HashedScope } from "../facts/scope.ts";
import type { OpenedRepository } from "../git/open-repository.ts";
import type { FileRecord, IndexState, IndexStep } from "../indexing.ts";
import { loadLanguages } from "../languages/registry.ts";
import type { Language } from "../languages/language.ts";
import type { ParsePoolOptions } from "../parse-pool.ts";
import { configFilesOf, listRepository, type ListedFile, type Listing } from "../repository-listing.ts";
import type { CallCounts } from "../resolve/resolution.ts";

/** Bump when anything makes other facts or other IR of the same source: what an older version stored is then made anew. */
export const INDEXER_VERSION = 12;

export interface IndexOptions {
  repository: OpenedRepository;
  state: IndexState;
  /** Commits of history to keep; 0 = none. */
  historyLimit: number;
  parse?: Partial<ParsePoolOptions>;
}

/** Left in place of the repository's hash while a run is under way: with the version when the records beside it are of that version. */
const MARK = "unfinished";
const MARK_OF_VERSION = `${MARK}:${INDEXER_VERSION}`;

export type PriorRecord = Omit<FileRecord, "ir" | "resolution">;

/** All that one run holds. */
export interface Run {
  options: IndexOptions;
  languages: ReadonlyMap<string, Language>;
  listing: Listing;
  /** Files that decide where imports lead, and manifests. */
  configFiles: readonly ListedFile[];
  /** Their texts, as far as git gives them. */
  configs: Map<string, string>;
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

export async function startRun(
  options: IndexOptions,
  known: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Run> {
  const { repository, state } = options;
  const languages = await loadLanguages();
  const listing = await listRepository(repository, languages, signal);
  // Before the last run's skips are taken over: whether it is read as code or not, a manifest is one.
  const configFiles = configFilesOf(listing, languages);
  const prior = new Map<string, PriorRecord>();
  const priorPaths = new Set<string>();
  const before = known.get("repository");
  const usable = state.version === INDEXER_VERSION || (state.version === null && before === MARK_OF_VERSION);
  for (const record of await state.files()) {
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
    configFiles,
    configs: new Map(),
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

/** Marks a scope as one that stays and says whether it has to be written: not when the same is stored, not when it claims nothing. */
export function keepScope({ known, live }: Run, scope: HashedScope): HashedScope[] {
  if (scope.nodes.length + scope.edges.length === 0) return [];
  live.add(scope.scope);
  return known.get(scope.scope) === scope.hash ? [] : [scope];
}

export function recordOf(file: ListedFile, ir: Uint8Array | null, resolution: Uint8Array | null): FileRecord {
  const { path, blob, size, skipped } = file;
  return { path, blob, size, language: file.dialect, skipped, ir, resolution };
}

export function pathsMoved(run: Run): boolean {
  const before = run.prior;
  for (const path of before.keys()) if (!run.listing.files.has(path)) return true;
  for (const path of run.listing.files.keys()) if (!before.has(path)) return true;
  return false;
}
