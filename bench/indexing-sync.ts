// In one warm process with the real store: a full index, then one file changed, then nothing changed. For bench/indexing.ts.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createSpareParser } from "@opentrace/code/parse-pool.ts";
import { openStore } from "@opentrace/server/src/store/store.ts";
import { createIngest } from "@opentrace/server/src/graph/ingest.ts";
import { runIndex } from "@opentrace/server/src/indexing/index-run.ts";
import { cacheFolder } from "./indexing-corpus.ts";

const [folder = ""] = process.argv.slice(2);
const data = mkdtempSync(path.join(cacheFolder, ".sync-"));
const copy = path.join(data, "checkout");
const { signal } = new AbortController();
const git = (...args: string[]): string =>
  execFileSync("git", ["-C", copy, "-c", "user.name=Bench", "-c", "user.email=bench@example.com", ...args], {
    encoding: "utf8",
  });

/** User + system seconds of this process and all its ended children. */
function cpuSeconds(): number {
  const ticks = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
    .slice(11, 15)
    .map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) / 100;
}

try {
  execFileSync("git", ["clone", "-q", folder, copy]);
  const store = await openStore({ dataDir: path.join(data, "store") });
  const ingest = createIngest({ store });
  const spareParser = createSpareParser();
  const sync = async (): Promise<number> => {
    const before = cpuSeconds();
    await runIndex(
      {
        workspace: "default",
        writer: { resource: "bench", fence: 1 },
        open: { source: copy, cacheFolder: path.join(data, "copies"), protocols: ["https"], depth: 1_001 },
        historyLimit: 1_000,
      },
      {
        ingest,
        guardUrl: undefined,
        now: () => new Date(),
        assertHeld: async () => {},
        progress: () => {},
        spareParser,
      },
      signal,
    );
    return Math.round((cpuSeconds() - before) * 100) / 100;
  };
  await sync();
  const sources = git("ls-files")
    .split("\n")
    .filter((name) => /\.(py|go|ts|js)$/.test(name));
  const edited: number[] = [];
  // The first sync after an index still compiles code; a warm server has that behind it.
  for (let round = 0; round < 6; round++) {
    const name = sources[Math.floor((sources.length * (round + 1)) / 8)] ?? sources[0] ?? "";
    const comment = name.endsWith(".py") ? "#" : "//";
    writeFileSync(path.join(copy, name), `${readFileSync(path.join(copy, name), "utf8")}\n${comment} round ${round}\n`);
    git("commit", "-q", "-a", "-m", `Round ${round}`);
    edited.push(await sync());
  }
  const idle = [await sync(), await sync(), await sync()];
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  console.log(JSON.stringify({ oneFileCpuSeconds: median(edited), noOpCpuSeconds: median(idle), edited, idle }));
  await spareParser.close();
  await store.close();
} finally {
  rmSync(data, { recursive: true, force: true });
}
