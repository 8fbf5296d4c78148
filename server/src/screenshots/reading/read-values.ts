// Numbers with their units as dashboards write them: "1.2k req/s", "350 ms", "5 %", "5.2 GiB".
import type { ReadValue } from "@opentrace/contract/screenshots.ts";
import type { TextLine } from "./assemble-lines.ts";

const thousands: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9, B: 1e9 };
const units =
  "req/s|reqs/s|requests/s|rps|qps|ops/s|op/s|msg/s|messages/s|errors/s|events/s|req/min|rpm|" +
  "[KMGT]i?B/s|B/s|[kKMG]bps|bps|ms|µs|us|ns|sec|secs|seconds|min|mins|minutes|hours|days|s|m|h|d|%|percent|" +
  "[KMGT]i?B|bytes|messages|requests|errors|connections|restarts|pods|cores|°C";
const quantity = new RegExp(
  `(?<![\\w.:/-])(-?\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|-?\\d+(?:\\.\\d+)?)\\s?(?:([kKMGB])\\s?(?=req|rps|ops|msg|qps|$))?(${units})?(?![\\w:/-])`,
  "g",
);

/** All quantities of a text: those with a unit, and the text itself if it is nothing but a number. */
export function quantitiesIn(text: string): Omit<ReadValue, "label">[] {
  const found: Omit<ReadValue, "label">[] = [];
  for (const match of text.slice(0, 500).matchAll(quantity)) {
    const [whole, number, factor, unit] = match;
    if (number === undefined) continue;
    if (unit === undefined && factor === undefined && whole.trim() !== text.trim()) continue;
    found.push({
      text: whole.trim(),
      value: Number(number.replaceAll(",", "")) * (factor === undefined ? 1 : (thousands[factor] ?? 1)),
      unit: unit ?? null,
    });
  }
  return found;
}

/** A label of an axis: a bare number, a time of day. */
export const isTick = (text: string): boolean =>
  /^(?:-?\d+(?:\.\d+)?\s?[kKMG%]?|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}\/\d{1,2})$/.test(text.trim());

const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text);
const endOf = ({ x, width }: TextLine): number => x + width;
const overlaps = (a: TextLine, b: TextLine): boolean => a.x < endOf(b) && b.x < endOf(a);

/**
 * What names a line: the title above it, which begins at its left; else what stands left of it in its row. A panel's title stands at the
 * panel's left and its number anywhere in it, at the right too, where the next panel's title is nearer: what begins right of the number is
 * its title only directly above it.
 */
export function labelOf(line: TextLine, lines: readonly TextLine[]): TextLine | null {
  const above = lines.filter((other) => {
    if (other === line || !hasWords(other.text) || quantitiesIn(other.text).some(({ unit }) => unit !== null))
      return false;
    const gap = line.y - (other.y + other.height);
    return gap >= -0.3 * other.height && gap < Math.max(2.5 * line.height, 5 * other.height);
  });
  const beginsLeft = above.filter((other) => other.x <= line.x + line.height / 2);
  const over = beginsLeft.filter((other) => overlaps(line, other));
  const directly = above.filter(
    (other) => overlaps(line, other) && line.y - (other.y + other.height) < 2 * other.height,
  );
  const left = beginsLeft.filter(
    (other) =>
      line.x - endOf(other) < 30 * other.height &&
      !lines.some((between) => between.row === line.row && between.x > other.x && endOf(between) < line.x),
  );
  const inRow = lines.filter((other) => other.row === line.row && other.x < line.x && hasWords(other.text));
  return (
    over.toSorted((a, b) => b.y - a.y)[0] ??
    directly.toSorted((a, b) => b.y - a.y)[0] ??
    left.toSorted((a, b) => b.x - a.x || b.y - a.y)[0] ??
    inRow.toSorted((a, b) => b.x - a.x)[0] ??
    null
  );
}
