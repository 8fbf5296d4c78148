// What the text of a picture tells without a model: the kind of screen, panels, numbers, time range, errors, names. Every rule is a plain
// pattern over the lines and where they stand, so that what it says can be found on the picture again.
import type { ReadValue, ScreenshotAnalysis, TextFindings } from "@opentrace/contract/screenshots.ts";
import type { TextLine } from "./assemble-lines.ts";
import { isTick, labelOf, quantitiesIn } from "./read-values.ts";
import type { TextReading } from "./read-text.ts";

const most = { values: 80, panels: 40, errors: 30, stack: 60, names: 60, text: 400 } as const;

const failure =
  /\b(?:\w*(?:error|exception)\b\s*[:(]|(?:error|exception|fatal|panic|critical)\b|failed|failure|refused|denied|timed?[- ]?out|unavailable|gateway|unreachable|deadlock|exhausted|exceeded|out of memory|segmentation|oomkilled|\w*backoff|unable to|cannot|can't|could not|not found|aborted|crash)|\w(?:Error|Exception)\b/i;
/** Words that tell of a failure wherever they stand; on dashboards "Errors" is the name of a chart. */
const certainFailure =
  /\w(?:Error|Exception)\s*[:(]|\b(?:failed|refused|timed out|OOMKilled|\w*BackOff|firing|panic:|fatal)\b|\b[45]\d\d\s+(?:internal|bad|service|gateway|not found|too many|unauthorized|forbidden)/i;
const frame =
  /^\s*(?:at\s+\S+.*[(:]\S*\d|File\s+["'].+["'],?\s+line\s+\d+|goroutine\s+\d+|Caused by:|\.{3}\s?\d+ more|\S+\.(?:go|py|js|ts|java|rb|rs|kt):\d+)/;
const traceStart = /traceback \(most recent call last\)|^call stack|exception in thread/i;
const prompt = /^\S+@\S+?[:~].{0,40}?[#$]|^(?:\$|#|>|PS [A-Z]:\\.*>)\s*\S|\bkubectl\b|\bsystemctl\b|\bjournalctl\b/;
const logTime = /^\S{0,2}\d{4}[-/]\d{2}[-/]\d{2}[T ]+\d{2}:\d{2}|\b(?:INFO|WARN|WARNING|ERROR|DEBUG|FATAL)\b/;
const relativeRange = /\b(?:last|past)\s+(?:\d+\s*)?(?:seconds?|minutes?|mins?|hours?|days?|weeks?|months?|[mhdw])\b/i;
const absoluteRange =
  /(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?)\s*(?:to|-|–|—|→)\s*(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?)/;
const httpError =
  /\b([45]\d\d)\b(?=\W{0,3}\s?(?:internal|bad|service|gateway|not found|too many|unauthorized|forbidden|error|request|time))|\b(?:error|status|code|http)\b\W{0,4}([45]\d\d)\b/i;

const short = (text: string): string => (text.length > most.text ? `${text.slice(0, most.text - 1)}…` : text);
const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

function rowsOf(lines: readonly TextLine[]): string[] {
  const rows = new Map<number, string[]>();
  for (const { row, text } of lines) rows.set(row, [...(rows.get(row) ?? []), text]);
  return [...rows.values()].map((cells) => cells.join("  "));
}

function timeRangeOf(lines: readonly string[]): ScreenshotAnalysis["time_range"] {
  const iso = (text: string): string | null => {
    const time = Date.parse(`${text.replace(" ", "T")}Z`);
    return Number.isNaN(time) ? null : new Date(time).toISOString();
  };
  for (const line of lines) {
    const absolute = absoluteRange.exec(line);
    if (absolute?.[1] !== undefined && absolute[2] !== undefined)
      return { text: absolute[0], from: iso(absolute[1]), to: iso(absolute[2]) };
  }
  for (const line of lines) {
    const relative = relativeRange.exec(line);
    if (relative !== null) return { text: relative[0], from: null, to: null };
  }
  return null;
}

/** Points for each kind of screen; below two points it is none of them. */
function kindOf(
  rows: readonly string[],
  lines: readonly TextLine[],
  panels: number,
  range: boolean,
): TextFindings["kind"] {
  const count = (test: RegExp): number => rows.filter((row) => test.test(row)).length;
  const prompts = count(prompt);
  const frames = count(frame) + count(traceStart);
  const ticks = lines.filter(({ text }) => isTick(text)).length;
  // A number in a sentence is no cell of a dashboard.
  const figures = lines.filter(({ text }) => {
    const [first] = quantitiesIn(text);
    return first !== undefined && first.unit !== null && first.text.length + 3 >= text.length;
  }).length;
  const isShort = rows.join("").length < 1_200;
  const points = {
    terminal:
      prompts * 2.5 + Math.min(count(logTime), 10) * 1.2 + (count(/\bNAME\b.*\bREADY\b.*\bSTATUS\b/) > 0 ? 4 : 0),
    error_screen:
      (isShort && count(httpError) > 0 ? 5 : 0) +
      (isShort &&
      count(/internal server error|bad gateway|temporarily unable|temporarily unavailable|gateway time-?out/i) > 0
        ? 3
        : 0) +
      Math.min(frames, 4) * 1.2 +
      (count(/unhandled|runtime error|something went wrong|process completed with exit code|upgrade failed/i) > 0
        ? 4
        : 0),
    dashboard: Math.min(panels, 5) * 1.2 + Math.min(ticks, 8) * 0.3 + Math.min(figures, 10) * 0.5 + (range ? 1 : 0),
  };
  const [kind, most] = Object.entries(points).toSorted(([, x], [, y]) => y - x)[0] ?? ["unknown", 0];
  return most < 2 ? "unknown" : (kind as keyof typeof points);
}

function valuesOf(lines: readonly TextLine[]): { values: ReadValue[]; panels: TextFindings["panels"] } {
  const values: ReadValue[] = [];
  const panels = new Map<string, ReadValue[]>();
  const bodyHeight = lines.map(({ height }) => height).toSorted((a, b) => a - b)[lines.length >> 1] ?? 0;
  for (const line of lines) {
    const isLarge = line.height > 1.35 * bodyHeight;
    for (const quantity of quantitiesIn(line.text)) {
      // Bare numbers are ticks of axes, unless they are written large.
      if (quantity.unit === null && !isLarge) continue;
      if (isTick(line.text) && !isLarge && quantity.unit !== "%") continue;
      const label = labelOf(line, lines);
      const value = { ...quantity, label: label === null ? null : short(label.text) };
      values.push(value);
      if (isLarge && label !== null && label.row !== line.row)
        panels.set(short(label.text), [...(panels.get(short(label.text)) ?? []), value]);
    }
  }
  for (const title of chartTitles(lines)) if (!panels.has(title)) panels.set(title, []);
  return {
    values: values.slice(0, most.values),
    panels: [...panels].slice(0, most.panels).map(([title, own]) => ({ title, values: own })),
  };
}

/** Above each axis (a column of bare numbers) stands the name of its chart. */
function chartTitles(lines: readonly TextLine[]): string[] {
  const ticks = lines.filter(({ text }) => isTick(text) && !text.includes(":"));
  const titles: string[] = [];
  const seen = new Set<TextLine>();
  for (const tick of ticks) {
    if (seen.has(tick)) continue;
    const edge = (line: TextLine): number => line.x + line.width;
    const axis = ticks.filter((other) => Math.abs(edge(other) - edge(tick)) < tick.height * 1.2);
    if (axis.length < 2) continue;
    axis.forEach((one) => seen.add(one));
    const top = Math.min(...axis.map(({ y }) => y));
    const above = lines.filter(
      (line) =>
        line.y + line.height <= top + line.height * 0.5 &&
        top - line.y < 6 * line.height &&
        line.x > tick.x - 10 * tick.height &&
        line.x < tick.x + 25 * tick.height &&
        /\p{L}{3}/u.test(line.text) &&
        !isTick(line.text),
    );
    const title = above.toSorted((a, b) => b.y - a.y || a.x - b.x)[0];
    if (title !== undefined) titles.push(short(title.text));
  }
  return unique(titles);
}

function titleOf(lines: readonly TextLine[]): string | null {
  const heights = lines.map(({ height }) => height).toSorted((a, b) => a - b);
  const body = heights[heights.length >> 1] ?? 0;
  const large = lines.filter(
    ({ height, text }) => height > 1.25 * body && /\p{L}{3}/u.test(text) && quantitiesIn(text).length === 0,
  );
  const first = large.toSorted((a, b) => b.height - a.height || a.y - b.y)[0];
  return first === undefined ? null : short(first.text);
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
  };
  for (const row of rows) {
    for (const match of row.matchAll(
      /\b(?:app|service|job|deployment|container|workload)\b\s*[=:]\s*["']?([\w.-]{3,80})/gi,
    ))
      if (match[1] !== undefined) add(match[1].replace(/[.-]+$/, ""), true);
    for (const match of row.matchAll(/[A-Za-z][\w-]{2,79}/g)) add(match[0].replace(/-+$/, ""), false);
  }
  const weight = ([name, stated]: readonly [string, boolean]): number =>
    (stated ? 4 : 0) + (/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(name) ? 2 : 0) + (/^[a-z]/.test(name) ? 1 : 0);
  return [...found]
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, most.names)
    .map(([name, stated]) => ({ name, stated }));
}

function errorsOf(rows: readonly string[], lines: readonly TextLine[], kind: TextFindings["kind"]): string[] {
  const texts = kind === "terminal" ? rows : lines.map(({ text }) => text);
  const sure = kind === "dashboard" ? certainFailure : failure;
  const isLogged = (text: string): boolean => kind === "terminal" && /\b(?:ERROR|FATAL|CRITICAL|SEVERE)\b/.test(text);
  return unique(
    texts
      .filter(
        (text) =>
          (isLogged(text) || sure.test(text) || httpError.test(text)) && !frame.test(text) && !traceStart.test(text),
      )
      .map((text) => short(text.trim())),
  ).slice(0, most.errors);
}

export function structureText({ lines }: Pick<TextReading, "lines">): TextFindings {
  const rows = rowsOf(lines);
  const { values, panels } = valuesOf(lines);
  const time_range = timeRangeOf(rows);
  const kind = kindOf(rows, lines, panels.length, time_range !== null);
  const codes = rows.flatMap((row) => {
    const match = httpError.exec(row);
    return match === null ? [] : [Number(match[1] ?? match[2])];
  });
  return {
    kind,
    title: titleOf(lines),
    panels: kind === "dashboard" ? panels : [],
    values: kind === "terminal" ? values.filter(({ unit }) => unit !== null) : values,
    time_range,
    error_texts: errorsOf(rows, lines, kind),
    status_codes: [...new Set(codes)],
    stack_trace: rows
      .filter((row) => frame.test(row) || traceStart.test(row))
      .slice(0, most.stack)
      .map(short),
    names: namesIn(rows),
  };
}
