// The list of incidents: filters, sorts, words to search for, and pages that stay in place while others write.
import { type Expression, sql, type SqlBool } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { IncidentFilter, IncidentList, IncidentSort } from "@opentrace/contract/incidents.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { TextQuery } from "../store/engine.ts";
import { type Store, untyped } from "../store/store.ts";
import { titleIndex, wordIndex } from "./incident-text.ts";
import { severityNumber, statusNumber, toIncident } from "./incident-rows.ts";
import { toTextQuery } from "../store/search-words.ts";

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
const textsLookedAt = 4_000;
const textsAtOnce = 500;
const titlesLookedAt = 500;
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
    total: cursor !== null ? null : found.isCounted || more ? await totalOf(store, found, filters) : shown.length,
    truncated: found.truncated,
  };
}

/** The same condition, said in the way that is quicker for a page of many and for all of them. */
interface Filters {
  page: Expression<SqlBool>;
  count: Expression<SqlBool>;
}

/** Written so that no engine takes an index of its own for one of them: the index of the sort holds them all. */
async function filtersOf(store: Store, workspace: string, request: IncidentFilter): Promise<Filters> {
  const { status, severity, owner, has_owner, since, until, merged = "exclude" } = request;
  const all: Expression<SqlBool>[] = [];
  if (status !== undefined) all.push(sql`+status in (${sql.join(status.map(statusNumber))})`);
  if (severity !== undefined) all.push(sql`+severity in (${sql.join(severity.map(severityNumber))})`);
  if (owner !== undefined) all.push(sql`coalesce(owner, '') in (${sql.join(owner)})`);
  if (has_owner !== undefined) all.push(has_owner ? sql`owner is not null` : sql`owner is null`);
  if (since !== undefined) all.push(sql`+started_at >= ${Date.parse(since)}`);
  if (until !== undefined) all.push(sql`+started_at < ${Date.parse(until)}`);
  if (merged === "exclude") all.push(sql`merged_into is null`);
  if (merged === "only") all.push(sql`merged_into is not null`);
  const page: Expression<SqlBool>[] = [];
  const count: Expression<SqlBool>[] = [];
  let isByLabel = false;
  for (const [kind, names] of [
    ["service", request.service],
    ["tag", request.tag],
  ] as const) {
    if (names === undefined) continue;
    const labels = sql.join(names.map((name) => name.toLowerCase()));
    const labelled = sql`from incident_labels where workspace = ${workspace} and kind = ${kind} and label in (${labels})`;
    const { rows } = await sql<{ n: number }>`select count(*) as n
      from (select 1 as one ${labelled} limit ${rareLabel + 1}) as some_of_them`.execute(store.app);
    const isRare = (rows[0]?.n ?? 0) <= rareLabel;
    const among: Expression<SqlBool> = sql`seq in (select incident ${labelled})`;
    page.push(isRare ? among : sql`exists (select 1 ${labelled} and incident = incidents.seq)`);
    count.push(among);
    isByLabel ||= isRare;
  }
  // What words or a rare label were found in is looked up one by one, not in an index of the workspace.
  all.push(request.q === undefined && !isByLabel ? sql`workspace = ${workspace}` : sql`workspace || '' = ${workspace}`);
  const joined = (more: readonly Expression<SqlBool>[]): Expression<SqlBool> =>
    sql`(${sql.join([...all, ...more], sql` and `)})`;
  return { page: joined(page), count: joined(count) };
}

async function totalOf(store: Store, found: Found, filters: Filters): Promise<number | null> {
  if (found.isCounted) return found.total;
  const { rows } = await sql<{ n: number }>`select count(*) as n from
    (select 1 as one from incidents where ${filters.count} limit ${countedAtMost + 1}) as some_of_them`.execute(
    store.app,
  );
  const n = rows[0]?.n ?? 0;
  return n > countedAtMost ? null : n;
}

interface Found {
  /** In order; one more than asked for when there are more. */
  places: Place[];
  /** null = not known, or not counted yet. */
  total: number | null;
  isCounted: boolean;
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
  const { rows } = await sql<Place>`select seq, ${column} as value from incidents where ${filters.page} ${after}
    order by ${column} ${direction}, seq ${direction} limit ${limit + 1}`.execute(store.app);
  return { places: rows, total: null, isCounted: false, truncated: false };
}

interface Match extends Place {
  id: string;
  /** The newest text that has the words. */
  doc: number;
}

