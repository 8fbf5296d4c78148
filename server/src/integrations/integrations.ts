// The integrations of a workspace: their rows, chosen scopes, runs and log, and what is derived from them for the reader.
import { randomBytes } from "node:crypto";
import type { Json, VendorScope } from "@opentrace/connectors/connector.ts";
import { noUsage } from "@opentrace/connectors/http.ts";
import { scrub } from "@opentrace/connectors/scrub.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { HealthState, IntegrationHealth, RateBudget, UsageCounts } from "@opentrace/contract/integrations.ts";
import { type Insertable, type Selectable, sql } from "kysely";
import type { SealedColumn } from "../access/rotate-keys.ts";
import type { Sealer } from "../access/seal.ts";
import { Secret } from "../access/secret.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { Store } from "../store/store.ts";
import type { IntegrationRunsTable, IntegrationScopesTable, IntegrationsTable } from "../store/integration-tables.ts";

export type IntegrationRow = Selectable<IntegrationsTable>;
export type ScopeRow = Omit<Selectable<IntegrationScopesTable>, "choice"> & { choice: VendorScope };
export type RunRow = Selectable<IntegrationRunsTable>;

/** What is sealed. `values` are the fields of the form; `oauth` is what the vendor gave for them. */
export interface StoredCredential {
  values: Record<string, Json>;
  oauth: { accessToken: string; refreshToken: string | null; expiresAt: string | null } | null;
}

export interface Integrations {
  insert(row: Pick<IntegrationRow, "workspace" | "connector" | "name" | "auth" | "config">): Promise<IntegrationRow>;
  /** By id, or by name or connector when that is only one. Throws `not_found`. */
  find(id: string, workspace: string): Promise<IntegrationRow>;
  all(workspace: string): Promise<IntegrationRow[]>;
  update(id: string, change: Partial<IntegrationRow>): Promise<void>;
  forget(id: string): Promise<void>;
  credential(row: IntegrationRow): StoredCredential | null;
  /** False when it was changed by another meanwhile. */
  saveCredential(row: IntegrationRow, credential: StoredCredential): Promise<boolean>;
  /** False when another process is exchanging the refresh token, or has just done so. */
  takeRefreshLease(row: IntegrationRow, until: number): Promise<boolean>;
  webhookSecret(row: IntegrationRow): string;
  /** Writes it and tells those who watch, if it is news. */
  setHealth(
    row: IntegrationRow,
    health: { state: IntegrationRow["state"]; reason: string | null; action: string | null },
  ): Promise<void>;
  changed(id: string, workspace: string): Promise<void>;
  addUsage(id: string, usage: UsageCounts, budgets: readonly RateBudget[]): Promise<void>;
  scopes(id: string): Promise<ScopeRow[]>;
  scope(id: string, scope: string): Promise<ScopeRow | null>;
  scopesAmong(id: string, scopes: readonly string[]): Promise<Map<string, ScopeRow>>;
  /** By name and id, those after `after`. */
  scopePage(
    id: string,
    by: {
      search?: string | undefined;
      state?: ScopeRow["state"] | undefined;
      after: readonly [name: string, scope: string] | null;
      limit: number;
    },
  ): Promise<{ rows: ScopeRow[]; total: number }>;
  saveScopes(rows: readonly ScopeRow[]): Promise<void>;
  updateScope(id: string, scope: string, change: Partial<Omit<ScopeRow, "choice">>): Promise<void>;
  forgetScope(id: string, scope: string): Promise<void>;
  saveRun(row: Insertable<IntegrationRunsTable>): Promise<void>;
  updateRun(id: string, change: Partial<RunRow>): Promise<void>;
  writeLog(id: string, level: "debug" | "info" | "warn" | "error", message: string, fields: object): Promise<void>;
}

export interface IntegrationsDeps {
  store: Store;
  sealer: Sealer;
  feed: EventFeed;
  now(this: void): Date;
}

export const sourceOf = (id: string): string => `integration:${id}`;
const credentialPurpose = (id: string): string => `integration-credential:${id}`;
const webhookPurpose = (id: string): string => `integration-webhook:${id}`;
export const flowPurpose = (state: string): string => `integration-flow:${state}`;
export const sealedOfIntegrations: readonly SealedColumn[] = [
  { table: "integrations", column: "credential", id: "id", purpose: credentialPurpose },
  { table: "integrations", column: "webhook_secret", id: "id", purpose: webhookPurpose },
  { table: "integration_flows", column: "sealed", id: "state", purpose: flowPurpose },
];
/** Lines kept for each integration; older ones go when the log has grown by a tenth. */
export const logKept = 2_000;

