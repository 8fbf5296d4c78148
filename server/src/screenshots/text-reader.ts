// The server's end of the reading process: text of a picture, and what it tells.
import type { OfflineReading } from "./reading/understand.ts";
import { createWarmChild } from "./warm-child.ts";

export interface TextReader {
  /** Throws `timeout` or `unavailable` when the process had to be stopped. */
  read(image: Uint8Array, signal: AbortSignal): Promise<OfflineReading>;
  close(): Promise<void>;
}

export interface TextReaderOptions {
  timeoutMs?: number;
  /** The corpus, at most 1080p, peaks at 507 MB; a picture is scaled to 8.5 megapixels before it is read. */
  memoryMb?: number;
  warmMs?: number;
}

export function createTextReader({ timeoutMs = 120_000, memoryMb = 800, warmMs }: TextReaderOptions = {}): TextReader {
  const child = createWarmChild<Uint8Array, OfflineReading>({
    module: new URL("./reading/reading-child.ts", import.meta.url),
    what: "The reading of the image",
    timeoutMs,
    memoryMb,
    ...(warmMs === undefined ? {} : { warmMs }),
  });
  return { read: (image, signal) => child.ask(image, signal), close: () => child.close() };
}
