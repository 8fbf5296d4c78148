import { expect, test } from "vitest";
import { createSpareParser, parseFiles, type SourceFile, type SpareParser } from "./parse-pool.ts";
import type { ParsedFile } from "./parse-worker.ts";

const never = new AbortController().signal;

async function* batchOf(files: Record<string, string>): AsyncGenerator<SourceFile[]> {
  yield Object.entries(files).map(([path, text]) => ({
    path,
    language: path.endsWith(".py") ? "python" : "typescript",
    bytes: Buffer.from(text),
  }));
}

async function parse(
  files: Record<string, string>,
  fileTimeoutMs: number,
  spare?: SpareParser,
): Promise<Map<string, ParsedFile>> {
  const found = new Map<string, ParsedFile>();
  const options = { workers: 1, fileTimeoutMs, memoryMb: 192, spare };
  for await (const results of parseFiles(batchOf(files), options, never)) {
    for (const result of results) {
      expect(found.has(result.path)).toBe(false);
      found.set(result.path, result);
    }
  }
  return found;
}

test("a file that kills its parser is named, and those before and after it are read once each", async () => {
  const files = {
    "a.ts": "export const a = 1;",
    "bomb.ts": `x = ${"(".repeat(100_000)}1${")".repeat(100_000)}`,
    "b.py": "b = 1\n",
    "bomb2.ts": `x = ${"[".repeat(100_000)}`,
    "c.ts": "export const c = 1;",
  };
  const found = await parse(files, 60_000);
  expect([...found.keys()].sort()).toEqual(Object.keys(files).sort());
  expect(found.get("bomb.ts")?.skipped?.reason).toBe("nested_too_deeply");
  expect(found.get("bomb2.ts")?.ir).toBeNull();
  for (const path of ["a.ts", "b.py", "c.ts"]) expect(found.get(path)?.ir).not.toBeNull();
});

test("a file that takes too long is given up", async () => {
  const found = await parse({ "a.ts": "export const a = 1;", "b.ts": "export const b = 1;" }, 1);
  expect([...found.values()].map(({ skipped }) => skipped?.reason)).toEqual(["timed_out", "timed_out"]);
});

test("what the source of batches throws reaches the caller", async () => {
  // eslint-disable-next-line require-yield
  async function* failing(): AsyncGenerator<SourceFile[]> {
    throw new Error("no more objects");
  }
  const run = async (): Promise<void> => {
    for await (const _ of parseFiles(failing(), { workers: 2, fileTimeoutMs: 60_000, memoryMb: 192 }, never)) {
      throw new Error("nothing can be parsed");
    }
  };
  await expect(run()).rejects.toThrow("no more objects");
});

test("a parser that read little is there for the next run, whatever became of the one before", async () => {
  const spare = createSpareParser();
  const read = async (text: string): Promise<number | undefined> => {
    const found = await parse({ "a.ts": text }, 60_000, spare);
    expect(found.get("a.ts")?.ir).not.toBeNull();
    const worker = spare.take();
    if (worker !== null) await spare.keep(worker);
    return worker?.child.pid;
  };
  const first = await read("export const a = 1;");
  expect(first).toBeGreaterThan(0);
  expect(await read("export const a = 2;")).toBe(first);

  process.kill(first ?? 0, "SIGKILL");
  expect(await read("export const a = 3;")).not.toBe(first);
  const second = await read("export const a = 4;");
  expect(second).toBeGreaterThan(0);

  expect(await read(`export const a = "${"a".repeat(1_100_000)}";`)).toBeUndefined();
  expect(await read("export const a = 5;")).not.toBe(second);
  const last = spare.take();
  if (last !== null) await spare.keep(last);
  await spare.close();
  expect(last?.child.signalCode).toBe("SIGKILL");
});
