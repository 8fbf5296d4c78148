// The server's end of the reading process: text of a picture, and what it tells.
import { createWarmChild } from "./warm-child.ts";
import { plainText } from "./reading/assemble-lines.ts";
import type { TextReading } from "./reading/read-text.ts";
import { structureText } from "./reading/structure-text.ts";
import type { TextFindings } from "@opentrace/contract/screenshots.ts";

export interface OfflineReading {
  /** As it stands on the picture: a row a line. */
  text: string;
  lines: number;
  /** 0–1, by letters; 0 when there is no text. */
  confidence: number;
  findings: TextFindings;
}

export interface TextReader {
  /** Throws `timeout` or `unavailable` when the process had to be stopped. */
  read(image: Uint8Array, signal: AbortSignal): Promise<OfflineReading>;
  close(): Promise<void>;
}

export interface TextReaderOptions {
  timeoutMs?: number;
  /** The corpus, at most 1080p, peaks at 364 MB; a picture is scaled to 8.5 megapixels before it is read. */
  memoryMb?: number;
  warmMs?: number;
}

export function createTextReader({ timeoutMs = 60_000, memoryMb = 800, warmMs }: TextReaderOptions = {}): TextReader {
  const child = createWarmChild<Uint8Array, TextReading>({
    module: new URL("./reading/reading-child.ts", import.meta.url),
    what: "The reading of the image",
    timeoutMs,
    memoryMb,
    ...(warmMs === undefined ? {} : { warmMs }),
  });
  return {
    async read(image, signal) {
      const reading = await child.ask(image, signal);
      const letters = reading.lines.reduce((sum, { text }) => sum + text.length, 0);
      return {
        text: plainText(reading.lines),
        lines: reading.lines.length,
        confidence:
          reading.lines.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / Math.max(1, letters),
        findings: structureText(reading),
      };
    },
    close: () => child.close(),
  };
}
