// A child process for work on hostile files: one request at a time, ended when it takes too long or too much memory, kept warm for a while.
import { type ChildProcess, fork } from "node:child_process";
import { AppError } from "@opentrace/contract/errors.ts";
import { endProcess } from "../end-process.ts";
import { type FromChild, tooMuchMemory } from "./child-side.ts";

export interface WarmChild<Asked, Answer> {
  /** Throws what the work threw; `timeout` when it took too long, `unavailable` when the process died. */
  ask(asked: Asked, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

export interface WarmChildOptions {
  /** Module that calls serve() of child-side.ts. */
  module: URL;
  /** For messages: "The reading of the image". */
  what: string;
  timeoutMs: number;
  /** Resident memory of the process at which it ends itself. */
  memoryMb: number;
  warmMs?: number;
}

export function createWarmChild<Asked, Answer>(options: WarmChildOptions): WarmChild<Asked, Answer> {
  const { module, what, timeoutMs, memoryMb, warmMs = 60_000 } = options;
  let child: ChildProcess | null = null;
  let cooling: NodeJS.Timeout | null = null;
  let last: Promise<unknown> = Promise.resolve();

  function start(): ChildProcess {
    if (cooling !== null) clearTimeout(cooling);
    if (child !== null) return child;
    const started = fork(module, [String(memoryMb)], {
      serialization: "advanced",
      // What it works on may be hostile: it is given no secret of this process.
      env: { PATH: process.env["PATH"] },
      execArgv: ["--max-old-space-size=192"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    started.on("exit", () => {
      if (child === started) child = null;
    });
    // One that can't be told anything any more is gone; who waits for it hears of it by itself.
    started.on("error", () => undefined);
    child = started;
    return started;
  }

  async function end(): Promise<void> {
    if (cooling !== null) clearTimeout(cooling);
    const ending = child;
    child = null;
    await endProcess(ending);
  }

  async function work(asked: Asked, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const running = start();
    running.ref();
    running.channel?.ref();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const onMessage = (message: FromChild<Answer>): void => {
      if (message.is === "done") resolve(message.answer);
      else
        reject(
          message.error === null ? new Error(message.stack) : new AppError(message.error.code, message.error.message),
        );
    };
    const onExit = (code: number | null): void =>
      reject(
        new AppError(
          "unavailable",
          code === tooMuchMemory
            ? `${what} needed more than ${memoryMb} MB of memory and was stopped.`
            : `${what} ended before it was done.`,
        ),
      );
    const onLimit = (): void => {
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : new AppError("timeout", `${what} took longer than ${timeoutMs / 1000} s and was stopped.`),
      );
      void end();
    };
    running.on("message", onMessage).on("exit", onExit).on("error", reject);
    limit.addEventListener("abort", onLimit, { once: true });
    try {
      running.send(asked as object, (error) => {
        if (error !== null) reject(error);
      });
      return await promise;
    } finally {
      limit.removeEventListener("abort", onLimit);
      running.off("message", onMessage).off("exit", onExit).off("error", reject);
      running.unref();
      running.channel?.unref();
      cooling = setTimeout(() => void end(), warmMs);
      cooling.unref();
    }
  }

  return {
    ask(asked, signal) {
      const turn = last.then(() => work(asked, signal));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: end,
  };
}
