// The history of incidents: who changed what, when, from what to what. Written in the transaction of the change; the timeline reads it.
import type { Selectable } from "kysely";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { IncidentChange } from "@opentrace/contract/incidents.ts";
import type { AppTransaction } from "../access/idempotency.ts";
import type { IncidentChangesTable } from "../store/incident-tables.ts";
import type { Store } from "../store/store.ts";
import type { Actor } from "../verb.ts";
import { timeText } from "./incident-rows.ts";

export interface NewChange {
  workspace: string;
  incident: string;
  at: number;
  actor: Pick<Actor, "id" | "name">;
  kind: IncidentChange["kind"];
  field?: string;
  /** undefined = does not apply. */
  from?: IncidentChange["from"] | undefined;
  to?: IncidentChange["to"] | undefined;
  subject?: string;
}

export async function recordChanges(tx: AppTransaction, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx
    .insertInto("incident_changes")
    .values(
      changes.map(({ workspace, incident, at, actor, kind, field, from, to, subject }) => ({
        workspace,
        incident,
        at,
        actor: actor.id,
        actor_name: actor.name ?? null,
        kind,
        field: field ?? null,
        from_value: from === undefined ? null : JSON.stringify(from),
        to_value: to === undefined ? null : JSON.stringify(to),
        subject: subject ?? null,
      })),
    )
    .execute();
}

const isSeq = (value: unknown): value is number => Number.isSafeInteger(value);

/** Oldest first. */
export async function listChanges(
  store: Store,
  incident: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: IncidentChange[]; next_cursor: string | null }> {
  const after = decodeCursor(cursor, isSeq) ?? 0;
  const rows = await store.app
    .selectFrom("incident_changes")
    .selectAll()
    .where("incident", "=", incident)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toChange),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(last.seq) : null,
  };
}

const toChange = (row: Selectable<IncidentChangesTable>): IncidentChange => ({
  id: String(row.seq),
  at: timeText(row.at),
  actor: row.actor,
  actor_name: row.actor_name,
  kind: row.kind,
  field: row.field,
  from: parsed(row.from_value),
  to: parsed(row.to_value),
  subject: row.subject,
});

const parsed = (text: string | null): IncidentChange["from"] =>
  text === null ? null : (JSON.parse(text) as IncidentChange["from"]);
