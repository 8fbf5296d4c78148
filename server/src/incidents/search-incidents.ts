// Incidents by words: texts are looked at from the newest on, and the incidents they are of come by relevance or by a sort.
import { sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { TextQuery } from "../store/engine.ts";
import { toTextQuery } from "../store/search-words.ts";
import { type Store, untyped } from "../store/store.ts";
import { passes } from "./incident-filters.ts";
import { titleIndex, wordIndex } from "./incident-text.ts";
import type { FoundPage, PageRequest, Place } from "./incident-page.ts";

const textsLookedAt = 4_000;
const textsAtOnce = 500;
const titlesLookedAt = 500;

interface Match extends Place {
  id: string;
  /** The newest text that has the words. */
  doc: number;
}

/**
 * Texts are looked at from the newest on: by relevance until there are enough for the page, sorted otherwise until the bound. Sorted
 * here, so a page's work does not grow with what is stored.
 */
export async function placesOfWords(
  store: Store,
  { filters, sort, order, cursor, limit }: PageRequest,
  q: string,
): Promise<FoundPage> {
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
  const sign = order === "desc" ? -1 : 1;
  const isAfter = (place: Place): boolean =>
    cursor === null || sign * (place.value - cursor.value || place.seq - cursor.seq) > 0;
  let isFull = false;
  if (sort === "relevance") {
    const titles = await find(titleIndex, upTo, titlesLookedAt);
    for (const match of await matchesOf(store, { filters, sort }, titles))
      // A text's number is far below this: those with the words in their title come first.
      found.set(match.id, { ...match, value: match.doc + 2 ** 50 });
    // Then there are more texts than are counted, too, and none of them comes to this page.
    isFull = isByNewest && titles.length >= textsAtOnce && [...found.values()].filter(isAfter).length > limit;
  }
  let looked = 0;
  let isAll = false;
  for (let from = upTo; !isFull && looked < textsLookedAt;) {
    const docs = from === upTo && newest !== null ? newest : await find(wordIndex, from, textsAtOnce);
    looked += docs.length;
    for (const match of await matchesOf(store, { filters, sort }, docs))
      if (!found.has(match.id)) found.set(match.id, match);
    isAll = docs.length < textsAtOnce;
    if (isAll || (isByNewest && [...found.values()].filter(isAfter).length > limit)) break;
    from = (docs.at(-1) ?? 0) - 1;
  }
  const places = [...found.values()].filter(isAfter).sort((a, b) => sign * (a.value - b.value || a.seq - b.seq));
  const isCut = !isAll && looked >= textsLookedAt;
  return {
    places: places.slice(0, limit + 1).map(({ seq, value }) => ({ seq, value })),
    total: isAll && cursor === null ? found.size : null,
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
  const newest = await store.appEngine.text.find(untyped(store.app), wordIndex, query, {
    upTo,
    limit: textsAtOnce,
  });
  return newest.length === textsAtOnce ? { query, newest } : { query: asked, newest: null };
}

/** Of the incidents that these texts are of, those that pass the filters, each with its newest text. */
async function matchesOf(
  store: Store,
  { filters, sort }: Pick<PageRequest, "filters" | "sort">,
  docs: readonly number[],
): Promise<Match[]> {
  if (docs.length === 0) return [];
  const texts = await store.app
    .selectFrom("incident_texts")
    .select(["doc", "incident"])
    .where(store.appEngine.isAnyOf("doc", "bigint", docs))
    .where("workspace", "=", filters.workspace)
    .execute();
  const newest = new Map<string, number>();
  for (const { doc, incident } of texts) newest.set(incident, Math.max(doc, newest.get(incident) ?? 0));
  const column = sort === "relevance" ? sql`0` : sql.ref(sort);
  const { rows } = await sql<Omit<Match, "doc">>`select seq, id, ${column} as value from incidents
    where ${store.appEngine.isAnyOf("id", "text", [...newest.keys()])} and ${passes(filters)}`.execute(store.app);
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
