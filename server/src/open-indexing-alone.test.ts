// Repositories without the rest of the application: what they can do there, and when they may not.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { defaultWorkspace, localActor } from "./access/actors.ts";
import { readConfig, type Config } from "./config.ts";
import { openIndexingAlone, type OpenedIndexing } from "./open-indexing-alone.ts";
import { openStore } from "./store/store.ts";
import { createRepository, shopFiles, startTestServer } from "./testing/test-server.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const { signal } = new AbortController();
let folder: string;
let config: Config;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opentrace-alone-"));
  config = readConfig({ env: { OPENTRACE_DATA: folder }, cwd: folder });
});
afterEach(() => removeFolder(folder));

async function call<T>({ verbs, invoke }: OpenedIndexing, name: string, input: object): Promise<T> {
  const verb = verbs.find((one) => one.name === name);
  if (verb === undefined) throw new Error(`no ${name}`);
  const invocation = { actor: localActor, workspace: defaultWorkspace, door: "cli", requestId: "r", signal } as const;
  return (await invoke(verb, input, invocation)) as T;
}

it("indexes a repository into the store that the server opens after it", async () => {
  const repository = createRepository(shopFiles);
  const opened = await openIndexingAlone(config, silent);
  if (opened === null) throw new Error("nothing was opened");
  opened.runner.start();
  const { job } = await call<{ job: Job }>(opened, "repositories.add", { source: repository.path });
  let now = job;
  while (now.state === "queued" || now.state === "running") {
    await sleep(20);
    now = await call<Job>(opened, "jobs.get", { id: job.id });
  }
  expect(now).toMatchObject({ state: "succeeded", error: null });
  await opened.close();
  const server = await startTestServer({ OPENTRACE_DATA: folder });
  const { body } = await server.send("GET", "/api/v1/repositories");
  const [row] = (body as { repositories: Repository[] }).repositories;
  expect(row).toMatchObject({ source: repository.path, state: "ready", counts: { nodes: now.progress.nodes } });
  expect(row?.counts?.nodes).toBeGreaterThan(10);
  await server.close();
  repository.remove();
});

it("makes the index by target at the end of a first index, and the next to open the store what a killed one left out", async () => {
  const store = await openStore({ dataDir: folder });
  await store.close();
  const indexes = (): unknown[] => {
    const graph = new DatabaseSync(join(folder, "graph.db"), { readOnly: true });
    const rows = graph.prepare("select name from sqlite_schema where type = 'index' and tbl_name = 'edges'").all();
    graph.close();
    return rows.map(({ name }) => name).filter((name) => name === "edges_by_target");
  };
  const opened = await openIndexingAlone(config, silent);
  expect(indexes()).toEqual([]);
  await opened?.close();
  expect(indexes()).toEqual(["edges_by_target"]);
  // Killed: nothing is closed. The folder's lock goes with the process.
  const graph = new DatabaseSync(join(folder, "graph.db"));
  graph.exec("drop index edges_by_target; insert into edges (src, type, dst, scope, workspace) values (1, 1, 2, 3, 4)");
  graph.close();
  const again = await openIndexingAlone(config, silent);
  expect(indexes()).toEqual(["edges_by_target"]);
  await again?.close();
  const checked = new DatabaseSync(join(folder, "graph.db"));
  expect(checked.prepare("select dst from edges indexed by edges_by_target where dst = 2").all()).toHaveLength(1);
  expect(checked.prepare("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
  checked.close();
});

it("leaves a store with a connected integration to the whole application, and its folder free", async () => {
  const store = await openStore({ dataDir: folder });
  await store.app
    .insertInto("integrations")
    .values({
      id: "int_1",
      workspace: defaultWorkspace,
      connector: "github",
      name: "GitHub",
      account: null,
      auth: "token",
      config: "{}",
      credential: null,
      credential_version: 0,
      credential_expires_at: null,
      refresh_until: null,
      webhook_secret: "sealed",
      webhook_registered: 0,
      last_delivery_at: null,
      deliveries_checked_at: null,
      state: "connecting",
      reason: null,
      action: null,
      since: 0,
      paused: 0,
      removing: 0,
      last_success_at: null,
      next_sync_at: null,
      full_at: null,
      budgets: "{}",
      usage: "{}",
      created_at: 0,
    })
    .execute();
  await store.close();
  expect(await openIndexingAlone(config, silent)).toBeNull();
  const server = await startTestServer({ OPENTRACE_DATA: folder });
  expect((await server.send("GET", "/api/v1/repositories")).status).toBe(200);
  await server.close();
});
