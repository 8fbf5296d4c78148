// The list of incidents: filters, sorts, words to search for, and pages that stay in place while others write.
import { type Expression, sql, type SqlBool } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { IncidentFilter, IncidentList, IncidentSort } from "@opentrace/contract/incidents.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import { type Store, untyped } from "../store/store.ts";
import { wordIndex } from "./incident-text.ts";
import { severityNumber, statusNumber, toIncident } from "./incident-rows.ts";
import { toTextQuery } from "./search-words.ts";

export interface ListRequest extends IncidentFilter {
  limit: number;
  cursor?: string | undefined;
}

/** The last one shown: where the next page begins. `upTo` is the newest text that the search looks at, on every page the same. */
interface Cursor {
  sort: IncidentSort;
  order: "asc" | "desc";
  value: number;
  seq: number;
  upTo?: number | undefined;
}

interface Place {
  seq: number;
  value: number;
}

const countedAtMost = 10_000;
const textsLookedAt = 5_000;
const titlesLookedAt = 1_000;
/** A label of at most so many incidents is where the search begins; of a more common one it is looked up for each incident. */
const rareLabel = 2_000;

const isCursor = (value: unknown): value is Cursor =>
  typeof value === "object" &&
  value !== null &&
  "value" in value &&
  Number.isSafeInteger(value.value) &&
  "seq" in value &&
  Number.isSafeInteger(value.seq) &&
  "sort" in value &&
  "order" in value &&
  (!("upTo" in value) || Number.isSafeInteger(value.upTo));

export async function listIncidents(store: Store, workspace: string, request: ListRequest): Promise<IncidentList> {
  const { q, limit, sort = q === undefined ? "created_at" : "relevance", order = "desc" } = request;
  if (sort === "relevance" && q === undefined)
    throw new AppError("bad_request", "sort=relevance needs q: there is nothing to be relevant to.", {
      details: { errors: [{ field: "sort", message: "relevance needs q" }] },
    });
  const cursor = decodeCursor(request.cursor, isCursor);
  if (cursor !== null && (cursor.sort !== sort || cursor.order !== order))
    throw new AppError("bad_request", "The cursor is of another sort or order: leave it out to start over.");
  const filters = await filtersOf(store, workspace, request);
  const found =
    q === undefined
      ? await placesInOrder(store, { filters, sort, order, cursor, limit })
      : await placesOfWords(store, { workspace, filters, sort, order, cursor, limit, q });
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
    next_cursor: more ? encodeCursor({ sort, order, ...last, upTo: found.upTo } satisfies Cursor) : null,
    total: cursor !== null ? null : (found.total ?? (more ? await countOf(store, filters) : shown.length)),
    truncated: found.truncated,
  };
}

type Filters = Expression<SqlBool>;

/** Written so that no engine takes an index of its own for one of them: the index of the sort holds them all. */
async function filtersOf(store: Store, workspace: string, request: IncidentFilter): Promise<Filters> {
  const { status, severity, owner, has_owner, since, until, merged = "exclude" } = request;
  const all: Expression<SqlBool>[] = [sql`workspace = ${workspace}`];
  if (status !== undefined) all.push(sql`+status in (${sql.join(status.map(statusNumber))})`);
  if (severity !== undefined) all.push(sql`+severity in (${sql.join(severity.map(severityNumber))})`);
  if (owner !== undefined) all.push(sql`coalesce(owner, '') in (${sql.join(owner)})`);
  if (has_owner !== undefined) all.push(has_owner ? sql`owner is not null` : sql`owner is null`);
  if (since !== undefined) all.push(sql`+started_at >= ${Date.parse(since)}`);
  if (until !== undefined) all.push(sql`+started_at < ${Date.parse(until)}`);
  if (merged === "exclude") all.push(sql`merged_into is null`);
  if (merged === "only") all.push(sql`merged_into is not null`);
  for (const [kind, names] of [
    ["service", request.service],
    ["tag", request.tag],
  ] as const) {
    if (names === undefined) continue;
    const labels = sql.join(names.map((name) => name.toLowerCase()));
    const labelled = sql`from incident_labels where workspace = ${workspace} and kind = ${kind} and label in (${labels})`;
    const { rows } = await sql<{ n: number }>`select count(*) as n
      from (select 1 as one ${labelled} limit ${rareLabel + 1}) as some_of_them`.execute(store.app);
    all.push(
      (rows[0]?.n ?? 0) > rareLabel
        ? sql`exists (select 1 ${labelled} and incident = incidents.seq)`
        : sql`seq in (select incident ${labelled})`,
    );
  }
  return sql`(${sql.join(all, sql` and `)})`;
}

