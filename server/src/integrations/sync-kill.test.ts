// A server that is killed in the middle of a sync, again and again: the next one goes on, and the graph ends as if nothing had happened.
// OPENTRACE_KILL_ROUNDS says how often; the suite is content with a few.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addIssue, addPull, addRepository, vendorTime } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { Integration } from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import { expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

const main = join(import.meta.dirname, "..", "main.ts");
const rounds = Number(process.env["OPENTRACE_KILL_ROUNDS"] ?? 2);

interface Process {
  url: string;
  kill(): Promise<void>;
}

async function startProcess(env: Record<string, string>): Promise<Process> {
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: { ...process.env, OPENTRACE_PORT: "0", OPENTRACE_LOG: "error", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let out = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const found = /(http:\/\/[^/\s]+)\//.exec(out)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`the server ended: ${out}`)));
  });
  return {
    url,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function ask<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function exported(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/api/v1/graph/export`)).text();
  return text
    .split("\n")
    .filter((line) => /"kind":"(?:node|edge)"/.test(line))
    .map((line) => line.replace(/"observedAt":"[^"]*",?/g, "").replace(/int_[\w-]{12}/g, "int"))
    .toSorted();
}

function fill({ fake }: GitHubServer): void {
  const updatedAt = vendorTime(new Date(Date.now() - 3_600_000));
  for (const name of ["acme/api", "acme/web"]) {
    const repository = addRepository(fake.state, name);
    for (let count = 0; count < 230; count++) addIssue(fake.state, repository, { updatedAt });
    for (let count = 0; count < 40; count++) addPull(fake.state, repository, { updatedAt });
  }
}

forEachStore("a server killed in the middle of a sync", (test) => {
  it(
    "leaves it to the next one, which ends in the graph of an undisturbed one",
    { timeout: 60_000 + rounds * 60_000 },
    async () => {
      const on = await startGitHubServer(undefined, { OPENTRACE_INTEGRATIONS_EVERY: "0" });
      const folder = mkdtempSync(join(tmpdir(), "opentrace-kill-sync-"));
      const env = {
        OPENTRACE_DATA: folder,
        OPENTRACE_INTEGRATIONS_EVERY: "0",
        ...("databaseUrl" in test.config ? { DATABASE_URL: test.config.databaseUrl } : {}),
      };
      let server: Process | null = null;
      try {
        fill(on);
        const undisturbed = await on.connect();
        await on.choose(undisturbed.integration.id, { selectAll: { kind: "repository" } });
        const wanted = await exported(on.server.address);
        expect(wanted.length).toBeGreaterThan(1_000);
        const whole = on.fake.takeRequests().length;

        server = await startProcess(env);
        const { integration } = await ask<{ integration: Integration }>(server.url, "POST", "/integrations", {
          connector: "github",
          auth: "token",
          credential: { token: on.token() },
          config: { baseUrl: on.fake.urls.web, detailDays: 0 },
        });
        await ask(server.url, "POST", `/integrations/${integration.id}/scopes`, { selectAll: { kind: "repository" } });
        on.fake.takeRequests();
        let served = 0;
        for (let round = 0; round < rounds; round++) {
          const enough = 3 + Math.floor(Math.random() * (whole / rounds));
          while (on.fake.requests.length < enough && (await isBusy(server.url))) await sleep(2);
          served += on.fake.takeRequests().length;
          await server.kill();
          if ("databaseUrl" in test.config)
            // Half a minute passes: the dead worker's lease ends.
            await test.store.app.updateTable("jobs").set({ lease_until: 0 }).where("state", "=", "running").execute();
          server = await startProcess(env);
        }
        while (await isBusy(server.url)) await sleep(50);
        served += on.fake.takeRequests().length;
        const { health } = await ask<Integration>(server.url, "GET", `/integrations/${integration.id}`);
        expect(health).toMatchObject({ state: "ok", reason: null });
        expect(await exported(server.url)).toEqual(wanted);
        // It went on at its cursors: a kill costs each running sync a page and the request under way, not what was done.
        expect(served).toBeLessThan(whole + rounds * 60);
        expect(on.fake.violations).toEqual([]);
      } finally {
        await server?.kill();
        rmSync(folder, { recursive: true, force: true });
        await on.close();
      }
    },
  );
});

async function isBusy(url: string): Promise<boolean> {
  for (const state of ["queued", "running"]) {
    const { jobs } = await ask<{ jobs: Job[] }>(url, "GET", `/jobs?state=${state}&limit=200`);
    if (jobs.some((job) => job.kind.startsWith("integration."))) return true;
  }
  return false;
}
