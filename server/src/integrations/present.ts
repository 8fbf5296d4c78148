// Integrations as the doors show them: rows joined with what the graph counts and what the job table runs.
import type { AuthKind, Integration, RateBudget, SyncProgress, UsageCounts } from "@opentrace/contract/integrations.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Store } from "../store/store.ts";
import { healthOf, sourceOf, type IntegrationRow, type Integrations } from "./integrations.ts";
import type { Registry } from "./registry.ts";
import type { ScopeHooks } from "./scope-hooks.ts";
import { readSyncResource, syncJob } from "./sync-queue.ts";

export interface PresentDeps {
  store: Store;
  registry: Registry;
  hooks: Pick<ScopeHooks, "counts">;
  /** Where this integration's webhooks go; null when the server has no address that a vendor could reach. */
  webhookUrl(this: void, row: IntegrationRow): string | null;
}

export type Present = (rows: readonly IntegrationRow[], workspace: string) => Promise<Integration[]>;

/** One as it is now. Throws `not_found` when it is gone. */
export async function presentNow(
  { integrations, present }: { integrations: Pick<Integrations, "find">; present: Present },
  { id, workspace }: Pick<IntegrationRow, "id" | "workspace">,
): Promise<Integration> {
  const [integration] = await present([await integrations.find(id, workspace)], workspace);
  if (integration === undefined) throw new AppError("not_found", `There is no integration ${id} any more.`);
  return integration;
}

const date = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export function createPresent({ store, registry, hooks, webhookUrl }: PresentDeps): Present {
  return async (rows, workspace) => {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const [scopes, totals, syncs] = [
      await scopeCounts(store, ids),
      await graphTotals(store, ids, workspace),
      await runningSyncs(store, workspace),
    ];
    const hooked = await hooks.counts(ids);
    return rows.map((row) => ({
      id: row.id,
      connector: row.connector,
      name: row.name,
      account: row.account,
      // Written by connect, which takes no other.
      auth: row.auth as AuthKind,
      config: JSON.parse(row.config) as Integration["config"],
      health: healthOf(row),
      paused: row.paused === 1,
      counts: { scopes: scopes.get(row.id) ?? 0, ...(totals.get(row.id) ?? { items: 0, nodes: 0, edges: 0 }) },
      syncing: syncs.running.get(row.id) ?? [],
      waiting: syncs.waiting.get(row.id) ?? 0,
      lastSuccessAt: date(row.last_success_at),
      nextSyncAt: row.paused === 1 ? null : date(row.next_sync_at),
      budgets: JSON.parse(row.budgets) as RateBudget[],
      usage: JSON.parse(row.usage) as UsageCounts,
      webhook: webhookOf(row, hooked),
      credentialExpiresAt: date(row.credential_expires_at),
      createdAt: new Date(row.created_at).toISOString(),
    }));
  };

  function webhookOf(row: IntegrationRow, hooked: Hooked): Integration["webhook"] {
    const { manifest, webhook } = registry.find(row.connector);
    const url = webhook === undefined ? null : webhookUrl(row);
    if (url === null) return null;
    const at = { url, lastDeliveryAt: date(row.last_delivery_at), registered: row.webhook_registered === 1 };
    if (webhook?.register === undefined) return { ...at, hooks: null };
    const own = hooked.filter(({ integration }) => integration === row.id);
    // One that a group may not have is no loss where its projects have theirs.
    const holders = new Set(manifest.scopeKinds.filter((kind) => kind.contains !== null).map((kind) => kind.id));
    const missing = own.filter(({ state, kind }) => state === "refused" && !holders.has(kind));
    const total = (of: Hooked): number => of.reduce((sum, { count }) => sum + count, 0);
    return {
      ...at,
      hooks: {
        made: total(own.filter(({ state }) => state === "made")),
        covered: total(own.filter(({ state }) => state === "covered")),
        refused: total(missing),
        reason: missing[0]?.reason ?? null,
        action: missing[0]?.action ?? null,
      },
    };
  }
}

type Hooked = Awaited<ReturnType<ScopeHooks["counts"]>>;

async function scopeCounts(store: Store, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await store.app
    .selectFrom("integration_scopes")
    .select(({ fn }) => ["integration", fn.countAll<number | string>().as("count")])
    .where("integration", "in", ids)
    .groupBy("integration")
    .execute();
  return new Map(rows.map((row) => [row.integration, Number(row.count)]));
}

async function graphTotals(store: Store, ids: readonly string[], workspace: string) {
  const rows = await store.graph
    .selectFrom("sources")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select(({ selectFrom, fn }) => [
      "sources.source",
      "sources.nodes",
      "sources.edges",
      selectFrom("sync_items")
        .select(fn.countAll<number | string>().as("items"))
        .whereRef("sync_items.source", "=", "sources.id")
        .as("items"),
    ])
    .where("workspaces.name", "=", workspace)
    .where("sources.source", "in", ids.map(sourceOf))
    .execute();
  return new Map(
    rows.map(({ source, nodes, edges, items }) => [
      source.slice(sourceOf("").length),
      { items: Number(items ?? 0), nodes, edges },
    ]),
  );
}

/** Of each integration: the scopes that are being synced, with the stream that each is at, and how many wait. */
async function runningSyncs(store: Store, workspace: string) {
  const jobs = await store.app
    .selectFrom("jobs")
    .select(["resource", "progress", "state"])
    .where("workspace", "=", workspace)
    .where("kind", "=", syncJob)
    .where("state", "in", ["running", "queued"])
    .execute();
  const running = new Map<string, SyncProgress[]>();
  const waiting = new Map<string, number>();
  for (const { resource, progress, state } of jobs) {
    const { integration, scope } = readSyncResource(resource);
    if (state === "queued") {
      waiting.set(integration, (waiting.get(integration) ?? 0) + 1);
      continue;
    }
    const at = JSON.parse(progress) as { filesDone: number; filesTotal: number };
    const stream = await streamAt(store, workspace, integration, scope);
    const list = running.get(integration) ?? [];
    const name = await scopeName(store, integration, scope);
    list.push({ scope, name, stream, done: at.filesDone, total: at.filesTotal === 0 ? null : at.filesTotal });
    running.set(integration, list);
  }
  return { running, waiting };
}

async function scopeName(store: Store, integration: string, scope: string): Promise<string> {
  const row = await store.app
    .selectFrom("integration_scopes")
    .select("name")
    .where("integration", "=", integration)
    .where("scope", "=", scope)
    .executeTakeFirst();
  return row?.name ?? scope;
}

async function streamAt(store: Store, workspace: string, integration: string, scope: string): Promise<string> {
  const row = await store.graph
    .selectFrom("sync_streams")
    .innerJoin("sources", "sources.id", "sync_streams.source")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select("sync_streams.stream")
    .where("workspaces.name", "=", workspace)
    .where("sources.source", "=", sourceOf(integration))
    .where("sync_streams.scope", "=", scope)
    .where("sync_streams.state", "=", "syncing")
    .orderBy("sync_streams.pass_started_at", "desc")
    .executeTakeFirst();
  return row?.stream ?? "";
}
