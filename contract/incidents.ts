// Incidents and their evidence as REST, MCP, CLI and the UI see them: snake_case, as clients of OpsLens send and read them.
import { z } from "zod";
import { NodeType } from "./graph.ts";

/** From least to most; stores keep a severity as its place in this list. */
export const incidentSeverities = ["low", "medium", "high", "critical"] as const;
export const IncidentSeverity = z.enum(incidentSeverities);
export type IncidentSeverity = z.infer<typeof IncidentSeverity>;

/** From first to last; stores keep a status as its place in this list. */
export const incidentStatuses = ["open", "investigating", "resolved", "closed"] as const;
export const IncidentStatus = z.enum(incidentStatuses);
export type IncidentStatus = z.infer<typeof IncidentStatus>;

/** The kinds that screens know; any other word is kept as it is. */
export const evidenceTypes = ["log", "metric", "trace", "screenshot", "pr", "deployment", "note", "link"] as const;

/** In characters, but for `content`: it counts bytes of UTF-8. */
export const incidentLimits = {
  title: 300,
  description: 50_000,
  name: 200,
  names: 100,
  /** Of `incident_metadata` and `evidence_metadata` as JSON. */
  metadata: 64 * 1024,
  /** Of a comment. */
  comment: 20_000,
  /** What `content` shows of an evidence; the rest is at `content_url`. */
  shownContent: 64 * 1024,
  /** What the search reads of an evidence. */
  searchedContent: 256 * 1024,
  /** Of an evidence sent as JSON. */
  jsonContent: 16 * 1024 * 1024,
  /** Of an evidence sent as a file. */
  streamedContent: 256 * 1024 * 1024,
} as const;

const Time = z.iso.datetime();
const GivenTime = z.iso.datetime({ offset: true });
/** PostgreSQL's text can't hold NUL. */
const withoutNul = { test: (text: string): boolean => !text.includes("\0"), error: "may not hold NUL characters" };
const Name = z.string().trim().min(1).max(incidentLimits.name).refine(withoutNul.test, { error: withoutNul.error });
const Names = z.array(Name).max(incidentLimits.names);
const Metadata = z
  .record(z.string(), z.json())
  .refine((value) => JSON.stringify(value).length <= incidentLimits.metadata, {
    error: `should be at most ${incidentLimits.metadata / 1024} KB of JSON`,
  });

/** A node of the graph that an incident or an evidence is about. */
export const NodeReference = z.object({ id: z.string(), key: z.string(), type: NodeType, name: z.string() });
export type NodeReference = z.infer<typeof NodeReference>;

export const Incident = z.object({
  id: z.string(),
  /** Short, for people: INC-42. Accepted wherever an id is. */
  reference: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  severity: IncidentSeverity,
  status: IncidentStatus,
  owner: z.string().nullable(),
  affected_services: z.array(z.string()),
  tags: z.array(z.string()),
  incident_metadata: z.record(z.string(), z.json()),
  evidence_count: z.int(),
  /** The incident that this one was found to be a duplicate of; its evidence is there. */
  merged_into: z.string().nullable(),
  /** Counts up with every change; what `If-Match` is compared with. */
  version: z.int(),
  /** Id of the user or key. */
  created_by: z.string(),
  created_by_name: z.string().nullable(),
  /** When it began to be a problem. */
  started_at: Time,
  created_at: Time,
  updated_at: Time,
  /** When somebody first took it up: status investigating, or an owner. */
  acknowledged_at: Time.nullable(),
  resolved_at: Time.nullable(),
  closed_at: Time.nullable(),
});
export type Incident = z.infer<typeof Incident>;

export const IncidentDetail = Incident.extend({
  /** Each affected service with its node of the graph; null where the graph knows none by that name. */
  affected_nodes: z.array(z.object({ service: z.string(), node: NodeReference.nullable() })),
  /** Incidents that were merged into this one. */
  duplicates: z.array(z.object({ id: z.string(), reference: z.string(), title: z.string() })),
});
export type IncidentDetail = z.infer<typeof IncidentDetail>;

