// The corpus of rendered screens (e2e/screenshots/render-corpus.ts) and how much of what stands on them a reading got.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";

export interface Truth {
  /** Rules may be made by looking at `first` and `second`; `held_out` is for measuring alone. */
  set: "first" | "second" | "held_out";
  look: { dark: boolean; fontPx: number; zoom: number; width: number; height: number };
  kind: ScreenshotAnalysis["kind"];
  title: string | null;
  range: string | null;
  panels: string[];
  values: { label: string; text: string }[];
  /** Labels of axes. */
  ticks: string[];
  errors: string[];
  services: string[];
  words: string[];
}

const folder = join(import.meta.dirname, "corpus");

export const corpusTruth = (): Record<string, Truth> =>
  JSON.parse(readFileSync(join(folder, "truth.json"), "utf8")) as Record<string, Truth>;

export const corpusImage = (file: string): Buffer => readFileSync(join(folder, file));

/** Case and the punctuation around a word are left out; everything inside it counts. */
const plain = (word: string): string => word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}%]+$/gu, "");

/** How many of the words that stand on the picture are in the text; each as often as it stands there. */
export function wordRecall(
  words: readonly string[],
  text: string,
): { found: number; of: number; told: number; missing: string[] } {
  const left = new Map<string, number>();
  for (const word of text.split(/\s+/).map(plain)) left.set(word, (left.get(word) ?? 0) + 1);
  const told = [...left].reduce((sum, [word, count]) => (word === "" ? sum : sum + count), 0);
  const missing: string[] = [];
  const wanted = words.map(plain).filter((word) => word !== "");
  for (const word of wanted) {
    const count = left.get(word) ?? 0;
    if (count === 0) missing.push(word);
    else left.set(word, count - 1);
  }
  return { found: wanted.length - missing.length, of: wanted.length, told, missing };
}
