// The job handlers of repositories: index one, remove one.
import { removeCopy } from "@opentrace/code/git/repository-copy.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import { cacheFolderOf, type GitSources } from "../repositories/git-sources.ts";
import type { Repositories, RepositoryRow } from "../repositories/repositories.ts";
import { indexJob, removeJob, type RepositoryVerbsDeps } from "../repositories/repository-verbs.ts";
import type { Config } from "../config.ts";
import type { Log } from "../verb.ts";
import { watchResources } from "./resource-use.ts";
import type { Indexer } from "./index-process.ts";

export interface IndexJobsDeps {
  repositories: Repositories;
  sources: GitSources;
  ingest: Ingest;
  indexer: Indexer;
  feed: EventFeed;
  config: Pick<Config, "data" | "historyDepth">;
  log: Log;
  now(this: void): Date;
  accessOf: RepositoryVerbsDeps["accessOf"];
  /** A run wrote something; what rests on the code of this repository may have to be looked up again. */
  written(this: void, row: RepositoryRow): Promise<void>;
}

export function indexJobs({
  repositories,
  sources,
  ingest,
  indexer,
  feed,
  config,
  log,
  now,
  accessOf,
  written,
}: IndexJobsDeps): Record<string, JobHandler> {
  return {
    [indexJob]: {
      async run(_input, { job, workspace, signal, writer, assertHeld, progress }) {
        const row = await repositories.find(job.resource, workspace);
        await repositories.update(row.id, { state: "syncing", error: null });
        await feed.publish({ type: "repository.changed", repositoryId: row.id }, workspace);
        const request = { source: row.source, branch: row.branch, ...(await accessOf(row, signal)) };
        const use = watchResources({ everyMs: 250 });
        const result = await indexer.run(
          { workspace, writer, open: sources.openOptions(request), historyLimit: config.historyDepth },
          { progress, assertHeld },
          signal,
        );
        await assertHeld();
        await repositories.update(row.id, {
          state: "ready",
          error: null,
          commit_sha: result.commit,
          default_branch: result.defaultBranch,
          indexed_at: now().getTime(),
          files: result.files,
          skipped: result.skipped,
        });
        if (result.version !== null) {
          await feed.publish({ type: "graph.changed", version: result.version }, workspace);
          await written(row);
        }
        return { ...result, calls: { ...result.calls }, ...use() };
      },
      async ended(job, workspace) {
        try {
          const row = await repositories.find(job.resource, workspace);
          if (job.state === "failed") {
            await repositories.update(row.id, { state: "failing", error: job.error?.message ?? null });
            await ingest
              .mark({ workspace, source: row.key }, { state: "failing", detail: job.error?.message ?? null })
              .catch(() => undefined);
          }
          if (job.state === "cancelled") {
            await repositories.update(row.id, { state: row.commit_sha === null ? "new" : "ready" });
            await ingest
              .mark(
                { workspace, source: row.key },
                { state: row.commit_sha === null ? "never" : "stale", detail: "The last sync was cancelled." },
              )
              .catch(() => undefined);
          }
          await feed.publish({ type: "repository.changed", repositoryId: row.id }, workspace);
        } catch (err) {
          log.warn({ err, jobId: job.id }, "end of an index job not recorded");
        }
      },
    },
    [removeJob]: {
      async run(_input, { job, workspace, signal, writer, progress }) {
        const row = await repositories.find(job.resource, workspace);
        let total = 0;
        const ref = { workspace, source: row.key, writer };
        await ingest.removeSource(ref, signal, (left) => {
          total = Math.max(total, left);
          progress({
            phase: "writing",
            filesDone: total - left,
            filesTotal: total,
            nodes: 0,
            edges: 0,
            etaSeconds: null,
          });
        });
        await removeCopy(row.source, cacheFolderOf(config));
        await repositories.forget(row.id);
        // Facts of a run that was still under way, or never was known.
        await ingest.removeSource(ref, signal);
        await feed.publish({ type: "repository.removed", repositoryId: row.id }, workspace);
        return { key: row.key };
      },
    },
  };
}
