// Incidents as rows: create, find, change. Each write is one transaction with its history, labels and search words.
import { randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { CreateIncident, Incident, IncidentChanges } from "@opentrace/contract/incidents.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import { requireVersion } from "../access/if-match.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import { recordChanges } from "./changes.ts";
import { type IncidentRow, seqOfReference, severityNumber, statusNumber, toIncident } from "./incident-rows.ts";
import { changedFields } from "./incident-changes.ts";
import { writeIncidentText } from "./incident-text.ts";

/** Who writes, when, and under what conditions: what a verb's context has. */
export type WriteContext = Pick<VerbContext, "actor" | "workspace" | "now" | "idempotencyKey" | "ifMatch">;

export interface IncidentsDeps {
  store: Store;
  feed: Pick<EventFeed, "publish">;
  /** In the transaction of every change: what must not be lost when the process dies after it. */
  changed(this: void, tx: AppTransaction, incident: IncidentRow): Promise<void>;
  /** After the commit. */
  wake(this: void): void;
}

export interface Incidents {
  create(ctx: WriteContext, input: CreateIncident): Promise<Incident>;
  /** By id or reference. Throws `not_found`. */
  find(workspace: string, reference: string): Promise<IncidentRow>;
  change(ctx: WriteContext, reference: string, changes: IncidentChanges): Promise<Incident>;
  /** One incident's change within a transaction of the caller's, who then calls `announce`. Null = nothing was to be changed. */
  changeIn(
    tx: AppTransaction,
    ctx: WriteContext,
    row: IncidentRow,
    changes: IncidentChanges,
  ): Promise<IncidentRow | null>;
  announce(workspace: string, incidents: readonly string[], change: string): Promise<void>;
}

const newId = (): string => `inc_${randomBytes(12).toString("base64url")}`;
const unique = (names: readonly string[] | null | undefined): string[] => [...new Set(names ?? [])];

/** Throws `not_found`. Takes the row for changing: another change of it waits. */
export async function holdIncident(tx: AppTransaction, workspace: string, reference: string): Promise<IncidentRow> {
  const { seq } = await findIncident(tx, workspace, reference);
  // An update of nothing locks the row on PostgreSQL; SQLite has one writer.
  return await tx
    .updateTable("incidents")
    .set((eb) => ({ seq: eb.ref("seq") }))
    .where("seq", "=", seq)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Others never get to the database: PostgreSQL can't be asked for a NUL. */
export const mayBeId = (text: string): boolean => /^[\w-]{1,100}$/.test(text);

export async function findIncident(
  db: Pick<Store["app"], "selectFrom">,
  workspace: string,
  reference: string,
): Promise<IncidentRow> {
  const seq = seqOfReference(reference);
  const row = mayBeId(reference)
    ? await db
        .selectFrom("incidents")
        .selectAll()
        .where("workspace", "=", workspace)
        .where((eb) => (seq === null ? eb("id", "=", reference) : eb("seq", "=", seq)))
        .executeTakeFirst()
    : undefined;
  if (row !== undefined) return row;
  throw new AppError(
    "not_found",
    `There is no incident "${reference.slice(0, 100)}". List them with GET /api/v1/incidents, or search there with q.`,
  );
}

async function writeLabels(
  tx: AppTransaction,
  row: Pick<IncidentRow, "workspace" | "seq">,
  labels: { service: readonly string[]; tag: readonly string[] },
): Promise<void> {
  await tx.deleteFrom("incident_labels").where("incident", "=", row.seq).execute();
  const values = (["service", "tag"] as const).flatMap((kind) =>
    unique(labels[kind].map((label) => label.toLowerCase())).map((label) => ({
      workspace: row.workspace,
      kind,
      label,
      incident: row.seq,
    })),
  );
  if (values.length > 0) await tx.insertInto("incident_labels").values(values).execute();
}

/** Of an incident that was merged into another, or is one of its own again. */
export async function turnLabels(tx: AppTransaction, seq: number, of: "duplicate" | "own"): Promise<void> {
  for (const kind of ["service", "tag"] as const) {
    const merged = `merged_${kind}` as const;
    const [from, to] = of === "duplicate" ? [kind, merged] : [merged, kind];
    await tx
      .updateTable("incident_labels")
      .set({ kind: to })
      .where("incident", "=", seq)
      .where("kind", "=", from)
      .execute();
  }
}

export function createIncidents({ store, feed, changed, wake }: IncidentsDeps): Incidents {
  const announce: Incidents["announce"] = async (workspace, incidents, change) => {
    wake();
    for (const incidentId of incidents) await feed.publish({ type: "incident.changed", incidentId, change }, workspace);
  };

  const changeIn: Incidents["changeIn"] = async (tx, ctx, row, changes) => {
    const { columns, history } = changedFields(row, changes, ctx);
    if (history.length === 0) return null;
    const after = await tx
      .updateTable("incidents")
      .set({ ...columns, version: row.version + 1, updated_at: ctx.now().getTime() })
      .where("seq", "=", row.seq)
      .returningAll()
      .executeTakeFirstOrThrow();
    await recordChanges(tx, history);
    if (columns.affected_services !== undefined || columns.tags !== undefined)
      await writeLabels(tx, after, {
        service: JSON.parse(after.affected_services) as string[],
        tag: JSON.parse(after.tags) as string[],
      });
    if (columns.title !== undefined || columns.description !== undefined) await writeIncidentText(store, tx, after);
    await changed(tx, after);
    return after;
  };

  return {
    announce,
    changeIn,

    async create(ctx, input) {
      let id = "";
      return await once(
        store,
        ctx,
        { verb: "incidents.create", input, committed: () => announce(ctx.workspace, [id], "created") },
        async (tx) => {
          const at = ctx.now().getTime();
          const services = unique(input.affected_services);
          const tags = unique(input.tags);
          id = newId();
          const status = statusNumber(input.status);
          const row = await tx
            .insertInto("incidents")
            .values({
              id,
              workspace: ctx.workspace,
              title: input.title,
              description: input.description ?? null,
              severity: severityNumber(input.severity),
              status,
              owner: input.owner ?? null,
              affected_services: JSON.stringify(services),
              affected_nodes: "[]",
              tags: JSON.stringify(tags),
              metadata: JSON.stringify(input.incident_metadata ?? {}),
              merged_into: null,
              created_by: ctx.actor.id,
              created_by_name: ctx.actor.name ?? null,
              started_at:
                input.started_at === null || input.started_at === undefined ? at : Date.parse(input.started_at),
              created_at: at,
              updated_at: at,
              acknowledged_at: status > 0 ? at : null,
              resolved_at: status >= statusNumber("resolved") ? at : null,
              closed_at: input.status === "closed" ? at : null,
            })
            .returningAll()
            .executeTakeFirstOrThrow();
          await writeLabels(tx, row, { service: services, tag: tags });
          await writeIncidentText(store, tx, row);
          const { workspace } = ctx;
          await recordChanges(tx, [
            {
              workspace,
              incident: id,
              at,
              actor: ctx.actor,
              kind: "created",
              to: { title: input.title, severity: input.severity, status: input.status },
            },
          ]);
          await changed(tx, row);
          return toIncident(row);
        },
      );
    },

    find: (workspace, reference) => findIncident(store.app, workspace, reference),

    async change(ctx, reference, changes) {
      let id: string | null = null;
      return await once(
        store,
        ctx,
        {
          verb: "incidents.change",
          input: { ...changes, id: reference },
          committed: async () => (id === null ? undefined : announce(ctx.workspace, [id], "changed")),
        },
        async (tx) => {
          const row = await holdIncident(tx, ctx.workspace, reference);
          requireVersion(ctx.ifMatch, row.version, `The incident ${reference}`);
          const after = await changeIn(tx, ctx, row, changes);
          id = after?.id ?? null;
          return toIncident(after ?? row);
        },
      );
    },
  };
}
