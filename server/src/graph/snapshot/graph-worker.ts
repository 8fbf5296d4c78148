// The server's side of the graph worker: starts it when first asked, drops it (and all it holds) when nobody asked for a while.
import { Worker } from "node:worker_threads";
import { AppError } from "@opentrace/contract/errors.ts";
import type { StoreConfig } from "../../store/store.ts";
import type { SharedCsr } from "./csr.ts";
import type { Operation, Operations, Reply, WorkerData } from "./protocol.ts";

export interface GraphWorker {
  ask<O extends Operation>(
    operation: O,
    input: Operations[O]["input"],
    signal: AbortSignal,
  ): Promise<Operations[O]["output"]>;
  /** The adjacency of exactly this version if it is at hand; otherwise null, and one is being built for whoever asks next. */
  csrOf(workspace: number, version: number): SharedCsr | null;
  /** The last adjacency that was built, whatever its version: for what may be some seconds behind. */
  lastCsrOf(workspace: number): SharedCsr | null;
  /** Reads the names ahead of the first search, unless the worker is at work already: somebody has come who will soon ask. */
  prepare(workspace: number): void;
  close(): Promise<void>;
}

interface Waiting {
  resolve(output: never): void;
  reject(error: unknown): void;
}

export function createGraphWorker(options: {
  config: StoreConfig;
  /** Nothing asked for so long: the worker ends and its memory is free. */
  idleMs?: number;
  /** An adjacency is rebuilt at most this often, and less often when building takes long. */
  rebuildMs?: number;
}): GraphWorker {
  const { config, idleMs = 300_000, rebuildMs = 3_000 } = options;
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | null = null;
  let nextId = 1;
  let closed = false;
  const waiting = new Map<number, Waiting>();
  const csrs = new Map<number, { csr: SharedCsr | null; building: boolean; startedAt: number; took: number }>();

  const fail = (message: string, cause?: unknown): void => {
    worker = null;
    csrs.clear();
    const error = new AppError("unavailable", message, cause === undefined ? {} : { cause });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  const start = (): Worker => {
    if (worker !== null) return worker;
    const data: WorkerData = { config };
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: data,
      name: "graph",
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    started.on("message", (reply: Reply) => {
      const entry = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (entry === undefined) return;
      if ("error" in reply) entry.reject(new AppError(reply.error.code, reply.error.message));
      else entry.resolve(reply.output as never);
    });
    started.on("error", (error) => {
      if (worker === started) fail("The graph worker stopped; ask again.", error);
    });
    started.on("exit", () => {
      if (worker === started) fail("The graph worker stopped; ask again.");
    });
    // The server may end while the worker idles.
    started.unref();
    worker = started;
    return started;
  };

  const touch = (): void => {
    if (idle !== null) idle.refresh();
    else {
      idle = setTimeout(() => {
        idle = null;
        if (waiting.size > 0) return touch();
        const ending = worker;
        worker = null;
        csrs.clear();
        void ending?.terminate();
      }, idleMs);
      idle.unref();
    }
  };

  const ask: GraphWorker["ask"] = async (operation, input, signal) => {
    signal.throwIfAborted();
    if (closed) throw new AppError("unavailable", "The server is stopping.");
    touch();
    const id = nextId++;
    const running = start();
    // A pending question keeps the process alive, an idle worker doesn't.
    running.ref();
    try {
      return await new Promise((resolve, reject) => {
        const onAbort = (): void => {
          waiting.delete(id);
          reject(signal.reason as Error);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        const settle =
          <T>(then: (value: T) => void) =>
          (value: T): void => {
            signal.removeEventListener("abort", onAbort);
            then(value);
          };
        waiting.set(id, { resolve: settle(resolve as (value: unknown) => void), reject: settle(reject) });
        // oxlint-disable-next-line require-post-message-target-origin -- a worker thread, not a window
        running.postMessage({ id, operation, input });
      });
    } finally {
      // One that is being ended holds the process until it has: what it was still building is rejected meanwhile.
      if (waiting.size === 0 && worker === running) running.unref();
    }
  };

  const build = (workspace: number): void => {
    const entry = { csr: csrs.get(workspace)?.csr ?? null, building: true, startedAt: Date.now(), took: 0 };
    csrs.set(workspace, entry);
    ask("csr", { workspace }, AbortSignal.timeout(120_000)).then(
      (csr) => Object.assign(entry, { csr, building: false, took: Date.now() - entry.startedAt }),
      // Traversals go on without it; the next one that wants it tries again.
      () => (entry.building = false),
    );
  };

  return {
    ask,
    csrOf(workspace, version) {
      touch();
      const entry = csrs.get(workspace);
      if (entry?.csr?.version === version) return entry.csr;
      const isDue = (last: NonNullable<typeof entry>): boolean =>
        !last.building && Date.now() - last.startedAt > Math.max(rebuildMs, last.took * 10);
      if (entry === undefined || isDue(entry)) build(workspace);
      return null;
    },
    prepare(workspace) {
      // A search that comes meanwhile waits for these same names; one that fails says why itself.
      if (worker === null) ask("names", { workspace }, AbortSignal.timeout(120_000)).catch(() => {});
    },
    lastCsrOf: (workspace) => csrs.get(workspace)?.csr ?? null,
    async close() {
      closed = true;
      if (idle !== null) clearTimeout(idle);
      idle = null;
      const ending = worker;
      fail("The server is stopping.");
      // Nothing else may keep the process alive until it has ended.
      ending?.ref();
      await ending?.terminate();
    },
  };
}
