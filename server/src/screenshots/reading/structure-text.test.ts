import { expect, it } from "vitest";
import type { TextLine } from "./assemble-lines.ts";
import { structureText } from "./structure-text.ts";

/** One line below the other, all of one height. */
const screen = (texts: readonly string[], heights: readonly number[] = []) => {
  const lines = texts.map((text, row): TextLine => {
    const height = heights[row] ?? 12;
    return { text, confidence: 0.9, row, x: 20, y: 20 + row * 30, width: text.length * 0.6 * height, height };
  });
  return structureText({ lines, areas: [], width: 1440, height: 900 });
};

it("does not take the name of a figure for a failure, nor a menu, nor the name of a service", () => {
  for (const text of [
    "Error rate",
    "Error rate by service",
    "Server errors",
    "Errors in checkout",
    "Failed requests",
    "Top endpoints by errors",
    "Errors inbox",
    "auth-gateway",
    "Severity: critical",
    "Fehlerrate",
    "Taux d'erreur",
  ])
    // prettier-ignore
    expect(screen([text, "checkout", "Latency"]).error_texts, text).toEqual([]);
});

it.each([
  "psycopg2.OperationalError: connection refused",
  "Connection timed out",
  "503 Service Unavailable",
  "upstream connect error or disconnect/reset before headers",
  "An error occurred while loading this page",
  "Verbindung zur Datenbank abgelehnt",
  "Délai d'attente dépassé",
  "pod is in CrashLoopBackOff",
])("takes %j for a failure", (text) => {
  expect(screen([text, "checkout"]).error_texts).toContain(text);
});

it("takes of a log what the log itself calls an error, not what is logged as information", () => {
  const { kind, error_texts } = screen([
    "2026-11-21 10:00:01.120 INFO checkout connection pool exhausted: 20 of 60 in use",
    "2026-11-21 10:00:02.480 ERROR checkout GET /api/orders 200 48ms",
    "2026-11-21 10:00:03.001 WARN checkout request failed: retrying",
  ]);
  expect(kind).toBe("terminal");
  expect(error_texts).toEqual(["2026-11-21 10:00:02.480 ERROR checkout GET /api/orders 200 48ms"]);
});

it.each([
  ["Last 6 hours", null, null],
  ["Past 1 Day", null, null],
  ["Letzte 24 Stunden", null, null],
  ["Dernières 6 heures", null, null],
  ["Since 30 minutes ago", null, null],
  ["2026-11-21 13:05:00 to 2026-11-21 14:05:00", "2026-11-21T13:05:00.000Z", "2026-11-21T14:05:00.000Z"],
  ["2026-11-21 10:00 – 13:30", "2026-11-21T10:00:00.000Z", "2026-11-21T13:30:00.000Z"],
  ["Nov 21, 2026 @ 13:00:00.000 → Nov 21, 2026 @ 14:00:00.000", "2026-11-21T13:00:00.000Z", "2026-11-21T14:00:00.000Z"],
  ["21.11.2026 13:05 bis 21.11.2026 14:05", "2026-11-21T13:05:00.000Z", "2026-11-21T14:05:00.000Z"],
])("reads %j as the time that is shown", (text, from, to) => {
  expect(screen(["checkout", text]).time_range).toEqual({ text, from, to });
});

it("does not take a span of time in a sentence for the time that is shown", () => {
  expect(screen(["Current value: 27 % for the last 15 minutes."]).time_range).toBeNull();
});

it("reads a code that fills the page as its title and status", () => {
  const { kind, title, status_codes } = screen(
    ["503", "Service Unavailable", "We could not reach checkout."],
    [180, 30, 14],
  );
  expect({ kind, title, status_codes }).toEqual({ kind: "error_screen", title: "503", status_codes: [503] });
});

it("takes linear time for lines made to keep patterns busy", () => {
  const nasty = ["Error: ".repeat(3_000), "a-".repeat(5_000), `at ${"x ".repeat(5_000)}`, "1,".repeat(5_000), "last ".repeat(3_000), `${"9".repeat(9_000)} ms`, "derniere ".repeat(3_000), `File "${"\\".repeat(9_000)}`, "<!--".repeat(3_000)]; // prettier-ignore
  const found = screen(nasty);
  expect(found.error_texts.every((text) => text.length <= 400)).toBe(true);
});
