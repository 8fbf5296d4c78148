// Indexes a repository into a FileState and tells its parent of each batch, so that a test can kill it in between.
import os from "node:os";
import { openRepository } from "../git/open-repository.ts";
import { indexRepository } from "../index-repository.ts";
import { INDEXER_VERSION } from "../pipeline/run.ts";
import { openFileState } from "./file-state.ts";

const [source = "", folder = ""] = process.argv.slice(2);
const { signal } = new AbortController();
const state = openFileState(folder);
const repository = await openRepository({ source, cacheFolder: os.tmpdir(), protocols: [], depth: 100 }, signal);
const run = indexRepository({ repository, state, historyLimit: 5 }, signal);
for (;;) {
  const step = await run.next();
  if (step.done === true) {
    state.complete(step.value.commit, INDEXER_VERSION);
    break;
  }
  if (step.value.is === "batch") {
    state.apply(step.value.batch);
    process.send?.("batch");
    // Lets the message out before going on.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
process.disconnect?.();
