// Saved views: lists of incidents under a name, for everybody of the workspace.
import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { IncidentFilter, IncidentView, NewIncidentView } from "@opentrace/contract/incidents.ts";
import { once } from "../access/idempotency.ts";
import type { IncidentViewsTable } from "../store/incident-tables.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { timeText } from "./incident-rows.ts";
import type { IncidentVerbsDeps } from "./incident-verbs.ts";
import { mayBeId } from "./incidents.ts";

const mostViews = 500;
const viewId = z.string().min(1).max(100).describe("Id of a saved view");

function toView(row: Selectable<IncidentViewsTable>): IncidentView {
  // Of a view that an older program kept, what is no filter any more is left out.
  const query = IncidentFilter.safeParse(JSON.parse(row.query));
  return {
    id: row.id,
    name: row.name,
    query: query.success ? query.data : {},
    created_by: row.created_by,
    created_at: timeText(row.created_at),
    updated_at: timeText(row.updated_at),
  };
}

const noView = (id: string): AppError =>
  new AppError(
    "not_found",
    `There is no saved view "${id.slice(0, 100)}". List them with GET /api/v1/incidents/views.`,
  );
const isTaken = (name: string): AppError =>
  new AppError("conflict", `There is a saved view "${name}" already: change that one, or choose another name.`, {
    details: { name },
  });

export function viewVerbs({ store }: Pick<IncidentVerbsDeps, "store">): Verb[] {
  return [
    defineVerb({
      name: "incidents.views",
      summary: "Saved views",
      description: "Lists of incidents that were saved under a name, by name.",
      permission: "incidents:read",
      input: z.strictObject({}),
      output: z.object({ items: z.array(IncidentView), next_cursor: z.null() }),
      http: { method: "GET", path: "/incidents/views" },
      async run({ workspace }) {
        const rows = await store.app
          .selectFrom("incident_views")
          .selectAll()
          .where("workspace", "=", workspace)
          .orderBy("name")
          .limit(mostViews)
          .execute();
        return { items: rows.map(toView), next_cursor: null };
      },
    }),
    defineVerb({
      name: "incidents.saveView",
      summary: "Save a view",
      description: "Keeps a list's filters, words and sort under a name.",
      permission: "incidents:write",
      input: NewIncidentView,
      output: IncidentView,
      http: { method: "POST", path: "/incidents/views", status: 201 },
      writes: true,
      keepsAnswer: true,
      run: (ctx, input) =>
        once(store, ctx, { verb: "incidents.saveView", input }, async (tx) => {
          const { n } = await tx
            .selectFrom("incident_views")
            .select(({ fn }) => fn.countAll<number>().as("n"))
            .where("workspace", "=", ctx.workspace)
            .executeTakeFirstOrThrow();
          if (n >= mostViews)
            throw new AppError("conflict", `There are ${mostViews} saved views already: remove one first.`);
          const at = ctx.now().getTime();
          const row = await tx
            .insertInto("incident_views")
            .values({
              id: `view_${randomBytes(12).toString("base64url")}`,
              workspace: ctx.workspace,
              name: input.name,
              query: JSON.stringify(input.query),
              created_by: ctx.actor.id,
              created_at: at,
              updated_at: at,
            })
            .onConflict((conflict) => conflict.columns(["workspace", "name"]).doNothing())
            .returningAll()
            .executeTakeFirst();
          if (row === undefined) throw isTaken(input.name);
          return toView(row);
        }),
    }),
    defineVerb({
      name: "incidents.changeView",
      summary: "Change a saved view",
      description: "Its name, its query, or both.",
      permission: "incidents:write",
      input: NewIncidentView.partial().extend({ id: viewId }),
      output: IncidentView,
      http: { method: "PATCH", path: "/incidents/views/{id}" },
      writes: true,
      async run(ctx, { id, name, query }) {
        if (!mayBeId(id)) throw noView(id);
        return await store.app.transaction().execute(async (tx) => {
          if (name !== undefined) {
            const other = await tx
              .selectFrom("incident_views")
              .select("id")
              .where("workspace", "=", ctx.workspace)
              .where("name", "=", name)
              .where("id", "!=", id)
              .executeTakeFirst();
            if (other !== undefined) throw isTaken(name);
          }
          const row = await tx
            .updateTable("incident_views")
            .set({
              updated_at: ctx.now().getTime(),
              ...(name === undefined ? {} : { name }),
              ...(query === undefined ? {} : { query: JSON.stringify(query) }),
            })
            .where("workspace", "=", ctx.workspace)
            .where("id", "=", id)
            .returningAll()
            .executeTakeFirst();
          if (row === undefined) throw noView(id);
          return toView(row);
        });
      },
    }),
    defineVerb({
      name: "incidents.removeView",
      summary: "Remove a saved view",
      description: "Incidents stay as they are.",
      permission: "incidents:write",
      input: z.strictObject({ id: viewId }),
      output: z.object({ id: z.string() }),
      http: { method: "DELETE", path: "/incidents/views/{id}" },
      writes: true,
      async run({ workspace }, { id }) {
        const gone = mayBeId(id)
          ? await store.app
              .deleteFrom("incident_views")
              .where("workspace", "=", workspace)
              .where("id", "=", id)
              .returning("id")
              .executeTakeFirst()
          : undefined;
        if (gone === undefined) throw noView(id);
        return { id };
      },
    }),
  ];
}
