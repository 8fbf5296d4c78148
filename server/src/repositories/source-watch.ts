// Notices that a local repository has commits the graph has not seen, so that answers say "stale"; and syncs by itself if asked to.
import { locateRepository } from "@opentrace/code/git/open-repository.ts";
import { runGit } from "@opentrace/code/git/run-git.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { createRounds } from "../jobs/rounds.ts";
import type { Log } from "../verb.ts";
import { isLocalPath } from "./git-sources.ts";
import type { Repositories, RepositoryRow } from "./repositories.ts";
import { indexJob } from "./repository-verbs.ts";

export interface SourceWatchDeps {
  repositories: Repositories;
  ingest: Pick<Ingest, "mark">;
  queue: JobQueue;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  cacheFolder: string;
  workspace: string;
  /** Seconds between syncs that nobody asked for; 0 = none. */
  syncEverySeconds: number;
  everyMs?: number;
}

export interface SourceWatch {
  start(): void;
  /** One round over all repositories. */
  look(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export function createSourceWatch(deps: SourceWatchDeps): SourceWatch {
  const {
    repositories,
    ingest,
    queue,
    feed,
    log,
    now,
    wake,
    cacheFolder,
    workspace,
    syncEverySeconds,
    everyMs = 15_000,
  } = deps;
  const gitDirs = new Map<string, string>();
  /** What was last said of a repository: the head that made it stale. */
  const told = new Map<string, string>();

  /** One short git process. Null when it can't be told; the next sync will say why. */
  async function headOf(row: RepositoryRow, signal: AbortSignal): Promise<string | null> {
    const known = gitDirs.get(row.id);
    const gitDir = known ?? (await locateRepository(row.source, cacheFolder, signal))?.gitDir;
    if (gitDir === undefined) return null;
    gitDirs.set(row.id, gitDir);
    const revision = row.branch === null ? "HEAD" : `refs/heads/${row.branch}`;
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    const answer = await runGit({ gitDir, args, timeoutMs: 10_000 }, signal);
    return answer.code === 0 ? answer.stdout.toString("utf8").trim() : null;
  }

  async function lookAt(row: RepositoryRow, signal: AbortSignal): Promise<void> {
    if (row.commit_sha === null || row.state !== "ready") return;
    const due = syncEverySeconds > 0 && now().getTime() - (row.indexed_at ?? 0) >= syncEverySeconds * 1000;
    const head = isLocalPath(row.source) ? await headOf(row, signal) : null;
    const moved = head !== null && head !== row.commit_sha;
    if (moved && told.get(row.id) !== head) {
      told.set(row.id, head);
      const detail = `${row.branch ?? row.default_branch ?? "HEAD"} is at ${head.slice(0, 10)} now, the graph at ${row.commit_sha.slice(0, 10)}. Sync to catch up.`;
      await ingest.mark({ workspace, source: row.key }, { state: "stale", detail });
      await feed.publish({ type: "repository.changed", repositoryId: row.id }, workspace);
    }
    if (!moved && head !== null && told.delete(row.id))
      await ingest.mark({ workspace, source: row.key }, { state: "fresh", detail: null });
    if (due && (moved || head === null)) {
      await queue.enqueue({ kind: indexJob, resource: row.id, input: {}, workspace, maxAttempts: 3 });
      wake();
    }
  }

  async function look(signal: AbortSignal): Promise<void> {
    for (const row of await repositories.all(workspace)) {
      signal.throwIfAborted();
      await lookAt(row, signal).catch((err: unknown) => {
        gitDirs.delete(row.id);
        if (!signal.aborted) log.debug({ err, repositoryId: row.id }, "repository not looked at");
      });
    }
  }

  return { look, ...createRounds({ everyMs, look, what: "repositories", log }) };
}
