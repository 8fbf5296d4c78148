// A real server for tests: real store, real HTTP on a free port, data in a folder that is removed after.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { readConfig, type Config } from "../config.ts";
import { startServer, type Server } from "../server.ts";
import type { StoreConfig } from "../store/store.ts";
import type { Log } from "../verb.ts";

export interface TestServer extends Server {
  config: Config;
  folder: string;
  /** Sends JSON, answers status, headers and what came back (parsed if it is JSON). */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: never }>;
  /** Adds a repository and waits until its job has ended well. */
  index(source: string, more?: Record<string, unknown>): Promise<Repository>;
  waitForJob(id: string, seconds?: number): Promise<Job>;
  /** Ends when no job waits or runs whose kind begins so. */
  settled(this: void, kind?: string): Promise<void>;
}

/** No job takes so long, however busy the machine is; shorter than a test may take, for a message that says what hung. */
export const hangSeconds = 300;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export async function startTestServer(
  env: Record<string, string> = {},
  store?: StoreConfig,
  log: Log = silent,
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "opentrace-server-"));
  const config = readConfig({
    env: {
      OPENTRACE_DATA: folder,
      OPENTRACE_PORT: "0",
      OPENTRACE_LOG: "silent",
      ...(store !== undefined && "databaseUrl" in store ? { DATABASE_URL: store.databaseUrl } : {}),
      ...env,
    },
    cwd: folder,
  });
  const server = await startServer(config, log);
  const send: TestServer["send"] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.address}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== "" ? JSON.parse(text) : text) as never,
    };
  };
  const waitForJob = async (id: string, seconds = hangSeconds): Promise<Job> => {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const job = (await send("GET", `/api/v1/jobs/${id}`)).body as Job;
      if (["succeeded", "failed", "cancelled"].includes(job.state)) return job;
      if (Date.now() > deadline) throw new Error(`job is still ${job.state}: ${JSON.stringify(job)}`);
      await sleep(50);
    }
  };
  const settled = async (kind = ""): Promise<void> => {
    const deadline = Date.now() + hangSeconds * 1000;
    for (;;) {
      // In one look: a job that queues another and ends is in none of two.
      const left = await server.application.store.app
        .selectFrom("jobs")
        .select(["kind", "resource", "state", "error"])
        .where("state", "in", ["queued", "running"])
        .where("kind", "like", `${kind}%`)
        .execute();
      if (left.length === 0) return;
      if (Date.now() > deadline) throw new Error(`jobs are left: ${JSON.stringify(left.slice(0, 5))}`);
      await sleep(50);
    }
  };
  return {
    ...server,
    config,
    folder,
    send,
    waitForJob,
    settled,
    async index(source, more = {}) {
      const answer = await send("POST", "/api/v1/repositories", { source, ...more });
      if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
      const { repository, job } = answer.body as { repository: Repository; job: Job };
      const ended = await waitForJob(job.id);
      if (ended.state !== "succeeded") throw new Error(JSON.stringify(ended));
      return (await send("GET", `/api/v1/repositories/${repository.id}`)).body;
    },
    async close() {
      await server.close();
      removeFolder(folder);
    },
  };
}

export interface TestRepository {
  path: string;
  write(files: Record<string, string | null>): void;
  commit(message: string): string;
  git(...args: string[]): string;
  remove(): void;
}

/** A real git repository with one commit of these files. */
export function createRepository(files: Record<string, string>): TestRepository {
  const path = mkdtempSync(join(tmpdir(), "opentrace-repo-"));
  const git = (...args: string[]): string =>
    execFileSync(
      "git",
      ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false", ...args],
      {
        cwd: path,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
      },
    ).trim();
  const write = (changed: Record<string, string | null>): void => {
    for (const [name, text] of Object.entries(changed)) {
      const file = join(path, name);
      if (text === null) rmSync(file);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
  };
  const commit = (message: string): string => {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD");
  };
  git("init", "-q", "-b", "main");
  write(files);
  commit("First");
  return { path, write, commit, git, remove: () => removeFolder(path) };
}

/** A small shop in TypeScript: what questions in tests are about. */
export const shopFiles: Record<string, string> = {
  "package.json": JSON.stringify({ name: "shop", version: "1.0.0", dependencies: { react: "^19.0.0", zod: "^4.0.0" } }),
  "src/money.ts":
    "/** Rounds to cents. */\nexport function round(amount: number): number {\n  return Math.round(amount * 100) / 100;\n}\n",
  "src/pay.ts":
    'import { round } from "./money.ts";\n\n/** Takes money from customers. */\nexport class PayService {\n  /** Charges an amount. */\n  charge(amount: number): number {\n    return round(amount);\n  }\n}\n',
  "src/cart.ts":
    'import { PayService } from "./pay.ts";\nimport { round } from "./money.ts";\n\nexport class Cart {\n  pay = new PayService();\n  checkout(total: number): number {\n    return this.pay.charge(round(total));\n  }\n}\n',
  "src/order.ts":
    'import { Cart } from "./cart.ts";\n\nexport function placeOrder(): number {\n  const cart = new Cart();\n  return cart.checkout(10);\n}\n',
  "src/pay.test.ts":
    'import { PayService } from "./pay.ts";\n\nexport function testCharge(): void {\n  new PayService().charge(1);\n}\n',
};
