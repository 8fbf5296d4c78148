// The same as the index process, without a process: for the CLI, where nobody else waits for the event loop.
import type { OpenOptions } from "@opentrace/code/git/open-repository.ts";
import { leaveOutLastCompiler } from "@opentrace/code/short-run.mjs";
import type { Ingest } from "../graph/ingest.ts";
import type { Indexer } from "./index-process.ts";
import { runIndex } from "./index-run.ts";

export function createIndexHere(ingest: Ingest, guardUrl: OpenOptions["guardUrl"]): Indexer {
  return {
    run(request, hooks, signal) {
      leaveOutLastCompiler();
      return runIndex(request, { ...hooks, ingest, guardUrl, now: () => new Date() }, signal);
    },
    close: async () => undefined,
  };
}
