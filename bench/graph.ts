// The graph on a synthetic code base of 200,000 nodes and 1,000,000 edges: cost of writing it through the real ingest, and how long
// questions take in process. `node bench/graph.ts [--nodes N] [--edges N] [--postgres]`; results go to bench/results/graph-<engine>.json.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import type { EdgeFact, NodeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import type { EdgeType } from "@opentrace/contract/graph.ts";
import { fileKey, symbolKey } from "@opentrace/contract/keys.ts";
import { createIngest } from "@opentrace/server/src/graph/ingest.ts";
import { createGraphWorker } from "@opentrace/server/src/graph/snapshot/graph-worker.ts";
import { graphVerbs } from "@opentrace/server/src/graph/verbs.ts";
import { openStore, type StoreConfig } from "@opentrace/server/src/store/store.ts";
import { createDatabase, startPostgres, stopPostgres } from "@opentrace/server/src/store/testing/postgres.ts";
import { permissions, type Verb, type VerbContext } from "@opentrace/server/src/verb.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "200000" },
    edges: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "300" },
    postgres: { type: "boolean", default: false },
    "write-only": { type: "boolean", default: false },
  },
});
const nodesWanted = Number(values.nodes);
const edgesWanted = Number(values.edges);
const rounds = Number(values.rounds);
const repo = "local/bench/big";
const source = `repo:${repo}`;
const symbolsAFile = 24;

/** Numerical Recipes' generator: the same graph every time. */
let seed = 20_261_121;
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

const verbsOfNames = [
  "get",
  "set",
  "load",
  "save",
  "parse",
  "render",
  "create",
  "delete",
  "handle",
  "validate",
  "find",
  "sync",
];
const nouns = [
  "User",
  "Order",
  "Payment",
  "Invoice",
  "Session",
  "Request",
  "Query",
  "Cache",
  "Token",
  "Report",
  "Config",
  "Stream",
  "Model",
  "Field",
  "Node",
];
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

interface Place {
  path: string;
  symbol: string;
}

const fileCount = Math.ceil(nodesWanted / (symbolsAFile + 1));
const pathOf = (file: number): string => `src/${pick2(file)}/module_${file}.py`;
const pick2 = (file: number): string => nouns[file % nouns.length]!.toLowerCase() + (Math.floor(file / 200) % 40);

/** Files are made when they are written, as an indexer would; names depend on the file's number alone. */
function symbolsOf(file: number): Place[] {
  const path = pathOf(file);
  const names: Place[] = [];
  for (let at = 0; at < symbolsAFile; at++) {
    const noun = nouns[(file * 7 + at) % nouns.length]!;
    const verb = verbsOfNames[(file + at * 5) % verbsOfNames.length]!;
    const owner = `${noun}${file % 97}Service`;
    names.push({ path, symbol: at % 6 === 0 ? `${owner}${at}` : `${verb}${noun}_${at}${file % 1000}` });
  }
  return names;
}

/** Few symbols are used by nearly everybody, most by hardly anybody: rank^-1 over all files. */
function popularFile(): number {
  return Math.min(fileCount - 1, Math.floor(fileCount ** random()) - 1);
}

const edgeKinds: readonly EdgeType[] = ["CALLS", "CALLS", "CALLS", "REFERENCES", "EXTENDS"];

