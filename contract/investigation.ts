// What an investigation holds: the timeline of an incident, hypotheses about its cause, actions, runbooks and the postmortem.
import { z } from "zod";
import { NodeType } from "./graph.ts";
import { Incident } from "./incidents.ts";

const time = z.iso.datetime();
/** PostgreSQL's text can't hold NUL. */
const withoutNul = (text: string): boolean => !text.includes("\0");
const written = (least: number, most: number) =>
  z.string().trim().min(least).max(most).refine(withoutNul, { error: "may not hold NUL characters" });
const long = (most: number) => z.string().max(most).refine(withoutNul, { error: "may not hold NUL characters" });
const cursors = { next_cursor: z.string().nullable() };

/** A node of the graph, as far as a person needs it to recognise and open it. */
export const NodeRef = z.object({ id: z.string(), key: z.string(), type: NodeType, name: z.string() });
export type NodeRef = z.infer<typeof NodeRef>;

/** From something that the incident affects to something that changed; `edge` is the type of the edge to the next node, null at the end. */
export const PathStep = z.object({ node: NodeRef, edge: z.string().nullable() });
export type PathStep = z.infer<typeof PathStep>;

export const timelineKinds = [
  "incident",
  "status",
  "comment",
  "evidence",
  "alert",
  "deployment",
  "release",
  "pull_request",
  "commit",
  "config",
  "pipeline",
  "topology",
  "action",
  "note",
] as const;
export const TimelineKind = z.enum(timelineKinds);
export type TimelineKind = z.infer<typeof TimelineKind>;

/** How something that happened has to do with the incident. `distance`: edges of the graph from what is affected; null = not known. */
export const Relation = z.object({
  distance: z.int().nullable(),
  why: z.string().describe("Why it is in the timeline, in words"),
  path: z.array(PathStep).describe("From what is affected to what happened, where the graph knows a way"),
});
export type Relation = z.infer<typeof Relation>;

