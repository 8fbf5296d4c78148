// Actions as stored: suggested by the ranking or written by people; their status only goes forward. Nothing is carried out here.
import type { Selectable } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import {
  type ActionChange,
  type ActionStatus,
  actionTransitions,
  type IncidentAction,
  type IncidentActions,
  type NewAction,
} from "@opentrace/contract/investigation.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { ActionsTable } from "../store/investigation-tables.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import type { ReadIncidents } from "./incident-facts.ts";
import { createIncidentRecords } from "./incident-records.ts";
import { mayBeId, newId, timeOrNull, timeText, type WriteContext } from "./records.ts";
import type { SuggestedAction } from "./suggest-actions.ts";

type Row = Selectable<ActionsTable>;

export interface Actions {
  list(
    ctx: Pick<VerbContext, "workspace">,
    reference: string,
    asked: { status?: readonly ActionStatus[] | undefined; limit: number; cursor?: string | undefined },
  ): Promise<IncidentActions>;
  get(ctx: Pick<VerbContext, "workspace">, id: string): Promise<IncidentAction>;
  add(ctx: WriteContext, reference: string, input: NewAction): Promise<IncidentAction>;
  change(ctx: WriteContext, id: string, changes: ActionChange): Promise<IncidentAction>;
  /** Adds what was not suggested before, and takes back pending suggestions that are no longer made. */
  suggest(
    ctx: Pick<VerbContext, "workspace" | "now">,
    incident: string,
    suggested: readonly SuggestedAction[],
  ): Promise<void>;
}

const mostActions = 1_000;

export function createActions({
  store,
  incidents,
  feed,
}: {
  store: Store;
  incidents: ReadIncidents;
  feed: Pick<EventFeed, "publish">;
}): Actions {
  const { app } = store;
  const records = createIncidentRecords(
    { store, feed },
    { table: "actions", part: "actions", name: "action", listedAt: "/actions/incident/{incident_id}" },
  );

  return {
    async list(ctx, reference, { status, limit, cursor }) {
      const incident = await incidents.find(ctx, reference);
      const { rows, ...page } = await records.page(incident.id, {
        by: "created_at",
        order: "asc",
        limit,
        cursor,
        only: status === undefined ? undefined : { column: "status", values: status },
      });
      return { items: rows.map(toAction), ...page };
    },

    get: async (ctx, id) => toAction(await records.find(ctx.workspace, id)),

    async add(ctx, reference, input) {
      const incident = await incidents.find(ctx, reference);
      const hypothesis = input.hypothesis_id ?? null;
      if (hypothesis !== null) {
        const known = await app
          .selectFrom("hypotheses")
          .select("id")
          .where("id", "=", mayBeId(hypothesis) ? hypothesis : "")
          .where("incident", "=", incident.id)
          .executeTakeFirst();
        if (known === undefined)
          throw new AppError(
            "unprocessable",
            `hypothesis_id: the incident ${incident.id} has no hypothesis "${hypothesis}".`,
          );
      }
      await records.needRoom(incident.id, mostActions, "all");
      const id = newId("act");
      const at = ctx.now().getTime();
      const row: Row = {
        id,
        workspace: ctx.workspace,
        incident: incident.id,
        hypothesis,
        suggestion: `manual:${id}`,
        kind: input.kind,
        title: input.title,
        detail: input.detail ?? null,
        status: "pending",
        result: null,
        origin: "manual",
        why: null,
        source_url: null,
        assignee: input.assignee ?? null,
        started_at: null,
        finished_at: null,
        version: 1,
        created_by: ctx.actor.id,
        created_at: at,
        updated_at: at,
      };
      return await records.add(ctx, { verb: "actions.add", input: { ...input, id: reference } }, row, toAction(row));
    },

    async change(ctx, id, { status, result, title, detail, assignee, version }) {
      const row = await records.findToChange(ctx, id, version);
      if (status !== undefined && status !== row.status) needTransition(row, status);
      const at = ctx.now().getTime();
      const moves = status !== undefined && status !== row.status;
      return toAction(
        await records.change(ctx, row, {
          ...(moves ? { status } : {}),
          ...(moves && status === "in_progress" ? { started_at: at } : {}),
          ...(moves && (status === "completed" || status === "skipped") ? { finished_at: at } : {}),
          ...(result === undefined ? {} : { result }),
          ...(title === undefined ? {} : { title }),
          ...(detail === undefined ? {} : { detail }),
          ...(assignee === undefined ? {} : { assignee }),
        }),
      );
    },

    async suggest(ctx, incident, suggested) {
      const at = ctx.now().getTime();
      await app.transaction().execute(async (tx) => {
        const stored = await tx
          .selectFrom("actions")
          .select(["id", "suggestion", "status", "version"])
          .where("incident", "=", incident)
          .where("origin", "=", "suggested")
          .execute();
        const known = new Map(stored.map((row) => [row.suggestion, row]));
        for (const one of suggested) {
          const row = known.get(one.suggestion);
          known.delete(one.suggestion);
          // What a person has begun or ended is theirs.
          if (row !== undefined && (row.status !== "pending" || row.version > 1)) continue;
          const columns = {
            hypothesis: one.hypothesis,
            kind: one.kind,
            title: one.title.slice(0, 300),
            detail: one.detail,
            why: one.why,
            source_url: one.sourceUrl,
          };
          if (row !== undefined) await tx.updateTable("actions").set(columns).where("id", "=", row.id).execute();
          else
            await tx
              .insertInto("actions")
              .values({
                id: newId("act"),
                workspace: ctx.workspace,
                incident,
                suggestion: one.suggestion,
                ...columns,
                status: "pending",
                result: null,
                origin: "suggested",
                assignee: null,
                started_at: null,
                finished_at: null,
                version: 1,
                created_by: "system",
                created_at: at,
                updated_at: at,
              })
              .execute();
        }
        for (const row of known.values())
          if (row.status === "pending" && row.version === 1)
            await tx.deleteFrom("actions").where("id", "=", row.id).execute();
      });
      await records.announce(ctx.workspace, incident);
    },
  };
}

function needTransition(row: Row, status: ActionStatus): void {
  const possible = actionTransitions[row.status];
  if (possible.includes(status)) return;
  throw new AppError(
    "conflict",
    `The action ${row.id} is ${row.status} and can't become ${status}. ${
      possible.length === 0 ? "It has ended; add a new one." : `Possible: ${possible.join(", ")}.`
    }`,
    { details: { status: row.status, possible } },
  );
}

const toAction = (row: Row): IncidentAction => ({
  id: row.id,
  incident_id: row.incident,
  hypothesis_id: row.hypothesis,
  kind: row.kind,
  title: row.title,
  detail: row.detail,
  status: row.status,
  possible: [...actionTransitions[row.status]],
  result: row.result,
  origin: row.origin,
  why: row.why,
  source_url: row.source_url,
  assignee: row.assignee,
  version: row.version,
  created_by: row.created_by,
  created_at: timeText(row.created_at),
  updated_at: timeText(row.updated_at),
  started_at: timeOrNull(row.started_at),
  finished_at: timeOrNull(row.finished_at),
});
