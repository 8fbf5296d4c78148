// Rows → incidents, as doors show them.
import type { Selectable } from "kysely";
import {
  type Incident,
  type IncidentSeverity,
  type IncidentStatus,
  incidentSeverities,
  incidentStatuses,
} from "@opentrace/contract/incidents.ts";
import type { IncidentsTable } from "../store/incident-tables.ts";

export type IncidentRow = Selectable<IncidentsTable>;

export const severityNumber = (severity: IncidentSeverity): number => incidentSeverities.indexOf(severity);
export const statusNumber = (status: IncidentStatus): number => incidentStatuses.indexOf(status);
export const referenceOf = (seq: number): string => `INC-${seq}`;

/** The number in `INC-42`; null for what is no reference. */
export function seqOfReference(text: string): number | null {
  const digits = /^inc-(\d{1,12})$/i.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

export const timeText = (at: number): string => new Date(at).toISOString();
export const timeOrNull = (at: number | null): string | null => (at === null ? null : timeText(at));

export function toIncident(row: IncidentRow): Incident {
  return {
    id: row.id,
    reference: referenceOf(row.seq),
    title: row.title,
    description: row.description,
    severity: incidentSeverities[row.severity] ?? "medium",
    status: incidentStatuses[row.status] ?? "open",
    owner: row.owner,
    affected_services: JSON.parse(row.affected_services) as string[],
    tags: JSON.parse(row.tags) as string[],
    incident_metadata: JSON.parse(row.metadata) as Incident["incident_metadata"],
    evidence_count: row.evidence_count,
    merged_into: row.merged_into,
    version: row.version,
    created_by: row.created_by,
    created_by_name: row.created_by_name,
    started_at: timeText(row.started_at),
    created_at: timeText(row.created_at),
    updated_at: timeText(row.updated_at),
    acknowledged_at: timeOrNull(row.acknowledged_at),
    resolved_at: timeOrNull(row.resolved_at),
    closed_at: timeOrNull(row.closed_at),
  };
}
