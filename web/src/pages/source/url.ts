// `/source?repo=&path=&lines=`: a file of a repository, with a line or a range of lines marked.
import type { SearchStrings } from "../../app/search-strings.ts";
import type { Lines } from "../../graph/describe.ts";

export interface SourceState {
  /** The repository's key, e.g. `repo:github.com/acme/shop`. */
  repository: string;
  path: string;
  lines: Lines | null;
}

export function parseSource(search: SearchStrings): SourceState {
  return { repository: search.repo ?? "", path: search.path ?? "", lines: parseLines(search.lines) };
}

export const sourceSearch = ({ repository, path, lines }: SourceState): SearchStrings => ({
  repo: repository,
  path,
  lines: linesText(lines),
});

export function linesText(lines: Lines | null): string | undefined {
  if (lines === null) return undefined;
  return lines.end > lines.start ? `${lines.start}-${lines.end}` : String(lines.start);
}

/** `12` or `12-40`; the wrong way round is put right. */
export function parseLines(value: string | undefined): Lines | null {
  const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(value ?? "");
  if (!match) return null;
  const [one, two] = [Number(match[1]), Number(match[2] ?? match[1])];
  return one < 1 || two < 1 ? null : { start: Math.min(one, two), end: Math.max(one, two) };
}
