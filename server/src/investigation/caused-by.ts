// Which incidents something caused: those where a person has confirmed a hypothesis that names it, or a change of it.
import { sql } from "kysely";
import { z } from "zod";
import { CausedIncidents } from "@opentrace/contract/investigation.ts";
import { nodeReference } from "../graph/filters.ts";
import { needNode } from "../graph/read-nodes.ts";
import { type GraphDeps, openView } from "../graph/view.ts";
import { toIncident } from "../incidents/incident-rows.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { timeOrNull } from "./records.ts";

const limits = z.int().min(1).max(100);

export const causedByVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "incidents.causedBy",
    summary: "Incidents that something caused",
    description:
      "Incidents with a confirmed hypothesis that names this node (a pull request, a commit, a deployment) as the cause; of a repository, " +
      "those that any of its changes caused. The newest first.",
    permission: "incidents:read",
    input: z.strictObject({ id: nodeReference, limit: limits.default(25) }),
    output: CausedIncidents,
    http: { method: "GET", path: "/incidents/caused-by/{id}" },
    async run(ctx, { id, limit }) {
      const { key, type } = await needNode(await openView(deps, ctx), id);
      const { app } = deps.store;
      // Changes of a repository have its name between their first `:` and `#`: `pr:github.com/acme/shop#12`.
      const names =
        type === "Repository"
          ? sql<boolean>`cause_key like ${`%:${escapeLike(key.slice(key.indexOf(":") + 1))}#%`} escape '!'`
          : null;
      const found = await app
        .selectFrom("hypotheses")
        .select(["id", "incident", "title", "status_reason", "status_at", "cause_key"])
        .where("workspace", "=", ctx.workspace)
        .where("status", "=", "confirmed")
        .where((where) =>
          names === null ? where("cause_key", "=", key) : where.or([where("cause_key", "=", key), names]),
        )
        .execute();
      const rows = await app
        .selectFrom("incidents")
        .selectAll()
        .where("workspace", "=", ctx.workspace)
        .where(deps.store.appEngine.isAnyOf("id", "text", [...new Set(found.map((one) => one.incident))]))
        .orderBy("started_at", "desc")
        .orderBy("seq", "desc")
        .limit(limit + 1)
        .execute();
      const byIncident = new Map(found.map((one) => [one.incident, one]));
      return {
        items: rows.slice(0, limit).flatMap((row) => {
          const one = byIncident.get(row.id);
          if (one === undefined) return [];
          const { title, status_reason, cause_key } = one;
          return [
            {
              incident: toIncident(row),
              hypothesis: { id: one.id, title, status_reason, status_at: timeOrNull(one.status_at), cause_key },
            },
          ];
        }),
        truncated: rows.length > limit,
      };
    },
  });

const escapeLike = (text: string): string => text.replace(/[!%_]/g, "!$&");
