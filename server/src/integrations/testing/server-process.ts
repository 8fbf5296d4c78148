// The real server as a process of its own, to be killed: what tests of crashes start.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import { openStore, type Store, type StoreConfig } from "../../store/store.ts";
import { type ServerProcess as Life, startServerProcess } from "../../testing/server-process.ts";

/** One server on one store, through however many lives. */
export interface ServerProcess {
  /** Of the life it is in. */
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL, and the end of the process. */
  kill(): Promise<void>;
  /** Kills it, lets the leases that the dead one held run out, and starts it anew. */
  restart(): Promise<void>;
  ask<T>(method: string, path: string, body?: object): Promise<T>;
  /** Ends when no job of an integration waits or runs. */
  settled(): Promise<void>;
  isBusy(): Promise<boolean>;
  /** What is stored, beside the server: closed after `look`. */
  stored<T>(look: (store: Store) => Promise<T>): Promise<T>;
  /** Kills it and removes its folder. */
  remove(): Promise<void>;
}

/** On `config`'s PostgreSQL, or with a folder of its own. */
export function createServerProcess(config: StoreConfig, env: Record<string, string> = {}): ServerProcess {
  const folder = mkdtempSync(join(tmpdir(), "opentrace-killed-"));
  const store: StoreConfig = "databaseUrl" in config ? config : { dataDir: folder };
  let life: Life | null = null;
  const current = () => {
    if (life === null) throw new Error("The server does not run.");
    return life;
  };

  async function stored<T>(look: (store: Store) => Promise<T>): Promise<T> {
    const opened = await openStore(store);
    try {
      return await look(opened);
    } finally {
      await opened.close();
    }
  }

  const server: ServerProcess = {
    stored,
    get url() {
      return current().url;
    },
    async start() {
      life = await startServerProcess({
        OPENTRACE_RATE_LIMIT: "1000000",
        OPENTRACE_INTEGRATIONS_EVERY: "0",
        OPENTRACE_DATA: folder,
        ...("databaseUrl" in config ? { DATABASE_URL: config.databaseUrl } : {}),
        ...env,
      });
    },
    async kill() {
      await life?.kill();
      life = null;
    },
    async restart() {
      await server.kill();
      // Half a minute passes.
      await stored(async ({ app }) => {
        await app.updateTable("jobs").set({ lease_until: 0 }).where("state", "=", "running").execute();
        await app.updateTable("integrations").set({ refresh_until: null }).execute();
      });
      await server.start();
    },
    async ask<T>(method: string, path: string, body?: object) {
      const answer = await fetch(`${server.url}/api/v1${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    async isBusy() {
      // In one look: between two, a job of a killed server goes from running back to queued, and one that ends queues another.
      const { jobs } = await server.ask<{ jobs: Job[] }>("GET", "/jobs?limit=200");
      const left = jobs.filter(({ state }) => state === "queued" || state === "running");
      return left.some(({ kind }) => kind.startsWith("integration."));
    },
    async settled() {
      while (await server.isBusy()) await sleep(50);
    },
    async remove() {
      await server.kill();
      removeFolder(folder);
    },
  };
  return server;
}
