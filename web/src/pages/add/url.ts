// `/add?repository=ID` shows how the first index of that repository goes on; without it the form.
import type { SearchStrings } from "../../app/search-strings.ts";

export const parseAdd = (search: SearchStrings): { repository: string | null } => ({
  repository: search.repository ?? null,
});
export const addSearch = (repository: string): SearchStrings => ({ repository });
