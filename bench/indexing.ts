// What indexing costs, through the command that users run (`opentrace index`, embedded store), beside a peer on the same sources.
//
//   npm run bench -- indexing                    the four repositories
//     --only django,fastify                      some of them
//     --peer                                     also @optave/codegraph's lean build, run by turns with ours
//     --linear                                   also 1 to 100 MB of source in one repository
//     --runs 3                                   runs of each; the median counts
//     --incremental                              also one file changed, and nothing changed, in a warm process
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder, corpusNames, growCorpus, prepareCorpus, sourceBytes, type Corpus } from "./indexing-corpus.ts";
import { measure, type Cost } from "./measure.ts";

const PEER = "@optave/codegraph@3.11.2";
const ROOT = path.join(import.meta.dirname, "..");
const LINEAR_MB = [1, 3, 10, 30, 100];

interface Measured {
  cpuSeconds: number;
  seconds: number;
  peakRssMb: number;
}

interface Row {
  name: string;
  about: string;
  sourceMb: number;
  ours: Measured & { nodes: number; edges: number; mbPerCpuSecond: number };
  peer?: Measured | { failed: string };
  /** Ours divided by the peer's: below 1 is better. */
  ratio?: { cpu: number; rss: number };
}

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      only: { type: "string" },
      peer: { type: "boolean", default: false },
      linear: { type: "boolean", default: false },
      incremental: { type: "boolean", default: false },
      runs: { type: "string", default: "1" },
    },
  });
  const runs = Math.max(1, Number(values.runs));
  const names = values.only?.split(",") ?? corpusNames;
  const peer = values.peer ? installPeer() : null;
  const corpora = names.map(prepareCorpus);
  const rows: Row[] = [];
  for (const corpus of corpora) rows.push(await compare(corpus, sourceBytes(corpus.folder), peer, runs));
  const linear: Row[] = [];
  if (values.linear) {
    const sources = corpusNames.map(prepareCorpus);
    for (const megabytes of LINEAR_MB) {
      const grown = growCorpus(megabytes, sources);
      linear.push(await compare(grown, grown.bytes, null, 1));
    }
  }
  const incremental = values.incremental ? await measureSyncs(corpora) : [];
  const result = { ...environment(), peer: peer === null ? null : PEER, runs, repositories: rows, linear, incremental };
  const folder = path.join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `indexing-${result.date.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\nWritten to ${path.relative(process.cwd(), file)}`);
}

async function compare(corpus: Corpus, bytes: number, peer: string | null, runs: number): Promise<Row> {
  const ours: (Measured & { nodes: number; edges: number })[] = [];
  const theirs: Measured[] = [];
  let failed: string | null = null;
  // By turns, so that a busy minute of the machine hits both.
  for (let round = 0; round < runs; round++) {
    ours.push(await runOurs(corpus));
    if (peer === null || failed !== null) continue;
    try {
      theirs.push(await runPeer(peer, corpus));
    } catch (error) {
      failed = error instanceof Error ? error.message.slice(0, 300) : String(error);
    }
  }
  const best = median(ours);
  const sourceMb = bytes / 1e6;
  const row: Row = {
    name: corpus.name,
    about: corpus.about,
    sourceMb: round2(sourceMb),
    ours: { ...best, mbPerCpuSecond: round2(sourceMb / best.cpuSeconds) },
  };
  if (failed !== null) row.peer = { failed };
  else if (theirs.length > 0) {
    const other = median(theirs);
    row.peer = other;
    row.ratio = { cpu: round2(best.cpuSeconds / other.cpuSeconds), rss: round2(best.peakRssMb / other.peakRssMb) };
  }
  const { ours: o, ratio } = row;
  console.log(
    `${corpus.name.padEnd(12)} ${sourceMb.toFixed(1).padStart(6)} MB  ours ${o.cpuSeconds.toFixed(2).padStart(6)} CPU s ${Math.round(o.peakRssMb)} MB (${o.mbPerCpuSecond} MB per CPU s, ${o.nodes} nodes, ${o.edges} edges)` +
      (row.peer !== undefined && "cpuSeconds" in row.peer
        ? `  peer ${row.peer.cpuSeconds.toFixed(2)} CPU s ${Math.round(row.peer.peakRssMb)} MB  ratio ${ratio?.cpu} CPU, ${ratio?.rss} RSS`
        : failed === null
          ? ""
          : `  peer failed: ${failed}`),
  );
  return row;
}

