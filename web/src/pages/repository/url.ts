// `/repositories/ID?skipped=REASON`: which skipped files are listed.
import { SkipReason } from "@opentrace/contract/repositories.ts";
import type { SearchStrings } from "../../app/search-strings.ts";

export const parseRepository = (search: SearchStrings): { reason: SkipReason | null; filter: string } => ({
  reason: SkipReason.options.find((each) => each === search.skipped) ?? null,
  filter: search.filter ?? "",
});
export const repositorySearch = ({ reason, filter }: { reason: SkipReason | null; filter: string }): SearchStrings => ({
  skipped: reason ?? undefined,
  filter: filter || undefined,
});
