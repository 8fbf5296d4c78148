// Postmortems as stored: every writing is a version of its own, so nothing is lost; a change is made to the version that was read.
import type { Selectable } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  Postmortem,
  PostmortemChange,
  PostmortemVersion,
  PostmortemVersions,
} from "@opentrace/contract/investigation.ts";
import { decodeCursor, encodeCursor, isOffset } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { PostmortemVersionsTable } from "../store/investigation-tables.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import type { Actions } from "./actions.ts";
import type { HypothesisStore } from "./hypotheses.ts";
import type { ReadIncidents } from "./incident-facts.ts";
import { draftPostmortem } from "./postmortem-draft.ts";
import { changedMeanwhile, holdVersion, listOf, timeText, type WriteContext } from "./records.ts";
import type { Timelines } from "./timelines.ts";

export interface PostmortemsDeps {
  store: Store;
  feed: Pick<EventFeed, "publish">;
  incidents: ReadIncidents;
  timelines: Pick<Timelines, "build" | "all">;
  hypotheses: Pick<HypothesisStore, "list">;
  actions: Pick<Actions, "list">;
}

export interface Postmortems {
  /** A new version from the recorded facts; the ones before stay. */
  generate(ctx: VerbContext, reference: string): Promise<Postmortem>;
  get(ctx: Pick<VerbContext, "workspace">, reference: string, version?: number): Promise<Postmortem>;
  change(ctx: WriteContext, reference: string, changes: PostmortemChange): Promise<Postmortem>;
  versions(
    ctx: Pick<VerbContext, "workspace">,
    reference: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<PostmortemVersions>;
  /** Writes an old version again as the newest. */
  restore(ctx: WriteContext, reference: string, version: number): Promise<Postmortem>;
}

type Row = Selectable<PostmortemVersionsTable>;

const mostVersions = 1_000;
const mostEntries = 3_000;

export function createPostmortems(deps: PostmortemsDeps): Postmortems {
  const { store, feed, incidents } = deps;
  const { app } = store;

  async function newest(
    incident: string,
  ): Promise<{ version: number; created_at: number; updated_at: number } | undefined> {
    return await app
      .selectFrom("postmortems")
      .select(["version", "created_at", "updated_at"])
      .where("incident", "=", incident)
      .executeTakeFirst();
  }

  async function read(incident: string, version?: number): Promise<{ row: Row; createdAt: number }> {
    const current = await newest(incident);
    if (current === undefined)
      throw new AppError(
        "not_found",
        `The incident ${incident} has no postmortem yet: POST /api/v1/incidents/${incident}/generate-postmortem makes a draft.`,
      );
    const row = await app
      .selectFrom("postmortem_versions")
      .selectAll()
      .where("incident", "=", incident)
      .where("version", "=", version ?? current.version)
      .executeTakeFirst();
    if (row === undefined)
      throw new AppError(
        "not_found",
        `The postmortem of ${incident} has no version ${version ?? current.version}; the newest is ${current.version}.`,
      );
    return { row, createdAt: current.created_at };
  }

  /** `after` is the version that this one follows; null = whatever is the newest. */
  async function write(
    ctx: WriteContext,
    incident: string,
    after: number | null,
    said: Pick<Row, "title" | "body" | "origin" | "note"> & { unknown: readonly string[] },
  ): Promise<Postmortem> {
    const time = ctx.now().getTime();
    const { unknown, ...columns } = said;
    const written = await app.transaction().execute(async (tx) => {
      // Also takes the row: another writing of it waits.
      const row = await tx
        .insertInto("postmortems")
        .values({ incident, workspace: ctx.workspace, version: 1, created_at: time, updated_at: time })
        .onConflict((conflict) =>
          conflict
            .column("incident")
            .doUpdateSet((eb) => ({ version: eb("postmortems.version", "+", 1), updated_at: time })),
        )
        .returning(["version", "created_at"])
        .executeTakeFirstOrThrow();
      if (after !== null && row.version !== after + 1) throw changedMeanwhile(`The postmortem of ${incident}`);
      if (row.version > mostVersions)
        throw new AppError(
          "unprocessable",
          `The postmortem of ${incident} has ${mostVersions} versions: that is the most.`,
        );
      const version: Row = {
        incident,
        version: row.version,
        workspace: ctx.workspace,
        ...columns,
        unknowns: JSON.stringify(unknown),
        created_by: ctx.actor.id,
        created_at: time,
      };
      await tx.insertInto("postmortem_versions").values(version).execute();
      return toPostmortem(version, row.created_at);
    });
    await feed.publish({ type: "investigation.changed", incidentId: incident, part: "postmortem" }, ctx.workspace);
    return written;
  }

  return {
    async generate(ctx, reference) {
      const facts = await incidents.read(ctx, reference);
      const { id } = facts.incident;
      await deps.timelines.build(ctx, id);
      const hypotheses = await deps.hypotheses.list(ctx, id, { limit: 200 });
      const { items: actions } = await deps.actions.list(ctx, id, { limit: 500 });
      const draft = draftPostmortem({
        facts,
        timeline: await deps.timelines.all(id, mostEntries),
        hypotheses: hypotheses.items,
        verdict: hypotheses.verdict,
        actions,
        now: ctx.now().getTime(),
      });
      return await write(ctx, id, null, { ...draft, origin: "generated", note: null });
    },

    async get(ctx, reference, version) {
      const incident = await incidents.find(ctx, reference);
      const { row, createdAt } = await read(incident.id, version);
      return toPostmortem(row, createdAt);
    },

    async change(ctx, reference, { version, title, body, note }) {
      const incident = await incidents.find(ctx, reference);
      const { row } = await read(incident.id);
      const what = `The postmortem of ${incident.id}`;
      if (version === undefined && ctx.ifMatch === undefined)
        throw new AppError(
          "bad_request",
          `${what} is changed from a version: send the version that was read (now ${row.version}), or If-Match.`,
        );
      holdVersion(ctx, version, row.version, what);
      return await write(ctx, incident.id, row.version, {
        title: title ?? row.title,
        body: body ?? row.body,
        origin: "edited",
        note: note ?? null,
        unknown: listOf(row.unknowns),
      });
    },

    async versions(ctx, reference, { limit, cursor }) {
      const incident = await incidents.find(ctx, reference);
      const { row: current } = await read(incident.id);
      const offset = decodeCursor(cursor, isOffset) ?? 0;
      const rows = await app
        .selectFrom("postmortem_versions")
        .selectAll()
        .where("incident", "=", incident.id)
        .orderBy("version", "desc")
        .limit(limit)
        .offset(offset)
        .execute();
      const next = offset + rows.length;
      return {
        items: rows.map((row): PostmortemVersion => ({
          version: row.version,
          origin: row.origin,
          title: row.title,
          note: row.note,
          characters: row.body.length,
          created_by: row.created_by,
          created_at: timeText(row.created_at),
        })),
        total: current.version,
        next_cursor: next < current.version && rows.length > 0 ? encodeCursor(next) : null,
      };
    },

    async restore(ctx, reference, version) {
      const incident = await incidents.find(ctx, reference);
      const current = await newest(incident.id);
      const { row } = await read(incident.id, version);
      if (current !== undefined) holdVersion(ctx, undefined, current.version, `The postmortem of ${incident.id}`);
      return await write(ctx, incident.id, current?.version ?? null, {
        title: row.title,
        body: row.body,
        origin: "restored",
        note: `Version ${version} again`,
        unknown: listOf(row.unknowns),
      });
    },
  };
}

const toPostmortem = (row: Row, createdAt: number): Postmortem => ({
  incident_id: row.incident,
  title: row.title,
  body: row.body,
  version: row.version,
  origin: row.origin,
  unknown: listOf(row.unknowns),
  created_by: row.created_by,
  created_at: timeText(createdAt),
  updated_at: timeText(row.created_at),
});
