// The same questions through the real server: HTTP, authentication, JSON. And what a server does to its callers while it indexes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreConfig } from "@opentrace/server/src/store/store.ts";
import { createGraphCorpus } from "./graph-corpus.ts";
import { searches } from "./graph-searches.ts";
import { prepareCorpus } from "./indexing-corpus.ts";
import { measureTimes, round2, type Times } from "./percentiles.ts";

interface Options {
  config: StoreConfig;
  nodes: number;
  edges: number;
  rounds: number;
}

interface State {
  /** Longest stand of the event loop since the state was last asked for. */
  loopMaxMs: number;
  rssMb: number;
}

interface Running {
  pid: number;
  send(method: string, path: string, body?: object): Promise<unknown>;
  state(): Promise<State>;
  stop(): Promise<void>;
}

export async function startBenchServer(config: StoreConfig): Promise<Running> {
  const env = "dataDir" in config ? { OPENTRACE_DATA: config.dataDir } : { DATABASE_URL: config.databaseUrl };
  const child = fork(path.join(import.meta.dirname, "graph-server.ts"), [JSON.stringify(env)]);
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The server ended with ${code}.`);
  });
  ended.catch(() => undefined);
  const next = async <T>(): Promise<T> => (await Promise.race([once(child, "message"), ended]))[0] as T;
  const { address, key } = await next<{ address: string; key: string }>();
  // One connection that stays, as a browser or an assistant has it.
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const send = (method: string, url: string, body?: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const headers = { "x-api-key": key, ...(body === undefined ? {} : { "content-type": "application/json" }) };
      const outgoing = request(`${address}/api/v1${url}`, { method, agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => {
          if ((response.statusCode ?? 500) < 300) resolve(text === "" ? null : JSON.parse(text));
          else reject(new Error(`${method} ${url}: ${response.statusCode} ${text.slice(0, 300)}`));
        });
      });
      outgoing.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    pid: child.pid ?? 0,
    send,
    async state() {
      const answer = next<State>();
      child.send("state");
      const { loopMaxMs, rssMb } = await answer;
      return { loopMaxMs: round2(loopMaxMs), rssMb: Math.round(rssMb) };
    },
    async stop() {
      agent.destroy();
      child.send("stop");
      await ended.catch(() => undefined);
    },
  };
}

/** Questions as requests, by the names they have in process. */
function questions(keys: readonly string[]): [name: string, path: (at: number) => string][] {
  const key = (at: number): string => encodeURIComponent(keys[at % keys.length]!);
  return [
    ["node by key", (at) => `/graph/nodes?key=${key(at)}`],
    ["neighbours (limit 50)", (at) => `/graph/nodes/${key(at)}/neighbors`],
    ["search (limit 20)", (at) => `/graph/search?q=${encodeURIComponent(searches[at % searches.length]!)}`],
    ["list by type (limit 50)", () => "/graph/nodes?type=Class"],
    ["impact, 3 hops (limit 20)", (at) => `/graph/nodes/${key(at)}/impact?limit=20`],
    ["path, up to 6 hops", (at) => `/graph/path?from=${key(at)}&to=${key(at + 250)}&k=1`],
    ["path, 3 alternatives", (at) => `/graph/path?from=${key(at)}&to=${key(at + 250)}&k=3`],
  ];
}

export async function measureServer({ config, rounds, ...size }: Options) {
  const server = await startBenchServer(config);
  try {
    await sleep(2_000);
    const idleRssMb = (await server.state()).rssMb;
    const keys = createGraphCorpus(size).someKeys(500);
    await server.send("GET", "/graph/search?q=warm");
    for (let tries = 0; tries < 100; tries++) {
      await server.send("GET", `/graph/nodes/${encodeURIComponent(keys[0]!)}/impact`);
      await sleep(20);
    }
    const loopWhileBuildingMs = (await server.state()).loopMaxMs;
    const milliseconds: Record<string, Times> = {};
    for (const [name, url] of questions(keys)) {
      const [, times] = await measureTimes(`REST: ${name}`, (at) => server.send("GET", url(at)), rounds);
      milliseconds[name] = times;
    }
    const { rssMb: warmRssMb, loopMaxMs } = await server.state();
    const result = { idleRssMb, warmRssMb, loopWhileBuildingMs, loopMaxMs };
    console.log("server", result);
    return { ...result, milliseconds };
  } finally {
    await server.stop();
  }
}

interface JobState {
  state: string;
  error: { message: string } | null;
}

/** A real repository is indexed into the same graph while its users go on asking. */
export async function measureWhileIndexing({ config, ...size }: Options) {
  const corpus = prepareCorpus("django");
  const server = await startBenchServer(config);
  const keys = createGraphCorpus(size).someKeys(500);
  try {
    await server.send("GET", "/graph/search?q=warm");
    await server.state();
    const added = (await server.send("POST", "/repositories", { source: corpus.folder })) as {
      repository: { id: string };
      job: { id: string };
    };
    const times: number[] = [];
    const all = questions(keys);
    let job: JobState;
    let peakRssMb = 0;
    let loopMaxMs = 0;
    for (let at = 0; ; at++) {
      const start = performance.now();
      await server.send("GET", all[at % all.length]![1](at));
      times.push(performance.now() - start);
      await sleep(50);
      job = (await server.send("GET", `/jobs/${added.job.id}`)) as JobState;
      const state = await server.state();
      peakRssMb = Math.max(peakRssMb, state.rssMb);
      loopMaxMs = Math.max(loopMaxMs, state.loopMaxMs);
      if (job.state !== "queued" && job.state !== "running") break;
    }
    await server.send("DELETE", `/repositories/${added.repository.id}`);
    for (let left = 1; left > 0; await sleep(100)) {
      const { repositories } = (await server.send("GET", "/repositories")) as { repositories: unknown[] };
      left = repositories.length;
    }
    times.sort((a, b) => a - b);
    const part = (share: number): number =>
      round2(times[Math.min(times.length - 1, Math.floor(times.length * share))]!);
    const result = {
      repository: corpus.name,
      ended: job.error?.message ?? job.state,
      loopMaxMs,
      peakRssMb,
      asked: times.length,
      milliseconds: { p50: part(0.5), p95: part(0.95), max: part(1) },
    };
    console.log("while indexing", result);
    return result;
  } finally {
    await server.stop();
  }
}
