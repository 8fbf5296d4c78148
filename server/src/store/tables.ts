// The tables as Kysely sees them. Times in app tables are milliseconds since 1970; JSON is text.
import type { Generated } from "kysely";
import type { AllIncidentTables } from "./incident-tables.ts";
import type { IntegrationTables } from "./integration-tables.ts";
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

export interface AppTables extends AllIncidentTables, IntegrationTables, InvestigationTables {
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
