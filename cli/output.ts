// How commands speak: results on stdout, everything else on stderr; one sentence for an error; stable exit codes.
import { AppError, errorCodes, type ErrorCode } from "@opentrace/contract/errors.ts";

/** Documented in `opentrace --help`; scripts rest on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  unavailable: 5,
  conflict: 6,
  cancelled: 130,
} as const;

const exitOfCode: Partial<Record<ErrorCode, number>> = {
  bad_request: exitCodes.usage,
  unprocessable: exitCodes.usage,
  not_found: exitCodes.notFound,
  unauthenticated: exitCodes.denied,
  forbidden: exitCodes.denied,
  upstream_auth: exitCodes.denied,
  unavailable: exitCodes.unavailable,
  upstream_failed: exitCodes.unavailable,
  timeout: exitCodes.unavailable,
  conflict: exitCodes.conflict,
  cancelled: exitCodes.cancelled,
};

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.failed;
  return exitOfCode[causeOf(error) ?? error.code] ?? exitCodes.failed;
}

/** Of a refused field, what is behind it: a path that does not exist is "not found", not wrong use. */
function causeOf({ details }: AppError): ErrorCode | null {
  const errors = details?.["errors"];
  const first: unknown = Array.isArray(errors) ? errors[0] : null;
  if (typeof first !== "object" || first === null || !("code" in first)) return null;
  const { code } = first;
  return typeof code === "string" && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : null;
}

/** Answers what to write on stderr: a sentence that says what to do; with --json a line that a program reads. */
export function describeError(error: unknown, json: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  if (json) return JSON.stringify({ error: { code: error instanceof AppError ? error.code : "internal", message } });
  return error instanceof AppError ? message : `Something went wrong: ${message}`;
}

export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Left-aligned columns without blanks at the end; cut to the terminal where there is one. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  const width = process.stdout.isTTY ? (process.stdout.columns ?? 120) : Number.POSITIVE_INFINITY;
  return rows
    .map((row) => {
      const line = row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd();
      return line.length > width ? `${line.slice(0, width - 1)}…` : line;
    })
    .join("\n");
}

/** As `toLocaleString` writes a whole number in English; that loads the tables of all languages first, which takes 20 ms. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** Says at the end of a list that it was cut. */
export const cut = ({ page }: { page: { truncated: boolean; total: number | null; returned: number } }): string =>
  page.truncated
    ? `\n… ${page.total === null ? "there are more" : `${grouped(page.returned)} of ${grouped(page.total)}`}; raise --limit`
    : "";
export const none = (what: string): string => `No ${what}.`;
