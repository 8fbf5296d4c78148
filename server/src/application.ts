// The only place that constructs: opens what the domains need, joins them, and closes them in order. The doors are server.ts's.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { defaultWorkspace } from "./access/actors.ts";
import type { ApiKeys } from "./access/api-keys.ts";
import { createAudit } from "./access/audit.ts";
import { answeredBefore, answerOnce, freeHeldKeys } from "./access/idempotency.ts";
import { createInvoke, type Invoke } from "./access/invoke.ts";
import { loadKeyring } from "./access/master-key.ts";
import { openAccess, type Access } from "./access/open-access.ts";
import { createSealer } from "./access/seal.ts";
import { createVerbs } from "./all-verbs.ts";
import { networkRulesOf, storeConfigOf, type Config } from "./config.ts";
import { lockDataFolder, type DataLock } from "./data-lock.ts";
import { deliveredSince } from "./delivery/delivered.ts";
import { placesOf } from "./delivery/places.ts";
import { exportGraph } from "./graph/export.ts";
import { freshnessOf } from "./graph/freshness.ts";
import { createIngest } from "./graph/ingest.ts";
import { nodeId, publicId } from "./graph/node-id.ts";
import { findNode, publicNode } from "./graph/read-nodes.ts";
import { findWorkspace } from "./graph/workspaces.ts";
import { createGraphWorker } from "./graph/snapshot/graph-worker.ts";
import { openView, type GraphDeps } from "./graph/view.ts";
import { openIncidents, type OpenIncidents } from "./incidents/open-incidents.ts";
import { createIndexHere } from "./indexing/index-here.ts";
import { indexJobs } from "./indexing/index-jobs.ts";
import { createIndexProcess } from "./indexing/index-process.ts";
import { openIntegrations, type OpenIntegrations } from "./integrations/open-integrations.ts";
import { loadConnectors } from "./integrations/registry.ts";
import { openInvestigation } from "./investigation/open-investigation.ts";
import { embedderOf } from "./investigation/runbook-vectors.ts";
import { createEventFeed, type EventFeed } from "./jobs/event-feed.ts";
import { createJobQueue, type JobQueue } from "./jobs/job-queue.ts";
import { createJobRunner, type JobRunner } from "./jobs/job-runner.ts";
import { createVisionAsker } from "./models/ask-vision.ts";
import { openModels } from "./models/open-models.ts";
import type { ChangesDeps } from "./repositories/changes.ts";
import { cacheFolderOf, createGitSources } from "./repositories/git-sources.ts";
import { createHostGuard } from "./repositories/guard-host.ts";
import { createRepositories } from "./repositories/repositories.ts";
import { createSourceFiles } from "./repositories/source-files.ts";
import { createSourceWatch, type SourceWatch } from "./repositories/source-watch.ts";
import { openScreenshots, type OpenScreenshots } from "./screenshots/open-screenshots.ts";
import { littleReading, openStore, type Store } from "./store/store.ts";
import type { Log, Verb } from "./verb.ts";
import { root } from "./version.ts";

/** Everything but the doors: what the HTTP server and the CLI's embedded mode share. */
export interface Application {
  config: Config;
  log: Log;
  store: Store;
  /** The address under which users reach the server; known for sure only once it listens. */
  place: { home: string };
  verbs: readonly Verb[];
  invoke: Invoke;
  access: Access;
  keys: ApiKeys;
  queue: JobQueue;
  feed: EventFeed;
  runner: JobRunner;
  integrations: OpenIntegrations;
  incidents: OpenIncidents;
  screenshots: OpenScreenshots;
  watch: SourceWatch;
  /** Where other programs find this process; null on PostgreSQL, which any number of processes share. */
  lock: DataLock | null;
  exportGraph(this: void, workspace: string, signal: AbortSignal): AsyncIterable<string>;
  /** Somebody has come who will soon ask: the names are read before the first search has to wait for them. */
  readAhead(this: void): void;
  /** Takes up jobs, and watches repositories and vendors for news. */
  start(): void;
  close(): Promise<void>;
}

