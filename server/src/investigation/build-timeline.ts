// Facts → timeline entries. Pure: the same facts make the same entries, each with a name of its own (`fact`), so building is idempotent.
import { createHash } from "node:crypto";
import type { Evidence, IncidentChange } from "@opentrace/contract/incidents.ts";
import type { NodeRef, PathStep, Relation, TimelineKind } from "@opentrace/contract/investigation.ts";
import type { IncidentFacts } from "./incident-facts.ts";
import type { Change } from "./ranking.ts";

export interface BuiltEntry {
  fact: string;
  at: number;
  kind: TimelineKind;
  title: string;
  detail: string | null;
  source: string;
  sourceUrl: string | null;
  actor: string | null;
  evidence: string | null;
  node: NodeRef | null;
  relation: Relation;
}

export interface TimelineFacts {
  facts: IncidentFacts;
  onset: { at: number; from: string };
  changes: readonly Change[];
  runs: readonly PipelineRunFact[];
  actions: readonly ActionFact[];
}

export interface PipelineRunFact {
  pipeline: NodeRef;
  number: string;
  at: number;
  state: string;
  branch: string | null;
  sha: string | null;
  url: string | null;
}

export interface ActionFact {
  id: string;
  title: string;
  status: string;
  at: number;
  actor: string;
  result: string | null;
}

/** Of what is far from what is affected this much is told: the nearest first. */
const mostChanges = 500;

export function buildEntries({ facts, onset, changes, runs, actions }: TimelineFacts): BuiltEntry[] {
  const entries = new Map<string, BuiltEntry>();
  const add = (entry: BuiltEntry): void => void entries.set(entry.fact, entry);
  add(onsetEntry(facts, onset));
  for (const change of facts.history) for (const entry of ofHistory(change, facts)) add(entry);
  for (const evidence of facts.evidence) add(ofEvidence(evidence));
  for (const comment of facts.comments)
    add({
      ...ownFact(`comment:${comment.id}`, comment.at, "comment", `${comment.author} commented`, comment.author),
      detail: clip(comment.body, 2_000),
    });
  for (const action of actions)
    add({
      ...ownFact(
        `action:${action.id}:${action.status}`,
        action.at,
        "action",
        `${actionWords[action.status] ?? action.status}: ${action.title}`,
        action.actor,
      ),
      detail: action.result,
    });
  for (const change of nearest(changes)) add(ofChange(change));
  for (const run of runs) add(ofRun(run));
  return [...entries.values()].sort(byTime);
}

const actionWords: Readonly<Record<string, string>> = {
  in_progress: "Action begun",
  completed: "Action completed",
  skipped: "Action skipped",
};

const byTime = (a: BuiltEntry, b: BuiltEntry): number => a.at - b.at || (a.fact < b.fact ? -1 : 1);

const ofIncident: Relation = { distance: null, why: "It is recorded on the incident.", path: [] };
const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function ownFact(fact: string, at: number, kind: TimelineKind, title: string, actor: string | null): BuiltEntry {
  return {
    fact,
    at,
    kind,
    title: clip(title, 300),
    detail: null,
    source: "incident",
    sourceUrl: null,
    actor,
    evidence: null,
    node: null,
    relation: ofIncident,
  };
}

const onsetEntry = ({ incident }: IncidentFacts, onset: TimelineFacts["onset"]): BuiltEntry => ({
  ...ownFact("onset", onset.at, "incident", `It began: ${incident.title}`, null),
  relation: { distance: null, why: `The onset is ${onset.from}.`, path: [] },
});

/** One entry a change of status or owner; what was merely edited is no event of the incident. */
function ofHistory(change: IncidentChange, { incident }: IncidentFacts): BuiltEntry[] {
  const at = Date.parse(change.at);
  const fact = `history:${change.id}`;
  const text = (value: unknown): string => (typeof value === "string" ? value : "nobody");
  if (change.kind === "created")
    return [ownFact(fact, at, "incident", `Declared: ${incident.title} (${incident.severity})`, change.actor)];
  if (change.kind === "merged" || change.kind === "unmerged")
    return [
      ownFact(
        fact,
        at,
        "incident",
        change.kind === "merged" ? "Merged with a duplicate" : "A merge was undone",
        change.actor,
      ),
    ];
  if (change.kind !== "changed") return [];
  if (change.field === "status")
    return [ownFact(fact, at, "status", `Status: ${text(change.from)} → ${text(change.to)}`, change.actor)];
  if (change.field === "owner")
    return [ownFact(fact, at, "status", `Owner: ${text(change.from)} → ${text(change.to)}`, change.actor)];
  if (change.field === "severity")
    return [ownFact(fact, at, "status", `Severity: ${text(change.from)} → ${text(change.to)}`, change.actor)];
  return [];
}

const evidenceKinds: Readonly<Record<string, TimelineKind>> = { alert: "alert" };

