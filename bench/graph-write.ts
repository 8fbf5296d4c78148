// Writes the made-up graph through the real ingest and says what that cost. Runs as a process of its own for bench/graph.ts.
import { performance } from "node:perf_hooks";
import { createIngest } from "@opentrace/server/src/graph/ingest.ts";
import { openStore, type StoreConfig } from "@opentrace/server/src/store/store.ts";
import { createGraphCorpus, graphSource } from "./graph-corpus.ts";
import { measureTimes, round2 } from "./percentiles.ts";

const { config, nodes, edges } = JSON.parse(process.argv[2] ?? "") as {
  config: StoreConfig;
  nodes: number;
  edges: number;
};
const corpus = createGraphCorpus({ nodes, edges });
const store = await openStore(config);
const ingest = createIngest({ store });
const ref = { workspace: "default", source: graphSource };
const { signal } = new AbortController();
await ingest.openSource({ ...ref, name: "big", kind: "repository" });
let micros = 0;
let slowest = 0;
let batches = 0;
let totals = { nodes: 0, edges: 0 };
for (let file = 0; file < corpus.files;) {
  const scopes: ReturnType<typeof corpus.scopeOf>[] = [];
  for (let facts = 0; facts < 2_000 && file < corpus.files; file++) {
    const scope = corpus.scopeOf(file);
    facts += scope.nodes.length + scope.edges.length;
    scopes.push(scope);
  }
  const before = process.cpuUsage();
  const start = performance.now();
  totals = await ingest.apply(ref, { scopes, removedScopes: [], files: [], removedFiles: [] }, signal);
  slowest = Math.max(slowest, performance.now() - start);
  const { user, system } = process.cpuUsage(before);
  micros += user + system;
  batches++;
}
await ingest.mark(ref, { state: "fresh", observedAt: new Date() });
const cpu = micros / 1e6;
const result = {
  nodes: totals.nodes,
  edges: totals.edges,
  batches,
  cpuSeconds: round2(cpu),
  cpuSecondsFor70kNodesAnd300kEdges: round2((cpu * 370_000) / (totals.nodes + totals.edges)),
  slowestBatchMs: round2(slowest),
  peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
};
console.log("write", result);
const edited = corpus.scopeOf(Math.floor(corpus.files / 2));
const [, oneFile] = await measureTimes(
  "one file written again",
  () => ingest.apply(ref, { scopes: [edited], removedScopes: [], files: [], removedFiles: [] }, signal),
  50,
);
await store.close();
process.send?.({ ...result, oneFile });
