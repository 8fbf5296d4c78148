// What belongs to an incident and is kept row by row: found, listed in pages, added, changed under a version, and told to whoever watches.
import { sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { ServerEvent } from "@opentrace/contract/events.ts";
import { once } from "../access/idempotency.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { ActionsTable, HypothesesTable, TimelineEntriesTable } from "../store/investigation-tables.ts";
import type { Store } from "../store/store.ts";
import { changedMeanwhile, holdVersion, isPlace, mayBeId, type WriteContext } from "./records.ts";

interface Tables {
  actions: ActionsTable;
  hypotheses: HypothesesTable;
  timeline_entries: TimelineEntriesTable;
}
type TableName = keyof Tables;

interface RecordKind<T extends TableName> {
  table: T;
  part: Extract<ServerEvent, { type: "investigation.changed" }>["part"];
  /** As messages call one: "action". */
  name: string;
  /** Where an incident's are listed. */
  listedAt: string;
  /** Rows that are not so are there for nobody. */
  shown?: { column: string & keyof Tables[T]; is: number };
}

interface PageAsked<T extends TableName> {
  /** The time that they are in the order of. */
  by: string & keyof Tables[T];
  order: "asc" | "desc";
  limit: number;
  cursor: string | undefined;
  /** Only rows that have one of these values. */
  only?: { column: string & keyof Tables[T]; values: readonly string[] } | undefined;
}

interface IncidentRecords<T extends TableName> {
  /** Throws `not_found`; with `incident` also for what belongs to another one. */
  find(workspace: string, id: string, incident?: string): Promise<Tables[T]>;
  /** The same, and `precondition_failed` when it is not at the version that the caller has seen. */
  findToChange(ctx: WriteContext, id: string, version: number | undefined, incident?: string): Promise<Tables[T]>;
  page(
    incident: string,
    asked: PageAsked<T>,
  ): Promise<{ rows: Tables[T][]; total: number; next_cursor: string | null }>;
  /** Throws `unprocessable` when the incident has that many already: those that people wrote, or all. */
  needRoom(incident: string, most: number, of: "manual" | "all"): Promise<void>;
  /** The answer is kept for the request's Idempotency-Key in the transaction that adds the row. */
  add<A>(ctx: WriteContext, request: { verb: string; input: unknown }, row: Tables[T], answer: A): Promise<A>;
  /** Throws `precondition_failed` when somebody has changed it since it was found. */
  change(ctx: Pick<WriteContext, "now">, row: Tables[T], columns: Partial<Tables[T]>): Promise<Tables[T]>;
  announce(workspace: string, incident: string): Promise<void>;
}

export function createIncidentRecords<T extends TableName>(
  { store, feed }: { store: Store; feed: Pick<EventFeed, "publish"> },
  { table, part, name, listedAt, shown }: RecordKind<T>,
): IncidentRecords<T> {
  const { app } = store;
  // Kysely can't follow a table that is a parameter. What is named below is in all three; rows are given back as those of `table`.
  const from = table as "actions";
  const asRow = (row: unknown): Tables[T] => row as Tables[T];
  const visible = () => {
    const rows = app.selectFrom(from);
    return shown === undefined ? rows : rows.where(sql.ref(shown.column), "=", shown.is);
  };
  const announce = (workspace: string, incidentId: string): Promise<void> =>
    feed.publish({ type: "investigation.changed", incidentId, part }, workspace);

  const named = ({ id }: { id: string }): string => `The ${name} ${id}`;
  const find: IncidentRecords<T>["find"] = async (workspace, id, incident) => {
    if (mayBeId(id)) {
      let rows = visible().selectAll().where("id", "=", id).where("workspace", "=", workspace);
      if (incident !== undefined) rows = rows.where("incident", "=", incident);
      const row = await rows.executeTakeFirst();
      if (row !== undefined) return asRow(row);
    }
    throw new AppError(
      "not_found",
      `${incident === undefined ? "There is" : `${incident} has`} no ${name} "${id.slice(0, 100)}". List an incident's with GET /api/v1${listedAt}.`,
    );
  };

  return {
    announce,

    find,

    async findToChange(ctx, id, version, incident) {
      const row = await find(ctx.workspace, id, incident);
      holdVersion(ctx, version, row.version, named(row));
      return row;
    },

    async page(incident, { by, order, limit, cursor, only }) {
      const after = decodeCursor(cursor, isPlace);
      let wanted = visible().where("incident", "=", incident);
      if (only !== undefined) wanted = wanted.where(sql.ref(only.column), "in", only.values);
      let rest = wanted;
      if (after !== null) {
        const [at, id] = after;
        const beyond = order === "asc" ? ">" : "<";
        rest = rest.where(({ eb, or, and }) =>
          or([eb(sql.ref(by), beyond, at), and([eb(sql.ref(by), "=", at), eb("id", beyond, id)])]),
        );
      }
      const rows = await rest
        .selectAll()
        .orderBy(sql.ref(by), order)
        .orderBy("id", order)
        .limit(limit + 1)
        .execute();
      const { n } = await wanted.select(({ fn }) => fn.countAll<number | string>().as("n")).executeTakeFirstOrThrow();
      const page = rows.slice(0, limit);
      const last = page.at(-1) as ({ id: string } & Record<string, unknown>) | undefined;
      return {
        rows: page.map(asRow),
        total: Number(n),
        next_cursor: rows.length > limit && last !== undefined ? encodeCursor([last[by], last.id]) : null,
      };
    },

    async needRoom(incident, most, of) {
      let rows = app.selectFrom(from).where("incident", "=", incident);
      if (of === "manual") rows = rows.where("origin", "=", of);
      const { n } = await rows.select(({ fn }) => fn.countAll<number | string>().as("n")).executeTakeFirstOrThrow();
      if (Number(n) < most) return;
      throw new AppError(
        "unprocessable",
        `The incident ${incident} has ${most} of the kind "${name}"${of === "manual" ? " that people wrote" : ""}: that is the most.`,
      );
    },

    async add(ctx, request, row, answer) {
      const committed = (): Promise<void> => announce(row.workspace, row.incident);
      return await once(store, ctx, { ...request, committed }, async (tx) => {
        await tx
          .insertInto(from)
          .values(row as unknown as ActionsTable)
          .execute();
        return answer;
      });
    },

    async change(ctx, row, columns) {
      const changed = await app
        .updateTable(from)
        .set({ ...columns, version: row.version + 1, updated_at: ctx.now().getTime() } as Partial<ActionsTable>)
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .returningAll()
        .executeTakeFirst();
      if (changed === undefined) throw changedMeanwhile(named(row));
      await announce(row.workspace, row.incident);
      return asRow(changed);
    },
  };
}
