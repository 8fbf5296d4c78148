// What the text of a picture tells without a model: the kind of screen, panels, numbers, time range, errors, names. Every rule is a plain
// pattern over the lines and where they stand, so that what it says can be found on the picture again.
import type { TextFindings } from "@opentrace/contract/screenshots.ts";
import type { Box, TextLine } from "./assemble-lines.ts";
import { type Layout, layOut } from "./layout.ts";
import { errorTexts, frame, isHttpError, stackTrace, statusCodes, traceStart } from "./read-errors.ts";
import { hasWords, isTime, wholeQuantity } from "./read-quantities.ts";
import { timeRangeOf } from "./read-times.ts";
import { type Figures, figuresOf, short } from "./read-values.ts";

const mostNames = 60;

const prompt =
  /^\S+@\S+?[:~].{0,40}?[#$]|^(?:\$|#|>|PS [A-Z]:\\.*?>)\s*\S|\bkubectl\b|\bsystemctl\b|\bjournalctl\b|\bdocker compose\b/;
const logTime =
  /^\S{0,2}\d{4}[-/]\d{2}[-/]\d{2}[T ]+\d{2}:\d{2}|^\S{0,2}\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}|^[A-Z][a-z]{2} \d{1,2}, \d{4} @ \d{2}:\d{2}|\b(?:INFO|WARN|WARNING|ERROR|DEBUG|FATAL)\b|\blevel=\w+\b/;

function rowsOf(lines: readonly TextLine[]): string[] {
  return [...Map.groupBy(lines, ({ row }) => row).values()].map((cells) => cells.map(({ text }) => text).join("  "));
}

/** Points for each kind of screen; below two points it is none of them. */
function kindOf(
  rows: readonly string[],
  { lines, bodyHeight }: Layout,
  figures: Figures,
  range: boolean,
): TextFindings["kind"] {
  const count = (test: RegExp): number => rows.filter((row) => test.test(row)).length;
  const frames = count(frame) + count(traceStart);
  const isShort = rows.join("").length < 1_200;
  const http =
    rows.filter(isHttpError).length +
    lines.filter(({ text, height }) => height > 3 * bodyHeight && /^\W*[45]\d\d\W*$/.test(text)).length;
  const large = lines.filter(
    ({ text, height }) => height > 1.35 * bodyHeight && wholeQuantity(text) !== null && !/^[45]\d\d$/.test(text),
  ).length;
  const small = lines.filter(({ text }) => wholeQuantity(text)?.unit != null).length;
  const ticks =
    figures.axes.reduce((sum, axis) => sum + axis.ticks.length, 0) + lines.filter(({ text }) => isTime(text)).length;
  const points = {
    terminal:
      count(prompt) * 2.5 + Math.min(count(logTime), 10) * 1.2 + (count(/\bNAME\b.*\bREADY\b.*\bSTATUS\b/) > 0 ? 4 : 0),
    error_screen:
      (isShort && http > 0 ? 5 : 0) +
      (isShort &&
      count(
        /internal server error|bad gateway|temporarily unable|(?:temporarily|service) unavailable|gateway time-?out|page not found/i,
      ) > 0
        ? 3
        : 0) +
      Math.min(frames, 4) * 1.2 +
      (count(
        /unhandled|runtime error|something went wrong|process completed with exit code|upgrade failed|stack trace/i,
      ) > 0
        ? 4
        : 0),
    dashboard:
      Math.min(figures.panels.length, 5) * 1.0 +
      Math.min(ticks, 8) * 0.3 +
      Math.min(large, 5) * 0.9 +
      Math.min(small, 8) * 0.4 +
      (range ? 1 : 0),
  };
  const [kind, most] = Object.entries(points).toSorted(([, x], [, y]) => y - x)[0] ?? ["unknown", 0];
  return most < 2 ? "unknown" : (kind as keyof typeof points);
}

