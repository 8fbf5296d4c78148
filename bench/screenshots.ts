// The offline reading of screenshots over the whole corpus: what it finds and what of it is right, CPU and memory of the process that reads.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FoundText } from "@opentrace/server/src/screenshots/reading/read-text.ts";
import { understand } from "@opentrace/server/src/screenshots/reading/understand.ts";
import { corpusTruth, type Truth } from "@opentrace/server/src/screenshots/testing/corpus.ts";
import { catalogueOf, type Score, scoreOf, sumOf } from "@opentrace/server/src/screenshots/testing/score.ts";

const child = join(import.meta.dirname, "screenshots-reading.ts");
const results = join(import.meta.dirname, "results", "screenshots.json");

interface Measured {
  found: FoundText;
  cpuSeconds: number;
  peakRssMb: number;
}

/** One process that reads them all, as the server's does; it tells what each cost. */
async function readAll(files: readonly string[]): Promise<Map<string, Measured>> {
  const process_ = spawn(process.execPath, [child, ...files], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  for await (const chunk of process_.stdout) out += String(chunk);
  return new Map(
    out
      .trim()
      .split("\n")
      .map((line) => {
        const { file, ...measured } = JSON.parse(line) as Measured & { file: string };
        return [file, measured];
      }),
  );
}

const round = (value: number): number => Number(value.toFixed(2));

export async function run(): Promise<void> {
  const truths = Object.entries(corpusTruth());
  const catalogue = catalogueOf(truths.map(([, truth]) => truth));
  const measured = await readAll(truths.map(([file]) => file));
  const scores: Record<Truth["set"], Score[]> = { first: [], second: [], held_out: [] };
  const images: Record<string, object> = {};
  let worst1080 = 0;
  for (const [file, truth] of truths) {
    const got = measured.get(file);
    if (got === undefined) throw new Error(`${file} was not read`);
    const score = scoreOf(truth, understand(got.found), catalogue);
    scores[truth.set].push(score);
    if (truth.look.width === 1920) worst1080 = Math.max(worst1080, got.cpuSeconds);
    const { width } = truth.look;
    images[file] = { width, recall: round(score.words.found / score.words.of), cpuSeconds: round(got.cpuSeconds) };
  }
  const cpu = [...measured.values()].map(({ cpuSeconds }) => cpuSeconds).toSorted((a, b) => a - b);
  const summary = {
    date: new Date().toISOString().slice(0, 10),
    images: truths.length,
    cpuSecondsMedian: round(cpu[cpu.length >> 1] ?? 0),
    cpuSecondsWorst: round(cpu.at(-1) ?? 0),
    cpuSecondsWorst1080p: round(worst1080),
    peakRssMb: Math.round(Math.max(...[...measured.values()].map(({ peakRssMb }) => peakRssMb))),
    // Rules were made by looking at the first two; the third shows how they do on what they have not seen.
    sets: Object.fromEntries(Object.entries(scores).map(([set, own]) => [set, { images: own.length, ...sumOf(own) }])),
  };
  console.log(summary);
  for (const [set, own] of Object.entries(scores)) {
    console.log(set);
    console.table(sumOf(own));
  }
  writeFileSync(results, `${JSON.stringify({ ...summary, each: images }, null, 1)}\n`);
}
