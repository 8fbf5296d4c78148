// The tables as Kysely sees them. Times in app tables are milliseconds since 1970; JSON is text.
import type { Generated } from "kysely";

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

export interface AppTables {
  repositories: RepositoriesTable;
  jobs: JobsTable;
  api_keys: ApiKeysTable;
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

export interface GraphTables {
  workspaces: GraphWorkspacesTable;
  sources: SourcesTable;
  scopes: ScopesTable;
  nodes: NodesTable;
  node_claims: NodeClaimsTable;
  edges: EdgesTable;
  removed_nodes: RemovedNodesTable;
  index_files: IndexFilesTable;
}
