// The tables as Kysely sees them. Times in app tables are milliseconds since 1970; JSON is text.
import type { Generated } from "kysely";
import type { AllIncidentTables } from "./incident-tables.ts";
import type { InvestigationTables } from "./investigation-tables.ts";

export interface RepositoriesTable {
  id: string;
  workspace: string;
  /** The graph key, `repo:…`. */
  key: string;
  name: string;
  source: string;
  branch: string | null;
  default_branch: string | null;
  /** Sealed, never plain. */
  token: string | null;
  commit_sha: string | null;
  indexed_at: number | null;
  state: "new" | "syncing" | "ready" | "failing";
  error: string | null;
  files: number;
  skipped: number;
  created_at: number;
}

export interface JobsTable {
  id: string;
  workspace: string;
  kind: string;
  resource: string;
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  input: string;
  progress: string;
  error: string | null;
  result: string | null;
  attempts: number;
  max_attempts: number;
  run_after: number;
  lease_owner: string | null;
  lease_until: number | null;
  /** Counts up with every claim: a worker whose token is old may not commit. */
  fence: number;
  cancel_requested: number;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

export interface ModelProvidersTable {
  id: string;
  workspace: string;
  name: string;
  kind: "openai-compatible" | "openai" | "anthropic" | "google" | "huggingface";
  base_url: string | null;
  /** Sealed, never plain. */
  api_key: string | null;
  vision_model: string | null;
  text_model: string | null;
  embedding_model: string | null;
  enabled: number;
  created_by: string;
  created_at: number;
  updated_at: number;
}

export interface ApiKeysTable {
  id: string;
  workspace: string;
  name: string;
  prefix: string;
  hash: string;
  scopes: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
  /** Requests a minute; null = the server's own limit. */
  rate_limit: number | null;
  /** The key that it was rotated to. */
  replaced_by: string | null;
}

export interface UsersTable {
  id: string;
  workspace: string;
  /** In lower case. */
  email: string;
  name: string;
  role: string;
  /** Hash; null = signs in by an identity provider, or not yet. */
  password: string | null;
  password_at: number | null;
  disabled_at: number | null;
  /** Access tokens that were issued before are worth nothing. */
  tokens_from: number;
  last_seen_at: number | null;
  created_by: string;
  created_at: number;
}

/** A link that was handed to somebody and opens once. */
export interface UserLinksTable {
  id: string;
  workspace: string;
  kind: "setup" | "invite" | "reset";
  hash: string;
  /** Of a reset. */
  user_id: string | null;
  email: string | null;
  name: string | null;
  role: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

export interface SessionsTable {
  id: string;
  workspace: string;
  hash: string;
  user_id: string;
  /** `password`, `link`, or the identity provider's id. */
  via: string;
  address: string | null;
  client: string | null;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  revoked_at: number | null;
}

interface SignInAttemptsTable {
  /** An account at an address, an account, or an address. */
  subject: string;
  failures: number;
  last_at: number;
  blocked_until: number;
}

export interface IdentityProvidersTable {
  id: string;
  workspace: string;
  name: string;
  issuer: string;
  client_id: string;
  /** Sealed; null for a public client. */
  client_secret: string | null;
  scopes: string;
  groups_claim: string;
  /** JSON: group → role. */
  role_of_group: string;
  default_role: string | null;
  auto_provision: number;
  disabled_at: number | null;
  created_by: string;
  created_at: number;
}

interface IdentitiesTable {
  provider: string;
  subject: string;
  workspace: string;
  user_id: string;
  created_at: number;
  last_used_at: number;
}

/** A person is at the identity provider's page and will come back with `state`. */
interface IdentityFlowsTable {
  /** Hash of the state that was sent. */
  state: string;
  workspace: string;
  provider: string;
  /** Hash of the cookie of the browser that began. */
  browser: string;
  sealed: string;
  expires_at: number;
  used_at: number | null;
}

/** What the authorization server remembers: clients, grants, codes, refresh tokens. */
interface OauthItemsTable {
  /** Model and hash of the item's id, which is often the secret itself. */
  id: string;
  model: string;
  sealed: string;
  grant_id: string | null;
  uid: string | null;
  used_at: number | null;
  expires_at: number | null;
}

interface SigningKeysTable {
  id: string;
  sealed: string;
  created_at: number;
}

interface RateWindowsTable {
  subject: string;
  starts_at: number;
  /** What all servers have leased since then; more than the limit once it is used up. */
  taken: number;
}

interface ApiKeyUsageTable {
  api_key: string;
  /** Days since 1970, UTC. */
  day: number;
  verb: string;
  requests: number;
  errors: number;
}

interface EventsTable {
  id: Generated<number>;
  workspace: string;
  type: string;
  data: string;
  created_at: number;
}

interface AuditTable {
  id: Generated<number>;
  workspace: string;
  at: number;
  actor: string;
  verb: string;
  target: string | null;
  outcome: string;
  detail: string | null;
}

interface SettingsTable {
  workspace: string;
  name: string;
  value: string;
  updated_at: number;
}

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

export interface AppTables extends AllIncidentTables, InvestigationTables {
  integrations: IntegrationsTable;
  integration_scopes: IntegrationScopesTable;
  integration_hooks: IntegrationHooksTable;
  integration_runs: IntegrationRunsTable;
  integration_log: IntegrationLogTable;
  integration_deliveries: IntegrationDeliveriesTable;
  integration_flows: IntegrationFlowsTable;
  repositories: RepositoriesTable;
  jobs: JobsTable;
  api_keys: ApiKeysTable;
  model_providers: ModelProvidersTable;
  api_key_usage: ApiKeyUsageTable;
  rate_windows: RateWindowsTable;
  users: UsersTable;
  user_links: UserLinksTable;
  sessions: SessionsTable;
  sign_in_attempts: SignInAttemptsTable;
  identity_providers: IdentityProvidersTable;
  identities: IdentitiesTable;
  identity_flows: IdentityFlowsTable;
  oauth_items: OauthItemsTable;
  signing_keys: SigningKeysTable;
  events: EventsTable;
  audit: AuditTable;
  settings: SettingsTable;
}

/** In the graph a workspace is a small number: it is in every row of millions. */
interface GraphWorkspacesTable {
  id: Generated<number>;
  name: string;
  /** Counts up with every applied batch; its row is what writers of a workspace lock. */
  version: number;
  next_scope: number;
  /** Node removals of versions up to this one are no longer listed in `removed_nodes`. */
  removals_from: number;
}

interface WritersTable {
  workspace: number;
  /** What the job is about: a job's `resource`. */
  resource: string;
  /** Of the newest job that wrote; lower ones may not any more. */
  fence: number;
}

export interface SourcesTable {
  id: Generated<number>;
  workspace: number;
  source: string;
  name: string;
  kind: string;
  state: "fresh" | "stale" | "syncing" | "failing" | "never";
  detail: string | null;
  observed_at: number | null;
  commit_sha: string | null;
  indexer_version: number | null;
  nodes: number;
  edges: number;
  /** 1: nodes and edges are what the source claims, each once; 0: a time for each scope that does. */
  counted: number;
}

interface ScopesTable {
  id: number;
  workspace: number;
  source: number;
  name: string;
  hash: string;
  generation: number;
  observed_at: number;
  /** Which nodes and edges the scope claims (claims.ts). */
  claims: Uint8Array;
}

export interface NodesTable {
  id: number;
  workspace: number;
  version: number;
  /** Index into the contract's nodeTypes. */
  type: number;
  /** The winning claim's scope. */
  scope: number;
  /** 1 = claimed by several scopes at some time: its claims are in node_claims. */
  shared: number;
  key: string;
  name: string;
  props: string | null;
}

interface NodeClaimsTable {
  node: number;
  scope: number;
  workspace: number;
  type: number;
  name: string;
  props: string | null;
}

export interface EdgesTable {
  src: number;
  type: number;
  dst: number;
  scope: number;
  workspace: number;
  /** null = 1. */
  confidence: number | null;
  rule: string | null;
  evidence: string | null;
  props: string | null;
}

interface RemovedNodesTable {
  id: number;
  workspace: number;
  version: number;
}

export interface IndexFilesTable {
  workspace: number;
  source: number;
  path: string;
  blob: string;
  size: number;
  language: string | null;
  skip_reason: string | null;
  skip_detail: string | null;
  ir: Uint8Array | null;
  resolution: Uint8Array | null;
}

export interface SyncStreamsTable {
  source: number;
  workspace: number;
  scope: string;
  stream: string;
  cursor_json: string;
  /** Counts up with every full pass; items of an older one are swept at its end. */
  generation: number;
  /** The pass under way; null between passes. */
  pass: "full" | "incremental" | null;
  pass_started_at: number | null;
  /** When the last complete pass began. */
  completed_at: number | null;
  state: "waiting" | "syncing" | "ok" | "failing" | "off";
  error: string | null;
  synced_at: number | null;
  /** How it stood at the vendor before that pass. */
  mark: string | null;
}

interface SyncItemsTable {
  source: number;
  workspace: number;
  scope: string;
  stream: string;
  item: string;
  generation: number;
  page: string | null;
}

interface SyncPagesTable {
  source: number;
  workspace: number;
  scope: string;
  stream: string;
  page: string;
  etag: string;
  next_json: string;
}

export interface GraphTables {
  sync_streams: SyncStreamsTable;
  sync_items: SyncItemsTable;
  sync_pages: SyncPagesTable;
  workspaces: GraphWorkspacesTable;
  writers: WritersTable;
  sources: SourcesTable;
  scopes: ScopesTable;
  nodes: NodesTable;
  node_claims: NodeClaimsTable;
  edges: EdgesTable;
  removed_nodes: RemovedNodesTable;
  index_files: IndexFilesTable;
}