/** A fresh data folder each time: everything is read, parsed, resolved and written. */
async function runOurs(corpus: Corpus): Promise<Measured & { nodes: number; edges: number }> {
  const data = mkdtempSync(path.join(cacheFolder, ".data-"));
  try {
    const command = [
      path.join(ROOT, "node_modules/.bin/node"),
      path.join(ROOT, "cli/bin/opentrace.mjs"),
      "index",
      corpus.folder,
      "--data",
      data,
      "--json",
    ];
    const cost = await measure(command, { cwd: ROOT });
    const { nodes, edges } = JSON.parse(cost.stdout) as { nodes: number; edges: number };
    return { ...rounded(cost), nodes, edges };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function runPeer(binary: string, corpus: Corpus): Promise<Measured> {
  const copy = mkdtempSync(path.join(cacheFolder, ".peer-"));
  try {
    cpSync(corpus.folder, copy, { recursive: true });
    const flags = ["--no-incremental", "--no-ast", "--no-cfg", "--no-dataflow", "--no-complexity"];
    return rounded(await measure([binary, "build", ...flags, "."], { cwd: copy, env: machineEnvironment() }));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** One process that stays, as the server does: index, change one file, sync, sync again. */
async function measureSyncs(
  corpora: readonly Corpus[],
): Promise<{ name: string; oneFileCpuSeconds: number; noOpCpuSeconds: number }[]> {
  const results = [];
  for (const corpus of corpora) {
    const script = path.join(import.meta.dirname, "indexing-sync.ts");
    const { stdout } = await measure([process.execPath, script, corpus.folder], { cwd: ROOT });
    const { oneFileCpuSeconds, noOpCpuSeconds } = JSON.parse(stdout) as {
      oneFileCpuSeconds: number;
      noOpCpuSeconds: number;
    };
    console.log(
      `${corpus.name.padEnd(12)} one file changed ${oneFileCpuSeconds} CPU s, nothing changed ${noOpCpuSeconds} CPU s`,
    );
    results.push({ name: corpus.name, oneFileCpuSeconds, noOpCpuSeconds });
  }
  return results;
}

/** Into a folder of its own, on the machine's own Node: npm builds its native parts for that one. */
function installPeer(): string {
  const folder = path.join(cacheFolder, "peer");
  const binary = path.join(folder, "node_modules/.bin/codegraph");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const options = ["--no-audit", "--no-fund", "--prefix", folder];
    execFileSync("npm", ["install", ...options, PEER], { stdio: "inherit", env: machineEnvironment() });
  }
  return binary;
}

/** Without the Node that our npm scripts put first. */
function machineEnvironment(): NodeJS.ProcessEnv {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const own = folders.filter((folder) => !folder.includes(`${path.sep}node_modules${path.sep}`));
  return { ...process.env, PATH: own.join(path.delimiter) };
}

function environment() {
  const { model = "unknown" } = os.cpus()[0] ?? {};
  const commit = execFileSync("git", ["-C", ROOT, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  return {
    date: new Date().toISOString(),
    commit,
    node: process.version,
    git: execFileSync("git", ["--version"], { encoding: "utf8" }).trim(),
    machine: { cpus: os.cpus().length, model, memoryMb: Math.round(os.totalmem() / 1e6), loadBefore: os.loadavg()[0] },
  };
}

function median<T extends Measured>(all: readonly T[]): T {
  const sorted = [...all].sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("Nothing was measured.");
  return middle;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

function rounded({ cpuSeconds, seconds, peakRssMb }: Cost): Measured {
  return { cpuSeconds: round2(cpuSeconds), seconds: round2(seconds), peakRssMb: Math.round(peakRssMb) };
}
