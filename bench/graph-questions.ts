// Asks the made-up graph through its verbs, in this process, and says how long answers take. Runs as a process of its own.
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { createGraphWorker } from "@opentrace/server/src/graph/snapshot/graph-worker.ts";
import { graphVerbs } from "@opentrace/server/src/graph/verbs.ts";
import { openStore, type StoreConfig } from "@opentrace/server/src/store/store.ts";
import { permissions, type Verb, type VerbContext } from "@opentrace/server/src/verb.ts";
import { createGraphCorpus } from "./graph-corpus.ts";
import { measureTimes, round2, type Times } from "./percentiles.ts";
import { searches } from "./graph-searches.ts";

const { config, nodes, edges, rounds } = JSON.parse(process.argv[2] ?? "") as {
  config: StoreConfig;
  nodes: number;
  edges: number;
  rounds: number;
};
const silent = (): void => undefined;
const context = (): VerbContext => ({
  actor: { kind: "local", id: "local", permissions: new Set(permissions) },
  workspace: "default",
  signal: new AbortController().signal,
  log: { debug: silent, info: silent, warn: silent, error: silent },
  now: () => new Date(),
});
const rssMb = (): number => Math.round(process.memoryUsage().rss / 2 ** 20);

const keys = createGraphCorpus({ nodes, edges }).someKeys(500);
const key = (at: number): string => keys[at % keys.length]!;
const store = await openStore(config);
const worker = createGraphWorker({ config });
const sourceFiles = {
  read: () => {
    throw new Error("not measured");
  },
};
type Ask = (name: string, input: object) => Promise<unknown>;
const asker = (own: typeof worker): Ask => {
  const verbs = new Map<string, Verb>(graphVerbs({ store, worker: own, sourceFiles }).map((verb) => [verb.name, verb]));
  return (name, input) => {
    const verb = verbs.get(`graph.${name}`)!;
    return verb.run(context(), verb.input.parse(input));
  };
};
const ask = asker(worker);

async function cold(name: string, input: object): Promise<number> {
  const start = performance.now();
  await ask(name, input);
  return round2(performance.now() - start);
}

const loop = monitorEventLoopDelay({ resolution: 2 });
loop.enable();
const rssBeforeMb = rssMb();
const searchColdMs = await cold("search", { q: "PaymentService" });
const statsColdMs = await cold("stats", {});
const criticalColdMs = await cold("critical", {});
// The first traversal has the adjacency fetched in the background.
for (let tries = 0; tries < 200; tries++) {
  await ask("impact", { id: key(0) });
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const eventLoopWhileBuildingMs = round2(loop.max / 1e6);
console.log({ searchColdMs, statsColdMs, criticalColdMs, eventLoopWhileBuildingMs });

/** The longest that the event loop stood still during each, too. */
const results: (readonly [string, Times & { loop: number }])[] = [];
async function measure(name: string, work: (at: number) => Promise<unknown>, count = rounds): Promise<void> {
  loop.reset();
  const [, times] = await measureTimes(name, work, count);
  results.push([name, { ...times, loop: round2(loop.max / 1e6) }]);
}

await measure("node by key", (at) => ask("listNodes", { key: key(at) }));
await measure("neighbours (limit 50)", (at) => ask("neighbors", { id: key(at) }));
await measure("node with neighbours", (at) => ask("getNode", { id: key(at) }));
await measure("search (limit 20)", (at) => ask("search", { q: searches[at % searches.length]! }));
await measure("list by type (limit 50)", () => ask("listNodes", { type: "Class" }), 50);
await measure("dependencies, 3 hops (limit 20)", (at) => ask("dependencies", { id: key(at), limit: 20 }));
await measure("impact, 3 hops (limit 20)", (at) => ask("impact", { id: key(at), limit: 20 }));
await measure("impact, 3 hops (limit 100)", (at) => ask("impact", { id: key(at) }));
await measure("path, up to 6 hops", (at) => ask("path", { from: key(at), to: key(at + 250), k: 1 }));
await measure("path, 3 alternatives", (at) => ask("path", { from: key(at), to: key(at + 250), k: 3 }));
await measure("similar (limit 10)", (at) => ask("similar", { id: key(at) }), 100);
await measure("critical (limit 20)", () => ask("critical", {}), 20);
await measure("stats", () => ask("stats", {}), 50);
const rssWarmMb = rssMb();
const askStore = asker({ ...worker, csrOf: () => null, lastCsrOf: () => null });
await measure("impact, 3 hops, from the store", (at) => askStore("impact", { id: key(at), limit: 20 }), 100);
await measure("path, from the store", (at) => askStore("path", { from: key(at), to: key(at + 250), k: 1 }), 50);
console.log({ rssBeforeMb, rssWarmMb, longestLoopMs: Math.max(...results.map(([, { loop: most }]) => most)) });
await worker.close();
await store.close();
process.send?.({
  searchColdMs,
  statsColdMs,
  criticalColdMs,
  eventLoopWhileBuildingMs,
  rssBeforeMb,
  rssWarmMb,
  milliseconds: Object.fromEntries(results),
});
