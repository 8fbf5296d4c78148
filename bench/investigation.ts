// Timelines, hypotheses, runbooks and drafts through the real server over HTTP, with years of incidents in the store and of deliveries in the graph.
//
//   npm run bench -- investigation               100,000 incidents with 1,000,000 pieces of evidence, 300 services that change
//     --incidents 100000 --evidence 10           so many, and so many of each
//     --changes 150                              merged changes of each service over three years; a deployment for every third
//     --folder DIR                               keep the data there, and use what is there (also that of the incidents bench)
//     --count 100                                requests of each kind
//     --postgres postgres://…                    on PostgreSQL instead of the embedded store (--folder: it is there already)
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { createIngest } from "@opentrace/server/src/graph/ingest.ts";
import { openStore, type Store } from "@opentrace/server/src/store/store.ts";
import { services, writeIncidents } from "./incidents-corpus.ts";
import { cpuOf, measureTimes, round2, type Times } from "./percentiles.ts";

const year = 365 * 24 * 3_600_000;
const since = Date.UTC(2023, 0, 1);
const never = new AbortController().signal;
const functionsEach = 60;
const runbooks = 1_000;

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      incidents: { type: "string", default: "100000" },
      evidence: { type: "string", default: "10" },
      changes: { type: "string", default: "150" },
      folder: { type: "string" },
      count: { type: "string", default: "100" },
      postgres: { type: "string" },
    },
  });
  const folder = values.folder ?? mkdtempSync(path.join(os.tmpdir(), "opentrace-bench-investigation-"));
  const size = { incidents: Number(values.incidents), evidenceEach: Number(values.evidence) };
  const changesEach = Number(values.changes);
  try {
    const store = await openStore(
      values.postgres === undefined ? { dataDir: folder } : { databaseUrl: values.postgres },
    );
    try {
      const [incidentsWritten, graphWritten] = [path.join(folder, "written"), path.join(folder, "graph-written")];
      if (!existsSync(incidentsWritten)) await writeIncidents(store, size);
      writeFileSync(incidentsWritten, "");
      if (!existsSync(graphWritten)) await writeDeliveries(store, changesEach);
      writeFileSync(graphWritten, "");
    } finally {
      await store.close();
    }
    const milliseconds = await measureInvestigation(
      { OPENTRACE_DATA: folder, ...(values.postgres === undefined ? {} : { DATABASE_URL: values.postgres }) },
      size.incidents,
      Number(values.count),
    );
    const measured = {
      measuredAt: new Date().toISOString().slice(0, 10),
      cpu: os.cpus()[0]?.model,
      cores: os.cpus().length,
      node: process.version,
      ...size,
      services: services.length,
      changesEach,
      runbooks,
      loadAverage: os.loadavg().map(round2),
    };
    writeFileSync(
      path.join(
        import.meta.dirname,
        "results",
        `investigation-${values.postgres === undefined ? "sqlite" : "postgres"}.json`,
      ),
      `${JSON.stringify({ ...measured, milliseconds }, null, 2)}\n`,
    );
  } finally {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Of each service a repository with functions that call each other, what was merged, and every third time deployed; services ask others. */
async function writeDeliveries(store: Store, changesEach: number): Promise<void> {
  const ingest = createIngest({ store });
  const source = { workspace: "default", source: "integration:bench" };
  await ingest.openSource({ ...source, name: "Bench", kind: "integration" });
  for (const [at, service] of services.entries()) {
    const repository = `github.com/acme/${service}`;
    const nodes: NodeFact[] = [
      { key: `repo:${repository}`, type: "Repository", name: `acme/${service}` },
      { key: `service:${service}`, type: "Service", name: service },
    ];
    const edges: EdgeFact[] = [{ from: `repo:${repository}`, to: `service:${service}`, type: "BUILDS" }];
    for (const step of [1, 7, 31])
      edges.push({
        from: `service:${service}`,
        to: `service:${services[(at + step) % services.length]}`,
        type: "REQUESTS",
      });
    const symbol = (n: number): string => `symbol:${repository}#src/part${Math.floor(n / 6)}.ts#work${n}`;
    const file = (n: number): string => `file:${repository}#src/part${Math.floor(n / 6)}.ts`;
    for (let n = 0; n < functionsEach; n++) {
      if (n % 6 === 0) {
        nodes.push({ key: file(n), type: "File", name: `part${n / 6}.ts` });
        edges.push({ from: `repo:${repository}`, to: file(n), type: "CONTAINS" });
      }
      const range = { startLine: (n % 6) * 10 + 1, endLine: (n % 6) * 10 + 9 };
      nodes.push({ key: symbol(n), type: "Function", name: `work${n}`, props: { range } });
      edges.push({ from: file(n), to: symbol(n), type: "DEFINES" });
      for (const next of [n * 2 + 1, n * 2 + 2].filter((one) => one < functionsEach))
        edges.push({ from: symbol(n), to: symbol(next), type: "CALLS" });
    }
    const scopes = [{ scope: `service/${service}`, nodes, edges, hash: `service-${service}` }];
    for (let n = 0; n < changesEach; n++) {
      const time = new Date(since + ((n + (at % 10) / 10) * 3 * year) / changesEach).toISOString();
      const key = `pr:${repository}#${n}`;
      const facts: { nodes: NodeFact[]; edges: EdgeFact[] } = {
        nodes: [
          {
            key,
            type: "PullRequest",
            name: `Change ${n} of ${service}`,
            props: { number: n, state: "merged", author: "ada", createdAt: time, updatedAt: time, mergedAt: time },
          },
        ],
        edges: [{ from: `repo:${repository}`, to: key, type: "CONTAINS" }],
      };
      for (const changed of [(n * 13) % functionsEach, (n * 29) % functionsEach])
        for (const to of new Set([symbol(changed), file(changed)]))
          if (!facts.edges.some((one) => one.to === to)) facts.edges.push({ from: key, to, type: "CHANGES" });
      if (n % 3 === 0) {
        const deployment = `deployment:${repository}#${n}`;
        facts.nodes.push({
          key: deployment,
          type: "Deployment",
          name: "production: main",
          props: { environment: "production", ref: "main", state: "success", createdAt: time, updatedAt: time },
        });
        facts.edges.push({ from: `repo:${repository}`, to: deployment, type: "CONTAINS" });
      }
      scopes.push({ scope: `change/${key}`, ...facts, hash: key });
    }
    await ingest.apply(source, { scopes, removedScopes: [], files: [], removedFiles: [] }, never);
    if (at % 50 === 0) console.log(`deliveries of ${at} of ${services.length} services written`);
  }
  await ingest.mark(source, { state: "fresh", observedAt: new Date() });
}

async function measureInvestigation(
  env: Record<string, string>,
  incidents: number,
  count: number,
): Promise<Record<string, Times & { cpu: number }>> {
  const child = fork(path.join(import.meta.dirname, "graph-server.ts"), [JSON.stringify(env)]);
  const [{ address, key }] = (await once(child, "message")) as [{ address: string; key: string }];
  const send = async (method: string, at: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${address}/api/v1${at}`, {
      method,
      headers: { "x-api-key": key, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${at} was answered with ${response.status}: ${await response.text()}`);
    return response.json();
  };
  try {
    const { total } = (await send("GET", "/runbooks?limit=1")) as { total: number };
    for (let at = total; at < runbooks; at++)
      await send("POST", "/runbooks", {
        title: `What to do when ${services[at % services.length]} does not answer (${at})`,
        body: `# Steps\n\nLook at the log of ${services[at % services.length]}. Roll back change ${at % 150}. Tell the owner.`,
        services: [services[at % services.length]],
      });
    // Another incident each time: people work on the newest; a few look at one of the years before.
    const some = (at: number): string => `inc_bench${incidents - at}`;
    const old = (at: number): string => `inc_bench${1 + ((at * 7919) % incidents)}`;
    for (let at = 0; at < count; at++)
      await send("POST", `/evidence/incident/${some(at)}`, {
        evidence_type: "log",
        title: "Log of a worker",
        content: `Error: unexpected state\n    at work3 (/srv/app/src/part0.ts:33:9)\n    at work1 (/srv/app/src/part0.ts:13:9)`,
      });
    const kinds: [string, (at: number) => Promise<unknown>][] = [
      ["timeline: built", (at) => send("POST", `/incidents/${some(at)}/generate-timeline`)],
      ["timeline: built, of years ago", (at) => send("POST", `/incidents/${old(at)}/generate-timeline`)],
      ["timeline: built again", (at) => send("POST", `/incidents/${some(at)}/generate-timeline`)],
      ["timeline: listed", (at) => send("GET", `/incidents/${some(at)}/timeline?limit=100`)],
      ["hypotheses: ranked", (at) => send("POST", `/incidents/${some(at)}/generate-hypotheses`)],
      ["hypotheses: ranked, of years ago", (at) => send("POST", `/incidents/${old(at)}/generate-hypotheses`)],
      ["hypotheses: listed", (at) => send("GET", `/hypotheses/incident/${some(at)}`)],
      ["actions: listed", (at) => send("GET", `/actions/incident/${some(at)}`)],
      ["runbooks: suggested", (at) => send("GET", `/incidents/${some(at)}/runbooks`)],
      ["runbooks: searched", (at) => send("GET", `/runbooks?q=${services[at % services.length]}`)],
      ["postmortem: drafted", (at) => send("POST", `/incidents/${some(at)}/generate-postmortem`)],
    ];
    const results: Record<string, Times & { cpu: number }> = {};
    for (const [name, work] of kinds) {
      const before = cpuOf(child.pid ?? 0);
      const [, times] = await measureTimes(name, work, count);
      results[name] = { ...times, cpu: round2((cpuOf(child.pid ?? 0) - before) / (count + 20)) };
      console.log(`${" ".repeat(35)}${results[name].cpu} ms of CPU each`);
    }
    const { items, verdict } = (await send("GET", `/hypotheses/incident/${some(3)}`)) as {
      items: unknown[];
      verdict: { considered: number };
    };
    console.log(`${verdict.considered} changes were looked at for one incident, ${items.length} hypotheses kept`);
    return results;
  } finally {
    child.send("stop");
    await once(child, "exit");
  }
}
