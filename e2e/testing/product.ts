// The product as a user starts it: the real server in a process of its own, on a free port, with a data folder that is removed after.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";

const root = join(import.meta.dirname, "..", "..");

export interface Product extends AsyncDisposable {
  url: string;
  data: string;
  /** What the server printed so far. */
  output(): string;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, with more settings. */
  restart(env?: Record<string, string>): Promise<void>;
}

export async function startProduct(env: Record<string, string> = {}): Promise<Product> {
  await buildUi();
  const data = mkdtempSync(join(tmpdir(), "opentrace-e2e-"));
  let output = "";
  let running: ChildProcess | null = null;
  const start = async (port: string, more: Record<string, string> = {}): Promise<string> => {
    const child = spawn(process.execPath, [join(root, "server", "src", "main.mjs")], {
      cwd: data,
      env: {
        PATH: process.env.PATH ?? "",
        HOME: data,
        OPENTRACE_HOST: "127.0.0.1",
        OPENTRACE_PORT: port,
        OPENTRACE_DATA: join(data, "data"),
        ...env,
        ...more,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running = child;
    // Also after a test that failed on its way.
    const end = (): void => void child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    output = "";
    return new Promise((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const address = /UI\s+(http:\/\/\S+?)\/?\s/.exec(output)?.[1];
        if (address) resolve(address);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("exit", (code) => reject(new Error(`The server ended with ${code}:\n${output}`)));
    });
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running;
    running = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  };
  const url = await start("0");
  return {
    url,
    data,
    output: () => output,
    kill: () => stop("SIGKILL"),
    restart: async (more) => {
      await stop("SIGTERM");
      await start(new URL(url).port, more);
    },
    [Symbol.asyncDispose]: async () => {
      await stop("SIGTERM");
      removeFolder(data);
    },
  };
}

/** Builds the UI if a source is newer than what is built. Test files run at the same time: one builds, the others wait. */
async function buildUi(): Promise<void> {
  const lock = join(root, "node_modules", ".opentrace-ui-build");
  // Made with its content at once: who reads it always finds the process that holds it.
  const own = `${lock}-${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    while (!tryLink(own, lock)) {
      if (isDead(lock)) rmSync(lock, { force: true });
      else await sleep(200);
    }
  } finally {
    rmSync(own);
  }
  try {
    const built = statSync(join(root, "web", "dist", "index.html"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const sources = ["src", "public", "index.html", "vite.config.ts"].map((name) => newest(join(root, "web", name)));
    if (built > Math.max(...sources, newest(join(root, "contract")))) return;
    // Inside vitest NODE_ENV is "test", which would build React for development.
    const vite = join(root, "node_modules", "vite", "bin", "vite.js");
    const env = { ...process.env, NODE_ENV: "production" };
    await promisify(execFile)(process.execPath, [vite, "build", join(root, "web"), "--logLevel", "error"], { env });
  } finally {
    rmSync(lock);
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the process that holds the lock was killed on its way. */
function isDead(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** When the youngest file at or below a path was written. */
function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((name) => name !== "node_modules")
      .map((name) => newest(join(path, name))),
  );
}
