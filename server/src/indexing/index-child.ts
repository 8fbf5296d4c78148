// The index process: opens its own connection to the store and runs one index at a time, so that the server only ever waits.
import { createSpareParser } from "@opentrace/code/parse-pool.ts";
import { leaveOutLastCompiler } from "@opentrace/code/short-run.mjs";
import { AppError } from "@opentrace/contract/errors.ts";
import { createIngest } from "../graph/ingest.ts";
import { createHostGuard } from "../repositories/guard-host.ts";
import { littleReading, openStore } from "../store/store.ts";
import type { FromChild, IndexProcessData, ToChild } from "./index-messages.ts";
import { runIndex, type IndexRequest, type IndexRunDeps } from "./index-run.ts";

const say = (message: FromChild): void => void process.send?.(message);

type Opened = Pick<IndexRunDeps, "ingest" | "guardUrl">;

const spareParser = createSpareParser();
let data: IndexProcessData | null = null;
let opened: Opened | null = null;
let abort = new AbortController();
let answerHeld: ((ok: boolean) => void) | null = null;

/** Once; a store that can't be opened now may be there for the next run. */
async function open(): Promise<Opened> {
  if (data === null) throw new Error("The index process was asked to run before it was told where the store is.");
  const store = await openStore(data.store, littleReading);
  return { ingest: createIngest({ store }), guardUrl: createHostGuard(data) };
}

async function run(request: IndexRequest): Promise<void> {
  abort = new AbortController();
  const { signal } = abort;
  try {
    opened ??= await open();
    leaveOutLastCompiler();
    const result = await runIndex(
      request,
      {
        ...opened,
        spareParser,
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

process.on("message", (message: ToChild) => {
  if (message.is === "open") data = message.data;
  else if (message.is === "run") void run(message.request);
  else if (message.is === "abort") abort.abort();
  else answerHeld?.(message.ok);
});
// A terminal sends Ctrl-C to both, and the server ends its runs in order.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
// The server is gone: so is the reason to run. What is half done is whole batches, which the next run goes on from.
process.on("disconnect", () => process.exit(0));
