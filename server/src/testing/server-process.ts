// A real server in a process of its own, for tests that kill it.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const main = join(import.meta.dirname, "..", "main.mjs");

export interface ServerProcess {
  url: string;
  pid: number;
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
    pid: child.pid ?? 0,
    async kill(signal = "SIGKILL") {
      child.kill(signal);
      await ended;
    },
  };
}
