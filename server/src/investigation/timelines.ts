// Timelines as stored: building replaces what building wrote, by what each entry stands for; what people wrote stays.
import type { Insertable, Selectable } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  NewTimelineEntry,
  Relation,
  Timeline,
  TimelineBuilt,
  TimelineEntry,
  TimelineEntryChange,
  TimelineKind,
} from "@opentrace/contract/investigation.ts";
import { TimelineKind as Kind } from "@opentrace/contract/investigation.ts";
import { runsOf } from "../delivery/pipelines.ts";
import { newestWhere } from "../delivery/newest.ts";
import { repositoryPart } from "../delivery/places.ts";
import type { GraphDeps } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { TimelineEntriesTable } from "../store/investigation-tables.ts";
import type { VerbContext } from "../verb.ts";
import { nodeRef } from "./affected.ts";
import { type ActionFact, buildEntries, type BuiltEntry, hashOf, type PipelineRunFact } from "./build-timeline.ts";
import type { ReadIncidents } from "./incident-facts.ts";
import { createIncidentRecords } from "./incident-records.ts";
import { investigate, type Investigation, lookBackMs } from "./investigate.ts";
import { newId, nodeOf, timeOrNull, timeText, type WriteContext } from "./records.ts";

export interface TimelinesDeps extends GraphDeps {
  incidents: ReadIncidents;
  feed: Pick<EventFeed, "publish">;
}

type Row = Selectable<TimelineEntriesTable>;
type BuildContext = Pick<VerbContext, "workspace" | "signal" | "now">;

export interface Timelines {
  build(ctx: BuildContext, reference: string): Promise<TimelineBuilt>;
  list(
    ctx: Pick<VerbContext, "workspace">,
    reference: string,
    asked: {
      kind?: readonly TimelineKind[] | undefined;
      order: "asc" | "desc";
      limit: number;
      cursor?: string | undefined;
    },
  ): Promise<Timeline>;
  add(ctx: WriteContext, reference: string, input: NewTimelineEntry): Promise<TimelineEntry>;
  change(ctx: WriteContext, reference: string, entry: string, changes: TimelineEntryChange): Promise<TimelineEntry>;
  /** One that building wrote is hidden instead, so that the next build leaves it out. */
  remove(ctx: WriteContext, reference: string, entry: string): Promise<void>;
  /** All of it, oldest first, at most so many. */
  all(incident: string, limit: number): Promise<TimelineEntry[]>;
}

const rowsAtOnce = 100;
const mostManual = 2_000;
const mostRuns = 200;