const Title = z.string().trim().min(1).max(incidentLimits.title).refine(withoutNul.test, { error: withoutNul.error });
const Description = z.string().max(incidentLimits.description).refine(withoutNul.test, { error: withoutNul.error });

export const CreateIncident = z.strictObject({
  title: Title.describe("What is wrong, in a line"),
  description: Description.nullish(),
  severity: IncidentSeverity.default("medium"),
  status: IncidentStatus.default("open"),
  owner: Name.nullish().describe("Who takes care of it"),
  affected_services: Names.nullish().describe("Names of services, or ids or keys of nodes"),
  tags: Names.nullish(),
  incident_metadata: Metadata.nullish().describe("Any JSON object, kept as it is"),
  started_at: GivenTime.nullish().describe("When it began; now if absent"),
});
export type CreateIncident = z.infer<typeof CreateIncident>;

/** What is absent stays as it is; null empties a field that can be empty. */
export const IncidentChanges = z.strictObject({
  title: Title.optional(),
  description: Description.nullish(),
  severity: IncidentSeverity.optional(),
  status: IncidentStatus.optional(),
  owner: Name.nullish(),
  affected_services: Names.nullish(),
  tags: Names.nullish(),
  incident_metadata: Metadata.nullish(),
  started_at: GivenTime.optional(),
});
export type IncidentChanges = z.infer<typeof IncidentChanges>;

/** How far the reading of a screenshot is. */
export const ReadingState = z.enum(["none", "pending", "reading", "read", "failed"]);
export type ReadingState = z.infer<typeof ReadingState>;

export const Evidence = z.object({
  id: z.string(),
  incident_id: z.string(),
  evidence_type: z.string(),
  title: z.string(),
  /** Text; of a screenshot what was read in it, null until then. */
  content: z.string().nullable(),
  /** Of the whole text. */
  content_bytes: z.int(),
  /** True when `content` is only the beginning: the whole is at `content_url`. */
  content_truncated: z.boolean(),
  content_url: z.string().nullable(),
  source: z.string().nullable(),
  source_url: z.string().nullable(),
  services: z.array(z.string()),
  nodes: z.array(NodeReference),
  /** The time range that it tells of. */
  starts_at: Time.nullable(),
  ends_at: Time.nullable(),
  evidence_metadata: z.record(z.string(), z.json()),
  /** What a reading found, structured. */
  analysis: z.record(z.string(), z.json()).nullable(),
  reading: ReadingState,
  image: z
    .object({
      url: z.string(),
      media_type: z.string(),
      bytes: z.int(),
      width: z.int(),
      height: z.int(),
      name: z.string().nullable(),
    })
    .nullable(),
  /** The duplicate that it was added to, when it came here by a merge. */
  moved_from: z.string().nullable(),
  version: z.int(),
  created_by: z.string(),
  created_by_name: z.string().nullable(),
  created_at: Time,
  updated_at: Time,
});
export type Evidence = z.infer<typeof Evidence>;

const WebAddress = z.url({ protocol: /^https?$/ }).max(4_000);
const byteLength = (text: string): number => new TextEncoder().encode(text).length;

export const NewEvidence = z.strictObject({
  evidence_type: Name.describe("log, metric, trace, screenshot, pr, deployment, note, link, or any other word"),
  title: Title.nullish().describe("The first line of the content if absent"),
  content: z
    .string()
    .refine((text) => text.length <= incidentLimits.jsonContent && byteLength(text) <= incidentLimits.jsonContent, {
      error: "should be at most 16 MB; send more as a file",
    })
    .nullish(),
  source: Name.nullish().describe("Where it is from: datadog, grafana, a person"),
  source_url: WebAddress.nullish(),
  services: Names.nullish().describe("Names of services it is about; kept as text where the graph knows none"),
  nodes: z
    .array(z.string().min(1).max(2048))
    .max(incidentLimits.names)
    .nullish()
    .describe("Ids or keys of nodes of the graph that it is about; they must exist"),
  starts_at: GivenTime.nullish(),
  ends_at: GivenTime.nullish(),
  evidence_metadata: Metadata.nullish(),
});
export type NewEvidence = z.infer<typeof NewEvidence>;

