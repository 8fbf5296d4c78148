// Words that were found on a picture → what it says: its text row by row, and what that tells.
import type { TextFindings } from "@opentrace/contract/screenshots.ts";
import { assembleLines, plainText } from "./assemble-lines.ts";
import type { FoundText } from "./read-text.ts";
import { structureText } from "./structure-text.ts";

export interface OfflineReading {
  /** As it stands on the picture: a row a line. */
  text: string;
  lines: number;
  /** 0–1, by letters; 0 when there is no text. */
  confidence: number;
  findings: TextFindings;
}

export function understand(found: FoundText): OfflineReading {
  const lines = assembleLines(found.words);
  const letters = lines.reduce((sum, { text }) => sum + text.length, 0);
  return {
    text: plainText(lines),
    lines: lines.length,
    confidence: lines.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / Math.max(1, letters),
    findings: structureText({ ...found, lines }),
  };
}
