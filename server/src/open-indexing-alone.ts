// Only repositories and their jobs on the embedded store, indexed in this thread: what `opentrace index` needs where no server runs.
// A tenth of the application's modules, so that a small repository is not outweighed by the start.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { createAudit } from "./access/audit.ts";
import { createInvoke, type Invoke } from "./access/invoke.ts";
import { loadKeyring } from "./access/master-key.ts";
import { createSealer } from "./access/seal.ts";
import { storeConfigOf, type Config } from "./config.ts";
import { lockDataFolder } from "./data-lock.ts";
import { createIngest } from "./graph/ingest.ts";
import { nodeId, publicId } from "./graph/node-id.ts";
import { createIndexHere } from "./indexing/index-here.ts";
import { indexJobs } from "./indexing/index-jobs.ts";
import { createEventFeed } from "./jobs/event-feed.ts";
import { createJobQueue } from "./jobs/job-queue.ts";
import { createJobRunner, type JobRunner } from "./jobs/job-runner.ts";
import { jobVerbs } from "./jobs/job-verbs.ts";
import { createGitSources } from "./repositories/git-sources.ts";
import { createHostGuard } from "./repositories/guard-host.ts";
import { createRepositories } from "./repositories/repositories.ts";
import { repositoryVerbs } from "./repositories/repository-verbs.ts";
import { leaveOutEdgesByTarget, makeEdgesByTarget } from "./store/edges-by-target.ts";
import { littleReading, openStore } from "./store/store.ts";
import type { Log, Verb } from "./verb.ts";

export interface OpenedIndexing {
  verbs: readonly Verb[];
  invoke: Invoke;
  runner: JobRunner;
  close(): Promise<void>;
}

/** null when an integration is connected: it gives repositories their tokens and hears of what was indexed, so all of it is needed. */
export async function openIndexingAlone(config: Config, log: Log): Promise<OpenedIndexing | null> {
  if (config.databaseUrl !== null) return null;
  const now = (): Date => new Date();
  const lock = lockDataFolder(config.data);
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step();
  };
  try {
    const sealer = createSealer(loadKeyring(config.masterKey, config.data));
    const store = await openStore(storeConfigOf(config), littleReading);
    closing.push(() => store.close());
    await leaveOutEdgesByTarget(store.graph);
    // What has no space or no time now is made when the store is next opened.
    closing.push(() => makeEdgesByTarget(store.graph).catch(() => undefined));
    const connected = await store.app.selectFrom("integrations").select("id").limit(1).executeTakeFirst();
    if (connected !== undefined) {
      await close();
      return null;
    }
    const queue = createJobQueue({
      store,
      now,
      owner: `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`,
    });
    await queue.recover({ ownedByNobody: true });
    const feed = createEventFeed({ store, log, now });
    closing.push(() => feed.close());
    const ingest = createIngest({ store });
    const sources = createGitSources(config);
    const repositories = createRepositories({
      store,
      queue,
      sealer,
      now,
      nodeIdOf: (workspace, key) => publicId(nodeId(workspace, key)),
    });
    const accessOf: Parameters<typeof repositoryVerbs>[0]["accessOf"] = async (row) => ({
      token: repositories.tokenOf(row),
      caFile: null,
    });
    const runner = createJobRunner({
      queue,
      feed,
      log,
      concurrency: 1,
      handlers: indexJobs({
        repositories,
        sources,
        ingest,
        indexer: createIndexHere(ingest, createHostGuard(config)),
        feed,
        config,
        log,
        now,
        accessOf,
        written: async () => undefined,
      }),
    });
    closing.push(() => runner.stop());
    return {
      verbs: [
        ...repositoryVerbs({ repositories, sources, queue, runner, feed, accessOf }),
        ...jobVerbs({ queue, runner, feed }),
      ],
      invoke: createInvoke({ log, now, audit: createAudit(store) }),
      runner,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
