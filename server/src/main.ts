// The only place that constructs: reads the configuration, opens what the parts need, joins them, and shuts them down in order.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { anonymousActor, defaultWorkspace } from "./access/actors.ts";
import { createApiKeys, type ApiKeys } from "./access/api-keys.ts";
import { createAudit } from "./access/audit.ts";
import { createAuthenticate } from "./access/authenticate.ts";
import { createInvoke, type Invoke } from "./access/invoke.ts";
import { keyVerbs } from "./access/key-verbs.ts";
import { addMasterKey, dropOlderMasterKeys, loadKeyring } from "./access/master-key.ts";
import { retireKeys, type Rotated } from "./access/rotate-keys.ts";
import { createSealer } from "./access/seal.ts";
import { networkRulesOf, readConfig, type Config } from "./config.ts";
import { lockDataFolder, lockForRotation, type DataLock } from "./data-lock.ts";
import { askVerb, createGrammarAsker } from "./ask/ask-verb.ts";
import { deliveredSince } from "./delivery/delivered.ts";
import { placesOf } from "./delivery/places.ts";
import { deliveryVerbs } from "./delivery/verbs.ts";
import { exportGraph } from "./graph/export.ts";
import { freshnessOf } from "./graph/freshness.ts";
import { createIngest } from "./graph/ingest.ts";
import { nodeId, publicId } from "./graph/node-id.ts";
import { findNode, publicNode } from "./graph/read-nodes.ts";
import { createGraphWorker } from "./graph/snapshot/graph-worker.ts";
import type { SourceDeps } from "./graph/source-files.ts";
import { graphVerbs } from "./graph/verbs.ts";
import { openView, type GraphDeps } from "./graph/view.ts";
import { indexJobs } from "./indexing/index-jobs.ts";
import { createIndexHere } from "./indexing/index-here.ts";
import { createIndexThread } from "./indexing/index-thread.ts";
import { createEventFeed, type EventFeed } from "./jobs/event-feed.ts";
import { createJobQueue, type JobQueue } from "./jobs/job-queue.ts";
import { createJobRunner, type JobRunner } from "./jobs/job-runner.ts";
import { finishConnect } from "./integrations/connect.ts";
import { enqueueScan } from "./integrations/sync-queue.ts";
import { createIntegrationCode } from "./integrations/code.ts";
import { createConnections } from "./integrations/connections.ts";
import { createIntegrations, sealedOfIntegrations, type IntegrationRow } from "./integrations/integrations.ts";
import { createSignIn, type SignIn } from "./integrations/sign-in.ts";
import { beginSignInVerb, signInStateVerb, type SignInVerbDeps } from "./integrations/sign-in-verb.ts";
import { createLinkChanges } from "./integrations/link-changes.ts";
import { enqueueRelink, relinkJobs } from "./integrations/relink.ts";
import { createRegistry, loadConnectors, type Registry } from "./integrations/registry.ts";
import { createHistory } from "./integrations/history.ts";
import { webhookUrlOf } from "./integrations/addresses.ts";
import { createVendorWebhooks } from "./integrations/vendor-webhooks.ts";
import { createDeliveries, type Deliveries } from "./integrations/deliveries.ts";
import { deliveryJobs } from "./integrations/delivery-jobs.ts";
import { createDeliveryWatch, type DeliveryWatch } from "./integrations/delivery-watch.ts";
import { createIndexPushed } from "./integrations/index-pushed.ts";
import { createPresent } from "./integrations/present.ts";
import { createPresentScopes } from "./integrations/present-scopes.ts";
import { createSchedule, type Schedule } from "./integrations/schedule.ts";
import { scopeJobs } from "./integrations/scope-jobs.ts";
import { syncJobs } from "./integrations/sync-jobs.ts";
import { createTestConnection } from "./integrations/test-connection.ts";
import { allIntegrationVerbs, type AllIntegrationVerbsDeps } from "./integrations/verbs.ts";
import { webhookVerbs, type WebhookVerbsDeps } from "./integrations/webhook-verbs.ts";
import { jobVerbs } from "./jobs/job-verbs.ts";
import { changesVerb, type ChangesDeps } from "./repositories/changes.ts";
import { cacheFolderOf, createGitSources } from "./repositories/git-sources.ts";
import { createHostGuard } from "./repositories/guard-host.ts";
import { createRepositories, sealedOfRepositories } from "./repositories/repositories.ts";
import { repositoryVerbs, type RepositoryVerbsDeps } from "./repositories/repository-verbs.ts";
import { createSourceFiles } from "./repositories/source-files.ts";
import { createSourceWatch, type SourceWatch } from "./repositories/source-watch.ts";
import { openStore, type Store, type StoreConfig } from "./store/store.ts";
import type { Log, Verb } from "./verb.ts";

