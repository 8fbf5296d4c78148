// TOML that may be broken: what can be read of it, and on which line a key or a text stands.
import { AppError } from "@opentrace/contract/errors.ts";
import { parse, TomlError } from "smol-toml";

export interface TomlDocument {
  data: Record<string, unknown>;
  problems: string[];
  /** Line of a text (a requirement) at or behind a table's header; each call for the same place goes on from the one before. */
  lineOf(header: string | null, text: string): number | undefined;
  /** Line of `key =` in a table. */
  lineOfKey(header: string, key: string): number | undefined;
}

const maxRepairs = 20;

/** Leaves out the tables that cannot be read. Throws AppError("unprocessable") when nothing can. */
export function readToml(path: string, text: string): TomlDocument {
  const source = text.replace(/^\ufeff/, "");
  const lines = source.split(/\r\n|\n/);
  const problems: string[] = [];
  let readable = [...lines];
  let first: unknown = null;
  for (let repairs = 0; ; repairs++) {
    const read = parsed(readable.join("\n"));
    if ("data" in read) {
      if (first !== null && Object.keys(read.data).length === 0) throw unreadable(path, first);
      return { data: read.data, problems, ...finders(lines) };
    }
    const { error } = read;
    first ??= error;
    if (!(error instanceof TomlError) || repairs >= maxRepairs) throw unreadable(path, first);
    problems.push(`${path} ${whereAndWhy(error)}; its table is left out`);
    readable = withoutTable(readable, error.line - 1);
  }
}

function parsed(text: string): { data: Record<string, unknown> } | { error: unknown } {
  try {
    return { data: parse(text) };
  } catch (error) {
    return { error };
  }
}

const whereAndWhy = (error: TomlError): string =>
  `line ${error.line} cannot be read (${error.message.split("\n", 1)[0] ?? ""})`;

function unreadable(path: string, error: unknown): AppError {
  const why = error instanceof TomlError ? `: ${whereAndWhy(error)}` : "";
  return new AppError("unprocessable", `${path} is not valid TOML${why}. Correct it, or exclude it in .otignore.`, {
    cause: error,
  });
}

function isHeader(line: string): boolean {
  return /^\[\[?[^\]]+\]\]?\s*(?:#.*)?$/.test(line);
}

/** Empties the table around a line; a header that cannot be read is the end of a table that was not closed. */
function withoutTable(lines: string[], at: number): string[] {
  let from = at;
  if (isHeader(lines[from] ?? "") && from > 0 && lines.slice(0, from).some((line) => line.trim() !== "")) from--;
  while (from > 0 && !isHeader(lines[from] ?? "")) from--;
  let to = at;
  while (to < lines.length && (to <= from || !isHeader(lines[to] ?? ""))) to++;
  if (to === at && from === at) to++;
  return lines.map((line, i) => (i >= from && i < Math.max(to, from + 1) ? "" : line));
}

function finders(lines: readonly string[]): Pick<TomlDocument, "lineOf" | "lineOfKey"> {
  const found = new Map<string, number>();
  const headerLine = (header: string | null) =>
    header === null ? 0 : lines.findIndex((line) => line.replace(/[\s"']/g, "").startsWith(`[${header}]`));
  return {
    lineOf(header, text) {
      const id = `${header ?? ""}\0${text}`;
      const from = found.get(id) ?? Math.max(headerLine(header), 0);
      const written = [JSON.stringify(text), `'${text}'`, `"${text}"`];
      const index = lines.findIndex((line, i) => i >= from && written.some((literal) => line.includes(literal)));
      if (index < 0) return undefined;
      found.set(id, index + 1);
      return index + 1;
    },
    lineOfKey(header, key) {
      const from = headerLine(header);
      if (from < 0) return undefined;
      for (let i = from + 1; i < lines.length; i++) {
        const line = lines[i] ?? "";
        if (isHeader(line)) return undefined;
        if (/^\s*["']?([A-Za-z0-9._-]+)["']?\s*=/.exec(line)?.[1] === key) return i + 1;
      }
      return undefined;
    },
  };
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The table at a path of keys; empty where there is none. */
export function tableAt(data: unknown, ...path: string[]): Record<string, unknown> {
  let at: unknown = data;
  for (const key of path) at = isTable(at) ? at[key] : undefined;
  return isTable(at) ? at : {};
}

/** A text, or the texts of a list. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
