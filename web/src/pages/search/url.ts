// `/search?q=&regex=&case=&repo=&path=&language=`: a search in source text.
import type { SourceQuestion } from "../../api/queries.ts";
import type { SearchStrings } from "../../app/search-strings.ts";

export const parseSearch = (search: SearchStrings): SourceQuestion => ({
  q: search.q ?? "",
  regex: search.regex === "yes",
  caseSensitive: search.case === "yes",
  repository: search.repo ?? null,
  path: search.path ?? "",
  language: search.language ?? "",
});

export const searchSearch = (part: Partial<SourceQuestion>): SearchStrings => ({
  q: part.q || undefined,
  regex: part.regex ? "yes" : undefined,
  case: part.caseSensitive ? "yes" : undefined,
  repo: part.repository ?? undefined,
  path: part.path || undefined,
  language: part.language || undefined,
});
