// Rows of integrations: what is connected, chosen, delivered and was synced.
import type { Generated } from "kysely";

export interface IntegrationsTable {
  id: string;
  workspace: string;
  connector: string;
  name: string;
  account: string | null;
  auth: string;
  config: string;
  /** Sealed; null while it is being connected. */
  credential: string | null;
  /** Counts up with every change: a refresh whose version is old does not overwrite. */
  credential_version: number;
  credential_expires_at: number | null;
  /** A process is exchanging the refresh token until then. */
  refresh_until: number | null;
  webhook_secret: string;
  webhook_registered: number;
  last_delivery_at: number | null;
  /** Deliveries that were lost before then have been asked for. */
  deliveries_checked_at: number | null;
  state: "connecting" | "ok" | "degraded" | "failing" | "unauthorized";
  reason: string | null;
  action: string | null;
  since: number;
  paused: number;
  removing: number;
  last_success_at: number | null;
  next_sync_at: number | null;
  /** When all there is was last looked at again. */
  full_at: number | null;
  budgets: string;
  usage: string;
  created_at: number;
}

export interface IntegrationScopesTable {
  integration: string;
  scope: string;
  kind: string;
  name: string;
  /** VendorScope as JSON. */
  choice: string;
  code_branch: string;
  via: string | null;
  state: "active" | "gone" | "lost";
  repository_id: string | null;
  /** 1 = the repository was added for this scope, and goes with it. */
  repository_owned: number;
  created_at: number;
}

export interface IntegrationHooksTable {
  integration: string;
  scope: string;
  /** covered: what holds the scope has one that serves it. */
  state: "made" | "covered" | "refused";
  /** Where it sends to; empty when there is none. */
  url: string;
  /** What the connector knows of it, as JSON. */
  memory: string;
  /** Why there is none, and what the user can do. */
  reason: string | null;
  action: string | null;
  /** Of the credential that it was tried with. */
  credential_version: number;
  checked_at: number;
}

export interface IntegrationRunsTable {
  id: string;
  workspace: string;
  integration: string;
  scope: string | null;
  scope_name: string | null;
  cause: "connect" | "manual" | "schedule" | "webhook" | "configure";
  mode: "full" | "incremental";
  state: "running" | "succeeded" | "partial" | "failed" | "cancelled";
  items: number;
  removed: number;
  unchanged: number;
  requests: number;
  error: string | null;
  started_at: number;
  finished_at: number | null;
}

export interface IntegrationLogTable {
  id: Generated<number>;
  integration: string;
  at: number;
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields: string;
}

export interface IntegrationDeliveriesTable {
  id: Generated<number>;
  integration: string;
  delivery_id: string;
  event: string;
  state: "received" | "done" | "ignored" | "failed";
  detail: string | null;
  headers: string;
  /** Dropped some time after it was processed. */
  body: Uint8Array | null;
  bytes: number;
  recovered: number;
  received_at: number;
  processed_at: number | null;
}

/** A user is at the vendor's page and will come back with `state`. */
export interface IntegrationFlowsTable {
  /** Hash of the state that was sent. */
  state: string;
  workspace: string;
  integration: string;
  /** Hash of the cookie of the browser that began. */
  browser: string;
  sealed: string;
  expires_at: number;
  used_at: number | null;
  ended_at: number | null;
  /** What the user is told; null when it ended well. */
  failure: string | null;
}

export interface IntegrationTables {
  integrations: IntegrationsTable;
  integration_scopes: IntegrationScopesTable;
  integration_hooks: IntegrationHooksTable;
  integration_runs: IntegrationRunsTable;
  integration_log: IntegrationLogTable;
  integration_deliveries: IntegrationDeliveriesTable;
  integration_flows: IntegrationFlowsTable;
}
