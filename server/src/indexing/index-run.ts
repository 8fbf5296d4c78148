// One index run: git → indexer → ingest, with determinate progress. Runs in a process of the server's, or in the CLI itself.
import { indexRepository } from "@opentrace/code/index-repository.ts";
import type { SpareParser } from "@opentrace/code/parse-pool.ts";
import { INDEXER_VERSION } from "@opentrace/code/pipeline/run.ts";
import { openRepository, type OpenOptions } from "@opentrace/code/git/open-repository.ts";
import type { IndexSummary } from "@opentrace/code/indexing.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import type { JobProgress } from "@opentrace/contract/repositories.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { Writer } from "../graph/workspaces.ts";
import { secondsLeft } from "./seconds-left.ts";

export interface IndexRequest {
  workspace: string;
  /** The job that this is a run of. */
  writer: Writer;
  /** Where and how to open it; the token is in there, so this is never logged. */
  open: Omit<OpenOptions, "guardUrl">;
  historyLimit: number;
}

export interface IndexResult extends IndexSummary {
  key: string;
  name: string;
  defaultBranch: string | null;
  nodes: number;
  edges: number;
  /** Version of the graph after the run; null when nothing was written. */
  version: number | null;
}

export interface IndexRunDeps {
  ingest: Ingest;
  guardUrl: OpenOptions["guardUrl"];
  now(this: void): Date;
  /** Throws when the run no longer holds its job; asked before every write. */
  assertHeld(this: void): Promise<void>;
  progress(this: void, progress: JobProgress): void;
  /** From run to run, where one comes after the other. */
  spareParser?: SpareParser;
}

/** Throws AppError, and the reason of an abort. A run that breaks off leaves whole batches; the next one goes on from there. */
export async function runIndex(request: IndexRequest, deps: IndexRunDeps, signal: AbortSignal): Promise<IndexResult> {
  const { ingest, guardUrl, now, assertHeld, spareParser: spare } = deps;
  const track = createTracker(deps.progress);
  track({ phase: "fetching" });
  const repository = await openRepository({ ...request.open, ...(guardUrl === undefined ? {} : { guardUrl }) }, signal);
  const ref = {
    workspace: request.workspace,
    source: repositoryKey(repository.repo),
    writer: request.writer,
  };
  await assertHeld();
  const state = await ingest.openSource({ ...ref, name: repository.name, kind: "repository" });
  // A newer indexer reads more in the same text: nothing has changed by that.
  const into = { ...ref, silent: state.version !== INDEXER_VERSION };
  track({ phase: "listing" });
  let version: number | null = null;
  let marked = false;
  const steps = indexRepository({ repository, state, historyLimit: request.historyLimit, parse: { spare } }, signal);
  for (;;) {
    const step = await steps.next();
    if (step.done === true) {
      await assertHeld();
      if (version !== null) track(await ingest.recount(ref));
      await ingest.mark(ref, {
        state: "fresh",
        detail: null,
        observedAt: now(),
        commit: step.value.commit,
        indexerVersion: INDEXER_VERSION,
      });
      const { nodes, edges } = track({ phase: "done" });
      return {
        ...step.value,
        key: ref.source,
        name: repository.name,
        defaultBranch: repository.defaultBranch,
        nodes,
        edges,
        version,
      };
    }
    if (step.value.is === "progress") {
      track(step.value);
      continue;
    }
    await assertHeld();
    if (!marked) await ingest.mark(ref, { state: "syncing" });
    marked = true;
    const applied = await ingest.apply(into, step.value.batch, signal);
    version = applied.version;
    track({ nodes: applied.nodes, edges: applied.edges });
  }
}

function createTracker(report: (progress: JobProgress) => void) {
  const started = performance.now();
  let progress: JobProgress = { phase: "queued", filesDone: 0, filesTotal: 0, nodes: 0, edges: 0, etaSeconds: null };
  return (
    change: Partial<Pick<JobProgress, "phase" | "filesDone" | "filesTotal" | "nodes" | "edges">>,
  ): JobProgress => {
    const {
      phase = progress.phase,
      filesDone = progress.filesDone,
      filesTotal = progress.filesTotal,
      nodes = progress.nodes,
      edges = progress.edges,
    } = change;
    progress = {
      phase,
      filesDone,
      filesTotal,
      nodes,
      edges,
      etaSeconds: secondsLeft({ phase, filesDone, filesTotal }, performance.now() - started),
    };
    report(progress);
    return progress;
  };
}
