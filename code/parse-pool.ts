// Parses files in child processes, with limits on time and memory; a file that kills or hangs its process costs only itself.
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileCacheFolder } from "./compile-cache.mjs";
import { parserFlags } from "./short-run.mjs";
import type { ParseAnswer, ParsedFile, ParseTask } from "./parse-worker.ts";

export interface SourceFile {
  path: string;
  language: string;
  bytes: Uint8Array;
}

export interface ParsePoolOptions {
  workers: number;
  /** Longest silence of a worker while it has a file. */
  fileTimeoutMs: number;
  /** Heap of a worker. */
  memoryMb: number;
  /** Where a worker comes from and goes to, if its process is to outlive the call. */
  spare?: SpareParser | undefined;
}

/** Holds one parser process from run to run: its start would be most of what reading a single file costs. */
export interface SpareParser {
  take(): Worker | null;
  keep(worker: Worker): Promise<void>;
  close(): Promise<void>;
}

export const defaultParsePool: ParsePoolOptions = { workers: 1, fileTimeoutMs: 10_000, memoryMb: 192 };

/** A file that was too much for a worker gets this much more memory once. */
const RETRY_FACTOR = 3;

/** A worker that read more than this has a heap that is not worth keeping. */
const SPARE_BYTES = 1024 * 1024;

const WORKER = fileURLToPath(new URL("./parse-worker.ts", import.meta.url));

/** One child process and the task it works on. */
interface Worker {
  child: ChildProcess;
  /** Has the usual memory, and read little: worth keeping. */
  isSmall(): boolean;
  /** It ends with this signal from now on; null: with none. */
  endWith(stop: AbortSignal | null): void;
  /** Resolves with what is left undone: [] when all went well. */
  run(
    task: ParseTask,
    take: (results: ParsedFile[]) => void,
    fileTimeoutMs: number,
  ): Promise<{ left: SourceFile[]; how: "done" | "timed_out" | "nested_too_deeply" | "died"; detail: string }>;
}

/**
 * Takes batches as workers get free (so a slow parser slows the reading) and yields results in the order they are ready.
 * Throws what `batches` throws, and the abort reason.
 */
export async function* parseFiles(
  batches: AsyncIterable<SourceFile[]>,
  options: ParsePoolOptions,
  signal: AbortSignal,
): AsyncGenerator<ParsedFile[]> {
  const ready: ParsedFile[][] = [];
  let wake = (): void => {};
  let failure: { error: unknown } | null = null;
  let running = options.workers;
  const stop = new AbortController();
  const source = batches[Symbol.asyncIterator]();
  // Several workers pull from one iterator: a generator queues the calls itself.
  const take = (results: ParsedFile[]): void => {
    if (results.length > 0) ready.push(results);
    wake();
  };
  const work = async (): Promise<void> => {
    let worker: Worker | null = null;
    try {
      while (!stop.signal.aborted) {
        const next = await source.next();
        if (next.done === true || stop.signal.aborted) return;
        worker = await parseBatch(next.value, worker, options, take, stop.signal);
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      if (worker !== null) await leaveWorker(worker, stop.signal.aborted ? undefined : options.spare);
      running--;
      wake();
    }
  };
  const onAbort = (): void => {
    stop.abort();
    wake();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const all = Promise.all(Array.from({ length: options.workers }, work));
  try {
    for (;;) {
      signal.throwIfAborted();
      const results = ready.shift();
      if (results !== undefined) {
        yield results;
        continue;
      }
      if (failure !== null) throw (failure as { error: unknown }).error;
      if (running === 0) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ready.length > 0 || running === 0 || failure !== null || signal.aborted) resolve();
      });
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    stop.abort();
    await source.return?.();
    await all;
  }
}

/** Runs one batch to its end, however many workers it costs. Returns the worker to go on with. */
async function parseBatch(
  files: SourceFile[],
  worker: Worker | null,
  options: ParsePoolOptions,
  take: (results: ParsedFile[]) => void,
  stop: AbortSignal,
): Promise<Worker | null> {
  let current = worker ?? options.spare?.take() ?? startWorker(options.memoryMb, true);
  current.endWith(stop);
  const first = await current.run({ careful: false, files }, take, options.fileTimeoutMs);
  let left = first.left;
  // Something in `left` kills: answers file by file tell which.
  while (left.length > 0 && !stop.aborted) {
    await endWorker(current);
    current = startWorker(options.memoryMb * RETRY_FACTOR, false);
    current.endWith(stop);
    const outcome = await current.run({ careful: true, files: left }, take, options.fileTimeoutMs);
    if (outcome.how === "done") return current;
    const [culprit, ...others] = outcome.left;
    if (culprit !== undefined && !stop.aborted) {
      const reason = outcome.how === "died" ? "parse_failed" : outcome.how;
      take([{ path: culprit.path, ir: null, skipped: { reason, detail: outcome.detail } }]);
    }
    left = others;
    if (left.length === 0) {
      await endWorker(current);
      return null;
    }
  }
  return current;
}

