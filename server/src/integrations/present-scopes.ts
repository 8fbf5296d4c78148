// Chosen scopes as the doors show them: rows joined with how far each stream is synced.
import type { SelectedScope, StreamState } from "@opentrace/contract/integrations.ts";
import type { Store } from "../store/store.ts";
import { sourceOf, type IntegrationRow, type ScopeRow } from "./integrations.ts";
import type { Registry } from "./registry.ts";
import type { ScopeHook, ScopeHooks } from "./scope-hooks.ts";

export type PresentScopes = (row: IntegrationRow, scopes: readonly ScopeRow[]) => Promise<SelectedScope[]>;

export interface PresentScopesDeps {
  store: Store;
  registry: Registry;
  hooks: Pick<ScopeHooks, "all">;
}

export function createPresentScopes({ store, registry, hooks }: PresentScopesDeps): PresentScopes {
  return async (row, scopes) => {
    if (scopes.length === 0) return [];
    const { manifest } = registry.find(row.connector);
    const states = await streamStates(store, row, scopes);
    const made = await hooks.all(row.id);
    return scopes.map((scope) => {
      const { handle: _handle, ...choice } = scope.choice;
      return {
        ...choice,
        name: scope.name,
        codeBranch: scope.code_branch,
        via: scope.via,
        state: scope.state,
        streams: manifest.streams
          .filter((stream) => stream.of.includes(scope.kind))
          .map(
            (stream) =>
              states.get(scope.scope)?.get(stream.id) ?? {
                stream: stream.id,
                state: "waiting",
                items: 0,
                error: null,
                syncedAt: null,
              },
          ),
        repositoryId: scope.repository_id,
        webhook: webhookOf(made.get(scope.scope)),
      };
    });
  };
}

const webhookOf = (hook: ScopeHook | undefined): SelectedScope["webhook"] =>
  hook === undefined ? null : { state: hook.state, reason: hook.reason, action: hook.action };

async function streamStates(
  store: Store,
  row: IntegrationRow,
  scopes: readonly ScopeRow[],
): Promise<Map<string, Map<string, StreamState>>> {
  const rows = await store.graph
    .selectFrom("sync_streams")
    .innerJoin("sources", "sources.id", "sync_streams.source")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select(({ selectFrom, fn }) => [
      "sync_streams.scope",
      "sync_streams.stream",
      "sync_streams.state",
      "sync_streams.error",
      "sync_streams.synced_at",
      selectFrom("sync_items")
        .select(fn.countAll<number | string>().as("items"))
        .whereRef("sync_items.source", "=", "sync_streams.source")
        .whereRef("sync_items.scope", "=", "sync_streams.scope")
        .whereRef("sync_items.stream", "=", "sync_streams.stream")
        .as("items"),
    ])
    .where("workspaces.name", "=", row.workspace)
    .where("sources.source", "=", sourceOf(row.id))
    .where(
      "sync_streams.scope",
      "in",
      scopes.map((scope) => scope.scope),
    )
    .execute();
  const states = new Map<string, Map<string, StreamState>>();
  for (const { scope, stream, state, error, items, synced_at } of rows) {
    const streams = states.get(scope) ?? new Map<string, StreamState>();
    const syncedAt = synced_at === null ? null : new Date(synced_at).toISOString();
    states.set(scope, streams.set(stream, { stream, state, items: Number(items ?? 0), error, syncedAt }));
  }
  return states;
}
