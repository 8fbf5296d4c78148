// Rows of the graph database.
import type { Generated } from "kysely";

/** In the graph a workspace is a small number: it is in every row of millions. */
interface GraphWorkspacesTable {
  id: Generated<number>;
  name: string;
  /** Counts up with every applied batch; its row is what writers of a workspace lock. */
  version: number;
  next_scope: number;
  /** Node removals of versions up to this one are no longer listed in `removed_nodes`. */
  removals_from: number;
  /** Changes up to this time are not all in `topology_changes`; null = none was left out. */
  topology_from: number | null;
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

export interface TopologyChangesTable {
  workspace: number;
  version: number;
  /** Its place among the changes of the version. */
  place: number;
  /** When the source had been read before: it happened after that… */
  since: number;
  /** …and before this. */
  at: number;
  /** The key of the source; it may be gone since. */
  source: string;
  scope: string;
  change: "appeared" | "gone" | "changed";
  node: number;
  /** Index into the contract's edgeTypes; null when the node itself changed. */
  edge: number | null;
  other: number | null;
  /** Both ends as they were, and the properties that differ (record-topology.ts). */
  fact: string;
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
  topology_changes: TopologyChangesTable;
  index_files: IndexFilesTable;
}
