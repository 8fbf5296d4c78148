// Webhooks at a steady rate into the real server: how long a vendor waits for its 202, and whether everything acknowledged is stored.
//
//   npm run bench -- webhooks                    500 a second for 20 s
//     --rate 500 --seconds 20
//     --indexing                                 while a repository is being indexed
//     --postgres postgres://…                    on PostgreSQL instead of the embedded store
import { createHmac, randomUUID } from "node:crypto";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createSealer } from "@opentrace/server/src/access/seal.ts";
import { loadKeyring } from "@opentrace/server/src/access/master-key.ts";
import { createIntegrations } from "@opentrace/server/src/integrations/integrations.ts";
import { createEventFeed } from "@opentrace/server/src/jobs/event-feed.ts";
import { openStore } from "@opentrace/server/src/store/store.ts";
import { prepareCorpus } from "./indexing-corpus.ts";
import { cpuOf, round2 } from "./percentiles.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const now = (): Date => new Date();

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      rate: { type: "string", default: "500" },
      seconds: { type: "string", default: "20" },
      indexing: { type: "boolean", default: false },
      postgres: { type: "string" },
    },
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), "opentrace-bench-webhooks-"));
  try {
    const result = await measureWebhooks({
      folder,
      databaseUrl: values.postgres ?? null,
      rate: Number(values.rate),
      seconds: Number(values.seconds),
      corpus: values.indexing ? prepareCorpus("django").folder : null,
    });
    console.log(result);
    const name = `webhooks-${values.postgres === undefined ? "sqlite" : "postgres"}${values.indexing ? "-indexing" : ""}`;
    const measured = {
      measuredAt: now().toISOString().slice(0, 10),
      cpu: os.cpus()[0]?.model,
      cores: os.cpus().length,
    };
    writeFileSync(
      path.join(import.meta.dirname, "results", `${name}.json`),
      `${JSON.stringify({ ...measured, ...result }, null, 2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Setting {
  folder: string;
  databaseUrl: string | null;
  rate: number;
  seconds: number;
  corpus: string | null;
}

async function measureWebhooks({ folder, databaseUrl, rate, seconds, corpus }: Setting) {
  const env: Record<string, string> = { OPENTRACE_DATA: folder };
  if (databaseUrl !== null) env["DATABASE_URL"] = databaseUrl;
  const store = await openStore(databaseUrl === null ? { dataDir: folder } : { databaseUrl });
  const integrations = createIntegrations({
    store,
    sealer: createSealer(loadKeyring(null, folder)),
    feed: createEventFeed({ store, log: silent, now }),
    now,
  });
  const row = await integrations.insert({
    workspace: "default",
    connector: "github",
    name: `bench ${randomUUID()}`,
    auth: "token",
    config: JSON.stringify({ baseUrl: "http://127.0.0.1:9" }),
  });
  await integrations.saveCredential(row, { values: { token: "none" }, oauth: null });
  const secret = integrations.webhookSecret(row);

  const child = fork(path.join(import.meta.dirname, "graph-server.ts"), [JSON.stringify(env)]);
  const [{ address, key }] = (await once(child, "message")) as [{ address: string; key: string }];
  // A vendor sends from many machines: connections stay and are shared by all.
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const post = (url: string, headers: Record<string, string>, body: Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${address}${url}`, { method: "POST", agent, headers }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      });
      sent.on("error", reject).end(body);
    });
  try {
    const at = `/api/v1/webhooks/github/${row.id}`;
    const send = async (number: number): Promise<number> => {
      const { headers, body } = delivery(secret, number);
      const started = performance.now();
      const status = await post(at, headers, body);
      if (status !== 202) throw new Error(`A webhook was answered with ${status}.`);
      return performance.now() - started;
    };
    for (let number = 0; number < 200; number++) await send(-1 - number);
    if (corpus !== null) {
      const added = await post(
        "/api/v1/repositories",
        { "x-api-key": key, "content-type": "application/json" },
        Buffer.from(JSON.stringify({ source: corpus })),
      );
      if (added !== 202) throw new Error(`The repository was answered with ${added}.`);
      await sleep(1_000);
    }
    const cpuBefore = cpuOf(child.pid ?? 0);
    const times: number[] = [];
    const all: Promise<unknown>[] = [];
    const total = rate * seconds;
    const started = performance.now();
    for (let number = 0; number < total;) {
      // Open loop: what is due is sent, however long the others wait.
      const due = Math.min(total, Math.ceil(((performance.now() - started) / 1000) * rate));
      for (; number < due; number++) all.push(send(number).then((ms) => times.push(ms)));
      await sleep(1);
    }
    await Promise.all(all);
    const took = (performance.now() - started) / 1000;
    const cpu = cpuOf(child.pid ?? 0) - cpuBefore;
    const { count } = await store.app
      .selectFrom("integration_deliveries")
      .select(({ fn }) => fn.countAll<number | string>().as("count"))
      .where("integration", "=", row.id)
      .where("event", "!=", "bench")
      .executeTakeFirstOrThrow();
    times.sort((a, b) => a - b);
    const part = (share: number): number =>
      round2(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
    return {
      sent: total,
      perSecond: round2(total / took),
      kept: Number(count),
      // Without the database's own processes.
      serverCpuMsEach: round2(cpu / total),
      milliseconds: { p50: part(0.5), p95: part(0.95), p99: part(0.99), max: part(1) },
      loadAverage: os.loadavg().map(round2),
    };
  } finally {
    agent.destroy();
    child.send("stop");
    await once(child, "exit");
    await integrations.forget(row.id);
    await store.close();
  }
}

/** An issue that was edited, with a text of some kilobytes, as most deliveries are. */
function delivery(secret: string, number: number): { headers: Record<string, string>; body: Buffer } {
  const body = Buffer.from(
    JSON.stringify({
      action: "edited",
      issue: { number: Math.abs(number) % 50, title: `Issue ${number}`, body: "Some text. ".repeat(700) },
      repository: { id: 1296269, full_name: "acme/shop", name: "shop", owner: { login: "acme", id: 1 } },
    }),
  );
  return {
    body,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.byteLength),
      "x-github-event": "issues",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  };
}
