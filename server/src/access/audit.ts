// The audit log: who changed what, when, by which door, and how it ended.
import { z } from "zod";
import type { AuditRecord } from "@opentrace/contract/users.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { Store } from "../store/store.ts";
import type { AuditEntry } from "./invoke.ts";

export function createAudit(store: Pick<Store, "app">): (entry: AuditEntry) => Promise<void> {
  return async ({ at, actor, workspace, verb, subject, outcome, door, requestId, address = null }) => {
    await store.app
      .insertInto("audit")
      .values({
        at: at.getTime(),
        actor,
        workspace,
        verb,
        target: subject,
        outcome,
        detail: JSON.stringify({ door, requestId, ...(address === null ? {} : { address }) }),
      })
      .execute();
  };
}

interface AuditFilters {
  actor?: string | undefined;
  verb?: string | undefined;
  outcome?: string | undefined;
  target?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Rows removed in one transaction. */
const pruneAtOnce = 1_000;

export interface AuditLog {
  /** Removes what is older, in small transactions; answers how many rows. */
  prune(before: Date, workspace: string): Promise<number>;
  list(filters: AuditFilters, workspace: string): Promise<{ items: AuditRecord[]; next_cursor: string | null }>;
}

const isRow = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0;
const Detail = z.object({ door: z.string(), requestId: z.string(), address: z.string() }).partial().catch({});

export function createAuditLog(store: Pick<Store, "app">): AuditLog {
  return {
    async prune(before, workspace) {
      for (let removed = 0; ;) {
        const { numDeletedRows } = await store.app
          .deleteFrom("audit")
          .where("id", "in", (rows) =>
            rows
              .selectFrom("audit")
              .select("id")
              .where("workspace", "=", workspace)
              .where("at", "<", before.getTime())
              .limit(pruneAtOnce),
          )
          .executeTakeFirst();
        removed += Number(numDeletedRows);
        if (numDeletedRows < BigInt(pruneAtOnce)) return removed;
      }
    },

    async list({ actor, verb, outcome, target, since, until, limit, cursor }, workspace) {
      const before = decodeCursor(cursor, isRow);
      let query = store.app.selectFrom("audit").selectAll().where("workspace", "=", workspace);
      if (actor !== undefined) query = query.where("actor", "=", actor);
      if (verb?.includes(".")) query = query.where("verb", "=", verb);
      // A range, which the index serves: "." is followed by "/".
      else if (verb !== undefined) query = query.where("verb", ">=", `${verb}.`).where("verb", "<", `${verb}/`);
      if (outcome === "failed") query = query.where("outcome", "<>", "done");
      else if (outcome !== undefined) query = query.where("outcome", "=", outcome);
      if (target !== undefined) query = query.where("target", "=", target);
      if (since !== undefined) query = query.where("at", ">=", Date.parse(since));
      if (until !== undefined) query = query.where("at", "<", Date.parse(until));
      if (before !== null) query = query.where("id", "<", before);
      const rows = await query
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const last = rows[limit - 1];
      return {
        items: rows.slice(0, limit).map((row) => {
          const detail = Detail.parse(JSON.parse(row.detail ?? "{}"));
          return {
            id: String(row.id),
            at: new Date(row.at).toISOString(),
            actor: row.actor,
            verb: row.verb,
            target: row.target,
            outcome: row.outcome,
            door: detail.door ?? null,
            request_id: detail.requestId ?? null,
            address: detail.address ?? null,
          };
        }),
        next_cursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null,
      };
    },
  };
}
