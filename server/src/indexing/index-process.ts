// The server's end of the index process: started when there is work, kept warm for a minute, ended after. A process of its own has V8's
// flags that suit a run, gives its memory back, and takes nothing along if it dies.
import { type ChildProcess, fork } from "node:child_process";
import { compileCacheFolder } from "@opentrace/code/compile-cache.mjs";
import { indexFlags } from "@opentrace/code/short-run.mjs";
import { AppError } from "@opentrace/contract/errors.ts";
import type { JobProgress } from "@opentrace/contract/repositories.ts";
import { endProcess } from "../end-process.ts";
import type { FromChild, IndexProcessData, ToChild } from "./index-messages.ts";
import type { IndexRequest, IndexResult } from "./index-run.ts";

/** Runs one index at a time, wherever that is. */
export interface Indexer {
  run(
    request: IndexRequest,
    hooks: { progress(this: void, progress: JobProgress): void; assertHeld(this: void): Promise<void> },
    signal: AbortSignal,
  ): Promise<IndexResult>;
  close(): Promise<void>;
}

const warmMs = 60_000;
/** A run that was told to stop and does not (stuck in native code) is ended with its process. */
const stubbornMs = 5000;

export function createIndexProcess(data: IndexProcessData): Indexer {
  let child: ChildProcess | null = null;
  let cooling: NodeJS.Timeout | null = null;

  function start(): ChildProcess {
    if (cooling !== null) clearTimeout(cooling);
    if (child !== null) return child;
    const cache = compileCacheFolder();
    // The key that opens secrets stays here: a run is handed the one token it needs.
    const { OPENTRACE_MASTER_KEY: _, ...env } = process.env;
    const started = fork(new URL("./index-child.ts", import.meta.url), [], {
      execArgv: [...indexFlags, "--disable-warning=ExperimentalWarning"],
      env: { MALLOC_ARENA_MAX: "1", ...env, ...(cache === null ? {} : { NODE_COMPILE_CACHE: cache }) },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    started.on("exit", () => {
      if (child === started) child = null;
    });
    // One that can't be told anything any more is gone; who waits for it hears of it by its end.
    started.on("error", () => undefined);
    child = started;
    tell(started, { is: "open", data });
    return started;
  }

  const tell = (to: ChildProcess, message: ToChild): void => void to.send(message, () => undefined);

  async function end(): Promise<void> {
    if (cooling !== null) clearTimeout(cooling);
    const ending = child;
    child = null;
    await endProcess(ending);
  }

  return {
    async run(request, { progress, assertHeld }, signal) {
      signal.throwIfAborted();
      const running = start();
      running.ref();
      running.channel?.ref();
      let stubborn: NodeJS.Timeout | null = null;
      const onAbort = (): void => {
        tell(running, { is: "abort" });
        stubborn = setTimeout(() => void end(), stubbornMs);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const { promise, resolve, reject } = Promise.withResolvers<IndexResult>();
      const onMessage = (message: FromChild): void => {
        switch (message.is) {
          case "progress":
            return progress(message.progress);
          case "held?":
            return void assertHeld().then(
              () => tell(running, { is: "held", ok: true }),
              () => tell(running, { is: "held", ok: false }),
            );
          case "done":
            return resolve(message.result);
          case "failed":
            return reject(
              message.error === null
                ? new Error(message.stack)
                : new AppError(message.error.code, message.error.message),
            );
        }
      };
      const onExit = (code: number | null, killedBy: string | null): void =>
        reject(
          killedBy === "SIGKILL" || killedBy === "SIGTERM"
            ? new AppError("unavailable", `The index process was ended (${killedBy}) before its work was done.`)
            : new AppError(
                "internal",
                `The indexer ran out of memory or crashed (${killedBy ?? `exit ${code}`}). The server's log has the details.`,
              ),
        );
      running.on("message", onMessage).on("exit", onExit).on("error", reject);
      if (running.exitCode !== null || running.signalCode !== null) onExit(running.exitCode, running.signalCode);
      else tell(running, { is: "run", request });
      try {
        return await promise;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
        running.off("message", onMessage).off("exit", onExit).off("error", reject);
        if (stubborn !== null) clearTimeout(stubborn);
        running.unref();
        running.channel?.unref();
        cooling = setTimeout(() => void end(), warmMs);
        cooling.unref();
      }
    },
    close: end,
  };
}
