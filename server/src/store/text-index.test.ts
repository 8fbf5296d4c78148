import { beforeAll, expect, it } from "vitest";
import type { TextQuery } from "./engine.ts";
import { untyped } from "./store.ts";
import { forEachStore } from "./testing/for-each-store.ts";

/** From everywhere, then from nowhere for long, then from all of the newest: what a search guesses from the newest is wrong. */
const docs = [
  ...Array.from({ length: 400 }, (_, n) => 1 + n * 2_503),
  ...Array.from({ length: 300 }, (_, n) => 1_100_000 + n),
  1_101_024,
  1_109_000,
  ...Array.from({ length: 40 }, (_, n) => 1_120_000 + n * 130),
];

const wordsOf = (doc: number): string[] => [
  "every",
  "text",
  ...(doc % 3 === 0 ? ["third"] : []),
  ...(doc < 1_000_000 && doc % 5 === 0 ? ["oldest"] : []),
  ...(doc > 1_100_000 && doc % 2 === 0 ? ["newest"] : []),
  ...(doc === 2_504 || doc === 1_101_024 ? ["seldom"] : []),
  `number${doc % 10}`,
];

function hasAll(words: readonly string[], query: TextQuery): boolean {
  return query.every(({ words: asked, isPrefix }) =>
    words.some((_, at) =>
      asked.every((word, n) => {
        const there = words[at + n] ?? "";
        return isPrefix && n === asked.length - 1 ? there.startsWith(word) : there === word;
      }),
    ),
  );
}

forEachStore("a text index", (test) => {
  beforeAll(async () => {
    const { app, appEngine } = test.store;
    await app.transaction().execute(async (tx) => {
      for (const doc of docs)
        await appEngine.text.put(untyped(tx), "incident_words", doc, { title: [], body: wordsOf(doc) });
    });
  });

  it("finds the newest texts with the words, be they common, seldom, only old or only new", async () => {
    const one = (...words: string[]): TextQuery[number] => ({ words, isPrefix: false });
    const begins = (...words: string[]): TextQuery[number] => ({ words, isPrefix: true });
    const queries: TextQuery[] = [
      [one("every")],
      [one("third")],
      [one("oldest")],
      [one("newest")],
      [one("seldom")],
      [one("nothing")],
      [one("third"), one("oldest")],
      [one("every", "text")],
      [one("text", "every")],
      [one("text", "third")],
      [begins("number")],
      [begins("number7")],
      [begins("seld")],
      [begins("old"), one("third")],
      [begins("nothing")],
      [begins("text", "number")],
    ];
    for (const query of queries)
      for (const upTo of [1_125_070, 1_120_000, 1_100_150, 600_000, 1, Number.MAX_SAFE_INTEGER])
        for (const limit of [1, 10, 500]) {
          const all = docs.filter((doc) => doc <= upTo && hasAll(wordsOf(doc), query)).sort((a, b) => b - a);
          const found = await test.store.appEngine.text.find(untyped(test.store.app), "incident_words", query, {
            upTo,
            limit,
          });
          expect(found, JSON.stringify({ query, upTo, limit })).toEqual(all.slice(0, limit));
        }
  });
});
