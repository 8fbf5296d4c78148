// What a change of an incident does to its row: the columns, the times that follow from a status, the history, and what is refused.
import { AppError } from "@opentrace/contract/errors.ts";
import { type IncidentChanges, type IncidentStatus, incidentStatuses } from "@opentrace/contract/incidents.ts";
import type { VerbContext } from "../verb.ts";
import type { NewChange } from "./changes.ts";
import { type IncidentRow, severityNumber, statusNumber, timeText, toIncident } from "./incident-rows.ts";

type Columns = Partial<Omit<IncidentRow, "seq" | "id" | "workspace">>;

/** Throws `conflict` for a duplicate, and for a closed incident that is not opened again. */
export function changedFields(
  row: IncidentRow,
  changes: IncidentChanges,
  ctx: Pick<VerbContext, "actor" | "now">,
): { columns: Columns; history: NewChange[] } {
  const before = toIncident(row);
  const at = ctx.now().getTime();
  const columns: Columns = {};
  const history: NewChange[] = [];
  const change = (field: string, from: NewChange["from"], to: NewChange["to"], set: Columns): void => {
    if (JSON.stringify(from) === JSON.stringify(to)) return;
    Object.assign(columns, set);
    history.push({
      workspace: row.workspace,
      incident: row.id,
      at,
      actor: ctx.actor,
      kind: "changed",
      field,
      from,
      to,
    });
  };
  const { title, description, severity, status, owner, tags, affected_services, incident_metadata, started_at } =
    changes;
  if (title !== undefined) change("title", before.title, title, { title });
  if (description !== undefined) change("description", before.description, description, { description });
  if (severity !== undefined) change("severity", before.severity, severity, { severity: severityNumber(severity) });
  if (owner !== undefined)
    change("owner", before.owner, owner, {
      owner,
      ...(owner !== null && row.acknowledged_at === null ? { acknowledged_at: at } : {}),
    });
  if (affected_services !== undefined) {
    const names = [...new Set(affected_services ?? [])];
    change("affected_services", before.affected_services, names, { affected_services: JSON.stringify(names) });
  }
  if (tags !== undefined) {
    const names = [...new Set(tags ?? [])];
    change("tags", before.tags, names, { tags: JSON.stringify(names) });
  }
  if (incident_metadata !== undefined) {
    const metadata = incident_metadata ?? {};
    change("incident_metadata", before.incident_metadata, metadata, { metadata: JSON.stringify(metadata) });
  }
  if (started_at !== undefined) {
    const started = Date.parse(started_at);
    change("started_at", before.started_at, timeText(started), { started_at: started });
  }
  if (status !== undefined && status !== before.status)
    change("status", before.status, status, {
      status: statusNumber(status),
      ...timesOf(row, before.status, status, at),
    });
  if (history.length > 0 && row.merged_into !== null)
    throw new AppError(
      "conflict",
      `The incident ${row.id} was merged into ${row.merged_into}: change that one, or undo the merge first.`,
      { details: { merged_into: row.merged_into } },
    );
  return { columns, history };
}

/** A closed incident is opened again, never only resolved: what comes after is told from what was before. */
function timesOf(row: IncidentRow, from: IncidentStatus, to: IncidentStatus, at: number): Columns {
  if (from === "closed" && to === "resolved")
    throw new AppError(
      "conflict",
      `The incident ${row.id} is closed: reopen it (status open or investigating) before it is resolved again.`,
      { details: { status: from, allowed: ["open", "investigating"] } },
    );
  const rank = incidentStatuses.indexOf(to);
  const isOver = rank >= incidentStatuses.indexOf("resolved");
  return {
    ...(rank > 0 && row.acknowledged_at === null ? { acknowledged_at: at } : {}),
    resolved_at: isOver ? (row.resolved_at ?? at) : null,
    closed_at: to === "closed" ? at : null,
  };
}
