// What is recorded about an incident, as an investigation reads it: the incident, its evidence, its history, its comments.
import type { Evidence, IncidentChange } from "@opentrace/contract/incidents.ts";
import { listChanges } from "../incidents/changes.ts";
import type { EvidenceStore } from "../incidents/evidence.ts";
import { type IncidentRow, toIncident } from "../incidents/incident-rows.ts";
import type { Incidents } from "../incidents/incidents.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";

interface InvestigatedIncident {
  id: string;
  reference: string;
  title: string;
  description: string;
  severity: string;
  status: string;
  owner: string | null;
  services: readonly string[];
  tags: readonly string[];
  /** Milliseconds. */
  startedAt: number;
  createdAt: number;
  acknowledgedAt: number | null;
  resolvedAt: number | null;
  createdBy: string;
}

interface IncidentComment {
  id: string;
  at: number;
  author: string;
  body: string;
}

export interface IncidentFacts {
  incident: InvestigatedIncident;
  evidence: readonly Evidence[];
  history: readonly IncidentChange[];
  comments: readonly IncidentComment[];
  /** What was too much to be read. */
  left: readonly string[];
}

export interface ReadIncidents {
  /** By id or reference. Throws `not_found`. */
  find(ctx: Pick<VerbContext, "workspace">, reference: string): Promise<InvestigatedIncident>;
  read(ctx: Pick<VerbContext, "workspace" | "signal">, reference: string): Promise<IncidentFacts>;
}

const mostEvidence = 2_000;
const mostHistory = 5_000;
const mostComments = 2_000;
const pageSize = 200;

export function createReadIncidents(deps: {
  store: Store;
  incidents: Pick<Incidents, "find">;
  evidence: Pick<EvidenceStore, "list">;
}): ReadIncidents {
  const { store, incidents, evidence } = deps;
  return {
    find: async (ctx, reference) => toInvestigated(await incidents.find(ctx.workspace, reference)),
    async read(ctx, reference) {
      const incident = toInvestigated(await incidents.find(ctx.workspace, reference));
      const { id } = incident;
      const items = await readAll(mostEvidence, (cursor) => evidence.list(id, { limit: pageSize, cursor }), ctx.signal);
      const history = await readAll(
        mostHistory,
        (cursor) => listChanges(store, id, { limit: pageSize, cursor }),
        ctx.signal,
      );
      const comments = await store.app
        .selectFrom("incident_comments")
        .select(["id", "created_at", "author", "body"])
        .where("incident", "=", id)
        .orderBy("seq")
        .limit(mostComments + 1)
        .execute();
      const left = [
        ...(items.complete ? [] : [`Only the first ${mostEvidence} pieces of evidence were read.`]),
        ...(history.complete ? [] : [`Only the first ${mostHistory} changes of the incident were read.`]),
        ...(comments.length > mostComments ? [`Only the first ${mostComments} comments were read.`] : []),
      ];
      return {
        incident,
        evidence: items.found,
        history: history.found,
        comments: comments
          .slice(0, mostComments)
          .map((row) => ({ id: row.id, at: row.created_at, author: row.author, body: row.body })),
        left,
      };
    },
  };
}

async function readAll<T>(
  most: number,
  page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor: string | null }>,
  signal: AbortSignal,
): Promise<{ found: T[]; complete: boolean }> {
  const found: T[] = [];
  for (let cursor: string | undefined; ;) {
    signal.throwIfAborted();
    const { items, next_cursor } = await page(cursor);
    found.push(...items);
    if (next_cursor === null) return { found, complete: true };
    if (found.length >= most) return { found: found.slice(0, most), complete: false };
    cursor = next_cursor;
  }
}

function toInvestigated(row: IncidentRow): InvestigatedIncident {
  const { reference, title, description, severity, status, owner, affected_services, tags } = toIncident(row);
  return {
    id: row.id,
    reference,
    title,
    description: description ?? "",
    severity,
    status,
    owner,
    services: affected_services,
    tags,
    startedAt: row.started_at,
    createdAt: row.created_at,
    acknowledgedAt: row.acknowledged_at,
    resolvedAt: row.resolved_at,
    createdBy: row.created_by,
  };
}
