// The list of incidents: filters, sorts, words to search for, and pages that stay in place while others write.
import { sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { IncidentFilter, IncidentList } from "@opentrace/contract/incidents.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { Store } from "../store/store.ts";
import {
  beginningOf,
  countedAtMost,
  filtersOf,
  type Filters,
  passesFrom,
  passesInOrder,
  type Start,
} from "./incident-filters.ts";
import { type FoundPage, isPageCursor, type PageCursor, type PageRequest, type Place } from "./incident-page.ts";
import { toIncident } from "./incident-rows.ts";
import { placesOfWords } from "./search-incidents.ts";

export interface ListRequest extends IncidentFilter {
  limit: number;
  cursor?: string | undefined;
}

export async function listIncidents(store: Store, workspace: string, request: ListRequest): Promise<IncidentList> {
  const { q, limit, sort = q === undefined ? "created_at" : "relevance", order = "desc" } = request;
  if (sort === "relevance" && q === undefined)
    throw new AppError("bad_request", "sort=relevance needs q: there is nothing to be relevant to.", {
      details: { errors: [{ field: "sort", message: "relevance needs q" }] },
    });
  const cursor = decodeCursor(request.cursor, isPageCursor);
  if (cursor !== null && (cursor.sort !== sort || cursor.order !== order))
    throw new AppError("bad_request", "The cursor is of another sort or order: leave it out to start over.");
  const page: PageRequest = { filters: filtersOf(store, workspace, request), sort, order, cursor, limit };
  const found = await (q === undefined ? placesInOrder(store, page) : placesOfWords(store, page, q));
  const shown = found.places.slice(0, limit);
  const rows = await store.app
    .selectFrom("incidents")
    .selectAll()
    .where(
      store.appEngine.isAnyOf(
        "seq",
        "bigint",
        shown.map((place) => place.seq),
      ),
    )
    .execute();
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  const last = shown.at(-1);
  const more = found.places.length > limit && last !== undefined;
  return {
    items: shown.flatMap(({ seq }) => {
      const row = bySeq.get(seq);
      return row === undefined ? [] : [toIncident(row)];
    }),
    next_cursor: more ? encodeCursor({ sort, order, ...last, upTo: found.upTo } satisfies PageCursor) : null,
    total: found.total,
    truncated: found.truncated,
  };
}

async function placesInOrder(store: Store, page: PageRequest): Promise<FoundPage> {
  const { filters, limit, cursor } = page;
  const begin = await beginningOf(store, filters);
  if (begin.start !== null) return await placesFrom(store, begin.start, page);
  const column = sql.ref(page.sort);
  const direction = sql.raw(page.order);
  const after = cursor === null ? sql`` : sql`and ${isAfter(cursor, sql`(${column}, seq)`)}`;
  const { rows } =
    await sql<Place>`select seq, ${column} as value from incidents where ${passesInOrder(filters)} ${after}
    order by ${column} ${direction}, seq ${direction} limit ${limit + 1}`.execute(store.app);
  const total =
    cursor !== null
      ? null
      : rows.length <= limit
        ? rows.length
        : (begin.total ?? (await countOf(store, begin.counted, filters)));
  return { places: rows, total: total !== null && total > countedAtMost ? null : total, truncated: false };
}

const isAfter = ({ order, value, seq }: PageCursor, place: ReturnType<typeof sql>): ReturnType<typeof sql> =>
  sql`${place} ${sql.raw(order === "desc" ? "<" : ">")} (${value}, ${seq})`;

/** All that pass, of a filter that few pass; counted on the way. */
async function placesFrom(
  store: Store,
  start: Start,
  { filters, sort, order, cursor, limit }: PageRequest,
): Promise<FoundPage> {
  const direction = sql.raw(order);
  const after = cursor === null ? sql`` : sql`where ${isAfter(cursor, sql`(value, seq)`)}`;
  // Materialized: else the order could be taken from an index of all incidents, and each of them looked at.
  const { rows } = await sql<Place & { total: number }>`with found as materialized
    (select seq, ${sql.ref(sort)} as value from incidents where ${passesFrom(start, filters)})
    select seq, value, (select count(*) from found) as total from found ${after}
    order by value ${direction}, seq ${direction} limit ${limit + 1}`.execute(store.app);
  return {
    places: rows.map(({ seq, value }) => ({ seq, value })),
    total: cursor === null ? (rows[0]?.total ?? 0) : null,
    truncated: false,
  };
}

/** One more than are counted = more. */
async function countOf(store: Store, counted: Start | null, filters: Filters): Promise<number> {
  const pass = counted === null ? passesInOrder(filters) : passesFrom(counted, filters);
  const { rows } = await sql<{ n: number }>`select count(*) as n from
    (select 1 as one from incidents where ${pass} limit ${countedAtMost + 1}) as some_of_them`.execute(store.app);
  return rows[0]?.n ?? 0;
}
