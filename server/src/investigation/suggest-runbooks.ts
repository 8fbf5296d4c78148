// Which runbooks fit an incident: its services, its tags, rare words that the report and the evidence share with them, and likeness of meaning.
import type { RunbookSuggestions } from "@opentrace/contract/investigation.ts";
import { searchWords } from "../store/search-words.ts";
import type { VerbContext } from "../verb.ts";
import type { IncidentFacts } from "./incident-facts.ts";
import type { RunbookVectors } from "./runbook-vectors.ts";
import { type RunbookRow, type RunbookStore, toSummary } from "./runbooks.ts";
import { listOf } from "./records.ts";

const mostLooked = 5_000;
const mostWords = 60;
const leastScore = 1;
/** Below it two texts are only both English. */
const leastLikeness = 0.35;

export async function suggestRunbooks(
  deps: { runbooks: RunbookStore; vectors: RunbookVectors },
  ctx: VerbContext,
  facts: IncidentFacts,
  limit: number,
): Promise<RunbookSuggestions> {
  const rows = await deps.runbooks.all(ctx.workspace, mostLooked);
  if (rows.length === 0)
    return { items: [], detail: "There are no runbooks yet: write one, or import those of indexed repositories." };
  const { incident, evidence } = facts;
  const report = `${incident.title}\n${incident.description}\n${evidence.map((one) => `${one.title}\n${(one.content ?? "").slice(0, 2_000)}`).join("\n")}`;
  const likeness = await deps.vectors.likeness(ctx, rows, report.slice(0, 6_000));
  const words = await sharedWords(deps.runbooks, `${incident.title} ${report}`, rows.length);
  const scored = rows.map((row) => ({
    row,
    ...scoreOf(row, facts, words.get(row.seq) ?? [], likeness.get(row.id) ?? 0),
  }));
  const fitting = scored
    .filter((one) => one.score >= leastScore)
    .sort((a, b) => b.score - a.score || a.row.seq - b.row.seq);
  return {
    items: fitting
      .slice(0, limit)
      .map(({ row, score, why }) => ({ runbook: toSummary(row), score: Math.round(score * 100) / 100, why })),
    detail:
      fitting.length === 0
        ? `None of the ${rows.length} runbooks is for these services or speaks of what is reported.`
        : null,
  };
}

interface SharedWord {
  word: string;
  /** More for a word that few runbooks have. */
  weight: number;
}

async function sharedWords(runbooks: RunbookStore, text: string, total: number): Promise<Map<number, SharedWord[]>> {
  const found = new Map<number, SharedWord[]>();
  const words = [...new Set(searchWords(text))]
    .filter((word) => word.length > 3 && !common.has(word))
    .slice(0, mostWords);
  for (const word of words) {
    const documents = await runbooks.withWords(`"${word}"`, mostLooked);
    const weight = Math.log2(1 + total / (1 + documents.length)) / 2;
    for (const document of documents) found.set(document, [...(found.get(document) ?? []), { word, weight }]);
  }
  return found;
}

const common = new Set(
  "this that with from into when have been were will their error errors failed failure after before service services server incident high rate production which where there about does should could would".split(
    " ",
  ),
);

function scoreOf(
  row: RunbookRow,
  { incident, evidence }: IncidentFacts,
  words: readonly SharedWord[],
  likeness: number,
): { score: number; why: string[] } {
  const why: string[] = [];
  let score = 0;
  const lower = (names: readonly string[]): Set<string> => new Set(names.map((name) => name.toLowerCase()));
  const affected = lower([...incident.services, ...evidence.flatMap((one) => one.services)]);
  const services = listOf(row.services).filter((name) => affected.has(name.toLowerCase()));
  if (services.length > 0) {
    score += 3;
    why.push(`It is for ${services.join(", ")}, which is affected.`);
  }
  const tags = lower(incident.tags);
  const shared = listOf(row.tags).filter((name) => tags.has(name.toLowerCase()));
  if (shared.length > 0) {
    score += Math.min(2, shared.length);
    why.push(`It has the tag${shared.length === 1 ? "" : "s"} ${shared.join(", ")}.`);
  }
  if (words.length > 0) {
    const best = words.toSorted((a, b) => b.weight - a.weight).slice(0, 6);
    score += Math.min(3, best.reduce((sum, one) => sum + one.weight, 0) / 2);
    why.push(
      `It speaks of ${best
        .slice(0, 4)
        .map((one) => `"${one.word}"`)
        .join(", ")}, as the report or the evidence does.`,
    );
  }
  if (likeness >= leastLikeness) {
    score += 3 * likeness;
    why.push(`Its text is alike in meaning (${Math.round(likeness * 100)} %).`);
  }
  return { score, why };
}
