// `/ask?q=`: the question.
import type { SearchStrings } from "../../app/search-strings.ts";

export const parseAsk = (search: SearchStrings): { question: string } => ({ question: (search.q ?? "").trim() });
export const askSearch = (question: string): SearchStrings => ({ q: question });
