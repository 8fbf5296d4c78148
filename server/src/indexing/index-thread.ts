// The main thread's end of the index thread: started when there is work, kept warm for a minute, ended after.
import { Worker } from "node:worker_threads";
import { AppError } from "@opentrace/contract/errors.ts";
import type { JobProgress } from "@opentrace/contract/repositories.ts";
import type { FromThread, IndexThreadData, ToThread } from "./index-messages.ts";
import type { IndexRequest, IndexResult } from "./index-run.ts";

export interface IndexThread {
  run(
    request: IndexRequest,
    hooks: { progress(this: void, progress: JobProgress): void; assertHeld(this: void): Promise<void> },
    signal: AbortSignal,
  ): Promise<IndexResult>;
  close(): Promise<void>;
}

/**
 * Far above what a run holds (60 MB of heap for 2,700 files). V8 lets garbage grow in proportion to the limits: with its own,
 * which follow the machine's memory, a run takes three times the memory for a tenth less CPU.
 */
const resourceLimits = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 24 };
const warmMs = 60_000;
/** A run that was told to stop and does not (stuck in native code) is ended with its thread. */
const stubbornMs = 5000;

export function createIndexThread(data: IndexThreadData): IndexThread {
  let worker: Worker | null = null;
  let cooling: NodeJS.Timeout | null = null;

  function start(): Worker {
    if (cooling !== null) clearTimeout(cooling);
    if (worker !== null) return worker;
    const started = new Worker(new URL("./index-worker.ts", import.meta.url), {
      workerData: data,
      name: "index",
      resourceLimits,
    });
    started.on("exit", () => {
      if (worker === started) worker = null;
    });
    worker = started;
    return started;
  }

  async function end(): Promise<void> {
    if (cooling !== null) clearTimeout(cooling);
    await worker?.terminate();
    worker = null;
  }

  return {
    async run(request, { progress, assertHeld }, signal) {
      signal.throwIfAborted();
      const thread = start();
      thread.ref();
      let stubborn: NodeJS.Timeout | null = null;
      const tell = (message: ToThread): void => thread.postMessage(message, []);
      const onAbort = (): void => {
        tell({ is: "abort" });
        stubborn = setTimeout(() => void end(), stubbornMs);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const { promise, resolve, reject } = Promise.withResolvers<IndexResult>();
      const onMessage = (message: FromThread): void => {
        switch (message.is) {
          case "progress":
            return progress(message.progress);
          case "held?":
            return void assertHeld().then(
              () => tell({ is: "held", ok: true }),
              () => tell({ is: "held", ok: false }),
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
      const onError = (error: unknown): void =>
        reject(
          new AppError("internal", "The indexer ran out of memory or crashed. The server's log has the details.", {
            cause: error,
          }),
        );
      const onExit = (): void => reject(new AppError("unavailable", "The index thread ended before its work did."));
      thread.on("message", onMessage).on("error", onError).on("exit", onExit);
      tell({ is: "run", request });
      try {
        return await promise;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
        thread.off("message", onMessage).off("error", onError).off("exit", onExit);
        if (stubborn !== null) clearTimeout(stubborn);
        thread.unref();
        cooling = setTimeout(() => void end(), warmMs);
        cooling.unref();
      }
    },
    close: end,
  };
}
