import { expect, it } from "vitest";
import type { Box, TextLine } from "./assemble-lines.ts";
import { layOut } from "./layout.ts";
import { figuresOf } from "./read-values.ts";

const line = (text: string, row: number, x: number, y: number, width: number, height: number): TextLine => ({
  text,
  confidence: 0.95,
  row,
  x,
  y,
  width,
  height,
});
const readingOf = (lines: readonly TextLine[], areas: readonly Box[] = []) => {
  const { values, panels, axes } = figuresOf(layOut(lines, areas, { width: 1440, height: 900 }));
  return {
    values: values.map(({ label, text }) => `${label ?? "?"} = ${text}`),
    panels: panels.map(({ title }) => title),
    axes: axes.length,
  };
};

it("takes a card's own title for a number at its right, not the title of the next card or of the page", () => {
  const { values } = readingOf([
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
  ]);
  expect(values).toEqual(["Avg p95 latency = 787 ms", "Avg Disk free = 563 GB", "Avg Network in = 86 MB/s"]);
});

it("takes a title that is centred over a wider number, and what stands left of a number in its row", () => {
  const { values } = readingOf([
    line("Errors", 0, 140, 10, 40, 10),
    line("1,204 req/s", 1, 100, 26, 120, 24),
    line("Latency", 2, 20, 90, 50, 10),
    line("35 ms", 2, 400, 90, 40, 10),
  ]);
  expect(values).toEqual(["Errors = 1,204 req/s", "Latency = 35 ms"]);
});

it("takes the names below the numbers where they stand below all of a row", () => {
  const { values, panels } = readingOf([
    line("Overview", 0, 20, 10, 160, 20),
    line("4,2 %", 1, 20, 60, 80, 28),
    line("312 ms", 1, 240, 60, 110, 28),
    line("Taux de refus", 2, 20, 96, 90, 11),
    line("Temps de réponse", 2, 240, 96, 120, 11),
    line("Erreurs récentes", 3, 20, 150, 130, 12),
  ]);
  expect(values).toEqual(["Taux de refus = 4,2 %", "Temps de réponse = 312 ms"]);
  expect(panels).toEqual(["Taux de refus", "Temps de réponse"]);
});

it("tells the labels of an axis from figures, one that was read wrongly too, and names the chart by its card", () => {
  const card = { x: 10, y: 10, width: 500, height: 300 };
  const { values, panels, axes } = readingOf(
    [
      line("Latency p95", 0, 20, 16, 90, 10),
      line("750 ms", 1, 30, 60, 40, 9),
      line("500 ms", 2, 30, 110, 40, 9),
      line("25 ms", 3, 35, 160, 35, 9),
      line("0 ms", 4, 42, 210, 28, 9),
      line("13:00", 5, 80, 230, 30, 9),
      line("14:00", 5, 200, 230, 30, 9),
    ],
    [card],
  );
  expect({ values, panels, axes }).toEqual({ values: [], panels: ["Latency p95"], axes: 1 });
});

it("names the cells of a table by row and heading, and does not take a column of them for an axis", () => {
  const { values, axes } = readingOf([
    line("Service", 0, 20, 20, 50, 10),
    line("Status", 0, 200, 20, 45, 10),
    line("p95", 0, 400, 20, 25, 10),
    line("checkout", 1, 20, 50, 60, 10),
    line("Healthy", 1, 200, 50, 50, 10),
    line("300 ms", 1, 400, 50, 45, 10),
    line("cart-api", 2, 20, 80, 60, 10),
    line("Degraded", 2, 200, 80, 60, 10),
    line("200 ms", 2, 400, 80, 45, 10),
    line("billing", 3, 20, 110, 60, 10),
    line("Healthy", 3, 200, 110, 50, 10),
    line("100 ms", 3, 400, 110, 45, 10),
  ]);
  expect(values).toEqual(["checkout p95 = 300 ms", "cart-api p95 = 200 ms", "billing p95 = 100 ms"]);
  expect(axes).toBe(0);
});

it("takes what stands before a figure in its own sentence", () => {
  const { values } = readingOf([
    line("Trace Start November 21 2026, 03:25:53 Duration 3.57s Services 8", 0, 20, 20, 600, 12),
    line("Current value: 27 % for the last 15 minutes.", 1, 20, 50, 400, 12),
  ]);
  expect(values[0]).toMatch(/Duration = 3\.57s$/);
  expect(values[1]).toBe("Current value = 27 %");
});