function scopeOf(file: number): ScopeFacts & { hash: string } {
  const path = pathOf(file);
  const symbols = symbolsOf(file);
  const nodes: NodeFact[] = [
    {
      key: fileKey(repo, path),
      type: "File",
      name: path.slice(path.lastIndexOf("/") + 1),
      props: { path, language: "python" },
    },
  ];
  const edges: EdgeFact[] = [];
  symbols.forEach(({ symbol }, at) => {
    nodes.push({
      key: symbolKey(repo, path, symbol),
      type: at % 6 === 0 ? "Class" : "Function",
      name: symbol,
      props: {
        path,
        symbol,
        range: { startLine: at * 20 + 1, startColumn: 0, endLine: at * 20 + 18, endColumn: 0 },
        signature: `def ${symbol}(self, request, *args, **kwargs)`,
        ...(at % 3 === 0
          ? { doc: `Returns the ${pick(nouns).toLowerCase()} of the ${pick(nouns).toLowerCase()}, or None.` }
          : {}),
        visibility: "public",
        exported: true,
        language: "python",
      },
    });
    edges.push({
      from: fileKey(repo, path),
      to: symbolKey(repo, path, symbol),
      type: "DEFINES",
      evidence: [`${path}:${at * 20 + 1}`],
    });
  });
  const seen = new Set<string>();
  const wanted = Math.round(edgesWanted / fileCount);
  for (let tries = 0; edges.length < wanted && tries < wanted * 3; tries++) {
    const from = pick(symbols);
    const target = random() < 0.5 ? symbols : symbolsOf(popularFile());
    const to = target[Math.min(symbolsAFile - 1, Math.floor(symbolsAFile ** random()) - 1)]!;
    const type = pick(edgeKinds);
    const identity = `${from.symbol} ${type} ${to.path} ${to.symbol}`;
    if (seen.has(identity) || from === to) continue;
    seen.add(identity);
    edges.push({
      from: symbolKey(repo, path, from.symbol),
      to: symbolKey(repo, to.path, to.symbol),
      type,
      evidence: [`${path}:${Math.floor(random() * 480)}`],
      ...(type === "CALLS" ? { confidence: 0.9, rule: "declared-type" } : {}),
    });
  }
  return { scope: `file:${path}`, nodes, edges, hash: String(file) };
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
const round = (value: number): number => Math.round(value * 100) / 100;
const cpuSeconds = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

const ctx = (): VerbContext => ({
  actor: { kind: "local", id: "local", permissions: new Set(permissions) },
  workspace: "default",
  signal: new AbortController().signal,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  now: () => new Date(),
});

async function measure(name: string, run: (at: number) => Promise<unknown>, count = rounds) {
  for (let at = 0; at < 20; at++) await run(at);
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const start = performance.now();
    await run(at);
    times.push(performance.now() - start);
    // As a server would: other work gets its turn between two questions.
    await new Promise(setImmediate);
  }
  times.sort((a, b) => a - b);
  const result = { p50: round(percentile(times, 0.5)), p95: round(percentile(times, 0.95)), max: round(times.at(-1)!) };
  console.log(`${name.padEnd(34)} p50 ${result.p50} ms   p95 ${result.p95} ms   max ${result.max} ms`);
  return [name, result] as const;
}