/** Holds one at most. The process does not wait for it, and it ends with the process. */
export function createSpareParser(): SpareParser {
  let spare: Worker | null = null;
  const take = (): Worker | null => {
    const worker = spare;
    spare = null;
    if (worker === null || hasEnded(worker)) return null;
    worker.child.ref();
    worker.child.channel?.ref();
    return worker;
  };
  return {
    take,
    async keep(worker) {
      const other = take();
      worker.endWith(null);
      worker.child.unref();
      worker.child.channel?.unref();
      spare = worker;
      if (other !== null) await endWorker(other);
    },
    async close() {
      const worker = take();
      if (worker !== null) await endWorker(worker);
    },
  };
}

async function leaveWorker(worker: Worker, spare: SpareParser | undefined): Promise<void> {
  if (spare !== undefined && worker.isSmall() && !hasEnded(worker)) await spare.keep(worker);
  else await endWorker(worker);
}

const hasEnded = ({ child }: Worker): boolean => child.exitCode !== null || child.signalCode !== null;

/** Waits for the end: a run leaves no process behind. */
async function endWorker(worker: Worker): Promise<void> {
  if (hasEnded(worker)) return;
  const { child } = worker;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

/** Nothing of the server's environment, which holds secrets; but the folder of compiled code, which halves a worker's start. */
function workerEnvironment(): NodeJS.ProcessEnv {
  const cache = compileCacheFolder();
  return {
    PATH: process.env["PATH"] ?? "",
    // One arena of glibc's for all of Node's threads, as in the process that indexes.
    MALLOC_ARENA_MAX: "1",
    ...(cache === null ? {} : { NODE_COMPILE_CACHE: cache }),
  };
}

function startWorker(memoryMb: number, isUsual: boolean): Worker {
  const child = fork(WORKER, [], {
    execArgv: [...parserFlags(memoryMb), "--disable-warning=ExperimentalWarning"],
    env: workerEnvironment(),
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  child.on("error", () => {});
  const onStop = (): void => void child.kill("SIGKILL");
  let boundTo: AbortSignal | null = null;
  const endWith = (stop: AbortSignal | null): void => {
    boundTo?.removeEventListener("abort", onStop);
    boundTo = stop;
    stop?.addEventListener("abort", onStop, { once: true });
    if (stop?.aborted === true) onStop();
  };
  child.once("exit", () => endWith(null));
  let bytes = 0;

  return {
    child,
    endWith,
    isSmall: () => isUsual && bytes <= SPARE_BYTES,
    run(task, take, fileTimeoutMs) {
      for (const file of task.files) bytes += file.bytes.length;
      const left = new Map(task.files.map((file) => [file.path, file]));
      return new Promise((resolve) => {
        let timer: NodeJS.Timeout;
        const end = (how: "done" | "timed_out" | "nested_too_deeply" | "died", detail: string): void => {
          clearTimeout(timer);
          child.off("message", onMessage);
          child.off("exit", onExit);
          resolve({ left: [...left.values()], how, detail });
        };
        const watch = (): void => {
          clearTimeout(timer);
          timer = setTimeout(() => end("timed_out", `not parsed within ${fileTimeoutMs / 1000} s`), fileTimeoutMs);
        };
        const onMessage = (answer: ParseAnswer): void => {
          for (const result of answer.results) left.delete(result.path);
          take(answer.results);
          if (answer.done) end("done", "");
          else watch();
        };
        const onExit = (code: number | null, killedBy: string | null): void => {
          // What ends a parser by a segmentation fault is its stack, used up.
          if (killedBy === "SIGSEGV" || killedBy === "SIGBUS")
            end("nested_too_deeply", "nested deeper than the parser can follow");
          else
            end(
              "died",
              `the parser process died on it (${killedBy ?? `exit ${code}`}), most likely for want of memory`,
            );
        };
        child.on("message", onMessage);
        child.once("exit", onExit);
        watch();
        if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
        else child.send(task, () => {});
      });
    },
  };
}
