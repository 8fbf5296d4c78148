// Questions about delivery through the real server over HTTP, in an organization of many repositories: what changed, which open pull
// requests touch this function, which pipeline deploys this service, in plain words and by their routes.
//
//   npm run bench -- delivery                    200 repositories with 50,000 issues and pull requests
//     --repositories 200 --items 50000
//     --postgres postgres://…                    on PostgreSQL instead of the embedded store (an empty database)
//     --count 100                                questions of each kind
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import { createIngest } from "@opentrace/server/src/graph/ingest.ts";
import { openStore, type StoreConfig } from "@opentrace/server/src/store/store.ts";
import { functionOf, repoName, repoOf, writeDelivery } from "./delivery-corpus.ts";
import { startBenchServer } from "./graph-rest.ts";
import { cpuOf, measureTimes, round2, type Times } from "./percentiles.ts";

const targetMs = 100;

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      repositories: { type: "string", default: "200" },
      items: { type: "string", default: "50000" },
      postgres: { type: "string" },
      count: { type: "string", default: "100" },
    },
  });
  const size = { repositories: Number(values.repositories), items: Number(values.items) };
  const folder = mkdtempSync(path.join(os.tmpdir(), "opentrace-bench-delivery-"));
  const config: StoreConfig = values.postgres === undefined ? { dataDir: folder } : { databaseUrl: values.postgres };
  try {
    const store = await openStore(config);
    const before = process.cpuUsage();
    await writeDelivery(createIngest({ store }), size, new AbortController().signal);
    const { user, system } = process.cpuUsage(before);
    await store.close();
    console.log(`written in ${round2((user + system) / 1e6)} s of CPU`);
    const result = await ask(config, size, Number(values.count));
    const engine = values.postgres === undefined ? "sqlite" : "postgres";
    const measured = {
      measuredAt: new Date().toISOString().slice(0, 10),
      cpu: os.cpus()[0]?.model,
      cores: os.cpus().length,
      // Above the number of cores the times are those of a busy machine; CPU is not.
      loadAverage: round2(os.loadavg()[0] ?? 0),
      ...size,
      targetMs,
    };
    writeFileSync(
      path.join(import.meta.dirname, "results", `delivery-${engine}.json`),
      `${JSON.stringify({ ...measured, ...result }, null, 2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Found {
  total: number | null;
}

async function ask(config: StoreConfig, { repositories }: { repositories: number }, count: number) {
  const server = await startBenchServer(config);
  try {
    const key = (at: number): string => encodeURIComponent(functionOf(at % repositories, at % 30, at % 8));
    const repo = (at: number): string => encodeURIComponent(repositoryKey(repoOf(at % repositories)));
    const words = async (question: string): Promise<void> => {
      const said = (await server.send("POST", "/ask", { question })) as AskAnswer;
      if (!said.understood || said.nodes.length === 0) throw new Error(`${question}: ${said.answer}`);
    };
    const get = async (url: string): Promise<void> => {
      const { page } = (await server.send("GET", url)) as { page?: Found };
      if (page?.total === 0) throw new Error(`${url} found nothing`);
    };
    const questions: [name: string, asked: (at: number) => Promise<void>][] = [
      [
        "ask: what changed since yesterday",
        (at) => words(`what changed in ${repoName(at % repositories)} since yesterday`),
      ],
      ["ask: open PRs that touch a function", (at) => words(`which open PRs touch handle_${at % 30}_${at % 8}`)],
      ["ask: pipeline that deploys a service", (at) => words(`which pipeline deploys ${repoName(at % repositories)}`)],
      [
        "REST: PRs that touch a function",
        (at) => server.send("GET", `/graph/pull-requests?node=${key(at)}`).then(() => undefined),
      ],
      ["REST: open PRs of a repository", (at) => get(`/graph/pull-requests?node=${repo(at)}&state=open`)],
      ["REST: open PRs of all", () => get("/graph/pull-requests?state=open")],
      ["REST: open issues of a repository", (at) => get(`/graph/issues?node=${repo(at)}&state=open`)],
      ["REST: open issues of all", () => get("/graph/issues?state=open")],
      ["REST: pipelines of a repository", (at) => get(`/graph/pipelines?node=${repo(at)}&deploys=true`)],
      ["REST: deployments of all", () => get("/graph/deployments?current=true")],
      [
        "REST: delivery of a repository",
        (at) => server.send("GET", `/graph/delivery?node=${repo(at)}`).then(() => undefined),
      ],
      [
        "REST: delivery of a function",
        (at) => server.send("GET", `/graph/delivery?node=${key(at)}`).then(() => undefined),
      ],
      [
        "REST: search in descriptions",
        (at) =>
          get(
            `/graph/search?q=${["rounding", "the+invoice+should", "queue+does+not"][at % 3]!}&types=Issue,PullRequest`,
          ),
      ],
    ];
    // The graph is read into memory at the first question.
    for (const [, asked] of questions) await asked(0);
    await server.state();
    const milliseconds: Record<string, Times & { serverCpuMs: number }> = {};
    for (const [name, asked] of questions) {
      const before = cpuOf(server.pid);
      const [, times] = await measureTimes(name, asked, count);
      milliseconds[name] = { ...times, serverCpuMs: round2((cpuOf(server.pid) - before) / (count + 20)) };
    }
    const { loopMaxMs, rssMb } = await server.state();
    return { rssMb, loopMaxMs, milliseconds };
  } finally {
    await server.stop();
  }
}
