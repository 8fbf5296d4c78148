// The offline reading of screenshots over the whole corpus: words found, CPU and memory of the process that reads, and a 1080p picture.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { structureText } from "@opentrace/server/src/screenshots/reading/structure-text.ts";
import { plainText } from "@opentrace/server/src/screenshots/reading/assemble-lines.ts";
import type { TextReading } from "@opentrace/server/src/screenshots/reading/read-text.ts";
import { corpusTruth, wordRecall } from "@opentrace/server/src/screenshots/testing/corpus.ts";

const child = join(import.meta.dirname, "screenshots-reading.ts");
const results = join(import.meta.dirname, "results", "screenshots.json");

interface Measured {
  reading: TextReading;
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

export async function run(): Promise<void> {
  const truth = corpusTruth();
  const files = Object.keys(truth);
  const measured = await readAll(files);
  let [found, of, kinds] = [0, 0, 0];
  const images: Record<string, object> = {};
  let worst1080 = 0;
  for (const file of files) {
    const one = truth[file];
    const got = measured.get(file);
    if (one === undefined || got === undefined) throw new Error(`${file} was not read`);
    const recall = wordRecall(one.words, plainText(got.reading.lines));
    found += recall.found;
    of += recall.of;
    if (structureText(got.reading).kind === one.kind) kinds++;
    if (one.look.width === 1920) worst1080 = Math.max(worst1080, got.cpuSeconds);
    images[file] = {
      width: one.look.width,
      recall: Number((recall.found / recall.of).toFixed(3)),
      cpuSeconds: Number(got.cpuSeconds.toFixed(2)),
    };
  }
  const cpu = [...measured.values()].map(({ cpuSeconds }) => cpuSeconds).toSorted((a, b) => a - b);
  const summary = {
    date: new Date().toISOString().slice(0, 10),
    images: files.length,
    words: of,
    wordRecall: Number((found / of).toFixed(4)),
    kindsRight: Number((kinds / files.length).toFixed(3)),
    cpuSecondsMedian: Number((cpu[cpu.length >> 1] ?? 0).toFixed(2)),
    cpuSecondsWorst: Number((cpu.at(-1) ?? 0).toFixed(2)),
    cpuSecondsWorst1080p: Number(worst1080.toFixed(2)),
    peakRssMb: Math.round(Math.max(...[...measured.values()].map(({ peakRssMb }) => peakRssMb))),
  };
  console.log(summary);
  writeFileSync(results, `${JSON.stringify({ ...summary, each: images }, null, 1)}\n`);
}
