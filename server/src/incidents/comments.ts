// Comments on incidents: what people say to each other about it. Their authors may change or take them back.
import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { CommentBody, IncidentComment } from "@opentrace/contract/incidents.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { IncidentCommentsTable } from "../store/incident-tables.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { recordChanges } from "./changes.ts";
import { timeOrNull, timeText } from "./incident-rows.ts";
import { incidentId, type IncidentVerbsDeps, pageFields } from "./incident-verbs.ts";
import { holdIncident, mayBeId } from "./incidents.ts";

type Row = Selectable<IncidentCommentsTable>;

const commentId = z.string().min(1).max(100).describe("Id of a comment");
const isSeq = (value: unknown): value is number => Number.isSafeInteger(value);

const toComment = (row: Row): IncidentComment => ({
  id: row.id,
  incident_id: row.incident,
  author: row.author,
  author_name: row.author_name,
  body: row.body,
  created_at: timeText(row.created_at),
  edited_at: timeOrNull(row.edited_at),
});

/** Throws `not_found`, and `forbidden` for another's comment. */
async function ownComment(
  tx: AppTransaction,
  ctx: Pick<VerbContext, "actor">,
  incident: string,
  id: string,
): Promise<Row> {
  const row = mayBeId(id)
    ? await tx
        .selectFrom("incident_comments")
        .selectAll()
        .where("id", "=", id)
        .where("incident", "=", incident)
        .executeTakeFirst()
    : undefined;
  if (row === undefined)
    throw new AppError(
      "not_found",
      `The incident has no comment "${id.slice(0, 100)}". List them with GET /api/v1/incidents/{id}/comments.`,
    );
  if (row.author !== ctx.actor.id)
    throw new AppError(
      "forbidden",
      `The comment is ${row.author_name ?? row.author}'s: only its author can change or remove it.`,
    );
  return row;
}

export function commentVerbs({ store, incidents }: IncidentVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "incidents.comment",
      summary: "Comment on an incident",
      description: "Adds a comment; it stands in the incident's timeline.",
      permission: "incidents:write",
      input: z.strictObject({ id: incidentId, body: CommentBody }),
      output: IncidentComment,
      http: { method: "POST", path: "/incidents/{id}/comments", status: 201 },
      writes: true,
      keepsAnswer: true,
      async run(ctx, input) {
        let incident = "";
        return await once(
          store,
          ctx,
          {
            verb: "incidents.comment",
            input,
            committed: () => incidents.announce(ctx.workspace, [incident], "commented"),
          },
          async (tx) => {
            const { id: about, seq, workspace } = await holdIncident(tx, ctx.workspace, input.id);
            incident = about;
            const at = ctx.now().getTime();
            const author = ctx.actor.id;
            const id = `cmt_${randomBytes(12).toString("base64url")}`;
            const row = await tx
              .insertInto("incident_comments")
              .values({
                id,
                workspace,
                incident,
                author,
                author_name: ctx.actor.name ?? null,
                body: input.body,
                created_at: at,
                edited_at: null,
              })
              .returningAll()
              .executeTakeFirstOrThrow();
            await tx.updateTable("incidents").set({ updated_at: at }).where("seq", "=", seq).execute();
            await recordChanges(tx, [{ workspace, incident, at, actor: ctx.actor, kind: "commented", subject: id }]);
            return toComment(row);
          },
        );
      },
    }),
    defineVerb({
      name: "incidents.comments",
      summary: "Comments on an incident",
      description: "Oldest first.",
      permission: "incidents:read",
      input: z.strictObject({ id: incidentId, ...pageFields }),
      output: z.object({ items: z.array(IncidentComment), next_cursor: z.string().nullable() }),
      http: { method: "GET", path: "/incidents/{id}/comments" },
      async run({ workspace }, { id, limit, cursor }) {
        const incident = await incidents.find(workspace, id);
        const rows = await store.app
          .selectFrom("incident_comments")
          .selectAll()
          .where("incident", "=", incident.id)
          .where("seq", ">", decodeCursor(cursor, isSeq) ?? 0)
          .orderBy("seq")
          .limit(limit + 1)
          .execute();
        const shown = rows.slice(0, limit);
        const last = shown.at(-1);
        return {
          items: shown.map(toComment),
          next_cursor: rows.length > limit && last !== undefined ? encodeCursor(last.seq) : null,
        };
      },
    }),
    defineVerb({
      name: "incidents.changeComment",
      summary: "Change a comment",
      description: "Of one's own; edited_at tells that it was changed.",
      permission: "incidents:write",
      input: z.strictObject({ id: incidentId, comment_id: commentId, body: CommentBody }),
      output: IncidentComment,
      http: { method: "PATCH", path: "/incidents/{id}/comments/{comment_id}" },
      writes: true,
      async run(ctx, { id, comment_id, body }) {
        const incident = await incidents.find(ctx.workspace, id);
        const row = await store.app.transaction().execute(async (tx) => {
          const { seq } = await ownComment(tx, ctx, incident.id, comment_id);
          return await tx
            .updateTable("incident_comments")
            .set({ body, edited_at: ctx.now().getTime() })
            .where("seq", "=", seq)
            .returningAll()
            .executeTakeFirstOrThrow();
        });
        await incidents.announce(ctx.workspace, [incident.id], "commented");
        return toComment(row);
      },
    }),
    defineVerb({
      name: "incidents.removeComment",
      summary: "Remove a comment",
      description: "Of one's own. That there was one stays in the incident's history.",
      permission: "incidents:write",
      input: z.strictObject({ id: incidentId, comment_id: commentId }),
      output: z.object({ id: z.string() }),
      http: { method: "DELETE", path: "/incidents/{id}/comments/{comment_id}" },
      writes: true,
      async run(ctx, { id, comment_id }) {
        const incident = await incidents.find(ctx.workspace, id);
        await store.app.transaction().execute(async (tx) => {
          const { seq } = await ownComment(tx, ctx, incident.id, comment_id);
          await tx.deleteFrom("incident_comments").where("seq", "=", seq).execute();
        });
        await incidents.announce(ctx.workspace, [incident.id], "commented");
        return { id: comment_id };
      },
    }),
  ];
}
