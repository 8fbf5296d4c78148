// A MemoryState that survives its process: every batch is one line, written and synced before it counts.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { deserialize, serialize } from "node:v8";
import type { IndexBatch } from "../indexing.ts";
import { createMemoryState, type MemoryState } from "./memory-state.ts";

type Entry = { batch: IndexBatch } | { commit: string; version: number };

export function openFileState(folder: string): MemoryState {
  const file = path.join(folder, "state.log");
  const memory = createMemoryState();
  if (existsSync(file)) {
    for (const line of readFileSync(file, "utf8").split("\n")) {
      // A line without its end mark was being written when the process died.
      if (!line.endsWith(".")) continue;
      const entry = deserialize(Buffer.from(line.slice(0, -1), "base64")) as Entry;
      if ("batch" in entry) memory.apply(entry.batch);
      else memory.complete(entry.commit, entry.version);
    }
  }
  const append = (entry: Entry): void => {
    const handle = openSync(file, "a");
    writeSync(handle, `\n${serialize(entry).toString("base64")}.`);
    fsyncSync(handle);
    closeSync(handle);
  };
  const { apply, complete } = memory;
  memory.apply = (batch) => {
    append({ batch });
    apply(batch);
  };
  memory.complete = function (commit, version) {
    append({ commit, version });
    complete.call(memory, commit, version);
  };
  return memory;
}