async function write(config: StoreConfig) {
  const store = await openStore(config);
  const ingest = createIngest({ store });
  const ref = { workspace: "default", source };
  await ingest.openSource({ ...ref, name: "big", kind: "repository" });
  const signal = new AbortController().signal;
  const loop = monitorEventLoopDelay({ resolution: 5 });
  let cpu = 0;
  let system = 0;
  let slowest = 0;
  let batches = 0;
  let totals = { nodes: 0, edges: 0 };
  loop.enable();
  for (let file = 0; file < fileCount;) {
    const scopes: ReturnType<typeof scopeOf>[] = [];
    for (let facts = 0; facts < 2_000 && file < fileCount; file++) {
      const scope = scopeOf(file);
      facts += scope.nodes.length + scope.edges.length;
      scopes.push(scope);
    }
    const before = process.cpuUsage();
    const start = performance.now();
    totals = await ingest.apply(ref, { scopes, removedScopes: [], files: [], removedFiles: [] }, signal);
    slowest = Math.max(slowest, performance.now() - start);
    cpu += cpuSeconds(before);
    system += process.cpuUsage(before).system / 1e6;
    batches++;
  }
  loop.disable();
  await ingest.mark(ref, { state: "fresh", observedAt: new Date() });
  const result = {
    nodes: totals.nodes,
    edges: totals.edges,
    batches,
    cpuSeconds: round(cpu),
    ofThatSystem: round(system),
    cpuSecondsFor70kNodesAnd300kEdges: round((cpu * 370_000) / (totals.nodes + totals.edges)),
    slowestBatchMs: round(slowest),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  console.log("write", result);

  const edited = scopeOf(Math.floor(fileCount / 2));
  const change = await measure(
    "one file written again",
    () => ingest.apply(ref, { scopes: [edited], removedScopes: [], files: [], removedFiles: [] }, signal),
    50,
  );
  await store.close();
  return { ...result, oneFile: change[1] };
}

async function query(config: StoreConfig) {
  const store = await openStore(config);
  const worker = createGraphWorker({ config });
  const sourceFiles = {
    read: () => {
      throw new Error("not measured");
    },
  };
  const verbs = new Map<string, Verb>(graphVerbs({ store, worker, sourceFiles }).map((verb) => [verb.name, verb]));
  const ask = (name: string, input: object) => {
    const verb = verbs.get(`graph.${name}`)!;
    return verb.run(ctx(), verb.input.parse(input));
  };
  const places = Array.from({ length: 500 }, () => pick(symbolsOf(Math.floor(random() * fileCount))));
  const key = (at: number): string => {
    const { path, symbol } = places[at % places.length]!;
    return symbolKey(repo, path, symbol);
  };
  const coldStart = performance.now();
  await ask("search", { q: "PaymentService" });
  const searchColdMs = round(performance.now() - coldStart);
  const statsStart = performance.now();
  await ask("stats", {});
  const snapshotColdMs = round(performance.now() - statsStart);
  const criticalStart = performance.now();
  await ask("critical", {});
  const criticalColdMs = round(performance.now() - criticalStart);
  // The adjacency is fetched in the background by the first traversal.
  for (let tries = 0; tries < 200; tries++) {
    await ask("impact", { id: key(0) });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log({ searchColdMs, snapshotColdMs, criticalColdMs });
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const queries = [
    "PaymentService",
    "pay",
    "getUser",
    "validate",
    "token cache",
    "module_77",
    "src/order3",
    "returns",
    "PaymetnService",
    "User42Service",
    "sessionstream",
    "handle_",
    "Report.render",
    "xyzzy",
    "e",
  ];
  const results = [
    await measure("node by key", (at) => ask("listNodes", { key: key(at) })),
    await measure("neighbours (limit 50)", (at) => ask("neighbors", { id: key(at) })),
    await measure("node with neighbours", (at) => ask("getNode", { id: key(at) })),
    await measure("search (limit 20)", (at) => ask("search", { q: queries[at % queries.length]! })),
    await measure("list by type (limit 50)", () => ask("listNodes", { type: "Class" }), 50),
    await measure("dependencies, 3 hops (limit 20)", (at) => ask("dependencies", { id: key(at), limit: 20 })),
    await measure("impact, 3 hops (limit 20)", (at) => ask("impact", { id: key(at), limit: 20 })),
    await measure("impact, 3 hops (limit 100)", (at) => ask("impact", { id: key(at) })),
    await measure("path, up to 6 hops", (at) => ask("path", { from: key(at), to: key(at + 250), k: 1 })),
    await measure("path, 3 alternatives", (at) => ask("path", { from: key(at), to: key(at + 250), k: 3 }), 100),
    await measure("similar (limit 10)", (at) => ask("similar", { id: key(at) }), 100),
    await measure("critical (limit 20)", () => ask("critical", {}), 20),
    await measure("stats", () => ask("stats", {}), 50),
  ];
  const bySql = new Map<string, Verb>(
    graphVerbs({ store, worker: { ...worker, csrOf: () => null }, sourceFiles }).map((verb) => [verb.name, verb]),
  );
  const askSql = (name: string, input: object) => {
    const verb = bySql.get(`graph.${name}`)!;
    return verb.run(ctx(), verb.input.parse(input));
  };
  results.push(
    await measure("impact, 3 hops, from the store", (at) => askSql("impact", { id: key(at), limit: 20 }), 100),
  );
  results.push(
    await measure("path, from the store", (at) => askSql("path", { from: key(at), to: key(at + 250), k: 1 }), 50),
  );
  loop.disable();
  const eventLoopMaxMs = round(loop.max / 1e6);
  const rssMb = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log({ eventLoopMaxMs, rssMb });
  await worker.close();
  await store.close();
  return {
    searchColdMs,
    snapshotColdMs,
    criticalColdMs,
    eventLoopMaxMs,
    rssMb,
    milliseconds: Object.fromEntries(results),
  };
}

const folder = mkdtempSync(join(tmpdir(), "opentrace-bench-"));
const engine = values.postgres ? "postgres" : "sqlite";
try {
  const url = values.postgres ? (await createDatabase(await startPostgres(folder))).url : null;
  const config: StoreConfig = url === null ? { dataDir: folder } : { databaseUrl: url };
  const written = await write(config);
  const asked = values["write-only"] ? null : await query(config);
  if (asked !== null) {
    const results = join(import.meta.dirname, "results");
    mkdirSync(results, { recursive: true });
    const report = {
      bench: "graph",
      engine,
      date: new Date().toISOString(),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? "?"}`,
      node: process.version,
      // Above the number of cores the times are those of a busy machine, not of the graph.
      loadAverage: round(loadavg()[0]!),
      written,
      asked,
    };
    writeFileSync(join(results, `graph-${engine}.json`), `${JSON.stringify(report, null, 2)}\n`);
  }
} finally {
  if (values.postgres) stopPostgres(folder);
  rmSync(folder, { recursive: true, force: true });
}
