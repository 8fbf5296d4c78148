// The index thread: opens its own connection to the store and runs one index at a time, so that the main thread only ever waits.
import { parentPort, workerData } from "node:worker_threads";
import { AppError } from "@opentrace/contract/errors.ts";
import { createIngest } from "../graph/ingest.ts";
import { createHostGuard } from "../repositories/guard-host.ts";
import { littleReading, openStore } from "../store/store.ts";
import type { FromThread, IndexThreadData, ToThread } from "./index-messages.ts";
import { runIndex, type IndexRequest } from "./index-run.ts";

if (parentPort === null) throw new Error("index-worker.ts runs as a worker thread only");
const port = parentPort;
const data = workerData as IndexThreadData;
const store = await openStore(data.store, littleReading);
const ingest = createIngest({ store });
const guardUrl = createHostGuard(data);

let abort = new AbortController();
let answerHeld: ((ok: boolean) => void) | null = null;
const say = (message: FromThread): void => port.postMessage(message);

async function run(request: IndexRequest): Promise<void> {
  abort = new AbortController();
  const { signal } = abort;
  try {
    const result = await runIndex(
      request,
      {
        ingest,
        guardUrl,
        now: () => new Date(),
        progress: (progress) => say({ is: "progress", progress }),
        async assertHeld() {
          const ok = await new Promise<boolean>((resolve) => {
            answerHeld = resolve;
            say({ is: "held?" });
          });
          if (!ok) abort.abort();
          signal.throwIfAborted();
        },
      },
      signal,
    );
    say({ is: "done", result });
  } catch (error) {
    say({
      is: "failed",
      error: error instanceof AppError ? { code: error.code, message: error.message } : null,
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

port.on("message", (message: ToThread) => {
  if (message.is === "run") void run(message.request);
  else if (message.is === "abort") abort.abort();
  else answerHeld?.(message.ok);
});
