// Incidents as facts of the graph: a node for each, AFFECTS to what its services are. Written by a job that is queued with every change,
// so that the graph catches up after a crash; what a service is called may become known later, so open ones are looked at again.
import { hash } from "node:crypto";
import { sql } from "kysely";
import type { EdgeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import { incidentKey } from "@opentrace/contract/keys.ts";
import type { AppTransaction } from "../access/idempotency.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Store } from "../store/store.ts";
import type { GraphNodes } from "./graph-nodes.ts";
import { type IncidentRow, statusNumber, toIncident } from "./incident-rows.ts";

export interface IncidentFactsDeps {
  store: Store;
  ingest: Ingest;
  queue: JobQueue;
  feed: Pick<EventFeed, "publish">;
  graphNodes: GraphNodes;
  now(this: void): Date;
}

const job = { kind: "incidents.facts", resource: "incidents.facts", input: {}, maxAttempts: 8 };
/** Provenance names it. */
const source = "opslens";
const atOnce = 100;

export interface IncidentFacts {
  /** In the transaction of a change. */
  queueIn(tx: AppTransaction, workspace: string): Promise<void>;
  /** Looks again for the services of open incidents that the graph did not know. */
  lookAgain(): Promise<void>;
  jobs: Readonly<Record<string, JobHandler>>;
}

export function createIncidentFacts({ store, ingest, queue, feed, graphNodes, now }: IncidentFactsDeps): IncidentFacts {
  async function factsOf(
    row: IncidentRow,
    ctx: { workspace: string; signal: AbortSignal },
  ): Promise<{ scope: ScopeFacts & { hash: string }; affected: { service: string; key: string }[] }> {
    const incident = toIncident(row);
    const known = await graphNodes.services({ ...ctx, now }, incident.affected_services);
    const affected = [...known].map(([service, node]) => ({ service, key: node.key }));
    const key = incidentKey(row.id);
    const edges: EdgeFact[] = [...new Set(affected.map((one) => one.key))].map((to) => ({
      from: key,
      to,
      type: "AFFECTS",
      evidence: [`/api/v1/incidents/${row.id}`],
    }));
    if (row.merged_into !== null) edges.push({ from: key, to: incidentKey(row.merged_into), type: "SAME_AS" });
    const { reference, severity, status, owner, started_at, resolved_at, affected_services } = incident;
    const props = {
      reference,
      severity,
      status,
      ...(owner === null ? {} : { owner }),
      startedAt: started_at,
      ...(resolved_at === null ? {} : { resolvedAt: resolved_at }),
      ...(affected_services.length === 0 ? {} : { services: affected_services }),
      url: `/incidents/${row.id}`,
    };
    const facts = {
      scope: `incident:${row.id}`,
      nodes: [{ key, type: "Incident" as const, name: row.title, props }],
      edges,
    };
    return { scope: { ...facts, hash: hash("sha256", JSON.stringify(facts), "base64url") }, affected };
  }

  return {
    async queueIn(tx, workspace) {
      await queue.enqueue({ ...job, workspace }, tx);
    },

    async lookAgain() {
      const due = await store.app
        .updateTable("incidents")
        .set({ facts_version: 0 })
        .where("status", "<", statusNumber("resolved"))
        .where("merged_into", "is", null)
        .where("affected_services", "!=", "[]")
        .where(sql<boolean>`affected_nodes = '[]'`)
        .returning("workspace")
        .execute();
      const behind = await store.app
        .selectFrom("incidents")
        .select("workspace")
        .whereRef("facts_version", "<", "version")
        .distinct()
        .execute();
      for (const workspace of new Set([...due, ...behind].map((row) => row.workspace)))
        await queue.enqueue({ ...job, workspace });
    },

    jobs: {
      [job.kind]: {
        async run(_input, { workspace, signal, writer, assertHeld }) {
          const ref = { workspace, source, writer };
          let written = 0;
          let version = 0;
          for (;;) {
            const rows = await store.app
              .selectFrom("incidents")
              .selectAll()
              .where("workspace", "=", workspace)
              .whereRef("facts_version", "<", "version")
              .orderBy("seq")
              .limit(atOnce)
              .execute();
            if (rows.length === 0) break;
            if (written === 0) await ingest.openSource({ ...ref, name: "Incidents", kind: "integration" });
            const made: (Awaited<ReturnType<typeof factsOf>> & { row: IncidentRow })[] = [];
            for (const row of rows) made.push({ row, ...(await factsOf(row, { workspace, signal })) });
            await assertHeld();
            const batch = { scopes: made.map((one) => one.scope), removedScopes: [], files: [], removedFiles: [] };
            ({ version } = await ingest.apply(ref, batch, signal));
            await store.app.transaction().execute(async (tx) => {
              // What was changed meanwhile stays due: its version is higher.
              for (const { row, affected } of made)
                await tx
                  .updateTable("incidents")
                  .set({ facts_version: row.version, affected_nodes: JSON.stringify(affected) })
                  .where("seq", "=", row.seq)
                  .execute();
            });
            written += rows.length;
          }
          if (written > 0) {
            await ingest.mark(ref, { state: "fresh", observedAt: now() });
            await feed.publish({ type: "graph.changed", version }, workspace);
          }
          return { incidents: written };
        },
      },
    },
  };
}
