// The reading of the corpus by the process that the server uses: of some of its pictures here, of all by `npm run bench -- screenshots`.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OfflineReading } from "./reading/understand.ts";
import { createTextReader, type TextReader } from "./text-reader.ts";
import { corpusImage, corpusTruth, type Truth, wordRecall } from "./testing/corpus.ts";
import { catalogueOf, scoreOf, sumOf } from "./testing/score.ts";

const all = Object.entries(corpusTruth());
const some = all.filter((_, at) => at % 3 === 0);
const never = new AbortController().signal;
const readings = new Map<string, OfflineReading>();
let reader: TextReader;

beforeAll(async () => {
  // A busy machine takes its time; the limit of the server is in limits.test.ts.
  reader = createTextReader({ timeoutMs: 240_000 });
  for (const [file] of some) readings.set(file, await reader.read(corpusImage(file), never));
});
afterAll(() => reader.close());

const readingOf = (file: string): OfflineReading => {
  const reading = readings.get(file);
  if (reading === undefined) throw new Error(`${file} was not read`);
  return reading;
};
const scoresOf = (sets: readonly Truth["set"][]) => {
  const of = some.filter(([, { set }]) => sets.includes(set));
  expect(of.length).toBeGreaterThanOrEqual(8);
  return sumOf(of.map(([file, truth]) => scoreOf(truth, readingOf(file), catalogueOf(all.map(([, one]) => one)))));
};

it("is about at least eighty pictures, light and dark, small and large, PNG, JPEG and WebP", () => {
  expect(all.length).toBeGreaterThanOrEqual(80);
  expect(some.length).toBeGreaterThanOrEqual(28);
  expect(
    new Set(all.map(([, { look }]) => `${look.dark} ${look.zoom} ${look.width} ${look.fontPx}`)).size,
  ).toBeGreaterThan(30);
  expect(new Set(all.map(([file]) => file.split(".")[1]))).toEqual(new Set(["png", "jpg", "webp"]));
});

it("finds at least nine of ten words, and half of them on the worst picture", () => {
  let [found, of] = [0, 0];
  const poor: string[] = [];
  for (const [file, { words }] of some) {
    const recall = wordRecall(words, readingOf(file).text);
    found += recall.found;
    of += recall.of;
    if (recall.found / recall.of < 0.5) poor.push(`${file}: ${recall.missing.join(" ")}`);
  }
  expect(poor).toEqual([]);
  expect(of).toBeGreaterThan(1_500);
  expect(found / of).toBeGreaterThanOrEqual(0.9);
});

it("is surer of what it read rightly than of what it did not", () => {
  for (const [file] of some) {
    expect(readingOf(file).confidence).toBeGreaterThan(0.5);
    expect(readingOf(file).confidence).toBeLessThanOrEqual(1);
  }
});

it("tells what kinds of screen they are, and their panels, figures, failures, times and services, and little that is not there", () => {
  expect(shortfalls(scoresOf(["first", "second"]), { title: 0.6, errors: 0.65 }, 0.8)).toEqual([]);
});

it("tells the same of screens that no rule was made for", () => {
  const least = { words: 0.85, kind: 0.75, panels: 0.65, services: 0.9, errors: 0.4 };
  expect(shortfalls(scoresOf(["held_out"]), least, 0.5)).toEqual([]);
});

/** What is below `least`, or below `usual` where nothing is said of it. */
function shortfalls(sum: ReturnType<typeof sumOf>, least: Partial<Record<string, number>>, usual: number): string[] {
  return Object.entries(sum).flatMap(([aspect, got]) => {
    const bound = least[aspect] ?? usual;
    return [
      ...(got.recall < bound ? [`${aspect}: recall ${got.recall} of ${got.of}`] : []),
      ...(got.precision < bound ? [`${aspect}: precision ${got.precision}`] : []),
    ];
  });
}
