// Text search on PostgreSQL: words as tsvector literals, and the ranges of numbers that let a search begin with the newest texts.
import { CompiledQuery } from "kysely";
import type { Ddl, TextIndex } from "./engine.ts";

const quote = (name: string): string => `"${name}"`;

/** What a tsvector can count to. */
const lastPosition = 16_383;

/**
 * GIN gives all texts of a word in no order, and each has to be read to know its number, which is slow for common ones. So each text
 * holds, beside its words, the names of the ranges of numbers that it is in: a search asks for the newest ranges first, and then for as
 * many older ones as the words seem to need.
 */
const rangeBits = [10, 13, 16, 19] as const;
const rangesAtOnce = 8;
/** Texts read without the index for the beginning of a word, while one of so many has it. */
const readAtOnce = 4_096;
const mostRead = 16_384;
const rareAmongRead = 32;
const rangeName = (bits: number, range: number): string => `'~${bits}.${range}'`;

/** Written as literals, so that no parser of PostgreSQL's own divides words another way than ours. */
export const postgresTexts: TextIndex = {
  async put(db, name, doc, { title, body }) {
    const lexemes = [
      ...title.map((word, at) => `'${word}':${Math.min(at + 1, lastPosition)}`),
      ...body.map((word, at) => `'${word}':${Math.min(title.length + at + 2, lastPosition)}`),
      ...rangeBits.map((bits) => rangeName(bits, Math.floor(doc / 2 ** bits))),
    ].join(" ");
    const text = `insert into ${quote(name)} (doc, words) values ($1, $2::tsvector)
      on conflict (doc) do update set words = excluded.words`;
    await db.executeQuery(CompiledQuery.raw(text, [doc, lexemes]));
  },

  async remove(db, name, docs) {
    await db.executeQuery(CompiledQuery.raw(`delete from ${quote(name)} where doc = any($1::bigint[])`, [docs]));
  },

  async find(db, name, query, { upTo, limit }) {
    const match = query
      .map(({ words, isPrefix }) => `(${words.map((word) => `'${word}'`).join(" <-> ")}${isPrefix ? ":*" : ""})`)
      .join(" & ");
    const found: number[] = [];
    const run = async (text: string, values: unknown[]): Promise<void> => {
      const { rows } = await db.executeQuery<{ doc: number }>(
        CompiledQuery.raw(`${text} order by doc desc limit ${limit - found.length}`, values),
      );
      for (const { doc } of rows) found.push(doc);
    };
    // Materialized, and the number in no index: the planner would walk through all texts in the hope of an early end.
    const look = (within: string, from: number): Promise<void> =>
      run(
        `with found as materialized (select doc from ${quote(name)} where words @@ $1::tsquery and +doc <= $2)
          select doc from found`,
        [`${match}${within}`, from],
      );
    let from = upTo;
    // What a beginning of a word can be is all gathered before a range narrows it, so the newest texts are simply read.
    if (query.some((part) => part.isPrefix))
      for (let read = 0; read < mostRead && found.length < limit && from > 0; read += readAtOnce) {
        if (found.length * rareAmongRead < read) break;
        const to = Math.max(0, from - readAtOnce + 1);
        await run(`select doc from ${quote(name)} where doc between $2 and $3 and (words @@ $1::tsquery) is true`, [
          match,
          to,
          from,
        ]);
        from = to - 1;
      }
    const spanNeeded = (): number => (1.25 * (limit - found.length) * (upTo - from)) / Math.max(found.length, 0.5);
    for (let span = from === upTo ? 2 ** rangeBits[0] : spanNeeded(); found.length < limit && from > 0;) {
      const bits = rangeBits.find((one) => span <= rangesAtOnce * 2 ** one);
      if (bits === undefined || span > from) {
        await look("", from);
        break;
      }
      const newest = Math.floor(from / 2 ** bits);
      const oldest = Math.max(0, newest - Math.ceil(span / 2 ** bits));
      const names = Array.from({ length: newest - oldest + 1 }, (_, n) => rangeName(bits, newest - n));
      await look(` & (${names.join(" | ")})`, from);
      from = oldest * 2 ** bits - 1;
      // What the rest would take if the words were as common in older texts.
      span = spanNeeded();
    }
    return found;
  },
};

export const postgresTextDdl: Pick<Ddl, "textIndex" | "textIndexFromNewest"> = {
  textIndex: (name) => [
    `create table ${quote(name)} (doc bigint primary key, words tsvector not null)`,
    `create index ${quote(`${name}_search`)} on ${quote(name)} using gin (words)`,
  ],
  textIndexFromNewest: (name) => [
    `update ${quote(name)} set words = words || array_to_tsvector(array[${rangeBits
      .map((bits) => `'~${bits}.' || (doc >> ${bits})`)
      .join(", ")}])`,
    // What is not in the index yet is read by every search.
    `alter index ${quote(`${name}_search`)} set (gin_pending_list_limit = 512)`,
  ],
};
