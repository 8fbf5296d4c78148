// Changes many incidents at once: one transaction, and a result for each that says what became of it.
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { BulkChanges, BulkResult, type IncidentChanges, incidentsAtOnce } from "@opentrace/contract/incidents.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { type IncidentRow, toIncident } from "./incident-rows.ts";
import { incidentId, type IncidentVerbsDeps } from "./incident-verbs.ts";
import { findIncident, holdIncident } from "./incidents.ts";

const Input = z.strictObject({ ids: z.array(incidentId).min(1).max(incidentsAtOnce), changes: BulkChanges });

function changesOf(row: IncidentRow, { add_tags, remove_tags, ...changes }: BulkChanges): IncidentChanges {
  if (add_tags === undefined && remove_tags === undefined) return changes;
  const gone = new Set((remove_tags ?? []).map((tag) => tag.toLowerCase()));
  const kept = (JSON.parse(row.tags) as string[]).filter((tag) => !gone.has(tag.toLowerCase()));
  return { ...changes, tags: [...new Set([...kept, ...(add_tags ?? [])])] };
}

export const bulkChangeVerb = ({ store, incidents }: IncidentVerbsDeps): Verb =>
  defineVerb({
    name: "incidents.changeMany",
    summary: "Change many incidents",
    description: `Sets status, severity, owner or tags of up to ${incidentsAtOnce} incidents. Those that can't be changed are listed with the reason; the others are changed.`,
    permission: "incidents:write",
    input: Input,
    output: BulkResult,
    http: { method: "POST", path: "/incidents/bulk" },
    writes: true,
    keepsAnswer: true,
    async run(ctx, input) {
      const asked = [...new Set(input.ids)];
      const changed: string[] = [];
      return await once(
        store,
        ctx,
        {
          verb: "incidents.changeMany",
          input,
          committed: () => incidents.announce(ctx.workspace, changed, "changed"),
        },
        async (tx) => {
          const results = new Map<string, BulkResult["results"][number]>();
          for (const { reference, row } of await inOrder(tx, ctx.workspace, asked)) {
            const fail = (error: unknown): void => {
              if (!(error instanceof AppError)) throw error;
              const { code, message } = error;
              results.set(reference, {
                id: reference,
                outcome: "failed",
                incident: null,
                error: { code, detail: message },
              });
            };
            if (row instanceof AppError) {
              fail(row);
              continue;
            }
            const held = await holdIncident(tx, ctx.workspace, row.id);
            try {
              // What it refuses, it refuses before it writes.
              const after = await incidents.changeIn(tx, ctx, held, changesOf(held, input.changes));
              if (after !== null) changed.push(after.id);
              results.set(reference, {
                id: reference,
                outcome: after === null ? "unchanged" : "changed",
                incident: toIncident(after ?? held),
                error: null,
              });
            } catch (error) {
              fail(error);
            }
          }
          const listed = asked.flatMap((reference) => results.get(reference) ?? []);
          const count = (outcome: string): number => listed.filter((one) => one.outcome === outcome).length;
          return {
            changed: count("changed"),
            unchanged: count("unchanged"),
            failed: count("failed"),
            results: listed,
          };
        },
      );
    },
  });

/** Always in the same order, so that two bulk changes of the same incidents don't wait for each other in a circle. */
async function inOrder(
  tx: AppTransaction,
  workspace: string,
  references: readonly string[],
): Promise<{ reference: string; row: IncidentRow | AppError }[]> {
  const found: { reference: string; row: IncidentRow | AppError }[] = [];
  for (const reference of references) {
    const row = await findIncident(tx, workspace, reference).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "not_found") return error;
      throw error;
    });
    found.push({ reference, row });
  }
  const seqOf = ({ row }: (typeof found)[number]): number => (row instanceof AppError ? 0 : row.seq);
  return found.toSorted((a, b) => seqOf(a) - seqOf(b));
}
