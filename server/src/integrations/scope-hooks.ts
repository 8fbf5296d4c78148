// The webhooks of an integration's scopes, as they were made at the vendor or refused there.
import type { Json } from "@opentrace/connectors/connector.ts";
import type { Selectable } from "kysely";
import type { Store } from "../store/store.ts";
import type { IntegrationHooksTable } from "../store/integration-tables.ts";

export type ScopeHook = Omit<Selectable<IntegrationHooksTable>, "integration" | "memory"> & { memory: Json };

export interface ScopeHooks {
  all(integration: string): Promise<Map<string, ScopeHook>>;
  save(integration: string, hook: ScopeHook): Promise<void>;
  forget(integration: string, scope: string): Promise<void>;
  /** Of these integrations: how many there are of each kind of scope, by how it stands with them. */
  counts(
    integrations: readonly string[],
  ): Promise<(Pick<ScopeHook, "state" | "reason" | "action"> & { integration: string; kind: string; count: number })[]>;
}

export function createScopeHooks({ app: db }: Pick<Store, "app">): ScopeHooks {
  return {
    async all(integration) {
      const rows = await db
        .selectFrom("integration_hooks")
        .selectAll()
        .where("integration", "=", integration)
        .orderBy("scope")
        .execute();
      return new Map(
        rows.map(({ integration: _of, memory, ...row }) => [row.scope, { ...row, memory: JSON.parse(memory) as Json }]),
      );
    },

    async save(integration, { scope, memory, ...rest }) {
      const values = { ...rest, memory: JSON.stringify(memory) };
      await db
        .insertInto("integration_hooks")
        .values({ integration, scope, ...values })
        .onConflict((conflict) => conflict.columns(["integration", "scope"]).doUpdateSet(values))
        .execute();
    },

    async forget(integration, scope) {
      await db
        .deleteFrom("integration_hooks")
        .where("integration", "=", integration)
        .where("scope", "=", scope)
        .execute();
    },

    async counts(integrations) {
      if (integrations.length === 0) return [];
      const rows = await db
        .selectFrom("integration_hooks as hooks")
        .innerJoin("integration_scopes as scopes", (join) =>
          join.onRef("scopes.integration", "=", "hooks.integration").onRef("scopes.scope", "=", "hooks.scope"),
        )
        .select(({ fn }) => [
          "hooks.integration",
          "scopes.kind",
          "hooks.state",
          "hooks.reason",
          "hooks.action",
          fn.countAll<number | string>().as("count"),
        ])
        .where("hooks.integration", "in", integrations)
        .where("scopes.state", "=", "active")
        .groupBy(["hooks.integration", "scopes.kind", "hooks.state", "hooks.reason", "hooks.action"])
        .orderBy("hooks.reason")
        .execute();
      return rows.map((row) => ({ ...row, count: Number(row.count) }));
    },
  };
}
