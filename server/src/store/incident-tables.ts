// The tables of incidents and evidence as Kysely sees them. Times are milliseconds since 1970; JSON is text.
import type { Generated } from "kysely";

export interface IncidentsTable {
  /** Counts up; INC-<seq> is the incident's reference. */
  seq: Generated<number>;
  id: string;
  workspace: string;
  title: string;
  description: string | null;
  /** Index into the contract's incidentSeverities. */
  severity: number;
  /** Index into the contract's incidentStatuses. */
  status: number;
  owner: string | null;
  affected_services: string;
  /** `{service, key}[]`: the nodes that the services are, as far as the graph knew them when they were last looked for. */
  affected_nodes: string;
  tags: string;
  metadata: string;
  evidence_count: Generated<number>;
  merged_into: string | null;
  version: Generated<number>;
  /** The version that the graph has; the incident is due for it while this is lower. */
  facts_version: Generated<number>;
  created_by: string;
  created_by_name: string | null;
  started_at: number;
  created_at: number;
  updated_at: number;
  acknowledged_at: number | null;
  resolved_at: number | null;
  closed_at: number | null;
}

interface IncidentLabelsTable {
  workspace: string;
  /** Those of duplicates by themselves: lists leave them out, so the labels alone say how many incidents have one. */
  kind: "tag" | "service" | "merged_tag" | "merged_service";
  /** Lower case. */
  label: string;
  /** incidents.seq */
  incident: number;
}

export interface IncidentChangesTable {
  seq: Generated<number>;
  workspace: string;
  incident: string;
  at: number;
  actor: string;
  actor_name: string | null;
  kind: "created" | "changed" | "commented" | "evidence_added" | "evidence_removed" | "merged" | "unmerged";
  field: string | null;
  from_value: string | null;
  to_value: string | null;
  subject: string | null;
}

export interface IncidentCommentsTable {
  seq: Generated<number>;
  id: string;
  workspace: string;
  incident: string;
  author: string;
  author_name: string | null;
  body: string;
  created_at: number;
  edited_at: number | null;
}

export interface IncidentViewsTable {
  id: string;
  workspace: string;
  name: string;
  query: string;
  created_by: string;
  created_at: number;
  updated_at: number;
}

export interface EvidenceTable {
  seq: Generated<number>;
  id: string;
  workspace: string;
  /** incidents.id */
  incident: string;
  moved_from: string | null;
  evidence_type: string;
  title: string;
  /** The beginning, when there is a content_blob. */
  content: string | null;
  content_bytes: Generated<number>;
  /** SHA-256 of the whole, when it is longer than `content` shows. */
  content_blob: string | null;
  source: string | null;
  source_url: string | null;
  services: string;
  /** NodeReference[] */
  nodes: string;
  starts_at: number | null;
  ends_at: number | null;
  metadata: string;
  analysis: string | null;
  reading: "none" | "pending" | "reading" | "read" | "failed";
  /** SHA-256 */
  image_blob: string | null;
  /** Media type, size and name as JSON. */
  image: string | null;
  version: Generated<number>;
  created_by: string;
  created_by_name: string | null;
  created_at: number;
  updated_at: number;
}

interface BlobsTable {
  seq: Generated<number>;
  /** null while it is being written. */
  sha256: string | null;
  bytes: number;
  created_at: number;
}

interface BlobChunksTable {
  /** blobs.seq */
  blob: number;
  n: number;
  data: Uint8Array;
}

interface IdempotencyKeysTable {
  workspace: string;
  actor: string;
  key: string;
  verb: string;
  input_hash: string;
  /** null while it is being made. */
  answer: string | null;
  /** Who makes it, where that takes more than one transaction. */
  holder: string | null;
  held_until: Generated<number>;
  created_at: number;
}

interface IncidentTextsTable {
  doc: Generated<number>;
  workspace: string;
  incident: string;
  /** null: the incident's own title and description. */
  evidence: string | null;
}

export interface AllIncidentTables {
  incidents: IncidentsTable;
  incident_labels: IncidentLabelsTable;
  incident_changes: IncidentChangesTable;
  incident_comments: IncidentCommentsTable;
  incident_views: IncidentViewsTable;
  incident_texts: IncidentTextsTable;
  evidence: EvidenceTable;
  blobs: BlobsTable;
  blob_chunks: BlobChunksTable;
  idempotency_keys: IdempotencyKeysTable;
}
