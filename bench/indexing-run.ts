// One full index of one repository in a process of its own, for bench/indexing.ts to measure from outside. Writes nothing.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openRepository } from "@opentrace/code/git/open-repository.ts";
import { indexRepository } from "@opentrace/code/index-repository.ts";
import type { IndexState } from "@opentrace/code/indexing.ts";

const [source = "", workers = "1"] = process.argv.slice(2);
const cacheFolder = mkdtempSync(path.join(os.tmpdir(), "opentrace-bench-run-"));
const { signal } = new AbortController();
const nothing: IndexState = {
  commit: null,
  version: null,
  files: async () => [],
  ir: async () => new Map(),
  resolutions: async () => new Map(),
  scopes: async () => new Map(),
};
try {
  const repository = await openRepository({ source, cacheFolder, protocols: ["https"], depth: 1_001 }, signal);
  const run = indexRepository(
    { repository, state: nothing, historyLimit: 1_000, parse: { workers: Number(workers) } },
    signal,
  );
  const counts = { nodes: 0, edges: 0, batches: 0, largestBatch: 0 };
  const phases: Record<string, number> = {};
  let phase = "";
  for (;;) {
    const step = await run.next();
    if (step.done === true) {
      console.log(JSON.stringify({ ...step.value, ...counts, phases, seconds: performance.now() / 1000 }));
      break;
    }
    if (step.value.is === "batch") {
      let size = 0;
      for (const scope of step.value.batch.scopes) {
        counts.nodes += scope.nodes.length;
        counts.edges += scope.edges.length;
        size += scope.nodes.length + scope.edges.length;
      }
      counts.batches++;
      counts.largestBatch = Math.max(counts.largestBatch, size);
    } else if (step.value.phase !== phase) {
      phase = step.value.phase;
      phases[phase] = Math.round(performance.now()) / 1000;
    }
  }
} finally {
  rmSync(cacheFolder, { recursive: true, force: true });
}
