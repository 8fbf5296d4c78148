// Merging duplicates: their evidence goes to the incident that stays, they point to it and close; it can be undone.
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { Incident, incidentStatuses } from "@opentrace/contract/incidents.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import { requireVersion } from "../access/if-match.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { type NewChange, recordChanges } from "./changes.ts";
import { type IncidentRow, statusNumber, toIncident } from "./incident-rows.ts";
import { incidentId, type IncidentVerbsDeps, OneIncident } from "./incident-verbs.ts";
import { findIncident, holdIncident, turnLabels } from "./incidents.ts";

const mostDuplicates = 100;

type Who = Pick<VerbContext, "actor" | "workspace" | "now">;

/** Moves evidence between incidents with its search texts; answers how many there were. */
async function moveEvidence(
  tx: AppTransaction,
  { from, to }: { from: IncidentRow; to: IncidentRow },
  onlyThatOf: IncidentRow | null,
): Promise<number> {
  let moving = tx.updateTable("evidence").where("incident", "=", from.id);
  if (onlyThatOf !== null) moving = moving.where("moved_from", "=", onlyThatOf.id);
  const moved = await moving
    .set((eb) => ({
      incident: to.id,
      moved_from: onlyThatOf === null ? eb.fn.coalesce("moved_from", eb.val(from.id)) : null,
    }))
    .returning("id")
    .execute();
  for (let at = 0; at < moved.length; at += 500)
    await tx
      .updateTable("incident_texts")
      .set({ incident: to.id })
      .where(
        "evidence",
        "in",
        moved.slice(at, at + 500).map((row) => row.id),
      )
      .execute();
  return moved.length;
}

async function touch(
  tx: AppTransaction,
  row: IncidentRow,
  who: Who,
  set: Partial<Pick<IncidentRow, "evidence_count" | "merged_into" | "status" | "closed_at" | "resolved_at">>,
): Promise<IncidentRow> {
  return await tx
    .updateTable("incidents")
    .set((eb) => ({ ...set, version: eb("version", "+", 1), updated_at: who.now().getTime() }))
    .where("seq", "=", row.seq)
    .returningAll()
    .executeTakeFirstOrThrow();
}

const changeOf = (who: Who, incident: IncidentRow, change: Pick<NewChange, "kind" | "subject" | "from" | "to">) => ({
  workspace: who.workspace,
  incident: incident.id,
  at: who.now().getTime(),
  actor: who.actor,
  field: "merged_into",
  ...change,
});