export interface ApplicationOptions {
  /** Index in this thread: for a process that does nothing else meanwhile. */
  inThisThread?: boolean;
}

export async function openApplication(
  config: Config,
  log: Log,
  { inThisThread = false }: ApplicationOptions = {},
): Promise<Application> {
  const now = (): Date => new Date();
  const storeConfig = storeConfigOf(config);
  const cacheFolder = cacheFolderOf(config);
  const place = { home: config.publicUrl?.href ?? addressOf(null, config) };
  const lock = config.databaseUrl === null ? lockDataFolder(config.data) : null;
  const closing: (() => Promise<void> | void)[] = [() => lock?.release()];
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step();
  };
  try {
    const sealer = createSealer(loadKeyring(config.masterKey, config.data));
    const store = await openStore(storeConfig, inThisThread ? littleReading : {});
    closing.push(() => store.close());
    const access = openAccess({ store, sealer, log, now, config, homeUrl: () => place.home });
    closing.push(() => access.stop());
    const invoke = createInvoke({
      log,
      now,
      audit: createAudit(store),
      answeredBefore: (ctx, request) => answeredBefore(store, ctx, request),
      answerOnce: (ctx, request, work) => answerOnce(store, ctx, request, work),
      // REST's requests are counted where they end, with those that never came to a verb.
      used(actor, verb, door, failed) {
        if (door === "mcp" && actor.kind === "key" && actor.credential !== undefined)
          access.usage.count(actor.id.slice("key:".length), verb, failed);
      },
    });
    const queue = createJobQueue({
      store,
      now,
      owner: `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`,
    });
    // The lock says that whoever ran these jobs, or worked on these requests, is gone.
    if (lock !== null) {
      await queue.recover({ ownedByNobody: true });
      await freeHeldKeys(store);
    }
    const feed = createEventFeed({ store, log, now });
    closing.push(() => feed.close());
    const ingest = createIngest({ store });
    const indexer = inThisThread
      ? createIndexHere(ingest, createHostGuard(config))
      : createIndexProcess({
          store: storeConfig,
          git: config.git,
          loopbackOnly: config.loopbackOnly,
          privateHosts: config.privateHosts,
        });
    closing.push(() => indexer.close());
    const worker = createGraphWorker({ config: storeConfig });
    closing.push(() => worker.close());
    const sources = createGitSources(config);
    const repositories = createRepositories({
      store,
      queue,
      sealer,
      now,
      nodeIdOf: (workspace, key) => publicId(nodeId(workspace, key)),
    });
    const wake = (): void => runner.wake();
    const integrations = openIntegrations({
      config,
      connectors: await loadConnectors(join(root, "connectors")),
      store,
      sealer,
      queue,
      feed,
      ingest,
      repositories,
      sources,
      log,
      now,
      wake,
      homeUrl: () => place.home,
    });
    closing.push(() => integrations.close());
    const models = openModels({ store, sealer, config: config.models, network: networkRulesOf(config), now });
    closing.push(() => models.close());
    const incidents = openIncidents({ store, worker, feed, queue, ingest, log, now, wake });
    const investigation = openInvestigation({
      store,
      worker,
      ...incidents.parts,
      queue,
      feed,
      log,
      now,
      wake,
      workspace: defaultWorkspace,
      ingest,
      narrator: models.parts.models.narrator,
      embedder: embedderOf(models.parts.models),
    });
    const screenshots = openScreenshots({
      store,
      queue,
      evidence: incidents.parts.evidence,
      graphNodes: incidents.parts.graphNodes,
      askModels: createVisionAsker(models.parts.models),
      visionModels: async (workspace) =>
        (await models.parts.modelProviders.forRole(workspace, "vision")).map(({ name, kind, models: { vision } }) => ({
          provider: name,
          kind,
          model: vision ?? "",
        })),
      modelsOff: config.models.off,
      chartReaders: [],
      capturers: [],
      verifiers: [],
      log,
      now,
      wake,
    });
    closing.push(() => screenshots.close());
    const accessOf = integrations.accessOf;
    const indexing = indexJobs({
      repositories,
      sources,
      ingest,
      indexer,
      feed,
      config,
      log,
      now,
      accessOf,
      written: integrations.indexed,
    });
    const runner = joinRunners([
      createJobRunner({ queue, feed, log, concurrency: 1, handlers: indexing }),
      // Syncs wait for vendors most of the time: they do not queue behind the indexer.
      createJobRunner({ queue, feed, log, concurrency: 4, handlers: integrations.jobs }),
      createJobRunner({ queue, feed, log, concurrency: 2, handlers: { ...incidents.jobs, ...investigation.jobs } }),
      // One at a time: there is one process that reads.
      createJobRunner({ queue, feed, log, concurrency: 1, handlers: screenshots.jobs }),
    ]);
    closing.push(() => runner.stop());
    closing.push(() => integrations.stop());
    closing.push(() => incidents.stop());
    closing.push(() => investigation.stop());
    const watch = createSourceWatch({
      repositories,
      ingest,
      queue,
      feed,
      log,
      now,
      wake,
      cacheFolder,
      workspace: defaultWorkspace,
      syncEverySeconds: config.syncEverySeconds,
    });
    closing.push(() => watch.stop());
    const verbs = createVerbs({
      repositories,
      sources,
      queue,
      runner,
      feed,
      ...access,
      worker,
      sourceFiles: createSourceFiles({ repositories, cacheFolder }),
      cacheFolder,
      accessOf,
      ...nodesForChanges({ store, worker }),
      ...integrations.parts,
      ...incidents.parts,
      ...investigation.parts,
      ...screenshots.parts,
      ...models.parts,
    });
    return {
      config,
      log,
      store,
      place,
      verbs,
      invoke,
      access,
      keys: access.keys,
      queue,
      feed,
      runner,
      integrations,
      incidents,
      screenshots,
      watch,
      lock,
      readAhead() {
        findWorkspace(store.graph, defaultWorkspace).then(
          (workspace) => {
            if (workspace !== null) worker.prepare(workspace.id);
          },
          // The question that follows meets the same store, and says what is wrong.
          () => undefined,
        );
      },
      exportGraph: (workspace, signal) => exportGraph(store, { workspace, signal, now }),
      start() {
        runner.start();
        watch.start();
        integrations.start();
        incidents.start();
        investigation.start();
        screenshots.start();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the repositories' history needs of the graph. */
const nodesForChanges = (
  graph: GraphDeps,
): Pick<ChangesDeps, "findNodes" | "placesOf" | "delivered" | "freshness"> => ({
  async findNodes(ctx, references) {
    const view = await openView(graph, ctx);
    const found = [];
    for (const reference of references) {
      const node = await findNode(view, reference);
      if (node !== null) found.push(publicNode(node));
    }
    return found;
  },
  async placesOf(ctx, reference) {
    const view = await openView(graph, ctx);
    const node = await findNode(view, reference);
    return node === null ? [] : (await placesOf(view, node)).map(publicNode);
  },
  delivered: (ctx, asked) => deliveredSince(graph, ctx, asked),
  freshness: async (ctx, sources) => freshnessOf(await openView(graph, ctx), { sources }),
});

const joinRunners = (runners: readonly JobRunner[]): JobRunner => ({
  start: () => runners.forEach((runner) => runner.start()),
  wake: () => runners.forEach((runner) => runner.wake()),
  cancelled: (id) => runners.forEach((runner) => runner.cancelled(id)),
  stop: async () => void (await Promise.all(runners.map((runner) => runner.stop()))),
});

export function addressOf(address: string | { port: number } | null, { host, port }: Config): string {
  const actual = typeof address === "object" && address !== null ? address.port : port;
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}
