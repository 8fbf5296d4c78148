// The indexer: a repository at a commit → batches of facts. Reads only what changed since the state it is given.
//
// A run that is killed leaves whole batches behind and its first batch's mark: the next run sees the mark, keeps what was parsed and
// resolves everything anew. So the end state is always that of a clean index of the same commit.
import type { NodeFact } from "@opentrace/contract/facts.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import { branchFacts } from "./facts/history-facts.ts";
import { digest, type HashedScope } from "./facts/scope.ts";
import type { IndexStep, IndexSummary } from "./indexing.ts";
import { readChanged } from "./pipeline/read-changed.ts";
import { resolveAffected } from "./pipeline/resolve-affected.ts";
import { INDEXER_VERSION, startRun, type IndexOptions, type Run } from "./pipeline/run.ts";
import { writeHistory } from "./pipeline/write-history.ts";
import { writeTree } from "./pipeline/write-tree.ts";

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
  for (const record of await state.files()) {
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