export function healthOf(row: IntegrationRow): IntegrationHealth {
  const state: HealthState = row.paused === 1 && row.state !== "unauthorized" ? "paused" : row.state;
  return { state, reason: row.reason, action: row.action, since: new Date(row.since).toISOString() };
}

export function createIntegrations({ store, sealer, feed, now }: IntegrationsDeps): Integrations {
  const db = store.app;
  const toScope = ({ choice, ...row }: Selectable<IntegrationScopesTable>): ScopeRow => ({
    ...row,
    choice: JSON.parse(choice) as VendorScope,
  });
  let logged = 0;

  const byId = (id: string) => db.selectFrom("integrations").selectAll().where("id", "=", id).executeTakeFirst();

  async function changed(id: string, workspace: string): Promise<void> {
    const row = await byId(id);
    if (row !== undefined)
      await feed.publish({ type: "integration.changed", integrationId: id, health: healthOf(row) }, workspace);
  }

  return {
    changed,

    async insert({ workspace, connector, name, auth, config }) {
      const id = `int_${randomBytes(9).toString("base64url")}`;
      const at = now().getTime();
      const row: IntegrationRow = {
        id,
        workspace,
        connector,
        name,
        account: null,
        auth,
        config,
        credential: null,
        credential_version: 0,
        credential_expires_at: null,
        refresh_until: null,
        webhook_secret: sealer.seal(new Secret(randomBytes(24).toString("base64url")), webhookPurpose(id)),
        webhook_registered: 0,
        last_delivery_at: null,
        deliveries_checked_at: null,
        state: "connecting",
        reason: null,
        action: null,
        since: at,
        paused: 0,
        removing: 0,
        last_success_at: null,
        next_sync_at: null,
        full_at: null,
        budgets: "[]",
        usage: JSON.stringify(noUsage()),
        created_at: at,
      };
      await db.insertInto("integrations").values(row).execute();
      return row;
    },

    async find(id, workspace) {
      const rows = await db
        .selectFrom("integrations")
        .selectAll()
        .where("workspace", "=", workspace)
        .where(({ or, eb }) => or([eb("id", "=", id), eb("name", "=", id), eb("connector", "=", id)]))
        .limit(20)
        .execute();
      const exact = rows.find((row) => row.id === id) ?? (rows.length === 1 ? rows[0] : undefined);
      if (exact !== undefined) return exact;
      throw new AppError(
        "not_found",
        rows.length === 0
          ? `No integration called ${id} is connected. List them at /api/v1/integrations.`
          : `${rows.length} integrations are called ${id}: say which by its id (${rows.map((row) => row.id).join(", ")}).`,
      );
    },

    all: (workspace) =>
      db
        .selectFrom("integrations")
        .selectAll()
        .where("workspace", "=", workspace)
        .orderBy("connector")
        .orderBy("created_at")
        .orderBy("id")
        .execute(),

    async update(id, change) {
      await db.updateTable("integrations").set(change).where("id", "=", id).execute();
    },

    async forget(id) {
      await db.transaction().execute(async (tx) => {
        for (const table of [
          "integration_scopes",
          "integration_hooks",
          "integration_runs",
          "integration_log",
          "integration_deliveries",
          "integration_flows",
        ] as const)
          await tx.deleteFrom(table).where("integration", "=", id).execute();
        await tx.deleteFrom("integrations").where("id", "=", id).execute();
      });
    },

    credential: (row) =>
      row.credential === null
        ? null
        : // Written by saveCredential.
          (JSON.parse(sealer.open(row.credential, credentialPurpose(row.id)).reveal()) as StoredCredential),

    async saveCredential(row, credential) {
      const expiresAt = credential.oauth?.expiresAt ?? null;
      const done = await db
        .updateTable("integrations")
        .set({
          credential: sealer.seal(new Secret(JSON.stringify(credential)), credentialPurpose(row.id)),
          credential_version: row.credential_version + 1,
          credential_expires_at: expiresAt === null ? null : Date.parse(expiresAt),
          refresh_until: null,
        })
        .where("id", "=", row.id)
        .where("credential_version", "=", row.credential_version)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },

    async takeRefreshLease(row, until) {
      const done = await db
        .updateTable("integrations")
        .set({ refresh_until: until })
        .where("id", "=", row.id)
        .where("credential_version", "=", row.credential_version)
        .where(({ or, eb }) => or([eb("refresh_until", "is", null), eb("refresh_until", "<", now().getTime())]))
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },

    webhookSecret: (row) => sealer.open(row.webhook_secret, webhookPurpose(row.id)).reveal(),

    async setHealth(row, { state, reason, action }) {
      const said = reason === null ? null : scrub(reason).slice(0, 1_000);
      const done = await db
        .updateTable("integrations")
        .set({ state, reason: said, action, since: now().getTime() })
        .where("id", "=", row.id)
        .where(({ or, eb }) =>
          or([
            eb("state", "!=", state),
            said === null ? eb("reason", "is not", null) : or([eb("reason", "is", null), eb("reason", "!=", said)]),
          ]),
        )
        .executeTakeFirst();
      if (done.numUpdatedRows > 0n) await changed(row.id, row.workspace);
    },

    async addUsage(id, usage, budgets) {
      await db.transaction().execute(async (tx) => {
        const row = await tx
          .selectFrom("integrations")
          .select(["usage", "budgets"])
          .where("id", "=", id)
          .executeTakeFirst();
        if (row === undefined) return;
        const total = JSON.parse(row.usage) as UsageCounts;
        for (const key of Object.keys(usage) as (keyof UsageCounts)[]) total[key] = (total[key] ?? 0) + usage[key];
        await tx
          .updateTable("integrations")
          .set({
            usage: JSON.stringify(total),
            ...(budgets.length === 0 ? {} : { budgets: JSON.stringify(budgets) }),
          })
          .where("id", "=", id)
          .execute();
      });
    },

    scopes: async (id) =>
      (
        await db
          .selectFrom("integration_scopes")
          .selectAll()
          .where("integration", "=", id)
          .orderBy("name")
          .orderBy("scope")
          .execute()
      ).map(toScope),

    async scope(id, scope) {
      const row = await db
        .selectFrom("integration_scopes")
        .selectAll()
        .where("integration", "=", id)
        .where("scope", "=", scope)
        .executeTakeFirst();
      return row === undefined ? null : toScope(row);
    },

    async scopesAmong(id, scopes) {
      if (scopes.length === 0) return new Map();
      const rows = await db
        .selectFrom("integration_scopes")
        .selectAll()
        .where("integration", "=", id)
        .where("scope", "in", scopes)
        .execute();
      return new Map(rows.map((row) => [row.scope, toScope(row)]));
    },

    async scopePage(id, { search, state, after, limit }) {
      let query = db.selectFrom("integration_scopes").where("integration", "=", id);
      if (state !== undefined) query = query.where("state", "=", state);
      if (search !== undefined) {
        const part = `%${search.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
        query = query.where(sql<boolean>`lower(name) like ${part} escape '\\'`);
      }
      const { total } = await query
        .select(({ fn }) => fn.countAll<number | string>().as("total"))
        .executeTakeFirstOrThrow();
      if (after !== null)
        query = query.where(({ or, and, eb }) =>
          or([eb("name", ">", after[0]), and([eb("name", "=", after[0]), eb("scope", ">", after[1])])]),
        );
      const rows = await query.selectAll().orderBy("name").orderBy("scope").limit(limit).execute();
      return { rows: rows.map(toScope), total: Number(total) };
    },

    async saveScopes(rows) {
      if (rows.length === 0) return;
      await db.transaction().execute(async (tx) => {
        for (const row of rows) {
          const values = { ...row, choice: JSON.stringify(row.choice) };
          const { kind, name, choice, code_branch, via, state } = values;
          await tx
            .insertInto("integration_scopes")
            .values(values)
            .onConflict((conflict) =>
              conflict.columns(["integration", "scope"]).doUpdateSet({ kind, name, choice, code_branch, via, state }),
            )
            .execute();
        }
      });
    },

    async updateScope(id, scope, change) {
      await db
        .updateTable("integration_scopes")
        .set(change)
        .where("integration", "=", id)
        .where("scope", "=", scope)
        .execute();
    },

    async forgetScope(id, scope) {
      for (const table of ["integration_hooks", "integration_scopes"] as const)
        await db.deleteFrom(table).where("integration", "=", id).where("scope", "=", scope).execute();
    },

    async saveRun(row) {
      await db
        .insertInto("integration_runs")
        .values(row)
        .onConflict((conflict) => conflict.column("id").doUpdateSet({ state: "running", finished_at: null }))
        .execute();
    },

    async updateRun(id, change) {
      await db.updateTable("integration_runs").set(change).where("id", "=", id).execute();
    },

    async writeLog(id, level, message, fields) {
      const line = await db
        .insertInto("integration_log")
        .values({
          integration: id,
          at: now().getTime(),
          level,
          message: scrub(message).slice(0, 2_000),
          fields: scrub(JSON.stringify(fields)).slice(0, 8_000),
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      if (++logged % (logKept / 10) !== 0) return;
      const oldest = await db
        .selectFrom("integration_log")
        .select("id")
        .where("integration", "=", id)
        .where("id", "<=", line.id)
        .orderBy("id", "desc")
        .offset(logKept)
        .limit(1)
        .executeTakeFirst();
      if (oldest !== undefined)
        await db.deleteFrom("integration_log").where("integration", "=", id).where("id", "<=", oldest.id).execute();
    },
  };
}