export const TimelineEntry = z.object({
  id: z.string(),
  incident_id: z.string(),
  at: time,
  kind: TimelineKind,
  title: z.string(),
  detail: z.string().nullable(),
  /** Who says so: an integration's or repository's name, `incident`, `evidence`, or a person. */
  source: z.string(),
  source_url: z.string().nullable(),
  actor: z.string().nullable(),
  evidence_id: z.string().nullable(),
  node: NodeRef.nullable(),
  relation: Relation,
  origin: z.enum(["automatic", "manual"]),
  version: z.int(),
  created_at: time,
  updated_at: time,
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const Timeline = z.object({
  items: z.array(TimelineEntry),
  total: z.int(),
  ...cursors,
  /** Null when it was never built. */
  built_at: time.nullable(),
  detail: z.string().nullable().describe("What could not be known, and why"),
});
export type Timeline = z.infer<typeof Timeline>;

export const TimelineBuilt = z.object({
  incident_id: z.string(),
  total: z.int(),
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  built_at: time,
  detail: z.string().nullable(),
});
export type TimelineBuilt = z.infer<typeof TimelineBuilt>;

const when = z.iso.datetime({ offset: true });
export const NewTimelineEntry = z.strictObject({
  at: when.describe("When it happened (ISO 8601)"),
  title: written(1, 300),
  detail: long(20_000).nullish(),
  kind: TimelineKind.default("note"),
  source_url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .nullish(),
});
export type NewTimelineEntry = z.infer<typeof NewTimelineEntry>;

export const TimelineEntryChange = z.strictObject({
  at: when.optional(),
  title: written(1, 300).optional(),
  detail: long(20_000).nullish(),
  kind: TimelineKind.optional(),
  source_url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .nullish(),
  version: z.int().optional().describe("The version that was read: a newer one is not overwritten"),
});
export type TimelineEntryChange = z.infer<typeof TimelineEntryChange>;

export const HypothesisStatus = z.enum(["pending", "investigating", "confirmed", "rejected"]);
export type HypothesisStatus = z.infer<typeof HypothesisStatus>;

/** One reason for or against. The points of all add up to the score; one point doubles the odds. */
export const Contribution = z.object({
  factor: z.enum(["kind", "time", "distance", "evidence", "contradiction", "outcome", "judgement"]),
  points: z.number(),
  words: z.string(),
  evidence_ids: z.array(z.string()),
});
export type Contribution = z.infer<typeof Contribution>;

export const causeKinds = ["deployment", "release", "pull_request", "commit", "config", "topology", "other"] as const;
export const CauseKind = z.enum(causeKinds);
export type CauseKind = z.infer<typeof CauseKind>;

export const Cause = z.object({
  kind: CauseKind,
  key: z.string(),
  title: z.string(),
  at: time,
  /** When it took effect: a merged change at its deployment. */
  effective_at: time,
  url: z.string().nullable(),
  author: z.string().nullable(),
  node: NodeRef.nullable(),
  /** The deployment that brought it, by its node. */
  deployed_by: NodeRef.nullable(),
});
export type Cause = z.infer<typeof Cause>;

/** A sentence of a model; kept only when every evidence id that it cites is evidence of this incident. */
export const Claim = z.object({ text: z.string(), evidence_ids: z.array(z.string()).min(1) });
export type Claim = z.infer<typeof Claim>;

export const Hypothesis = z.object({
  id: z.string(),
  incident_id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: HypothesisStatus,
  status_reason: z.string().nullable(),
  status_by: z.string().nullable(),
  status_at: time.nullable(),
  rank: z.int().nullable().describe("1 = the likeliest; null when it is no longer proposed or rejected"),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe(
      "Its share against the others and against a cause that is not known here; null = nobody has estimated it",
    ),
  score: z.number().nullable(),
  contributions: z.array(Contribution),
  supporting_evidence: z.array(z.string()).describe("Ids of evidence"),
  contradicting_evidence: z.array(z.string()).describe("Ids of evidence"),
  path: z.array(PathStep),
  cause: Cause.nullable(),
  narration: z
    .object({ model: z.string(), claims: z.array(Claim), dropped: z.int() })
    .nullable()
    .describe("What a model says to it; `dropped` claims cited no evidence of this incident"),
  origin: z.enum(["automatic", "manual"]),
  ranker: z.string().nullable(),
  version: z.int(),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
});
export type Hypothesis = z.infer<typeof Hypothesis>;

export const HypothesisVerdict = z.object({
  found: z.boolean(),
  /** In words: which it is, or why no likely cause was found. */
  summary: z.string(),
  ranker: z.string(),
  considered: z.int().describe("How many changes were looked at"),
  onset: time.describe("When the incident is taken to have begun"),
  onset_from: z.string().describe("How that is known"),
  unknown: z.array(z.string()).describe("What could not be taken into account"),
  generated_at: time,
});
export type HypothesisVerdict = z.infer<typeof HypothesisVerdict>;

export const Hypotheses = z.object({
  items: z.array(Hypothesis),
  total: z.int(),
  ...cursors,
  verdict: HypothesisVerdict.nullable().describe("Null when none were generated yet"),
});
export type Hypotheses = z.infer<typeof Hypotheses>;

/** Incidents that people have found to be caused by something, the newest first. */
export const CausedIncidents = z.object({
  items: z.array(
    z.object({
      incident: Incident,
      hypothesis: Hypothesis.pick({ id: true, title: true, status_reason: true, status_at: true }).extend({
        cause_key: z.string().describe("The key of the change that it names"),
      }),
    }),
  ),
  truncated: z.boolean(),
});
export type CausedIncidents = z.infer<typeof CausedIncidents>;

const evidenceIds = z.array(z.string().min(1).max(100)).max(100);
export const NewHypothesis = z.strictObject({
  title: written(1, 300),
  description: long(20_000).nullish(),
  confidence: z.number().min(0).max(1).nullish(),
  supporting_evidence: evidenceIds.default([]),
  contradicting_evidence: evidenceIds.default([]),
});
export type NewHypothesis = z.infer<typeof NewHypothesis>;

export const HypothesisChange = z.strictObject({
  status: HypothesisStatus.optional(),
  reason: written(0, 2_000).nullish().describe("Why it has this status"),
  title: written(1, 300).optional(),
  description: long(20_000).nullish(),
  supporting_evidence: evidenceIds.optional(),
  contradicting_evidence: evidenceIds.optional(),
  version: z.int().optional().describe("The version that was read: a newer one is not overwritten"),
});
export type HypothesisChange = z.infer<typeof HypothesisChange>;

export const ActionKind = z.enum(["query", "page", "rollback", "notify", "other"]);
export type ActionKind = z.infer<typeof ActionKind>;

export const actionStatuses = ["pending", "in_progress", "completed", "skipped"] as const;
export const ActionStatus = z.enum(actionStatuses);
export type ActionStatus = z.infer<typeof ActionStatus>;

/** What may follow what: an action that has ended stays ended. */
export const actionTransitions: Readonly<Record<ActionStatus, readonly ActionStatus[]>> = {
  pending: ["in_progress", "skipped"],
  in_progress: ["completed", "skipped"],
  completed: [],
  skipped: [],
};

export const IncidentAction = z.object({
  id: z.string(),
  incident_id: z.string(),
  hypothesis_id: z.string().nullable(),
  kind: ActionKind,
  title: z.string(),
  detail: z.string().nullable(),
  status: ActionStatus,
  /** Which statuses it may be given now. */
  possible: z.array(ActionStatus),
  result: z.string().nullable().describe("How it ended, or why it was skipped"),
  origin: z.enum(["suggested", "manual"]),
  why: z.string().nullable().describe("Why it was suggested"),
  source_url: z.string().nullable(),
  assignee: z.string().nullable(),
  version: z.int(),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
});
export type IncidentAction = z.infer<typeof IncidentAction>;

export const IncidentActions = z.object({ items: z.array(IncidentAction), total: z.int(), ...cursors });
export type IncidentActions = z.infer<typeof IncidentActions>;

export const NewAction = z.strictObject({
  kind: ActionKind,
  title: written(1, 300),
  detail: long(20_000).nullish(),
  hypothesis_id: z.string().min(1).max(100).nullish(),
  assignee: written(0, 200).nullish(),
});
export type NewAction = z.infer<typeof NewAction>;

export const ActionChange = z.strictObject({
  status: ActionStatus.optional(),
  result: long(20_000).nullish().describe("How it ended, or why it is skipped"),
  title: written(1, 300).optional(),
  detail: long(20_000).nullish(),
  assignee: written(0, 200).nullish(),
  version: z.int().optional().describe("The version that was read: a newer one is not overwritten"),
});
export type ActionChange = z.infer<typeof ActionChange>;

export const Runbook = z.object({
  id: z.string(),
  title: z.string(),
  body: z.string().describe("Markdown"),
  services: z.array(z.string()),
  tags: z.array(z.string()),
  /** repository: read from a file of an indexed repository, and kept as that file has it. */
  origin: z.enum(["written", "repository"]),
  source: z.string().nullable().describe("The key of the file that it was read from"),
  version: z.int(),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
});
export type Runbook = z.infer<typeof Runbook>;

export const RunbookSummary = Runbook.omit({ body: true }).extend({
  excerpt: z.string().describe("The beginning, or what was found in it"),
});
export type RunbookSummary = z.infer<typeof RunbookSummary>;

export const Runbooks = z.object({ items: z.array(RunbookSummary), total: z.int(), ...cursors });
export type Runbooks = z.infer<typeof Runbooks>;

const names = z.array(written(1, 200)).max(50);
export const NewRunbook = z.strictObject({
  title: written(1, 200),
  body: long(200_000).min(1).describe("Markdown"),
  services: names.default([]),
  tags: names.default([]),
});
export type NewRunbook = z.infer<typeof NewRunbook>;

export const RunbookChange = z.strictObject({
  title: written(1, 200).optional(),
  body: long(200_000).min(1).optional(),
  services: names.optional(),
  tags: names.optional(),
  version: z.int().optional().describe("The version that was read: a newer one is not overwritten"),
});
export type RunbookChange = z.infer<typeof RunbookChange>;

export const RunbookSuggestions = z.object({
  items: z.array(z.object({ runbook: RunbookSummary, score: z.number(), why: z.array(z.string()) })),
  detail: z.string().nullable().describe("Why there is none, when there is none"),
});
export type RunbookSuggestions = z.infer<typeof RunbookSuggestions>;

export const RunbooksImported = z.object({
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  unchanged: z.int(),
  skipped: z.array(z.string()).describe("Files that could not be read, and why"),
});
export type RunbooksImported = z.infer<typeof RunbooksImported>;

export const Postmortem = z.object({
  incident_id: z.string(),
  title: z.string(),
  /** Markdown, with the headings Summary, Impact, Timeline, Root cause, Contributing factors, Follow-ups. */
  body: z.string(),
  version: z.int(),
  origin: z.enum(["generated", "edited", "restored"]),
  /** What the recorded facts do not say, as of the last generated version. */
  unknown: z.array(z.string()),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
});
export type Postmortem = z.infer<typeof Postmortem>;

export const PostmortemVersion = z.object({
  version: z.int(),
  origin: Postmortem.shape.origin,
  title: z.string(),
  note: z.string().nullable(),
  characters: z.int(),
  created_by: z.string(),
  created_at: time,
});
export type PostmortemVersion = z.infer<typeof PostmortemVersion>;

export const PostmortemVersions = z.object({ items: z.array(PostmortemVersion), total: z.int(), ...cursors });
export type PostmortemVersions = z.infer<typeof PostmortemVersions>;

export const PostmortemChange = z.strictObject({
  title: written(1, 300).optional(),
  body: long(500_000).min(1).optional(),
  note: written(0, 300).nullish().describe("What was changed, for the list of versions"),
  version: z.int().optional().describe("The version that was read: a newer one is not overwritten; or send If-Match"),
});
export type PostmortemChange = z.infer<typeof PostmortemChange>;

/** What a postmortem can be taken out as. */
export const PostmortemFormat = z.enum(["markdown", "pdf"]);
export type PostmortemFormat = z.infer<typeof PostmortemFormat>;