/** The largest words of a page, at its top where it is a dashboard; else the last of "Home › Dashboards › checkout". */
function titleOf(
  { lines, bodyHeight }: Layout,
  kind: TextFindings["kind"],
  height: number,
  panels: TextFindings["panels"],
): string | null {
  const isPanel = new Set(panels.map(({ title }) => title));
  const isErrorCode = (text: string): boolean => kind === "error_screen" && /^\W*[45]\d\d\W*$/.test(text);
  const large = lines.filter(
    (line) =>
      line.height > (kind === "error_screen" ? 1.12 : 1.2) * bodyHeight &&
      (isErrorCode(line.text) || (/\p{L}{3}/u.test(line.text) && hasWords(line.text))) &&
      (kind === "error_screen" || line.y < 0.3 * height) &&
      !isPanel.has(line.text),
  );
  const [first] = large.toSorted((a, b) => b.height - a.height || a.y - b.y);
  if (first !== undefined) return short(first.text);
  const trail = lines.find(
    ({ text, y }) => y < 0.15 * height && /\S\s*[›»>/]\s+\S/.test(text) && text.length < 120 && kind === "dashboard",
  );
  return (
    trail?.text
      .split(/\s[›»>/]\s/)
      .at(-1)
      ?.trim() ?? null
  );
}

const notNames = new Set(
  "the and for with from this that not all was are has have error errors warning info last past hours minutes home dashboards alerts status name ready restarts age running pending failed production service services server time request requests rate latency memory cpu disk usage logs metrics apm security monitors duration total avg top healthy degraded firing critical".split(
    " ",
  ),
);

/** Words that may name services: what is said to be one, then what looks like one. */
function namesIn(rows: readonly string[]): TextFindings["names"] {
  const found = new Map<string, boolean>();
  const add = (name: string, stated: boolean): void => {
    const clean = name.replace(/-[0-9a-z]{8,10}-[0-9a-z]{5}$/, "").replace(/\.service$/, "");
    if (clean.length < 3 || clean.length > 80 || /^\d+$/.test(clean) || notNames.has(clean.toLowerCase())) return;
    found.set(clean, stated || (found.get(clean) ?? false));
    // The first of several: "checkout-1" is an instance of checkout.
    const instance = /^([a-z].*[a-z])-\d{1,3}$/.exec(clean)?.[1];
    if (instance !== undefined) add(instance, false);
  };
  for (const row of rows) {
    for (const match of row.matchAll(
      /\b(?:app|service|service\.name|job|deployment|container|workload)\b\s*[=:]\s*["']?([\w.-]{3,80})/gi,
    ))
      if (match[1] !== undefined) add(match[1].replace(/[.-]+$/, ""), true);
    for (const match of row.matchAll(/[A-Za-z][\w-]{2,79}/g)) add(match[0].replace(/-+$/, ""), false);
  }
  const weight = ([name, stated]: readonly [string, boolean]): number =>
    (stated ? 4 : 0) + (/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(name) ? 2 : 0) + (/^[a-z]/.test(name) ? 1 : 0);
  return [...found]
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, mostNames)
    .map(([name, stated]) => ({ name, stated }));
}

export interface PlacedText {
  width: number;
  height: number;
  lines: readonly TextLine[];
  /** Grounds that text stands on, the largest first. */
  areas: readonly Box[];
}

export function structureText({ lines, areas, width, height }: PlacedText): TextFindings {
  const layout = layOut(lines, areas, { width, height });
  const rows = rowsOf(lines);
  const figures = figuresOf(layout);
  const time_range = timeRangeOf(
    rows,
    lines.map(({ text }) => text),
  );
  const kind = kindOf(rows, layout, figures, time_range !== null);
  const title = titleOf(layout, kind, height, kind === "dashboard" ? figures.panels : []);
  return {
    kind,
    title,
    panels: kind === "dashboard" ? figures.panels : [],
    values:
      kind === "terminal" || kind === "error_screen"
        ? figures.values.filter(({ unit }) => unit !== null)
        : figures.values,
    time_range,
    error_texts: errorTexts(
      rows,
      lines.map(({ text }) => text),
      kind,
    ),
    status_codes: statusCodes(rows, title),
    stack_trace: stackTrace(rows),
    names: namesIn(rows),
  };
}