export function createTimelines(deps: TimelinesDeps): Timelines {
  const { store, incidents } = deps;
  const { app } = store;

  const records = createIncidentRecords(deps, {
    table: "timeline_entries",
    part: "timeline",
    name: "entry",
    listedAt: "/incidents/{id}/timeline",
    shown: { column: "hidden", is: 0 },
  });

  return {
    async build(ctx, reference) {
      const facts = await incidents.read(ctx, reference);
      const { id } = facts.incident;
      const found = await investigate(deps, ctx, facts);
      const entries = buildEntries({
        facts,
        onset: found.onset,
        changes: found.changes,
        runs: await pipelineRuns(found),
        actions: await actionFacts(id),
      });
      const detail = found.unknown.length === 0 ? null : found.unknown.join(" ");
      const at = ctx.now().getTime();
      const counts = await write(ctx.workspace, id, entries, { at, detail, version: found.view.version });
      if (counts.added + counts.changed + counts.removed > 0) await records.announce(ctx.workspace, id);
      return { incident_id: id, ...counts, built_at: timeText(at), detail };
    },

    async list(ctx, reference, { kind, order, limit, cursor }) {
      const incident = await incidents.find(ctx, reference);
      const { rows, ...page } = await records.page(incident.id, {
        by: "at",
        order,
        limit,
        cursor,
        only: kind === undefined ? undefined : { column: "kind", values: kind },
      });
      const built = await app
        .selectFrom("timelines")
        .selectAll()
        .where("incident", "=", incident.id)
        .executeTakeFirst();
      return {
        items: rows.map(toEntry),
        ...page,
        built_at: timeOrNull(built?.built_at ?? null),
        detail: built?.detail ?? (built === undefined ? "The timeline is being built." : null),
      };
    },

    async add(ctx, reference, input) {
      const incident = await incidents.find(ctx, reference);
      await records.needRoom(incident.id, mostManual, "manual");
      const id = newId("tle");
      const at = ctx.now().getTime();
      const row: Row = {
        id,
        workspace: ctx.workspace,
        incident: incident.id,
        at: Date.parse(input.at),
        kind: input.kind,
        fact: `manual:${id}`,
        hash: "",
        origin: "manual",
        hidden: 0,
        title: input.title,
        detail: input.detail ?? null,
        source: ctx.actor.id,
        source_url: input.source_url ?? null,
        actor: ctx.actor.id,
        evidence: null,
        node: null,
        relation: JSON.stringify(written),
        version: 1,
        created_by: ctx.actor.id,
        created_at: at,
        updated_at: at,
      };
      return await records.add(ctx, { verb: "timeline.add", input: { ...input, id: reference } }, row, toEntry(row));
    },

    async change(ctx, reference, entry, changes) {
      const incident = await incidents.find(ctx, reference);
      const row = await records.findToChange(ctx, entry, changes.version, incident.id);
      if (row.origin === "automatic")
        throw new AppError(
          "conflict",
          `The entry ${row.id} comes from recorded facts and can't be rewritten. Add an entry of your own beside it, or delete it to leave it out.`,
        );
      const { at, title, detail, kind, source_url } = changes;
      return toEntry(
        await records.change(ctx, row, {
          ...(at === undefined ? {} : { at: Date.parse(at) }),
          ...(title === undefined ? {} : { title }),
          ...(detail === undefined ? {} : { detail }),
          ...(kind === undefined ? {} : { kind }),
          ...(source_url === undefined ? {} : { source_url }),
        }),
      );
    },

    async remove(ctx, reference, entry) {
      const incident = await incidents.find(ctx, reference);
      const row = await records.findToChange(ctx, entry, undefined, incident.id);
      if (row.origin === "manual") await app.deleteFrom("timeline_entries").where("id", "=", row.id).execute();
      else
        await app
          .updateTable("timeline_entries")
          .set({ hidden: 1, updated_at: ctx.now().getTime() })
          .where("id", "=", row.id)
          .execute();
      await records.announce(ctx.workspace, incident.id);
    },

    async all(incident, limit) {
      const rows = await app
        .selectFrom("timeline_entries")
        .selectAll()
        .where("incident", "=", incident)
        .where("hidden", "=", 0)
        .orderBy("at")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toEntry);
    },
  };

  async function write(
    workspace: string,
    incident: string,
    entries: readonly BuiltEntry[],
    { at, detail, version }: { at: number; detail: string | null; version: number },
  ): Promise<{ total: number; added: number; changed: number; removed: number }> {
    return await app.transaction().execute(async (tx) => {
      // Two builds of one timeline at once: the row makes the second wait for the first.
      await tx
        .insertInto("timelines")
        .values({ incident, workspace, built_at: at, graph_version: version, detail })
        .onConflict((conflict) =>
          conflict.column("incident").doUpdateSet({ built_at: at, graph_version: version, detail }),
        )
        .execute();
      const stored = await tx
        .selectFrom("timeline_entries")
        .select(["id", "fact", "hash", "version"])
        .where("incident", "=", incident)
        .where("origin", "=", "automatic")
        .execute();
      const known = new Map(stored.map((row) => [row.fact, row]));
      const added: Insertable<TimelineEntriesTable>[] = [];
      let changed = 0;
      for (const entry of entries) {
        const hash = hashOf(entry);
        const row = known.get(entry.fact);
        known.delete(entry.fact);
        if (row?.hash === hash) continue;
        const columns = toColumns(entry, hash);
        if (row === undefined) {
          const base = { id: newId("tle"), workspace, incident, origin: "automatic" as const, hidden: 0 };
          added.push({ ...base, ...columns, version: 1, created_by: "system", created_at: at, updated_at: at });
        } else {
          changed++;
          await tx
            .updateTable("timeline_entries")
            .set({ ...columns, version: row.version + 1, updated_at: at })
            .where("id", "=", row.id)
            .execute();
        }
      }
      for (let from = 0; from < added.length; from += rowsAtOnce)
        await tx
          .insertInto("timeline_entries")
          .values(added.slice(from, from + rowsAtOnce))
          .execute();
      const gone = [...known.values()].map((row) => row.id);
      for (let from = 0; from < gone.length; from += rowsAtOnce)
        await tx
          .deleteFrom("timeline_entries")
          .where("id", "in", gone.slice(from, from + rowsAtOnce))
          .execute();
      const { n } = await tx
        .selectFrom("timeline_entries")
        .select(({ fn }) => fn.countAll<number | string>().as("n"))
        .where("incident", "=", incident)
        .where("hidden", "=", 0)
        .executeTakeFirstOrThrow();
      return { total: Number(n), added: added.length, changed, removed: gone.length };
    });
  }

  /** Of the repositories that are affected: runs from a day before the onset on, and all that failed in the days before. */
  async function pipelineRuns({ view, affected, changes, onset }: Investigation): Promise<PipelineRunFact[]> {
    const near = new Set([
      ...affected.flatMap((node) => repositoryPart(node.key) ?? []),
      ...changes.flatMap((change) => (change.distance === null ? [] : (change.repository ?? []))),
    ]);
    if (near.size === 0) return [];
    const { nodes } = await newestWhere(view, { types: ["Pipeline"], repository: [...near] }, () => true);
    const runs = nodes.flatMap((pipeline) =>
      runsOf(pipeline).flatMap((run): PipelineRunFact[] => {
        const at = run.startedAt === null ? Number.NaN : Date.parse(run.startedAt);
        const state = run.state ?? "unknown";
        const isNear = at >= onset.at - 86_400_000;
        const isFailed = at >= onset.at - lookBackMs && /fail|error|timed_out|cancel/i.test(state);
        if (Number.isNaN(at) || (!isNear && !isFailed)) return [];
        const number = run.number === null ? (run.startedAt ?? "") : String(run.number);
        return [{ pipeline: nodeRef(pipeline), number, at, state, branch: run.branch, sha: run.sha, url: run.url }];
      }),
    );
    return runs.sort((a, b) => b.at - a.at).slice(0, mostRuns);
  }

  async function actionFacts(incident: string): Promise<ActionFact[]> {
    const rows = await app
      .selectFrom("actions")
      .select(["id", "title", "status", "result", "started_at", "finished_at", "updated_at", "created_by", "assignee"])
      .where("incident", "=", incident)
      .where("status", "!=", "pending")
      .orderBy("updated_at")
      .limit(500)
      .execute();
    return rows.flatMap((row): ActionFact[] => {
      const actor = row.assignee ?? row.created_by;
      const base = { id: row.id, title: row.title, actor };
      return [
        ...(row.started_at === null ? [] : [{ ...base, status: "in_progress", at: row.started_at, result: null }]),
        ...(row.finished_at === null ? [] : [{ ...base, status: row.status, at: row.finished_at, result: row.result }]),
      ];
    });
  }
}

const written: Relation = { distance: null, why: "A person wrote it.", path: [] };

const toColumns = (entry: BuiltEntry, hash: string) => ({
  at: entry.at,
  kind: entry.kind,
  fact: entry.fact,
  hash,
  title: withoutNul(entry.title),
  detail: entry.detail === null ? null : withoutNul(entry.detail),
  source: entry.source,
  source_url: entry.sourceUrl,
  actor: entry.actor,
  evidence: entry.evidence,
  node: entry.node === null ? null : JSON.stringify(entry.node),
  relation: JSON.stringify(entry.relation),
});

const withoutNul = (text: string): string => text.replaceAll("\0", "\uFFFD");

const toEntry = (row: Row): TimelineEntry => ({
  id: row.id,
  incident_id: row.incident,
  at: timeText(row.at),
  kind: Kind.parse(row.kind),
  title: row.title,
  detail: row.detail,
  source: row.source,
  source_url: row.source_url,
  actor: row.actor,
  evidence_id: row.evidence,
  node: nodeOf(row.node),
  relation: JSON.parse(row.relation) as Relation,
  origin: row.origin,
  version: row.version,
  created_at: timeText(row.created_at),
  updated_at: timeText(row.updated_at),
});
