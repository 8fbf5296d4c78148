// The verbs on incidents: create, list, get, change.
import { z } from "zod";
import {
  CreateIncident,
  Incident,
  IncidentChange,
  IncidentChanges,
  type IncidentDetail,
  IncidentDetail as Detail,
  IncidentFilter,
  IncidentList,
} from "@opentrace/contract/incidents.ts";
import type { AppTransaction } from "../access/idempotency.ts";
import type { Store } from "../store/store.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { presentList } from "../graph/present.ts";
import { listChanges } from "./changes.ts";
import type { GraphNodes } from "./graph-nodes.ts";
import { type IncidentRow, referenceOf, toIncident } from "./incident-rows.ts";
import type { Incidents } from "./incidents.ts";
import { listIncidents } from "./list-incidents.ts";

export interface IncidentVerbsDeps {
  store: Store;
  incidents: Incidents;
  graphNodes: GraphNodes;
  /** In the transaction of every change of an incident. */
  changed(this: void, tx: AppTransaction, incident: IncidentRow): Promise<void>;
}

export const incidentId = z.string().min(1).max(100).describe("Id or reference (INC-42) of an incident");
export const OneIncident = z.strictObject({ id: incidentId });
export const pageFields = {
  limit: z.int().min(1).max(200).default(50).describe("At most so many (up to 200)"),
  cursor: z.string().max(4096).optional().describe("next_cursor of the page before"),
};

/** For a model: what tells incidents apart, without what is empty. */
const compactIncident = ({
  id,
  reference,
  title,
  severity,
  status,
  owner,
  affected_services,
  tags,
  started_at,
  evidence_count,
}: Incident) => ({
  id,
  reference,
  title,
  severity,
  status,
  started_at,
  evidence_count,
  ...(owner === null ? {} : { owner }),
  ...(affected_services.length === 0 ? {} : { affected_services }),
  ...(tags.length === 0 ? {} : { tags }),
});

async function detailOf(
  { store, graphNodes }: IncidentVerbsDeps,
  ctx: VerbContext,
  row: IncidentRow,
): Promise<IncidentDetail> {
  const services = JSON.parse(row.affected_services) as string[];
  const resolved = JSON.parse(row.affected_nodes) as { service: string; key: string }[];
  const keyOf = new Map(services.map((service) => [service, `service:${service}`]));
  for (const { service, key } of resolved) if (keyOf.has(service)) keyOf.set(service, key);
  const known = await graphNodes.byKey(ctx, [...keyOf.values(), ...services]);
  const duplicates = await store.app
    .selectFrom("incidents")
    .select(["id", "seq", "title"])
    .where("merged_into", "=", row.id)
    .orderBy("seq")
    .limit(200)
    .execute();
  return {
    ...toIncident(row),
    affected_nodes: services.map((service) => ({
      service,
      node: known.get(keyOf.get(service) ?? "") ?? known.get(service) ?? null,
    })),
    duplicates: duplicates.map(({ id, seq, title }) => ({ id, title, reference: referenceOf(seq) })),
  };
}

export function incidentVerbs(deps: IncidentVerbsDeps): Verb[] {
  const { store, incidents } = deps;
  return [
    defineVerb({
      name: "incidents.create",
      summary: "Declare an incident",
      description:
        "Opens an incident. Only the title is needed; look with list_incidents whether it is known already. With an Idempotency-Key header a " +
        "repeated request gets the same answer for 24 hours.",
      permission: "incidents:report",
      input: CreateIncident,
      output: Incident,
      http: { method: "POST", path: "/incidents", status: 201 },
      mcp: {
        tool: "create_incident",
        input: CreateIncident.pick({
          title: true,
          description: true,
          severity: true,
          affected_services: true,
          tags: true,
        }),
        toInput: (input) => input as CreateIncident,
        present: (incident) => compactIncident(incident),
      },
      version: (incident) => incident.version,
      writes: true,
      keepsAnswer: true,
      run: (ctx, input) => incidents.create(ctx, input),
    }),
    defineVerb({
      name: "incidents.list",
      summary: "List incidents",
      description:
        "Incidents by filters and words, newest first if not sorted otherwise. Values of one filter are alternatives (status=open,investigating). " +
        "A page's next_cursor goes on where it ended, whatever is written meanwhile.",
      permission: "incidents:read",
      input: IncidentFilter.extend(pageFields),
      output: IncidentList,
      http: { method: "GET", path: "/incidents" },
      mcp: {
        tool: "list_incidents",
        input: IncidentFilter.pick({
          q: true,
          status: true,
          severity: true,
          service: true,
          since: true,
          until: true,
        }).extend({
          limit: z.int().min(1).max(50).default(20),
          cursor: pageFields.cursor,
        }),
        toInput: (input) => input as z.input<typeof IncidentFilter>,
        present: (answer, budget) =>
          presentList({
            ...(answer.truncated ? { head: { note: "Very many match; only the newest were looked at." } } : {}),
            name: "incidents",
            items: answer.items.map(compactIncident),
            page: {
              returned: answer.items.length,
              total: answer.total,
              truncated: answer.next_cursor !== null,
              nextCursor: answer.next_cursor,
            },
            budget,
          }),
      },
      run: ({ workspace }, input) => listIncidents(store, workspace, input),
    }),
    defineVerb({
      name: "incidents.get",
      summary: "Get an incident",
      description:
        "One incident with the graph's nodes of its affected services and the duplicates that were merged into it.",
      permission: "incidents:read",
      input: OneIncident,
      output: Detail,
      http: { method: "GET", path: "/incidents/{id}" },
      mcp: { tool: "get_incident" },
      version: (incident) => incident.version,
      run: async (ctx, { id }) => detailOf(deps, ctx, await incidents.find(ctx.workspace, id)),
    }),
    defineVerb({
      name: "incidents.change",
      summary: "Change an incident",
      description:
        "Sets what is given and leaves the rest. With If-Match (an ETag of the incident) the change is refused with 412 when the incident " +
        "has changed since. A closed incident is reopened with status open or investigating.",
      permission: "incidents:write",
      input: IncidentChanges.extend({ id: incidentId }),
      output: Incident,
      http: { method: "PATCH", path: "/incidents/{id}" },
      version: (incident) => incident.version,
      writes: true,
      run: (ctx, { id, ...changes }) => incidents.change(ctx, id, changes),
    }),
    defineVerb({
      name: "incidents.history",
      summary: "History of an incident",
      description: "Who changed what, when, from what to what; oldest first.",
      permission: "incidents:read",
      input: z.strictObject({ id: incidentId, ...pageFields }),
      output: z.object({ items: z.array(IncidentChange), next_cursor: z.string().nullable() }),
      http: { method: "GET", path: "/incidents/{id}/history" },
      run: async ({ workspace }, { id, ...page }) => listChanges(store, (await incidents.find(workspace, id)).id, page),
    }),
  ];
}
