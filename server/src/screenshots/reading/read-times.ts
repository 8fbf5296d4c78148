// The time that a screen shows: "Last 6 hours", "2026-11-21 13:05 to 14:05", "Letzte 24 Stunden".
import type { ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";

const relative = [
  /\b(?:last|past)\s+(?:\d+\s*)?(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|[smhdw])\b/i,
  /\bsince\s+\d+\s+(?:seconds?|minutes?|hours?|days?|weeks?)\s+ago\b/i,
  /\bnow-\d+[smhdwM]\s*(?:to|-|–|→)\s*now\b/,
  /\b(?:letzten?|vergangenen?)\s+(?:\d+\s+)?(?:Sekunden?|Minuten?|Stunden?|Tage?|Wochen?)\b/i,
  /\bderni[eè]re?s?\s+(?:\d+\s+)?(?:secondes?|minutes?|heures?|jours?|semaines?)(?!\p{L})/iu,
  /(?<!\p{L})\d+\s+derni[eè]re?s\s+(?:secondes|minutes|heures|jours|semaines)(?!\p{L})/iu,
];
const clock = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:\s?[ap]m)?`;
const day = String.raw`\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}(?:, \d{4})?`;
const moment = String.raw`(?:${day})(?:[T ,]+|\s*@\s*)${clock}`;
// Arrows are read as all kinds of signs, or not at all: then both moments have their day.
const absolute = new RegExp(
  `(${moment})\\s*(?:(?:to|bis|à|-|–|—|→|->|>)\\s*(${moment}|${clock})|(?:[=~»]\\s*)?(${moment}))`,
  "i",
);

function iso(text: string, dayBefore: string | null): string | null {
  const only = new RegExp(`^${clock}$`, "i").test(text) && dayBefore !== null ? `${dayBefore} ${text}` : text;
  const german = only.replace(
    /^(\d{1,2})\.(\d{1,2})\.(\d{4})/,
    (_, d: string, m: string, y: string) => `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`,
  );
  const time = Date.parse(`${german.replace(/[T@,]+/g, " ").replace(/\s+/g, " ")} UTC`);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** Times without a zone are taken as UTC. "the last 5 minutes" in a sentence is not what the screen shows: it stands by itself. */
export function timeRangeOf(rows: readonly string[], cells = rows): ScreenshotAnalysis["time_range"] {
  for (const row of rows) {
    const found = absolute.exec(row.slice(0, 1000));
    const until = found?.[2] ?? found?.[3];
    if (found?.[1] === undefined || until === undefined) continue;
    const dayOf = new RegExp(`^(?:${day})`, "i").exec(found[1])?.[0] ?? null;
    return { text: found[0], from: iso(found[1], null), to: iso(until, dayOf) };
  }
  for (const cell of cells) {
    const found = relative.map((pattern) => pattern.exec(cell.slice(0, 1000))).find((match) => match !== null);
    if (found !== undefined && found !== null && found[0].length > 0.5 * cell.trim().length)
      return { text: found[0], from: null, to: null };
  }
  return null;
}
