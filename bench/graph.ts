// The graph at 200,000 nodes and 1,000,000 edges: writing it through the real ingest, asking it in process and through the real HTTP
// server with authentication, memory, and how long the server's event loop stands still while a repository is indexed beside it.
//
//   npm run bench -- graph                       prints; `--save` also writes results/graph-<engine>.json
//     --nodes N --edges N --rounds N             another size
//     --data DIR                                 keep the written graph there, and take it from there next time
//     --only write,questions,rest,indexing       some parts
//     --postgres                                 on a PostgreSQL of its own instead of SQLite
import { fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { StoreConfig } from "@opentrace/server/src/store/store.ts";
import { createDatabase, startPostgres, stopPostgres } from "@opentrace/server/src/store/testing/postgres.ts";
import { measureServer, measureWhileIndexing } from "./graph-rest.ts";
import { round2 } from "./percentiles.ts";

const parts = ["write", "questions", "rest", "indexing"];

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      nodes: { type: "string", default: "200000" },
      edges: { type: "string", default: "1000000" },
      rounds: { type: "string", default: "300" },
      data: { type: "string" },
      only: { type: "string", default: parts.join(",") },
      postgres: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
    },
  });
  const only = new Set(values.only.split(","));
  const size = { nodes: Number(values.nodes), edges: Number(values.edges), rounds: Number(values.rounds) };
  const engine = values.postgres ? "postgres" : "sqlite";
  const folder = values.data ?? mkdtempSync(path.join(tmpdir(), "opentrace-bench-"));
  mkdirSync(folder, { recursive: true });
  const loadBefore = round2(loadavg()[0]!);
  try {
    const url = values.postgres ? (await createDatabase(await startPostgres(folder))).url : null;
    const config: StoreConfig = url === null ? { dataDir: folder } : { databaseUrl: url };
    const isWritten = url === null && existsSync(path.join(folder, "graph.db"));
    const written = isWritten ? null : await inProcess("graph-write.ts", { config, ...size });
    const asked = only.has("questions") ? await inProcess("graph-questions.ts", { config, ...size }) : null;
    const server = only.has("rest") ? await measureServer({ config, ...size }) : null;
    const indexing = only.has("indexing") ? await measureWhileIndexing({ config, ...size }) : null;
    const report = {
      bench: "graph",
      engine,
      date: new Date().toISOString(),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? "?"}`,
      node: process.version,
      // Above the number of cores the times are those of a busy machine, not of the graph.
      loadAverage: { before: loadBefore, after: round2(loadavg()[0]!) },
      written,
      asked,
      server,
      indexing,
    };
    if (!values.save) return console.log("load average", report.loadAverage);
    const results = path.join(import.meta.dirname, "results");
    mkdirSync(results, { recursive: true });
    writeFileSync(path.join(results, `graph-${engine}.json`), `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    if (values.postgres) stopPostgres(folder);
    if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** A process for each part, so that the memory of one is not counted for the next. Answers what the script sends. */
async function inProcess(script: string, input: object): Promise<unknown> {
  const child = fork(path.join(import.meta.dirname, script), [JSON.stringify(input)]);
  let answer: unknown = null;
  child.on("message", (message) => (answer = message));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0 || answer === null) throw new Error(`${script} ended with ${code} and no result.`);
  return answer;
}
