// Numbers with their units as screens write them: "1.2k req/s", "350 ms", "4,2 %", "5.2 GiB".
import type { ReadValue } from "@opentrace/contract/screenshots.ts";

const thousands: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9, B: 1e9 };
const units =
  "req/s|reqs/s|requests/s|rps|qps|ops/s|op/s|msg/s|messages/s|errors/s|events/s|req/min|rpm|" +
  "[KMGT]i?B/s|B/s|[kKMG]bps|bps|ms|µs|us|ns|sec|secs|seconds|minutes|mins|min|hours|days|weeks|s|m|h|d|%|percent|" +
  "/min|/s|/h|[KMGT]i?B|[KMG]i|bytes|messages|requests|errors|connections|restarts|pods|cores|°C";
const number = "-?\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|-?\\d+[.,]\\d{1,2}(?=\\s?%|\\s?[KMGT]i?B)|-?\\d+(?:\\.\\d+)?";
const quantity = new RegExp(
  `(?<![\\w.,:/#-])(${number})\\s?(?:([kKMGB])(?=\\s?(?:req|rps|ops|op/|msg|qps|messages|$)))?\\s?(${units})?(?![\\w:/-]|[.,]\\d)`,
  "g",
);

export type Quantity = Omit<ReadValue, "label"> & { at: number };

const valueOf = (text: string): number =>
  Number(/^-?\d+,\d{1,2}$/.test(text) ? text.replace(",", ".") : text.replaceAll(",", ""));

/** All quantities of a text: those with a unit, and the text itself if it is nothing but a number. */
export function quantitiesIn(text: string): Quantity[] {
  const found: Quantity[] = [];
  for (const match of text.slice(0, 500).matchAll(quantity)) {
    const [whole, digits, factor, unit] = match;
    if (digits === undefined) continue;
    if (unit === undefined && factor === undefined && whole.trim() !== text.trim()) continue;
    found.push({
      text: whole.trim(),
      value: valueOf(digits) * (factor === undefined ? 1 : (thousands[factor] ?? 1)),
      unit: unit ?? null,
      at: match.index,
    });
  }
  return found;
}

/** The quantity that a text is, and nothing else. */
export function wholeQuantity(text: string): Quantity | null {
  const [first] = quantitiesIn(text);
  return first !== undefined && first.text.length >= text.trim().length ? first : null;
}

export const isTime = (text: string): boolean =>
  /^(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AP]M)?|\d{1,2}\/\d{1,2}|\d{1,2}h)$/i.test(text.trim());

export const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text) && wholeQuantity(text) === null;
