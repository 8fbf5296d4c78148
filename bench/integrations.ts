// Syncing an organization from a fake GitHub: the server's peak memory, its requests against the fewest that the API allows, and what a
// second sync costs when nothing has changed. `--repositories=200 --items=50000`
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { type FakeGitHub, startFakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { addIssue, addPull, addRepository, vendorTime } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { Integration } from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";

const main = join(import.meta.dirname, "..", "server", "src", "main.mjs");
const results = join(import.meta.dirname, "results", "integrations.json");
const year = 365 * 86_400_000;

interface Corpus {
  items: number;
  /** Requests of a first sync, if each page is asked for once and each detail once. */
  fewest: number;
}

/** One item in five is a pull request; one of ten of those is open, and so read with its files and reviews. */
function fill(fake: FakeGitHub, repositories: number, items: number): Corpus {
  const before = (ms: number): string => vendorTime(new Date(Date.now() - ms));
  const each = Math.round(items / repositories);
  let fewest = Math.ceil(repositories / 100);
  for (let count = 0; count < repositories; count++) {
    const repository = addRepository(fake.state, `acme/service-${count}`);
    let pulls = 0;
    let open = 0;
    for (let number = 1; number <= each; number++) {
      const times = {
        createdAt: before(3 * year),
        updatedAt: before(2 * year),
        body: "It does not do what it should. ".repeat(20),
      };
      if (number % 5 !== 0) {
        addIssue(fake.state, repository, { ...times, author: `user-${number % 50}`, labels: ["bug"] });
        continue;
      }
      pulls++;
      const isOpen = pulls % 10 === 0;
      if (isOpen) open++;
      const state = isOpen ? {} : { state: "closed" as const, closedAt: before(2 * year) };
      addPull(fake.state, repository, {
        ...times,
        ...state,
        pull: {
          files: [
            {
              path: `src/part-${number}.ts`,
              status: "modified",
              additions: 1,
              deletions: 1,
              patch: "@@ -1 +1 @@\n-a\n+b",
            },
          ],
        },
      });
    }
    // Releases, deployments, runs with their workflows, the tree that CODEOWNERS would be in.
    const others = 5;
    fewest += Math.ceil(each / 100) + Math.max(1, Math.ceil(pulls / 100)) + 2 * open + others;
  }
  return { items: each * repositories, fewest };
}

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { repositories: { type: "string", default: "200" }, items: { type: "string", default: "50000" } },
  });
  const repositories = Number(values.repositories);
  const fake = await startFakeGitHub();
  fake.access.settings.hourlyLimit = 1_000_000;
  const corpus = fill(fake, repositories, Number(values.items));
  const token = fake.access.mintFineGrainedToken("ada", {
    contents: "read",
    issues: "read",
    pull_requests: "read",
    deployments: "read",
    actions: "read",
    members: "read",
  }).value;
  const folder = mkdtempSync(join(tmpdir(), "opentrace-bench-integrations-"));
  const server = await start(folder);
  try {
    const { integration } = await server.ask<{ integration: Integration }>("POST", "/integrations", {
      connector: "github",
      auth: "token",
      credential: { token },
      config: { baseUrl: fake.urls.web },
    });
    const idleMb = server.memory().peakMb;
    fake.takeRequests();
    await server.ask("POST", `/integrations/${integration.id}/scopes`, { selectAll: { kind: "repository" } });
    await server.settled();
    const first = { requests: fake.takeRequests().length, ...server.memory() };
    const synced = await server.ask<Integration>("GET", `/integrations/${integration.id}`);

    // The first sync of what changed learns the ETags of "nothing since then"; the one after it is what every later one costs.
    const resync = async (mode: "incremental" | "full") => {
      await server.ask("POST", `/integrations/${integration.id}/sync`, { mode });
      await server.settled();
      const asked = fake.takeRequests();
      return { requests: asked.length, drawnOnBudget: asked.filter(({ counted }) => counted).length };
    };
    await resync("incremental");
    const again = await resync("incremental");
    // By the clock, as every day. The first one learns how releases, deployments and branches stand.
    const daily = async () => {
      server.aDayLater();
      while (!(await server.lookedAtAll())) await sleep(1_000);
      await server.settled();
      const asked = fake.takeRequests();
      return { requests: asked.length, drawnOnBudget: asked.filter(({ counted }) => counted).length };
    };
    await daily();
    const full = await daily();
    // Everything again, because a person asked for it.
    const forced = await resync("full");
    const result = {
      repositories,
      items: corpus.items,
      node: process.version,
      first: {
        requests: first.requests,
        fewest: corpus.fewest,
        moreThanFewest: `${((first.requests / corpus.fewest - 1) * 100).toFixed(1)} %`,
        peakMb: Math.round(first.peakMb),
        idlePeakMb: Math.round(idleMb),
        cpuSeconds: Number(first.cpuSeconds.toFixed(1)),
      },
      unchanged: { ...again, perHundredItems: Number(((again.requests / corpus.items) * 100).toFixed(2)) },
      unchangedByHand: { ...forced, perHundredItems: Number(((forced.requests / corpus.items) * 100).toFixed(2)) },
      unchangedFull: { ...full, perHundredItems: Number(((full.requests / corpus.items) * 100).toFixed(2)) },
      peakMbOfAll: Math.round(server.memory().peakMb),
      counts: synced.counts,
      health: synced.health.state,
      schemaViolations: fake.violations.length,
    };
    console.log(JSON.stringify(result, null, 2));
    writeFileSync(results, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    server.stop();
    await fake.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(folder: string) {
  // As `npm start` does.
  const child = spawn(process.execPath, ["--max-semi-space-size=8", "--heap-growing-percent=30", main], {
    env: {
      ...process.env,
      OPENTRACE_DATA: folder,
      OPENTRACE_PORT: "0",
      OPENTRACE_LOG: "error",
      OPENTRACE_RATE_LIMIT: "1000000",
      // Only when the bench says that it is time.
      OPENTRACE_INTEGRATIONS_EVERY: "604800",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const found = /(http:\/\/[^/\s]+)\//.exec(out)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the server ended: ${out}`)));
  });
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    ask,
    /** Whether a look at everything has ended. */
    lookedAtAll(): Promise<boolean> {
      const db = new DatabaseSync(join(folder, "app.db"), { readOnly: true });
      const row = db.prepare("select full_at from integrations").get();
      db.close();
      return Promise.resolve(typeof row?.["full_at"] === "number");
    },
    /** Makes the periodic sync due, and that of everything. */
    aDayLater(): void {
      const db = new DatabaseSync(join(folder, "app.db"));
      db.exec("pragma busy_timeout = 10000");
      db.exec("update integrations set full_at = null, created_at = created_at - 172800000, next_sync_at = 1");
      db.close();
    },
    stop: () => child.kill("SIGTERM"),
    /** As Linux accounts for the process: the most it ever held, and its CPU. */
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return {
        peakMb: Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024,
        cpuSeconds: (Number(stat[11]) + Number(stat[12])) / 100,
      };
    },
    async settled(): Promise<void> {
      for (;;) {
        let left = 0;
        for (const state of ["queued", "running"]) {
          const { jobs } = await ask<{ jobs: Job[] }>("GET", `/jobs?state=${state}&limit=200`);
          left += jobs.filter((job) => job.kind.startsWith("integration.")).length;
        }
        if (left === 0) return;
        await sleep(500);
      }
    },
  };
}