function ofEvidence(evidence: Evidence): BuiltEntry {
  const starts = evidence.starts_at === null ? null : Date.parse(evidence.starts_at);
  const place = evidence.nodes[0] ?? null;
  return {
    fact: `evidence:${evidence.id}`,
    // What it shows happened then; else when it was added.
    at: starts ?? Date.parse(evidence.created_at),
    kind: evidenceKinds[evidence.evidence_type] ?? "evidence",
    title: clip(evidence.title, 300),
    detail: evidence.content === null ? null : clip(evidence.content.trim(), 500),
    source: evidence.source ?? "evidence",
    sourceUrl: evidence.source_url,
    actor: evidence.created_by,
    evidence: evidence.id,
    node: place === null ? null : { id: place.id, key: place.key, type: place.type, name: place.name },
    relation: {
      distance: null,
      why:
        starts === null
          ? "It is evidence of the incident, placed at when it was added."
          : "It is evidence of the incident, placed at the time it tells of.",
      path: [],
    },
  };
}

/** All that happened after the nearest ones is kept too: distance first, then time. */
function nearest(changes: readonly Change[]): readonly Change[] {
  if (changes.length <= mostChanges) return changes;
  const far = (change: Change): number => change.distance ?? change.evidenceDistance ?? 99;
  return changes.toSorted((a, b) => far(a) - far(b) || b.at - a.at).slice(0, mostChanges);
}

const changeWords: Readonly<Record<Change["kind"], (change: Change) => string>> = {
  deployment: (change) => `Deployed to ${change.environment ?? "an environment"}: ${change.title}`,
  release: (change) => `Released: ${change.title}`,
  pull_request: (change) => `Merged: ${change.title}`,
  commit: (change) => `Committed: ${change.title}`,
  config: (change) => `Configuration changed: ${change.title}`,
  topology: (change) => change.title,
  other: (change) => change.title,
};

function ofChange(change: Change): BuiltEntry {
  const parts = [
    change.state === null ? null : `State: ${change.state}.`,
    change.deployedBy === null ? null : `Came with ${change.deployedBy.title}.`,
    change.contains.length === 0
      ? null
      : `Brought ${change.contains.length} change${change.contains.length === 1 ? "" : "s"}.`,
    ...change.details.map((words) => `${words}.`),
    change.places.every((place) => place.path === null) ? null : `Changes ${changedWords(change)}.`,
  ].filter((part) => part !== null);
  return {
    fact: `${change.kind === "config" ? "change" : change.kind}:${change.key}`,
    at: change.at,
    kind: change.kind === "other" ? "topology" : change.kind,
    title: clip(changeWords[change.kind](change), 300),
    detail: parts.length === 0 ? null : parts.join(" "),
    source: change.repository ?? "graph",
    sourceUrl: change.url,
    actor: change.author,
    evidence: null,
    node: change.node,
    relation: relationOf(change),
  };
}

function changedWords({ places }: Change): string {
  const paths = [...new Set(places.flatMap((place) => place.path ?? []))];
  return paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 3).join(", ")} and ${paths.length - 3} more`;
}

function relationOf(change: Change): Relation {
  const names = (path: readonly PathStep[]): string => path.map((step) => step.node.name).join(" → ");
  if (change.distance !== null)
    return {
      distance: change.distance,
      why:
        change.distance === 0
          ? `It changes what is affected${change.path.length === 0 ? "" : `: ${names(change.path)}`}.`
          : `It changes something ${change.distance} step${change.distance === 1 ? "" : "s"} from what is affected: ${names(change.path)}.`,
      path: [...change.path],
    };
  if (change.evidenceDistance !== null)
    return {
      distance: change.evidenceDistance,
      why: `It changes something that the evidence names, or near it: ${names(change.evidencePath)}.`,
      path: [...change.evidencePath],
    };
  return {
    distance: null,
    why:
      change.repository === null
        ? "It happened near the onset; the graph knows no way to what is affected."
        : `It happened in ${change.repository} near the onset; the graph knows no way to what is affected.`,
    path: [],
  };
}

const ofRun = (run: PipelineRunFact): BuiltEntry => ({
  fact: `run:${run.pipeline.key}:${run.number}`,
  at: run.at,
  kind: "pipeline",
  title: clip(`${run.pipeline.name} #${run.number}: ${run.state}`, 300),
  detail:
    [run.branch === null ? null : `Branch ${run.branch}.`, run.sha === null ? null : `Commit ${run.sha.slice(0, 10)}.`]
      .filter((part) => part !== null)
      .join(" ") || null,
  source: run.pipeline.name,
  sourceUrl: run.url,
  actor: null,
  evidence: null,
  node: run.pipeline,
  relation: {
    distance: 0,
    why: "The pipeline builds or deploys what is affected.",
    path: [{ node: run.pipeline, edge: null }],
  },
});

/** Of all that building writes: an entry that says the same is not written again. */
export const hashOf = (entry: BuiltEntry): string =>
  createHash("sha1").update(JSON.stringify(entry)).digest("base64url");