/**
 * Texts are looked at from the newest on: by relevance until there are enough for the page, sorted otherwise until the bound. Sorted
 * here, so a page's work does not grow with what is stored.
 */
async function placesOfWords(
  store: Store,
  { workspace, filters, sort, order, cursor, limit, q }: Asked & { workspace: string; q: string },
): Promise<Found> {
  const asked = toTextQuery(q);
  if (asked.length === 0)
    throw new AppError("bad_request", `q has no word to search for: ${JSON.stringify(q)}.`, {
      details: { errors: [{ field: "q", message: "has no word to search for" }] },
    });
  const upTo = cursor?.upTo ?? (await newestText(store));
  const { query, newest } = await wholeWordsIfCommon(store, asked, upTo);
  const find = (index: string, from: number, limit: number): Promise<number[]> =>
    store.appEngine.text.find(untyped(store.app), index, query, { upTo: from, limit });
  const found = new Map<string, Match>();
  const isByNewest = sort === "relevance" && order === "desc";
  if (sort === "relevance")
    for (const match of await matchesOf(
      store,
      { workspace, filters, sort },
      await find(titleIndex, upTo, titlesLookedAt),
    ))
      // A text's number is far below this: those with the words in their title come first.
      found.set(match.id, { ...match, value: match.doc + 2 ** 50 });
  const sign = order === "desc" ? -1 : 1;
  const isAfter = (place: Place): boolean =>
    cursor === null || sign * (place.value - cursor.value || place.seq - cursor.seq) > 0;
  let looked = 0;
  let isAll = false;
  for (let from = upTo; looked < textsLookedAt;) {
    const docs = from === upTo && newest !== null ? newest : await find(wordIndex, from, textsAtOnce);
    looked += docs.length;
    for (const match of await matchesOf(store, { workspace, filters, sort }, docs))
      if (!found.has(match.id)) found.set(match.id, match);
    isAll = docs.length < textsAtOnce;
    if (isAll || (isByNewest && [...found.values()].filter(isAfter).length > limit)) break;
    from = (docs.at(-1) ?? 0) - 1;
  }
  const places = [...found.values()].filter(isAfter).sort((a, b) => sign * (a.value - b.value || a.seq - b.seq));
  const isCut = !isAll && looked >= textsLookedAt;
  return {
    places: places.slice(0, limit + 1).map(({ seq, value }) => ({ seq, value })),
    total: isAll ? found.size : null,
    isCounted: true,
    truncated: isCut,
    upTo,
  };
}

/** A word that fills a page by itself is not looked for as a beginning: that would walk through all texts of all words it begins. */
async function wholeWordsIfCommon(
  store: Store,
  asked: TextQuery,
  upTo: number,
): Promise<{ query: TextQuery; newest: number[] | null }> {
  if (!asked.some((part) => part.isPrefix)) return { query: asked, newest: null };
  const query = asked.map(({ words }) => ({ words, isPrefix: false }));
  const newest = await store.appEngine.text.find(untyped(store.app), wordIndex, query, { upTo, limit: textsAtOnce });
  return newest.length === textsAtOnce ? { query, newest } : { query: asked, newest: null };
}

/** Of the incidents that these texts are of, those that pass the filters, each with its newest text. */
async function matchesOf(
  store: Store,
  { workspace, filters, sort }: { workspace: string; filters: Filters; sort: IncidentSort },
  docs: readonly number[],
): Promise<Match[]> {
  if (docs.length === 0) return [];
  const texts = await store.app
    .selectFrom("incident_texts")
    .select(["doc", "incident"])
    .where(store.appEngine.isAnyOf("doc", "bigint", docs))
    .where("workspace", "=", workspace)
    .execute();
  const newest = new Map<string, number>();
  for (const { doc, incident } of texts) newest.set(incident, Math.max(doc, newest.get(incident) ?? 0));
  const column = sort === "relevance" ? sql`0` : sql.ref(sort);
  const { rows } = await sql<Omit<Match, "doc">>`select seq, id, ${column} as value from incidents
    where ${store.appEngine.isAnyOf("id", "text", [...newest.keys()])} and ${filters.page}`.execute(store.app);
  return rows.map((row) => {
    const doc = newest.get(row.id) ?? 0;
    return { ...row, doc, value: sort === "relevance" ? doc : row.value };
  });
}

async function newestText(store: Store): Promise<number> {
  const row = await store.app
    .selectFrom("incident_texts")
    .select(({ fn }) => fn.max("doc").as("doc"))
    .executeTakeFirst();
  return row?.doc ?? 0;
}
