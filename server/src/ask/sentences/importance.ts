// Questions about what matters most, and how much one thing does. Pure; resolves no names.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { type MentionText, typesOfWord } from "../mention.ts";
import { about, type Build, sentences, type Slots, within } from "./sentence-pattern.ts";

export type ImportanceQuestion =
  | { intent: "criticality"; of: MentionText }
  | {
      intent: "critical";
      types: readonly NodeType[] | null;
      within: MentionText | null;
      by: "score" | "connections" | "dependents";
      limit: number;
    };

const { rule, read: readImportance } = sentences<ImportanceQuestion>();
export { readImportance };

const criticalWord =
  "(?:critical|important|central|crucial|essential|key|vital|significant|influential|risky|dangerous|load-bearing)";
const connectedWord = "(?:connected|linked|coupled|entangled)";
const usedWord = "(?:depended[ -](?:up)?on|used|called|imported|referenced|relied[ -](?:up)?on|popular|reused|needed)";
const limitOf = (slots: Slots): number => Math.min(50, Math.max(1, Number(slots["n"] ?? 10) || 10));
const critical =
  (by: "score" | "connections" | "dependents"): Build<ImportanceQuestion> =>
  (slots) => ({
    intent: "critical",
    types: slots["type"] === undefined ? null : typesOfWord(slots["type"]),
    within: within(slots),
    by,
    limit: limitOf(slots),
  });
const what =
  "(?:nodes?|things?|parts?|components?|pieces?(?: of code)?|code|symbols?|elements?|ones?|places?|bits|entities|{type})";
const lead = "(?:(?:what|which|who|list|show|show me|give me|find|tell me|get)(?: is| are|'s)? )?(?:all )?(?:the )?";
const n = "(?:(?:top |first )?(?<n>\\d{1,3}) )?";
for (const [by, word] of [
  ["score", criticalWord],
  ["connections", connectedWord],
  ["dependents", usedWord],
] as const) {
  rule(
    critical(by),
    `${lead}${n}(?:most|more|highly|top|very) (?:heavily |widely |often |frequently |commonly |highly )?${word}(?: ${n}${what})?(?: (?:in|of|inside|within|from) {y})?`,
    `${lead}(?:top )${n}(?:most )?${word} ${what}(?: (?:in|of|within) {y})?`,
    `(?:what|which) (?:${what} )?(?:is|are) (?:the )?(?:most )(?:heavily |widely |often )?${word}(?: ${what})?(?: (?:in|of|within) {y})?`,
    `(?:which|what) ${what} (?:is|are) ${by === "score" ? word : `(?:the )?most ${word}`}(?: (?:in|of|within) {y})?`,
  );
}
rule(
  critical("score"),
  `${lead}${n}(?:critical|important|central|key|core|crucial) ${what}(?: (?:in|of|within) {y})?`,
  "(?:what|which|where|who)?(?: is| are)? ?(?:the )?(?:hot ?spots?|single points? of failure|bottlenecks?|spofs?|articulation points?|weak points?|choke ?points?|hubs?|linchpins?)(?: (?:in|of|within) {y})?",
  "(?:show|list|find)(?: me)? (?:the )?(?:hot ?spots?|single points? of failure|bottlenecks?|articulation points?|hubs?)(?: (?:in|of|within) {y})?",
  "what matters(?: the)? most(?: in {y})?",
  "where (?:is|are) the (?:biggest )?risks?(?: in {y})?",
  "what should i be careful with(?: in {y})?",
);
rule(
  critical("dependents"),
  `(?:what|which ${what}|who) (?:has|have) the most (?:dependents|callers|users|usages|references|importers|incoming \\w+)(?: (?:in|of|within) {y})?`,
  `which ${what} (?:is|are) used (?:the )?most(?: often)?(?: (?:in|within) {y})?`,
  "(?:what|which ${what}) do most (?:things|{type}) depend on",
);
rule(
  critical("connections"),
  `(?:what|which ${what}) (?:has|have) the most (?:connections|edges|links|neighbou?rs|relations)(?: (?:in|of|within) {y})?`,
);
rule(
  about((of) => ({ intent: "criticality", of })),
  `how ${criticalWord} (?:is|are|was|would be) {x}`,
  `(?:is|are) {x} (?:really |very |so |that |a )?${criticalWord}(?: (?:node|part|piece|component|function|one))?`,
  "(?:what is )?(?:the )?(?:criticality|importance|centrality|page ?rank|significance) (?:of|for) {x}",
  "how much (?:depends|relies|rests|hangs) on {x}",
  "how (?:widely|heavily|much|often) is {x} (?:used|called|depended on|depended upon|imported|referenced)",
  "how (?:well[ -])?connected is {x}",
  "how many (?:things|nodes|callers|dependents|users|places|{type}) (?:depend on|use|call|import|reference|rely on) {x}",
  "how many (?:callers|dependents|users|usages|references|importers) (?:does|do) {x} have",
  "is {x} a (?:single point of failure|bottleneck|hot ?spot|hub)",
);
