// A real server in a process of its own, for tests that kill it.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const main = join(import.meta.dirname, "..", "main.mjs");

export interface ServerProcess {
  url: string;
  /** Its processes that run this module. */
  children(module: string): number[];
  /** At once, as kill -9 does, unless another signal is named; waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Of the environment only PATH is passed on: what a machine has set up must not change a test. */
export async function startServerProcess(env: Record<string, string>): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: { PATH: process.env["PATH"], OPENTRACE_PORT: "0", OPENTRACE_LOG: "error", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // Also after a test that failed on its way.
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  void ended.then(() => process.off("exit", end));
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
    children: (module) => childrenOf(child.pid, module),
    async kill(signal = "SIGKILL") {
      child.kill(signal);
      await ended;
    },
  };
}

function childrenOf(pid: number | undefined, module: string): number[] {
  if (pid === undefined) return [];
  // A thread or a process may end between its being listed and its being read.
  const lines = (folder: string): string[] => readOr([], () => readdirSync(folder));
  const text = (file: string): string => readOr("", () => readFileSync(file, "utf8"));
  return lines(`/proc/${pid}/task`)
    .flatMap((task) => text(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number))
    .filter((child) => text(`/proc/${child}/cmdline`).includes(module));
}

function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
