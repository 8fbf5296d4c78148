// What tells of a failure: messages, states, status codes, stack traces; and what only sounds so, as the name of a chart.
import type { TextFindings } from "@opentrace/contract/screenshots.ts";

const most = { errors: 30, stack: 60, text: 400 } as const;

const failure = new RegExp(
  [
    String.raw`\w(?:Error|Exception)\b|\b\w*(?:error|exception)\s*[:(]|^\W*(?:(?:fatal|unhandled|runtime|internal|server|unexpected|unknown)\s+)*(?:error|exception|panic|fatal)\b`,
    String.raw`\b(?:connect(?:ion)?|network|syntax|parse|read|write|internal|server|database|gateway|application)\s+error\b|\berror\s+(?:in|while|when|during|occurred)\b`,
    String.raw`\b(?:failed|failing|failure|refused|denied|timed?[- ]?out|timeouts?|unavailable|bad gateway|unreachable|deadlock|exhausted|exceeded|out of memory|segmentation|oomkilled|\w*backoff)\b`,
    String.raw`\b(?:unable to|cannot|can't|could not|not found|is down|no such|too many|reset by peer|violates|aborted|crash\w*|unknown error)\b`,
    String.raw`\bfehler\b|\b(?:fehlgeschlagen|abgelehnt|gescheitert|zeit(?:ü|u)berschreitung|kann nicht|konnte nicht|nicht erreichbar|abgest(?:ü|u)rzt)\b`,
    String.raw`\berreur\b|refus[ée]e?s?(?!\p{L})|\bimpossible de\b|d[ée]pass[ée]|\b(?:introuvable|indisponible)\b|[ée]chec\b`,
  ].join("|"),
  "iu",
);
/** Words that tell of a failure wherever they stand; on dashboards "Errors" is the name of a chart. */
const certain =
  /\w(?:Error|Exception)\s*[:(]|\b(?:refused|timed out|OOMKilled|\w*BackOff|panic:|fatal:|deadlock)|\bfehler\s?(?::|beim\b)|\berreur\s?(?::|lors\b)|\b(?:abgelehnt|fehlgeschlagen|zeit(?:ü|u)berschreitung|refus[ée]e)(?!\p{L})|[ée]chec d|d[ée]lai .*d[ée]pass|\b[45]\d\d\s+(?:internal|bad|service|gateway|not found|too many|unauthorized|forbidden)/iu;
/** Names of figures, not messages: "Error rate", "Failed requests", "Taux d'erreur". */
const metric =
  /\b(?:errors?|failures?|failed|exceptions?|timeouts?)\s+(?:rate|ratio|count|budget|requests?|percentage|inbox|logs?|tracking|by|per|over)\b|\b(?:by|of) errors\b|\bfehler(?:rate|quote|zahl)\b|\btaux d.erreurs?\b|\berreurs r[ée]centes\b/giu;
export const frame =
  /^\s*(?:at\s+(?:async\s+)?\S+.*[(:]\S*\d|at\s+\S+\s+\[as|File\s+["'].+["'],?\s+line\s+\d+|goroutine\s+\d+|Caused by:|\.{3}\s?\d+ more|\S+\.(?:go|py|js|ts|java|rb|rs|kt|php|cs):\d+|\S+\.(?:go|py|js|ts|java|rb|rs|kt|php|cs)\s+in\s+\S+\s+at line \d+|#\d+\s+\S+\()/;
export const traceStart = /traceback \(most recent call last\)|^call stack|^stack trace|exception in thread/i;
const level =
  /\b(?:ERROR|FATAL|CRITICAL|SEVERE|FEHLER|ERR)\b|\blevel=(?:error|fatal|critical)\b|\[(?:error|crit|alert|emerg)\]|(?<=\d\d[.,:]?\d*Z?\s+)(?:error|fatal)\b/;
const quiet =
  /\b(?:INFO|DEBUG|TRACE|WARN|WARNING|WARNUNG)\b|\blevel=(?:info|debug|warn)\b|(?<=\d\d[.,:]?\d*Z?\s+)(?:info|debug|warn)\b/;
/** What somebody typed at a prompt. */
const typed = /^\W*(?:\S+@\S+:\S*[#$%]|[$#>]|PS \S+>)\s*\S/;
const httpError =
  /(?<![.:\d])\b([45]\d\d)\b(?=\W{0,3}\s?(?:internal|bad|service|gateway|not found|too many|unauthorized|forbidden|error|request|time|page not))|\b(?:error|status|code|http)\b\W{0,4}([45]\d\d)\b/i;
/** The code alone, as large as a page. */
const onlyCode = /^\W*([45]\d\d)\W*$/;

const short = (text: string): string => (text.length > most.text ? `${text.slice(0, most.text - 1)}…` : text);
const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

export const isHttpError = (text: string): boolean => httpError.test(text);

export function statusCodes(rows: readonly string[], title: string | null): number[] {
  const codes = rows.flatMap((row) => {
    const match = httpError.exec(row);
    return match === null ? [] : [Number(match[1] ?? match[2])];
  });
  const large = onlyCode.exec(title ?? "")?.[1];
  return [...new Set([...(large === undefined ? [] : [Number(large)]), ...codes])];
}

export const stackTrace = (rows: readonly string[]): string[] =>
  rows
    .filter((row) => frame.test(row) || traceStart.test(row))
    .slice(0, most.stack)
    .map(short);

/** `rows` are whole rows of the picture, `cells` what stands in them apart. */
export function errorTexts(rows: readonly string[], cells: readonly string[], kind: TextFindings["kind"]): string[] {
  const isTrace = (text: string): boolean => frame.test(text) || traceStart.test(text);
  const tells = (text: string, test: RegExp): boolean => test.test(text.replace(metric, " "));
  // A log says itself what is an error; a line that says it is something else is none, whatever words are in it.
  const leveled = rows.filter((row) => level.test(row) || quiet.test(row)).length >= 3;
  if (kind === "terminal" || leveled)
    return unique(
      rows
        .filter(
          (row) =>
            level.test(row) ||
            (!quiet.test(row) &&
              !typed.test(row) &&
              (tells(row, leveled ? certain : failure) || (!leveled && isHttpError(row)))),
        )
        .filter((row) => !isTrace(row))
        .map((row) => short(row.trim())),
    ).slice(0, most.errors);
  const sure = kind === "dashboard" ? certain : failure;
  return unique(
    cells
      .filter((text) => (tells(text, sure) || isHttpError(text)) && !isTrace(text))
      .map((text) => short(text.trim())),
  ).slice(0, most.errors);
}
