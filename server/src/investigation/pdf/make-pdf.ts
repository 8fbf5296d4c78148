// Makes PDFs in worker threads, a few at a time, each with bounded memory and time.
import { Worker } from "node:worker_threads";
import { AppError } from "@opentrace/contract/errors.ts";
import type { PdfOptions } from "./markdown-pdf.ts";

export type MakePdf = (options: PdfOptions, signal: AbortSignal) => Promise<Uint8Array>;

const atOnce = 2;
const mostWaiting = 20;
const patienceMs = 30_000;
const memoryMb = 512;

export function createMakePdf(): MakePdf {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = async (signal: AbortSignal): Promise<void> => {
    if (running < atOnce) {
      running++;
      return;
    }
    if (waiting.length >= mostWaiting)
      throw new AppError("unavailable", "Many documents are being made at the moment: try again in a few seconds.");
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener(
        "abort",
        () => {
          const at = waiting.indexOf(resolve);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(
            signal.reason instanceof Error ? signal.reason : new AppError("cancelled", "Cancelled by the caller."),
          );
        },
        { once: true },
      );
    });
  };
  return async (options, signal) => {
    signal.throwIfAborted();
    await turn(signal);
    try {
      return await inWorker(options, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
    } finally {
      const next = waiting.shift();
      // The turn is handed on, so the number of those that run stays.
      if (next === undefined) running--;
      else next();
    }
  };
}

async function inWorker(options: PdfOptions, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./pdf-worker.ts", import.meta.url), {
    workerData: options,
    name: "pdf",
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.once("message", (bytes: Uint8Array) => resolve(bytes));
      worker.once("error", (cause) => reject(new AppError("internal", "The PDF could not be made.", { cause })));
      worker.once("exit", () => reject(new AppError("internal", "The PDF could not be made: its worker ended.")));
      signal.addEventListener(
        "abort",
        () =>
          reject(
            new AppError("timeout", "The PDF took too long to be made: export it as Markdown, or make it shorter."),
          ),
        { once: true },
      );
    });
  } finally {
    await worker.terminate();
  }
}