/** A change of an incident: who, when, and of which field from what to what. */
export const IncidentChange = z.object({
  id: z.string(),
  at: Time,
  actor: z.string(),
  actor_name: z.string().nullable(),
  kind: z.enum(["created", "changed", "commented", "evidence_added", "evidence_removed", "merged", "unmerged"]),
  field: z.string().nullable(),
  from: z.json(),
  to: z.json(),
  /** The comment, the evidence or the other incident that it is about. */
  subject: z.string().nullable(),
});
export type IncidentChange = z.infer<typeof IncidentChange>;

export const incidentSorts = ["relevance", "created_at", "updated_at", "severity", "status"] as const;
export const IncidentSort = z.enum(incidentSorts);
export type IncidentSort = z.infer<typeof IncidentSort>;

/** What a list of incidents is narrowed to: of one field any of the values, of all fields all. */
export const IncidentFilter = z.strictObject({
  q: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe('Words of title, description or evidence; "in quotes" stand together'),
  status: z.array(IncidentStatus).max(4).optional(),
  severity: z.array(IncidentSeverity).max(4).optional(),
  owner: z.array(Name).max(50).optional(),
  has_owner: z.boolean().optional(),
  service: z.array(Name).max(50).optional().describe("Affected services"),
  tag: z.array(Name).max(50).optional(),
  since: GivenTime.optional().describe("Began at or after this time"),
  until: GivenTime.optional().describe("Began before this time"),
  merged: z
    .enum(["exclude", "include", "only"])
    .optional()
    .describe("Duplicates that were merged into another; left out if absent"),
  sort: IncidentSort.optional().describe("relevance (title first, then the newest) with q, else created_at"),
  order: z.enum(["desc", "asc"]).optional(),
});
export type IncidentFilter = z.infer<typeof IncidentFilter>;

export const IncidentList = z.object({
  items: z.array(Incident),
  next_cursor: z.string().nullable(),
  /** Of the first page, while they are at most 10,000. */
  total: z.int().nullable(),
  /** True when so many texts match `q` that only the newest were looked at. */
  truncated: z.boolean(),
});
export type IncidentList = z.infer<typeof IncidentList>;

/** Ids or references of incidents, each once. */
export const incidentsAtOnce = 500;

/** What can be changed of many at once. */
export const BulkChanges = z.strictObject({
  status: IncidentStatus.optional(),
  severity: IncidentSeverity.optional(),
  owner: Name.nullish(),
  add_tags: Names.optional(),
  remove_tags: Names.optional(),
});
export type BulkChanges = z.infer<typeof BulkChanges>;

/** One for each id that was asked for, in that order; those that could not be changed say why. */
export const BulkResult = z.object({
  changed: z.int(),
  unchanged: z.int(),
  failed: z.int(),
  results: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(["changed", "unchanged", "failed"]),
      incident: Incident.nullable(),
      error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    }),
  ),
});
export type BulkResult = z.infer<typeof BulkResult>;

export const IncidentComment = z.object({
  id: z.string(),
  incident_id: z.string(),
  author: z.string(),
  author_name: z.string().nullable(),
  body: z.string(),
  created_at: Time,
  edited_at: Time.nullable(),
});
export type IncidentComment = z.infer<typeof IncidentComment>;

export const CommentBody = z
  .string()
  .trim()
  .min(1)
  .max(incidentLimits.comment)
  .refine(withoutNul.test, { error: withoutNul.error });

/** A list of incidents under a name, for everybody of the workspace. */
export const IncidentView = z.object({
  id: z.string(),
  name: z.string(),
  query: IncidentFilter,
  created_by: z.string(),
  created_at: Time,
  updated_at: Time,
});
export type IncidentView = z.infer<typeof IncidentView>;

export const NewIncidentView = z.strictObject({ name: Name, query: IncidentFilter });
export type NewIncidentView = z.infer<typeof NewIncidentView>;

/** What may be put right in an evidence; what it says stays as it was recorded. */
export const EvidenceChanges = NewEvidence.omit({ content: true }).partial();
export type EvidenceChanges = z.infer<typeof EvidenceChanges>;
