// A postmortem's first draft from what is recorded: says what the facts say, and what they do not. Needs no model.
import type {
  Hypothesis,
  HypothesisVerdict,
  IncidentAction,
  TimelineEntry,
} from "@opentrace/contract/investigation.ts";
import { duration } from "./change-ranker.ts";
import type { IncidentFacts } from "./incident-facts.ts";

export interface PostmortemFacts {
  facts: IncidentFacts;
  timeline: readonly TimelineEntry[];
  hypotheses: readonly Hypothesis[];
  verdict: HypothesisVerdict | null;
  actions: readonly IncidentAction[];
  now: number;
}

export interface PostmortemDraft {
  title: string;
  body: string;
  unknown: string[];
}

const mostRows = 150;
const mostEvidence = 100;

/** Text of others in our Markdown: it stays text, whatever it looks like, and stays on its line. */
export const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[\\`*_{}[\]<>#|~!&]/g, (one) =>
      one === "<" ? "&lt;" : one === ">" ? "&gt;" : one === "&" ? "&amp;" : `\\${one}`,
    )
    .replaceAll(/:\/\//g, "\\://");

const at = (time: string | number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");
const minutesBetween = (from: number, to: number): string => duration(Math.max(0, to - from) / 60_000);
const link = (text: string, url: string | null): string =>
  url !== null && /^https?:\/\/[^\s()<>]+$/.test(url) ? `[${plain(text)}](${url})` : plain(text);
const sentenceList = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)!}`;

export function draftPostmortem(known: PostmortemFacts): PostmortemDraft {
  const unknown: string[] = [];
  const { incident } = known.facts;
  const sections = [
    `# Postmortem: ${plain(incident.title)}`,
    facts(known),
    `## Summary\n\n${summary(known, unknown)}`,
    `## Impact\n\n${impact(known, unknown)}`,
    `## Timeline\n\n${timeline(known, unknown)}`,
    `## Root cause\n\n${rootCause(known, unknown)}`,
    `## Contributing factors\n\n${contributing(known, unknown)}`,
    `## Follow-ups\n\n${followUps(known)}`,
    `## Evidence\n\n${evidence(known)}`,
  ];
  if (known.verdict !== null) unknown.push(...known.verdict.unknown);
  const open = [...new Set(unknown)];
  if (open.length > 0) sections.push(`## What is not known\n\n${open.map((one) => `- ${plain(one)}`).join("\n")}`);
  return { title: `Postmortem: ${incident.title}`.slice(0, 300), body: `${sections.join("\n\n")}\n`, unknown: open };
}

function facts({ facts: { incident } }: PostmortemFacts): string {
  const rows: [string, string][] = [
    ["Incident", incident.reference],
    ["Severity", incident.severity],
    ["Status", incident.status],
    ["Began", `${at(incident.startedAt)} UTC`],
    ["Declared", `${at(incident.createdAt)} UTC`],
    ["Resolved", incident.resolvedAt === null ? "not yet" : `${at(incident.resolvedAt)} UTC`],
    ["Owner", incident.owner ?? "nobody"],
    ["Affected services", incident.services.length === 0 ? "not stated" : incident.services.join(", ")],
  ];
  return ["| | |", "|---|---|", ...rows.map(([name, value]) => `| ${name} | ${plain(value)} |`)].join("\n");
}

const confirmedOf = (hypotheses: readonly Hypothesis[]): Hypothesis[] =>
  hypotheses.filter((one) => one.status === "confirmed");

function summary({ facts: { incident }, hypotheses, verdict, now }: PostmortemFacts, unknown: string[]): string {
  const said: string[] = [];
  const services = incident.services.map(plain);
  said.push(
    `On ${at(incident.startedAt)} UTC an incident of ${incident.severity} severity began: ${plain(incident.title)}.` +
      (services.length === 0 ? "" : ` It affected ${sentenceList(services)}.`),
  );
  if (incident.resolvedAt === null) {
    said.push(`It is not resolved yet; it has lasted ${minutesBetween(incident.startedAt, now)}.`);
    unknown.push("The incident is not resolved, so its end and its whole impact are not known.");
  } else said.push(`It was resolved after ${minutesBetween(incident.startedAt, incident.resolvedAt)}.`);
  const [confirmed] = confirmedOf(hypotheses);
  if (confirmed !== undefined) said.push(`The confirmed cause: ${plain(confirmed.title)}.`);
  else if (verdict?.found === true) said.push(`The cause is not confirmed. ${plain(verdict.summary)}`);
  else said.push("The cause is not known.");
  if (incident.description.trim() !== "") said.push(`\n\n> ${plain(incident.description.slice(0, 2_000))}`);
  return said.join(" ").replace(" \n", "\n");
}

function impact({ facts: { incident, evidence: items }, now }: PostmortemFacts, unknown: string[]): string {
  const lines = [`- Severity: ${incident.severity}.`];
  if (incident.services.length === 0) unknown.push("Nobody has stated which services were affected.");
  else lines.push(`- Affected: ${sentenceList(incident.services.map(plain))}.`);
  const end = incident.resolvedAt ?? now;
  lines.push(`- It lasted ${minutesBetween(incident.startedAt, end)}${incident.resolvedAt === null ? " so far" : ""}.`);
  const detected = incident.createdAt - incident.startedAt;
  if (detected > 60_000)
    lines.push(`- It was declared ${minutesBetween(incident.startedAt, incident.createdAt)} after it began.`);
  if (incident.acknowledgedAt === null) unknown.push("Nobody was recorded as having taken the incident up.");
  else
    lines.push(
      `- It was taken up ${minutesBetween(incident.createdAt, incident.acknowledgedAt)} after it was declared.`,
    );
  const metrics = items
    .filter((one) => one.evidence_type === "metric" || one.evidence_type === "screenshot")
    .slice(0, 5);
  for (const one of metrics) lines.push(`- Evidence of the impact: ${link(one.title, one.source_url)}.`);
  unknown.push("How many users or requests were affected is not recorded.");
  return lines.join("\n");
}

/** What is the incident's own, what a hypothesis is about, and what is near; the rest of the graph's news is left to the timeline itself. */
function isTelling(entry: TimelineEntry, causes: ReadonlySet<string>): boolean {
  if (entry.origin === "manual") return true;
  if (["incident", "status", "evidence", "alert", "action", "comment"].includes(entry.kind)) return true;
  if (entry.node !== null && causes.has(entry.node.key)) return true;
  return entry.relation.distance !== null && entry.relation.distance <= 1 && entry.kind !== "commit";
}

function timeline({ timeline: entries, hypotheses }: PostmortemFacts, unknown: string[]): string {
  const causes = new Set(
    hypotheses.flatMap((one) =>
      one.cause === null || one.status === "rejected" ? [] : [one.cause.key, one.cause.deployed_by?.key ?? ""],
    ),
  );
  const telling = entries.filter((entry) => isTelling(entry, causes));
  if (telling.length === 0) {
    unknown.push("No timeline was recorded.");
    return "Nothing is recorded.";
  }
  const shown = telling.slice(0, mostRows);
  const rows = shown.map(
    (entry) => `| ${at(entry.at)} | ${link(entry.title, entry.source_url)} | ${plain(entry.source)} |`,
  );
  const left = entries.length - shown.length;
  return [
    "| Time (UTC) | What happened | Source |",
    "|---|---|---|",
    ...rows,
    ...(left > 0 ? ["", `${left} more ${left === 1 ? "entry is" : "entries are"} in the incident's timeline.`] : []),
  ].join("\n");
}

function rootCause({ hypotheses, verdict, facts: { evidence: items } }: PostmortemFacts, unknown: string[]): string {
  const titles = new Map(items.map((one) => [one.id, one.title]));
  const confirmed = confirmedOf(hypotheses);
  if (confirmed.length > 0) return confirmed.map((one) => causeText(one, titles)).join("\n\n");
  unknown.push("Nobody has confirmed a root cause.");
  const [likely] = hypotheses.filter((one) => one.rank === 1);
  if (verdict === null) return "Not known. No hypotheses were generated.";
  if (!verdict.found || likely === undefined) return `Not known. ${plain(verdict.summary)}`;
  return `Not confirmed. ${plain(verdict.summary)}\n\n${causeText(likely, titles)}`;
}

function causeText(one: Hypothesis, titles: ReadonlyMap<string, string>): string {
  const reasons = one.contributions.filter((part) => part.points > 0).map((part) => `- ${plain(part.words)}`);
  const against = one.contributions
    .filter((part) => part.points < 0)
    .map((part) => `- Against it: ${plain(part.words)}`);
  const cited = one.supporting_evidence.flatMap((id) => titles.get(id) ?? []).map(plain);
  return [
    `**${link(one.title, one.cause?.url ?? null)}**${one.status_reason === null ? "" : ` — ${plain(one.status_reason)}`}`,
    ...(one.description === null ? [] : [plain(one.description)]),
    ...(reasons.length + against.length === 0 ? [] : [[...reasons, ...against].join("\n")]),
    ...(cited.length === 0 ? [] : [`Evidence: ${sentenceList(cited)}.`]),
  ].join("\n\n");
}

function contributing(
  { hypotheses, timeline: entries, facts: { incident } }: PostmortemFacts,
  unknown: string[],
): string {
  const lines: string[] = [];
  for (const one of hypotheses.filter((other) => other.status === "investigating"))
    lines.push(`- Still looked into: ${plain(one.title)}.`);
  const failed = entries.filter(
    (entry) =>
      entry.kind === "pipeline" && /fail|error/i.test(entry.title) && Date.parse(entry.at) <= incident.startedAt,
  );
  for (const entry of failed.slice(-5))
    lines.push(`- A pipeline had failed before: ${link(entry.title, entry.source_url)} (${at(entry.at)} UTC).`);
  if (incident.createdAt - incident.startedAt > 15 * 60_000)
    lines.push(`- It went on for ${minutesBetween(incident.startedAt, incident.createdAt)} before it was declared.`);
  if (lines.length > 0) return lines.join("\n");
  unknown.push("No contributing factors are recorded.");
  return "None are recorded.";
}

function followUps({ actions, hypotheses }: PostmortemFacts): string {
  const lines = actions
    .filter((one) => one.status !== "skipped")
    .map(
      (one) =>
        `- [${one.status === "completed" ? "x" : " "}] ${link(one.title, one.source_url)}${one.result === null ? "" : ` — ${plain(one.result)}`}`,
    );
  if (confirmedOf(hypotheses).length === 0) lines.push("- [ ] Confirm or reject the hypotheses on the root cause");
  return lines.join("\n");
}

function evidence({ facts: { evidence: items } }: PostmortemFacts): string {
  if (items.length === 0) return "None was recorded.";
  const lines = items
    .slice(0, mostEvidence)
    .map(
      (one) =>
        `- ${link(one.title, one.source_url)} (${plain(one.evidence_type)}${one.source === null ? "" : `, ${plain(one.source)}`})`,
    );
  if (items.length > mostEvidence) lines.push(`- and ${items.length - mostEvidence} more`);
  return lines.join("\n");
}