export function mergeVerbs({ store, incidents, changed }: IncidentVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "incidents.merge",
      summary: "Merge duplicates into an incident",
      description:
        "Moves the evidence of the duplicates to this incident, closes them and points them here: what is added to them later comes here too. " +
        "Undo with POST /api/v1/incidents/{id}/unmerge on a duplicate.",
      permission: "incidents:write",
      input: z.strictObject({ id: incidentId, duplicates: z.array(incidentId).min(1).max(mostDuplicates) }),
      output: Incident,
      http: { method: "POST", path: "/incidents/{id}/merge" },
      version: (incident) => incident.version,
      writes: true,
      keepsAnswer: true,
      async run(ctx, input) {
        let touched: string[] = [];
        return await once(
          store,
          ctx,
          {
            verb: "incidents.merge",
            input,
            committed: () => incidents.announce(ctx.workspace, touched, "merged"),
          },
          async (tx) => {
            const found = new Map<string, IncidentRow>();
            for (const reference of [...input.duplicates, input.id]) {
              const row = await findIncident(tx, ctx.workspace, reference);
              found.set(row.id, row);
            }
            const target = await findIncident(tx, ctx.workspace, input.id);
            if (found.size < 2 || input.duplicates.some((one) => one === input.id))
              throw new AppError(
                "bad_request",
                `${input.id} can't be a duplicate of itself: leave it out of duplicates.`,
              );
            const held = new Map<string, IncidentRow>();
            const followers = await tx
              .selectFrom("incidents")
              .select(["id", "seq"])
              .where("merged_into", "in", [...found.keys()])
              .execute();
            const all = new Map([...followers, ...found.values()].map((row) => [row.id, row.seq]));
            // Everybody takes several in this order, so that none wait for each other in a circle.
            for (const [id] of [...all].toSorted((a, b) => a[1] - b[1])) {
              const row = await holdIncident(tx, ctx.workspace, id);
              if (found.has(id)) held.set(id, row);
            }
            let survivor = held.get(target.id)!;
            requireVersion(ctx.ifMatch, survivor.version, `The incident ${input.id}`);
            for (const row of held.values())
              if (row.merged_into !== null)
                throw new AppError(
                  "conflict",
                  row.id === survivor.id
                    ? `The incident ${row.id} was merged into ${row.merged_into}: merge into that one.`
                    : `The incident ${row.id} was merged into ${row.merged_into} already: undo that first.`,
                  { details: { id: row.id, merged_into: row.merged_into } },
                );
            const at = ctx.now().getTime();
            touched = [survivor.id];
            for (const [id, duplicate] of held) {
              if (id === target.id) continue;
              const moved = await moveEvidence(tx, { from: duplicate, to: survivor }, null);
              survivor = await touch(tx, survivor, ctx, { evidence_count: survivor.evidence_count + moved });
              // Its own duplicates follow, so that one step always leads to what stays.
              await tx
                .updateTable("incidents")
                .set({ merged_into: survivor.id })
                .where("merged_into", "=", duplicate.id)
                .execute();
              const closed = await touch(tx, duplicate, ctx, {
                evidence_count: 0,
                merged_into: survivor.id,
                status: statusNumber("closed"),
                closed_at: duplicate.closed_at ?? at,
                resolved_at: duplicate.resolved_at ?? at,
              });
              await turnLabels(tx, closed.seq, "duplicate");
              const before = { status: incidentStatuses[duplicate.status] ?? "open", evidence: moved };
              await recordChanges(tx, [
                changeOf(ctx, duplicate, { kind: "merged", from: before, to: survivor.id, subject: survivor.id }),
                changeOf(ctx, survivor, { kind: "merged", to: { evidence: moved }, subject: duplicate.id }),
              ]);
              await changed(tx, closed);
              touched.push(duplicate.id);
            }
            await changed(tx, survivor);
            return toIncident(survivor);
          },
        );
      },
    }),
    defineVerb({
      name: "incidents.unmerge",
      summary: "Undo a merge",
      description:
        "Makes a duplicate an incident of its own again, with the evidence that was moved and the status it had.",
      permission: "incidents:write",
      input: OneIncident,
      output: Incident,
      http: { method: "POST", path: "/incidents/{id}/unmerge" },
      version: (incident) => incident.version,
      writes: true,
      keepsAnswer: true,
      async run(ctx, input) {
        let touched: string[] = [];
        return await once(
          store,
          ctx,
          {
            verb: "incidents.unmerge",
            input,
            committed: () => incidents.announce(ctx.workspace, touched, "unmerged"),
          },
          async (tx) => {
            const asked = await findIncident(tx, ctx.workspace, input.id);
            if (asked.merged_into === null)
              throw new AppError("conflict", `The incident ${input.id} is not merged into another.`);
            const first = await holdIncident(tx, ctx.workspace, asked.merged_into);
            const duplicate = await holdIncident(tx, ctx.workspace, asked.id);
            requireVersion(ctx.ifMatch, duplicate.version, `The incident ${input.id}`);
            if (duplicate.merged_into !== first.id)
              throw new AppError("conflict", `The incident ${input.id} was changed at the same moment: try again.`);
            const status = await statusBeforeMerge(tx, duplicate);
            const moved = await moveEvidence(tx, { from: first, to: duplicate }, duplicate);
            const survivor = await touch(tx, first, ctx, { evidence_count: first.evidence_count - moved });
            const again = await touch(tx, duplicate, ctx, {
              merged_into: null,
              evidence_count: duplicate.evidence_count + moved,
              status,
              ...(status < statusNumber("closed") ? { closed_at: null } : {}),
              ...(status < statusNumber("resolved") ? { resolved_at: null } : {}),
            });
            await turnLabels(tx, again.seq, "own");
            await recordChanges(tx, [
              changeOf(ctx, duplicate, { kind: "unmerged", from: survivor.id, to: null, subject: survivor.id }),
              changeOf(ctx, survivor, { kind: "unmerged", to: { evidence: moved }, subject: duplicate.id }),
            ]);
            await changed(tx, again);
            await changed(tx, survivor);
            touched = [duplicate.id, survivor.id];
            return toIncident(again);
          },
        );
      },
    }),
  ];
}

async function statusBeforeMerge(tx: AppTransaction, duplicate: IncidentRow): Promise<number> {
  const row = await tx
    .selectFrom("incident_changes")
    .select("from_value")
    .where("incident", "=", duplicate.id)
    .where("kind", "=", "merged")
    .where("from_value", "is not", null)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  const before = JSON.parse(row?.from_value ?? "{}") as { status?: (typeof incidentStatuses)[number] };
  return statusNumber(before.status ?? "open");
}
