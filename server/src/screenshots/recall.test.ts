// The reading of the corpus by the process that the server uses: of every other picture here, of all by `npm run bench -- screenshots`.
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTextReader, type OfflineReading, type TextReader } from "./text-reader.ts";
import { corpusImage, corpusTruth, wordRecall } from "./testing/corpus.ts";

const all = Object.entries(corpusTruth());
// Variants 1 and 4 of each screen: one dark, one light.
const truth = all.filter(([file]) => /-[14]\./.test(file));
const readings = new Map<string, OfflineReading>();
let reader: TextReader;

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9%]/g, "");
const share = (found: number, of: number): number => Math.round((found / of) * 1000) / 1000;

beforeAll(async () => {
  reader = createTextReader();
  for (const [file] of truth) readings.set(file, await reader.read(corpusImage(file), AbortSignal.timeout(60_000)));
}, 600_000);
afterAll(() => reader.close());

const readingOf = (file: string): OfflineReading => {
  const reading = readings.get(file);
  if (reading === undefined) throw new Error(`${file} was not read`);
  return reading;
};

it("is about at least forty pictures, light and dark, small and large, PNG, JPEG and WebP", () => {
  expect(all.length).toBeGreaterThanOrEqual(40);
  expect(truth.length).toBeGreaterThanOrEqual(24);
  expect(
    new Set(all.map(([, { look }]) => `${look.dark} ${look.zoom} ${look.width} ${look.fontPx}`)).size,
  ).toBeGreaterThan(12);
  expect(new Set(all.map(([file]) => file.split(".")[1]))).toEqual(new Set(["png", "jpg", "webp"]));
});

it("finds at least nine of ten words, and two of three on the worst picture", () => {
  let [found, of] = [0, 0];
  const poor: string[] = [];
  for (const [file, { words }] of truth) {
    const recall = wordRecall(words, readingOf(file).text);
    found += recall.found;
    of += recall.of;
    if (recall.found / recall.of < 0.66) poor.push(`${file}: ${recall.missing.join(" ")}`);
  }
  expect(poor).toEqual([]);
  expect(of).toBeGreaterThan(1_200);
  expect(share(found, of)).toBeGreaterThanOrEqual(0.9);
});

it("is surer of what it read rightly than of what it did not", () => {
  const sure = truth.map(([file, { words }]) => ({
    recall: share(wordRecall(words, readingOf(file).text).found, words.length),
    confidence: readingOf(file).confidence,
  }));
  for (const { confidence } of sure) expect(confidence).toBeGreaterThan(0.5);
  for (const { confidence } of sure) expect(confidence).toBeLessThanOrEqual(1);
});

it("tells dashboards, error screens and terminals apart", () => {
  const right = truth.filter(([file, { kind }]) => readingOf(file).findings.kind === kind);
  expect(share(right.length, truth.length)).toBeGreaterThanOrEqual(0.9);
});

it("finds the failures, the figures, the panels and the names of services", () => {
  const count = (
    wanted: (one: (typeof truth)[number][1]) => string[],
    has: (reading: OfflineReading, text: string) => boolean,
  ) => {
    let [found, of] = [0, 0];
    for (const [file, one] of truth)
      for (const text of wanted(one)) {
        of++;
        if (has(readingOf(file), text)) found++;
      }
    return share(found, of);
  };
  const errors = count(
    ({ errors: wanted }) => wanted,
    ({ findings }, text) => findings.error_texts.some((one) => letters(one).includes(letters(text).slice(0, 24))),
  );
  const values = count(
    ({ values: wanted }) => wanted,
    ({ findings }, text) => findings.values.some((one) => letters(one.text) === letters(text)),
  );
  const panels = count(
    ({ panels: wanted }) => wanted,
    ({ findings }, text) => findings.panels.some((one) => letters(one.title) === letters(text)),
  );
  const services = count(
    ({ services: wanted }) => wanted,
    ({ findings }, text) => findings.names.some(({ name }) => name === text),
  );
  const low = Object.entries({ errors, values, panels, services }).filter(
    ([name, value]) => value < { errors: 0.7, values: 0.7, panels: 0.5, services: 0.9 }[name as "errors"],
  );
  expect(low).toEqual([]);
});
