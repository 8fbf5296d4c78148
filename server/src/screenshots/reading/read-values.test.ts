import { expect, it } from "vitest";
import type { TextLine } from "./assemble-lines.ts";
import { labelOf } from "./read-values.ts";

const line = (text: string, row: number, x: number, y: number, width: number, height: number): TextLine => ({
  text,
  confidence: 0.95,
  row,
  x,
  y,
  width,
  height,
});
const labelsOf = (lines: readonly TextLine[], row: number): (string | undefined)[] =>
  lines.filter((one) => one.row === row).map((one) => labelOf(one, lines)?.text);

it("takes a card's own title for a number at its right, not the title of the next card or of the page", () => {
  const lines = [
    line("notification-hub - Service Health", 0, 124, 14, 277, 14),
    line("Past 4 Hours", 0, 1367, 14, 62, 8),
    line("Dashboards", 1, 10, 43, 60, 8),
    line("Avg p95 latency", 2, 133, 53, 76, 10),
    line("Avg Disk free", 2, 571, 53, 62, 10),
    line("Avg Network in", 2, 1009, 53, 71, 10),
    line("Monitors", 3, 10, 68, 42, 8),
    line("787 ms", 4, 440, 74, 102, 24),
    line("563 GB", 4, 880, 74, 100, 24),
    line("86 MB/s", 4, 1308, 74, 110, 27),
  ];
  expect(labelsOf(lines, 4)).toEqual(["Avg p95 latency", "Avg Disk free", "Avg Network in"]);
});

it("takes a title that is centred over a wider number, and what stands left of a number in its row", () => {
  const lines = [
    line("Errors", 0, 140, 10, 40, 10),
    line("1,204 req/s", 1, 100, 26, 120, 24),
    line("Latency", 2, 20, 90, 50, 10),
    line("35 ms", 2, 400, 90, 40, 10),
  ];
  expect(labelsOf(lines, 1)).toEqual(["Errors"]);
  expect(labelOf(lines[3]!, lines)?.text).toBe("Latency");
});