async function countOf(store: Store, filters: Filters): Promise<number | null> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from
    (select 1 as one from incidents where ${filters} limit ${countedAtMost + 1}) as some_of_them`.execute(store.app);
  const n = rows[0]?.n ?? 0;
  return n > countedAtMost ? null : n;
}

interface Found {
  /** In order; one more than asked for when there are more. */
  places: Place[];
  total: number | null;
  truncated: boolean;
  upTo?: number;
}

interface Asked {
  filters: Filters;
  sort: IncidentSort;
  order: "asc" | "desc";
  cursor: Cursor | null;
  limit: number;
}

async function placesInOrder(store: Store, { filters, sort, order, cursor, limit }: Asked): Promise<Found> {
  const column = sql.ref(sort);
  const direction = sql.raw(order);
  const than = sql.raw(order === "desc" ? "<" : ">");
  const after = cursor === null ? sql`` : sql`and (${column}, seq) ${than} (${cursor.value}, ${cursor.seq})`;
  const { rows } = await sql<Place>`select seq, ${column} as value from incidents where ${filters} ${after}
    order by ${column} ${direction}, seq ${direction} limit ${limit + 1}`.execute(store.app);
  return { places: rows, total: null, truncated: false };
}

/** Sorted here: what words are found in is bounded. */
async function placesOfWords(
  store: Store,
  { workspace, filters, sort, order, cursor, limit, q }: Asked & { workspace: string; q: string },
): Promise<Found> {
  const query = toTextQuery(q);
  if (query.length === 0)
    throw new AppError("bad_request", `q has no word to search for: ${JSON.stringify(q)}.`, {
      details: { errors: [{ field: "q", message: "has no word to search for" }] },
    });
  const upTo = cursor?.upTo ?? (await newestText(store));
  const find = (limitOf: number, onlyTitles: boolean): Promise<number[]> =>
    store.appEngine.text.find(untyped(store.app), wordIndex, query, { upTo, limit: limitOf, onlyTitles });
  const texts = await find(textsLookedAt, false);
  const titles = new Set(sort === "relevance" ? await find(titlesLookedAt, true) : []);
  const value = sort === "relevance" ? sql`max(doc)` : sql`max(${sql.ref(sort)})`;
  const docs = [...new Set([...titles, ...texts])];
  const { rows } = await sql<Place & { doc: number }>`select seq, ${value} as value, max(doc) as doc from incident_texts
    join (select id, seq, created_at, updated_at, severity, status from incidents where ${filters}) as found
      on found.id = incident_texts.incident
    where incident_texts.workspace = ${workspace} and ${store.appEngine.isAnyOf("doc", "bigint", docs)}
    group by seq`.execute(store.app);
  if (sort === "relevance") {
    const inTitle = await incidentsOf(store, titles);
    // A text's number is far below this: those with the words in their title come first.
    for (const row of rows) if (inTitle.has(row.seq)) row.value += 2 ** 50;
  }
  const sign = order === "desc" ? -1 : 1;
  rows.sort((a, b) => sign * (a.value - b.value || a.seq - b.seq));
  const start =
    cursor === null ? 0 : rows.findIndex((row) => sign * (row.value - cursor.value || row.seq - cursor.seq) > 0);
  return {
    places: start < 0 ? [] : rows.slice(start, start + limit + 1).map(({ seq, value: at }) => ({ seq, value: at })),
    total: rows.length,
    truncated: texts.length === textsLookedAt,
    upTo,
  };
}

async function newestText(store: Store): Promise<number> {
  const row = await store.app
    .selectFrom("incident_texts")
    .select(({ fn }) => fn.max("doc").as("doc"))
    .executeTakeFirst();
  return row?.doc ?? 0;
}

async function incidentsOf(store: Store, docs: ReadonlySet<number>): Promise<Set<number>> {
  const rows = await store.app
    .selectFrom("incident_texts")
    .innerJoin("incidents", "incidents.id", "incident_texts.incident")
    .select("incidents.seq")
    .where(store.appEngine.isAnyOf("doc", "bigint", [...docs]))
    .execute();
  return new Set(rows.map((row) => row.seq));
}