const root = join(import.meta.dirname, "..", "..");

/** Everything but the doors: what the HTTP server and the CLI's embedded mode share. */
export interface Application {
  config: Config;
  log: Log;
  store: Store;
  /** The address under which users reach the server; known for sure only once it listens. */
  place: { home: string };
  registry: Registry;
  verbs: readonly Verb[];
  invoke: Invoke;
  keys: ApiKeys;
  queue: JobQueue;
  feed: EventFeed;
  runner: JobRunner;
  watch: SourceWatch;
  deliveries: Deliveries;
  signIn: SignIn;
  /** Has a door of its own: it also sets a cookie. */
  beginSignIn: Verb;
  deliveryWatch: DeliveryWatch;
  schedule: Schedule;
  /** Where other programs find this process; null on PostgreSQL, which any number of processes share. */
  lock: DataLock | null;
  exportGraph(this: void, workspace: string, signal: AbortSignal): AsyncIterable<string>;
  close(): Promise<void>;
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

export interface ApplicationOptions {
  /** Index in this thread: for a process that does nothing else meanwhile. */
  inThisThread?: boolean;
}

type VerbParts = RepositoryVerbsDeps &
  SourceDeps &
  ChangesDeps &
  AllIntegrationVerbsDeps &
  WebhookVerbsDeps &
  SignInVerbDeps & { keys: ApiKeys };

function createVerbs({ keys, ...parts }: VerbParts): Verb[] {
  const known = [...graphVerbs(parts), ...deliveryVerbs(parts), ...repositoryVerbs(parts), changesVerb(parts)];
  return [
    ...known,
    askVerb([createGrammarAsker(known)], known),
    ...allIntegrationVerbs(parts),
    ...webhookVerbs(parts),
    signInStateVerb(parts),
    ...jobVerbs(parts),
    ...keyVerbs(keys),
  ];
}

/** Every verb's name, path and schemas, for those who send them elsewhere: they can't be run. */
export function describeVerbs(): Verb[] {
  const unconnected = new Proxy(
    {},
    {
      get: () => {
        throw new AppError("internal", "This verb is described only; it is connected to nothing.");
      },
    },
  );
  const part = unconnected as never;
  return createVerbs({
    repositories: part,
    sources: part,
    queue: part,
    runner: part,
    feed: part,
    keys: part,
    store: part,
    worker: part,
    sourceFiles: part,
    cacheFolder: "",
    accessOf: part,
    findNodes: part,
    placesOf: part,
    delivered: part,
    freshness: part,
    integrations: part,
    deliveries: part,
    signIn: part,
    registry: part,
    connections: part,
    testConnection: part,
    code: part,
    present: part,
    presentScopes: part,
    history: part,
    homeUrl: part,
    now: part,
  });
}

export async function openApplication(
  config: Config,
  log: Log,
  { inThisThread = false }: ApplicationOptions = {},
): Promise<Application> {
  const now = (): Date => new Date();
  const storeConfig = storeConfigOf(config);
  const place = { home: config.publicUrl?.href ?? addressOf(null, config) };
  const lock = config.databaseUrl === null ? lockDataFolder(config.data) : null;
  const closing: (() => Promise<void> | void)[] = [() => lock?.release()];
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step();
  };
  try {
    const sealer = createSealer(loadKeyring(config.masterKey, config.data));
    const store = await openStore(storeConfig);
    closing.push(() => store.close());
    const invoke = createInvoke({ log, now, audit: createAudit(store) });
    const keys = createApiKeys({ store, log, now });
    const queue = createJobQueue({
      store,
      now,
      owner: `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`,
    });
    // The lock says that whoever ran these jobs is gone.
    if (lock !== null) await queue.recover({ ownedByNobody: true });
    const feed = createEventFeed({ store, log, now });
    closing.push(() => feed.close());
    const ingest = createIngest({ store });
    const thread = inThisThread
      ? createIndexHere(ingest, createHostGuard(config))
      : createIndexThread({
          store: storeConfig,
          git: config.git,
          loopbackOnly: config.loopbackOnly,
          privateHosts: config.privateHosts,
        });
    closing.push(() => thread.close());
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
    const integrations = createIntegrations({ store, sealer, feed, now });
    const registry = createRegistry(await loadConnectors(join(root, "connectors")));
    const connections = createConnections({
      integrations,
      registry,
      network: networkRulesOf(config),
      log,
      now,
    });
    closing.push(() => connections.close());
    const linkChanges = createLinkChanges({ store, ingest });
    const wake = (): void => runner.wake();
    const webhookUrl = (row: IntegrationRow): string | null => webhookUrlOf(config.publicUrl, row);
    const vendorWebhooks = createVendorWebhooks({ integrations, connections, webhookUrl });
    const code = createIntegrationCode({
      store,
      integrations,
      connections,
      repositories,
      sources,
      queue,
      feed,
      cacheFolder: cacheFolderOf(config),
      log,
      wake,
    });
    const deliveries = createDeliveries({
      store,
      integrations,
      registry,
      now,
      arrived: (integration) => deliveryWatch.arrived(integration),
    });
    const deliveryWatch: DeliveryWatch = createDeliveryWatch({
      store,
      connectorOf: (id) => registry.find(id),
      behind: deliveries.behind,
      queue,
      log,
      now,
      wake,
    });
    const runner: JobRunner = joinRunners([
      createJobRunner({
        queue,
        feed,
        log,
        concurrency: 1,
        handlers: indexJobs({
          repositories,
          sources,
          ingest,
          thread,
          feed,
          config,
          log,
          now,
          accessOf: code.accessOf,
          async written(row) {
            if ((await integrations.all(row.workspace)).length > 0) await enqueueRelink(queue, row);
          },
        }),
      }),
      // Syncs wait for vendors most of the time: they do not queue behind the indexer.
      createJobRunner({
        queue,
        feed,
        log,
        concurrency: 4,
        handlers: {
          ...syncJobs({ store, integrations, connections, ingest, linkChanges, code, vendorWebhooks, feed, log, now }),
          ...scopeJobs({ store, queue, integrations, connections, ingest, code, vendorWebhooks, feed, log, now, wake }),
          ...relinkJobs({ store, ingest, repositories, linkChanges }),
          ...deliveryJobs({
            integrations,
            connections,
            deliveries,
            queue,
            log,
            now,
            wake,
            pushed: createIndexPushed({ queue }),
          }),
        },
      }),
    ]);
    closing.push(() => runner.stop());
    closing.push(() => deliveryWatch.stop());
    const watch = createSourceWatch({
      repositories,
      ingest,
      queue,
      feed,
      log,
      now,
      wake: () => runner.wake(),
      cacheFolder: cacheFolderOf(config),
      workspace: defaultWorkspace,
      syncEverySeconds: config.syncEverySeconds,
    });
    closing.push(() => watch.stop());
    const history = createHistory({ store });
    const schedule = createSchedule({
      store,
      integrations,
      queue,
      history,
      feed,
      log,
      now,
      wake,
      workspace: defaultWorkspace,
      everySeconds: config.integrationsEverySeconds,
    });
    closing.push(() => schedule.stop());
    const testConnection = createTestConnection({ integrations, connections, now });
    const signIn = createSignIn({
      store,
      sealer,
      integrations,
      connections,
      homeUrl: () => place.home,
      webhookUrl,
      loopbackOnly: config.loopbackOnly,
      now,
      async connected(row, signal) {
        const first = row.last_success_at === null && row.account === null;
        await finishConnect({ integrations, testConnection }, { row, name: first ? null : row.name }, signal);
        await enqueueScan(queue, row, { cause: "connect", mode: "incremental", onlyNew: false });
        wake();
      },
    });
    const verbs = createVerbs({
      repositories,
      sources,
      queue,
      runner,
      feed,
      keys,
      store,
      worker,
      sourceFiles: createSourceFiles({ repositories, cacheFolder: cacheFolderOf(config) }),
      cacheFolder: cacheFolderOf(config),
      accessOf: code.accessOf,
      ...nodesForChanges({ store, worker }),
      integrations,
      deliveries,
      signIn,
      registry,
      connections,
      testConnection,
      code,
      present: createPresent({ store, registry, webhookUrl }),
      presentScopes: createPresentScopes({ store, registry }),
      history,
      homeUrl: () => place.home,
      now,
    });
    return {
      config,
      log,
      store,
      place,
      registry,
      verbs,
      invoke,
      keys,
      queue,
      feed,
      runner,
      watch,
      deliveries,
      signIn,
      beginSignIn: beginSignInVerb({ integrations, signIn }),
      deliveryWatch,
      schedule,
      lock,
      exportGraph: (workspace, signal) => exportGraph(store, { workspace, signal, now }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Only the API keys of a store, beside a server that has it open: SQLite lets a second process write a row. */
export async function openKeys(config: Config): Promise<{ keys: ApiKeys; close(): Promise<void> }> {
  const store = await openStore(storeConfigOf(config));
  const silent = (): void => undefined;
  const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
  return { keys: createApiKeys({ store, log, now: () => new Date() }), close: () => store.close() };
}

/** Long enough for a write whose value was sealed with the old key a moment before there was a new one. */
const settleMs = 10_000;

/**
 * Rotates the master key, beside a server that goes on. With the key file: makes a new key, seals everything anew, drops the old one.
 * With OPENTRACE_MASTER_KEY the operator has put the new key first: seals everything under it.
 */
export async function rotateMasterKey(
  config: Config,
  progress: (resealed: number) => void,
  signal: AbortSignal,
  { settle = settleMs }: { settle?: number } = {},
): Promise<Rotated & { keyId: string; olderKeys: readonly string[]; inSetting: boolean }> {
  const lock = lockForRotation(config.data);
  try {
    const inSetting = config.masterKey !== null;
    const { since } = inSetting ? { since: new Date(0) } : addMasterKey(config.data);
    const keyring = loadKeyring(config.masterKey, config.data);
    const keyId = keyring.current().id;
    const olderKeys = keyring.ids().filter((id) => id !== keyId);
    if (olderKeys.length === 0)
      throw new AppError(
        "bad_request",
        "OPENTRACE_MASTER_KEY holds one key. To rotate it: restart each server with OLD,NEW (all can open both), then with NEW,OLD (the first one seals), run this with NEW,OLD, then restart with NEW alone. Make NEW with: openssl rand -base64 32",
        { details: { setting: "OPENTRACE_MASTER_KEY" } },
      );
    const store = await openStore(storeConfigOf(config));
    try {
      const rotated = await retireKeys(
        {
          store,
          sealer: createSealer(keyring),
          keyring,
          columns: [...sealedOfRepositories, ...sealedOfIntegrations],
          progress,
        },
        { olderKeys, since, settleMs: settle },
        signal,
      );
      if (!inSetting) dropOlderMasterKeys(config.data);
      return { ...rotated, keyId, olderKeys, inSetting };
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

const joinRunners = (runners: readonly JobRunner[]): JobRunner => ({
  start: () => runners.forEach((runner) => runner.start()),
  wake: () => runners.forEach((runner) => runner.wake()),
  cancelled: (id) => runners.forEach((runner) => runner.cancelled(id)),
  stop: async () => void (await Promise.all(runners.map((runner) => runner.stop()))),
});

const storeConfigOf = ({ databaseUrl, data }: Config): StoreConfig =>
  databaseUrl === null ? { dataDir: data } : { databaseUrl: databaseUrl.reveal() };

export interface Server {
  address: string;
  application: Application;
  close(): Promise<void>;
}

export async function startServer(config: Config, log: Log): Promise<Server> {
  // The doors load while the store opens.
  const [
    application,
    { createHttpServer },
    { registerEventStream },
    { createMcpFactory },
    { actorOfAuthInfo, registerMcp },
    { registerExport },
    { registerIcons },
    { registerWebhooks },
    { registerSignIn },
    { registerIntegrationPages },
  ] = await Promise.all([
    openApplication(config, log),
    import("./api/http-server.ts"),
    import("./api/events/event-stream.ts"),
    import("./api/mcp/mcp-server.ts"),
    import("./api/mcp/http-route.ts"),
    import("./api/rest/export-route.ts"),
    import("./api/rest/icon-route.ts"),
    import("./api/webhooks/webhook-route.ts"),
    import("./api/sign-in/sign-in-routes.ts"),
    import("./api/integration-pages.ts"),
  ]);
  const { store, verbs, invoke, keys, feed, runner, watch, schedule, lock } = application;
  try {
    const factory = createMcpFactory({
      verbs,
      invoke,
      version: version(),
      log,
      actorOf: (authInfo) => (config.auth && authInfo === undefined ? anonymousActor : actorOfAuthInfo(authInfo)),
    });
    const app = await createHttpServer({
      config,
      verbs,
      invoke,
      authenticate: createAuthenticate({
        required: config.auth,
        verifyKey: (key) => keys.verify(key, defaultWorkspace),
      }),
      readiness: async () => {
        await store.app.selectFrom("settings").select("name").limit(1).execute();
        await store.graph.selectFrom("workspaces").select("id").limit(1).execute();
      },
      log,
      version: version(),
      webFolder: join(root, "web", "dist"),
      routes: [
        (scope) => registerExport(scope, { lines: application.exportGraph }),
        (scope) => registerEventStream(scope, { feed }),
        (scope) => registerMcp(scope, { config, factory, log }),
        (scope) => registerWebhooks(scope, { receive: application.deliveries.receive, now: () => new Date() }),
        (scope) =>
          registerSignIn(scope, {
            signIn: application.signIn,
            beginVerb: application.beginSignIn,
            invoke,
            homeUrl: () => application.place.home,
            log,
          }),
        (scope) => registerIntegrationPages(scope, { connectors: () => application.registry.all() }),
        (scope) => registerIcons(scope, { iconOf: (connector) => application.registry.icon(connector) }),
      ],
    });
    await listen(app, config);
    const address = addressOf(app.server.address(), config);
    if (config.publicUrl === null) application.place.home = address;
    lock?.announce(address);
    runner.start();
    watch.start();
    application.deliveryWatch.start();
    schedule.start();
    return {
      address,
      application,
      async close() {
        await app.close();
        await application.close();
      },
    };
  } catch (error) {
    await application.close();
    throw error;
  }
}

async function listen(
  app: { listen(at: { host: string; port: number }): Promise<string> },
  { host, port }: Config,
): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE")
      throw new AppError(
        "conflict",
        `Port ${port} on ${host} is in use. Stop what listens there, or set OPENTRACE_PORT to another port.`,
        { cause },
      );
    if (code === "EACCES")
      throw new AppError(
        "forbidden",
        `Port ${port} needs rights that this user does not have. Set OPENTRACE_PORT to a port above 1023.`,
        { cause },
      );
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new AppError("bad_request", `OPENTRACE_HOST is ${host}, which is no address of this machine.`, { cause });
    throw cause;
  }
}

function addressOf(address: string | { port: number } | null, { host, port }: Config): string {
  const actual = typeof address === "object" && address !== null ? address.port : port;
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}

export function version(): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

async function run(): Promise<void> {
  const config = readConfig({ env: process.env, cwd: process.cwd() });
  const { createLog } = await import("./log.ts");
  const server = await startServer(config, createLog(config.logLevel));
  process.stdout.write(`OpenTrace ${version()}
  UI    ${server.address}/
  API   ${server.address}/docs
  MCP   ${server.address}/mcp/v1
  Data  ${config.databaseUrl === null ? config.data : "PostgreSQL"}${config.auth ? "\n  Access needs an API key; make one with: npx opentrace keys create" : ""}
`);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    process.stdout.write("Stopping …\n");
    setTimeout(() => process.exit(1), 8000).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

if (import.meta.main)
  run().catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(error instanceof AppError ? 2 : 1);
  });
