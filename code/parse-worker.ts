// Runs in a child process of its own: source bytes in, encoded IR out. If a hostile file kills it, only that file is lost.
import { AppError } from "@opentrace/contract/errors.ts";
import type { SkipReason } from "@opentrace/contract/repositories.ts";
import { flushCompileCache } from "node:module";
import { decodeSource, type DecodedSource } from "./decode-source.ts";
import { encodeIr } from "./ir-codec.ts";
import type { FileRecord } from "./indexing.ts";
import type { Lower } from "./languages/language.ts";
import { loadLower } from "./languages/registry.ts";
import { leaveOutLastCompiler } from "./short-run.mjs";

export interface ParseTask {
  /** Answer after each file, so that the parent sees which one hangs or kills. */
  careful: boolean;
  files: { path: string; language: string; bytes: Uint8Array }[];
}

export interface ParseAnswer {
  results: ParsedFile[];
  /** Nothing of the task is left. */
  done: boolean;
}

export interface ParsedFile {
  path: string;
  ir: Uint8Array | null;
  skipped: FileRecord["skipped"];
}

const FLUSH_BYTES = 256 * 1024;
const FLUSH_MS = 500;

/** One file, whatever it holds: never throws. */
export function parseFile(lower: Lower, path: string, bytes: Buffer): ParsedFile {
  const source = decodeSource(bytes);
  if (source === null) return { path, ir: null, skipped: { reason: "binary", detail: "holds NUL bytes: not text" } };
  try {
    const ir = lower(source.text, path);
    return { path, ir: encodeIr(ir), skipped: encodingOf(source) ?? problemsOf(ir.problems) };
  } catch (error) {
    return { path, ir: null, skipped: failureOf(error) };
  }
}

function encodingOf({ badLine }: DecodedSource): FileRecord["skipped"] {
  if (badLine === null) return null;
  return { reason: "encoding", detail: `line ${badLine} is not UTF-8; such bytes were read as Latin-1` };
}

function problemsOf(problems: readonly [number, string][] | undefined): FileRecord["skipped"] {
  const [first] = problems ?? [];
  if (first === undefined) return null;
  const more = (problems?.length ?? 1) - 1;
  const detail = `line ${first[0]}: ${first[1]}${more > 0 ? ` (and ${more} more)` : ""}; the rest was read`;
  return { reason: "parse_failed", detail: detail.slice(0, 500) };
}

/** What a language may say of a file it can't read. Our own constants: loading the schema would double a parser's start. */
const statedReasons: readonly SkipReason[] = ["nested_too_deeply"];

function failureOf(error: unknown): FileRecord["skipped"] {
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return { reason: "nested_too_deeply", detail: "nested deeper than the parser can follow" };
  }
  const stated = error instanceof AppError ? error.details?.["reason"] : undefined;
  const reason = statedReasons.find((known) => known === stated) ?? "parse_failed";
  const detail = error instanceof Error ? error.message : String(error);
  return { reason, detail: detail.slice(0, 500) };
}

async function main(send: (answer: ParseAnswer) => void): Promise<void> {
  const languages = new Map<string, Lower>();
  let queue = Promise.resolve();
  let isCached = false;
  const run = async (task: ParseTask): Promise<void> => {
    let results: ParsedFile[] = [];
    let size = 0;
    let flushed = performance.now();
    for (const file of task.files) {
      let lower = languages.get(file.language);
      if (lower === undefined) {
        lower = await loadLower(file.language);
        leaveOutLastCompiler();
        languages.set(file.language, lower);
        isCached = false;
      }
      const { buffer, byteOffset, byteLength } = file.bytes;
      const result = parseFile(lower, file.path, Buffer.from(buffer, byteOffset, byteLength));
      results.push(result);
      size += result.ir?.length ?? 0;
      const now = performance.now();
      if (task.careful || size > FLUSH_BYTES || now - flushed > FLUSH_MS) {
        send({ results, done: false });
        results = [];
        size = 0;
        flushed = now;
        // Lets the channel write before the next file, which may be the one that hangs.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    send({ results, done: true });
    // Parsers are ended by a signal, which would lose what they compiled; by now it holds the functions that a file needs.
    if (!isCached) flushCompileCache();
    isCached = true;
  };
  process.on("message", (task: ParseTask) => {
    queue = queue.then(() => run(task));
  });
}

const channel = process.send?.bind(process);
if (channel !== undefined && process.argv[1]?.endsWith("parse-worker.ts") === true) {
  // The parent is gone: so is the reason to run.
  process.on("disconnect", () => process.exit(0));
  await main((answer) => void channel(answer));
}
