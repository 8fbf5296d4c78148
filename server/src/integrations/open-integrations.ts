// Builds the domain of integrations: what its verbs need, its jobs, and what watches for vendors' news.
import type { Sealer } from "../access/seal.ts";
import { defaultWorkspace } from "../access/actors.ts";
import { networkRulesOf, type Config } from "../config.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import { cacheFolderOf, type GitSources } from "../repositories/git-sources.ts";
import type { Repositories, RepositoryRow } from "../repositories/repositories.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import { webhookUrlOf } from "./addresses.ts";
import { createIntegrationCode, type IntegrationCode } from "./code.ts";
import { finishSignIn, givenName } from "./connect.ts";
import { createConnections } from "./connections.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { deliveryJobs } from "./delivery-jobs.ts";
import { createDeliveryWatch, type DeliveryWatch } from "./delivery-watch.ts";
import { createHistory } from "./history.ts";
import { createIndexPushed } from "./index-pushed.ts";
import { createIntegrations, type IntegrationRow } from "./integrations.ts";
import { createLinkChanges } from "./link-changes.ts";
import { createPresent } from "./present.ts";
import { createPresentScopes } from "./present-scopes.ts";
import { createRegistry, type Registry } from "./registry.ts";
import { enqueueRelink, relinkJobs } from "./relink.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { scopeJobs } from "./scope-jobs.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
import { beginSignInVerb, type SignInVerbDeps } from "./sign-in-verb.ts";
import { syncJobs } from "./sync-jobs.ts";
import { enqueueScan } from "./sync-queue.ts";
import { createTestConnection } from "./test-connection.ts";
import { createKeepHooks, hookJobs } from "./hook-jobs.ts";
import { createScopeHooks } from "./scope-hooks.ts";
import { createVendorWebhooks } from "./vendor-webhooks.ts";
import type { AllIntegrationVerbsDeps } from "./verbs.ts";
import type { WebhookVerbsDeps } from "./webhook-verbs.ts";
import type { Verb } from "../verb.ts";

export interface IntegrationsDeps {
  config: Config;
  connectors: Parameters<typeof createRegistry>[0];
  store: Store;
  sealer: Sealer;
  queue: JobQueue;
  feed: EventFeed;
  ingest: Ingest;
  repositories: Repositories;
  sources: GitSources;
  log: Log;
  now(this: void): Date;
  /** Looks for queued jobs now instead of at the next poll. */
  wake(this: void): void;
  /** The address under which users reach the server. */
  homeUrl(this: void): string;
}

export interface OpenIntegrations {
  /** What the verbs of integrations need beside the parts that all verbs share. */
  parts: Omit<
    AllIntegrationVerbsDeps & WebhookVerbsDeps & SignInVerbDeps,
    "queue" | "runner" | "feed" | "repositories"
  >;
  registry: Registry;
  deliveries: Deliveries;
  schedule: Schedule;
  signIn: SignIn;
  /** What a repository that belongs to an integration is read with. */
  accessOf: IntegrationCode["accessOf"];
  /** Has a door of its own: it also sets a cookie. */
  beginSignIn: Verb;
  jobs: Readonly<Record<string, JobHandler>>;
  /** Tells that a repository's code was indexed: what vendors say of it may now be tied to its symbols. */
  indexed(this: void, row: RepositoryRow): Promise<void>;
  start(this: void): void;
  /** Looks at nothing by itself any more: only what comes in or is asked for is done. */
  rest(this: void): Promise<void>;
  /** Stops asking for new work; what runs goes on until the runner stops. */
  stop(this: void): Promise<void>;
  /** After the runner has stopped. */
  close(this: void): Promise<void>;
}

export function openIntegrations(deps: IntegrationsDeps): OpenIntegrations {
  const { config, store, sealer, queue, feed, ingest, repositories, sources, log, now, wake, homeUrl } = deps;
  const integrations = createIntegrations({ store, sealer, feed, now });
  const registry = createRegistry(deps.connectors);
  const connections = createConnections({ integrations, registry, network: networkRulesOf(config), log, now });
  const linkChanges = createLinkChanges({ store, ingest });
  const webhookUrl = (row: IntegrationRow): string | null => webhookUrlOf(config.publicUrl, row);
  const hooks = createScopeHooks(store);
  const vendorWebhooks = createVendorWebhooks({ integrations, connections, hooks, webhookUrl, now });
  const keepHooks = createKeepHooks({ queue, vendorWebhooks });
  const cacheFolder = cacheFolderOf(config);
  const code = createIntegrationCode({
    store,
    integrations,
    connections,
    repositories,
    sources,
    queue,
    feed,
    cacheFolder,
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
  const testConnection = createTestConnection({ integrations, connections, now });
  const signIn = createSignIn({
    store,
    sealer,
    integrations,
    connections,
    homeUrl,
    webhookUrl,
    loopbackOnly: config.loopbackOnly,
    now,
    async connected(row, signal) {
      await finishSignIn({ integrations, testConnection }, { row, name: givenName(registry, row) }, signal);
      await enqueueScan(queue, row, { cause: "connect", mode: "incremental", onlyNew: false });
      wake();
    },
  });
  const rest = async (): Promise<void> => {
    await schedule.stop();
    await deliveryWatch.rest();
  };
  return {
    parts: {
      store,
      integrations,
      deliveries,
      signIn,
      registry,
      connections,
      testConnection,
      code,
      present: createPresent({ store, registry, hooks, webhookUrl }),
      presentScopes: createPresentScopes({ store, registry, hooks }),
      history,
      keepHooks,
      homeUrl,
      now,
    },
    registry,
    deliveries,
    schedule,
    signIn,
    accessOf: code.accessOf,
    beginSignIn: beginSignInVerb({ integrations, signIn }),
    jobs: {
      ...syncJobs({ store, integrations, connections, ingest, linkChanges, code, feed, log, now }),
      ...hookJobs({ integrations, connections, vendorWebhooks }),
      ...scopeJobs({
        store,
        queue,
        integrations,
        connections,
        ingest,
        code,
        vendorWebhooks,
        keepHooks,
        feed,
        log,
        now,
        wake,
      }),
      ...relinkJobs({ store, ingest, repositories, linkChanges }),
      ...deliveryJobs({
        integrations,
        connections,
        deliveries,
        hooks,
        queue,
        log,
        now,
        wake,
        pushed: createIndexPushed({ queue }),
      }),
    },
    async indexed(row) {
      if ((await integrations.all(row.workspace)).length > 0) await enqueueRelink(queue, row);
    },
    start() {
      deliveryWatch.start();
      schedule.start();
    },
    rest,
    async stop() {
      await rest();
      await deliveryWatch.stop();
    },
    close: () => connections.close(),
  };
}
