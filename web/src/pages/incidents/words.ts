// How severities, statuses and kinds of evidence are said and coloured.
import type { IncidentSeverity, IncidentSort, IncidentStatus } from "@opentrace/contract/incidents.ts";
import type { Tone } from "../../ui/badge.tsx";

export const severityWords: Record<IncidentSeverity, [word: string, tone: Tone]> = {
  critical: ["Critical", "bad"],
  high: ["High", "warn"],
  medium: ["Medium", "accent"],
  low: ["Low", "neutral"],
};

export const statusWords: Record<IncidentStatus, [word: string, tone: Tone]> = {
  open: ["Open", "bad"],
  investigating: ["Investigating", "warn"],
  resolved: ["Resolved", "ok"],
  closed: ["Closed", "neutral"],
};

export const sortWords: Record<IncidentSort, string> = {
  relevance: "Best match",
  created_at: "Newest",
  updated_at: "Last changed",
  severity: "Severity",
  status: "Status",
};

const evidenceWords: Record<string, string> = {
  log: "Log",
  metric: "Metric",
  trace: "Trace",
  screenshot: "Screenshot",
  pr: "Pull request",
  deployment: "Deployment",
  note: "Note",
  link: "Link",
};
/** Any other word is somebody's own and is shown as it is. */
export const evidenceWord = (type: string): string => evidenceWords[type] ?? type;

const fieldWords: Record<string, string> = {
  title: "Title",
  description: "Description",
  severity: "Severity",
  status: "Status",
  owner: "Owner",
  affected_services: "Affected services",
  tags: "Tags",
  started_at: "Began",
  incident_metadata: "Metadata",
};
export const fieldWord = (field: string): string => fieldWords[field] ?? field.replaceAll("_", " ");

/** A value of a field in a sentence. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "nothing" : value.map(valueText).join(", ");
  if (typeof value === "string") {
    const [word] = Object.entries({ ...severityWords, ...statusWords }).find(([key]) => key === value)?.[1] ?? [value];
    return word.length > 200 ? `${word.slice(0, 200)}…` : word;
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}
