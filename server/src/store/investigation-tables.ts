// The tables of an investigation as Kysely sees them. Times are milliseconds since 1970; lists and objects are JSON text.
import type { Generated } from "kysely";

interface Written {
  version: number;
  created_by: string;
  created_at: number;
  updated_at: number;
}

export interface TimelineEntriesTable extends Written {
  id: string;
  workspace: string;
  incident: string;
  at: number;
  kind: string;
  /** What the entry stands for, unique in its incident: building again finds the same row by it. */
  fact: string;
  /** Of all that building writes: an entry that says the same is not written again. */
  hash: string;
  origin: "automatic" | "manual";
  /** 1 = a person took it out; building leaves it out. */
  hidden: number;
  title: string;
  detail: string | null;
  source: string;
  source_url: string | null;
  actor: string | null;
  evidence: string | null;
  node: string | null;
  relation: string;
}

interface TimelinesTable {
  incident: string;
  workspace: string;
  built_at: number;
  /** Of the graph when it was built. */
  graph_version: number;
  detail: string | null;
}

export interface HypothesesTable extends Written {
  id: string;
  workspace: string;
  incident: string;
  /** The key of the change that it names; `manual:<id>` for a person's own. */
  cause_key: string;
  origin: "automatic" | "manual";
  title: string;
  description: string | null;
  status: "pending" | "investigating" | "confirmed" | "rejected";
  status_reason: string | null;
  status_by: string | null;
  status_at: number | null;
  place: number | null;
  confidence: number | null;
  score: number | null;
  contributions: string;
  supporting: string;
  contradicting: string;
  path: string;
  cause: string | null;
  narration: string | null;
  ranker: string | null;
}

interface HypothesisVerdictsTable {
  incident: string;
  workspace: string;
  verdict: string;
  generated_at: number;
}

export interface ActionsTable extends Written {
  id: string;
  workspace: string;
  incident: string;
  hypothesis: string | null;
  /** What was suggested, unique in its incident, so that it is suggested once; `manual:<id>` for a person's own. */
  suggestion: string;
  kind: "query" | "page" | "rollback" | "notify" | "other";
  title: string;
  detail: string | null;
  status: "pending" | "in_progress" | "completed" | "skipped";
  result: string | null;
  origin: "suggested" | "manual";
  why: string | null;
  source_url: string | null;
  assignee: string | null;
  started_at: number | null;
  finished_at: number | null;
}

export interface RunbooksTable extends Written {
  /** The document's number in the text index. */
  seq: Generated<number>;
  id: string;
  workspace: string;
  title: string;
  body: string;
  services: string;
  tags: string;
  origin: "written" | "repository";
  source: string | null;
  /** Of title, body, services and tags. */
  hash: string;
}

interface RunbookVectorsTable {
  runbook: string;
  model: string;
  hash: string;
  /** 32-bit floats, little-endian, of length 1. */
  vector: Uint8Array;
}

interface PostmortemsTable {
  incident: string;
  workspace: string;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface PostmortemVersionsTable {
  incident: string;
  version: number;
  workspace: string;
  origin: "generated" | "edited" | "restored";
  title: string;
  body: string;
  unknowns: string;
  note: string | null;
  created_by: string;
  created_at: number;
}

export interface InvestigationTables {
  timeline_entries: TimelineEntriesTable;
  timelines: TimelinesTable;
  hypotheses: HypothesesTable;
  hypothesis_verdicts: HypothesisVerdictsTable;
  actions: ActionsTable;
  runbooks: RunbooksTable;
  runbook_vectors: RunbookVectorsTable;
  postmortems: PostmortemsTable;
  postmortem_versions: PostmortemVersionsTable;
}
