// Addresses of the runbooks: how their list is narrowed.
import type { RunbookFilter } from "../../api/runbooks.ts";
import type { SearchStrings } from "../../app/search-strings.ts";

export const parseRunbooks = (search: SearchStrings): RunbookFilter => ({
  q: search.q ?? "",
  service: search.service ?? "",
  tag: search.tag ?? "",
});

export const runbooksSearch = ({ q, service, tag }: Partial<RunbookFilter>): SearchStrings => ({
  q: q || undefined,
  service: service || undefined,
  tag: tag || undefined,
});
