// Questions about what depends on something, and what it depends on. Pure; resolves no names.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { type MentionText, typesOfWord } from "../mention.ts";
import { about, sentences } from "./sentence-pattern.ts";

/** Which edges a question about callers, users or importers follows; null = everything that is a dependency. */
export type Relation = "any" | "calls" | "imports" | "inherits" | "packages";

export type DependenceQuestion =
  | { intent: "dependencies"; of: MentionText; relation: Relation; deep: boolean }
  | { intent: "dependents"; of: MentionText; relation: Relation; deep: boolean; types: readonly NodeType[] | null };

const { rule, read: readDependence } = sentences<DependenceQuestion>();
export { readDependence };

// --- dependents ----------------------------------------------------------------------------------------------------
const relationOf = (verb: string | undefined): Relation => {
  const word = (verb ?? "").toLowerCase();
  if (/call|invok|trigger|run/.test(word)) return "calls";
  if (/import|load/.test(word)) return "imports";
  if (/extend|implement|inherit|sub|deriv|child|base|super|parent|ancestor|interface/.test(word)) return "inherits";
  return "any";
};
const dependents = about<DependenceQuestion>((of, slots) => ({
  intent: "dependents",
  of,
  relation: relationOf(slots["verb"]),
  deep: slots["deep"] !== undefined,
  types: slots["type"] === undefined ? null : typesOfWord(slots["type"]),
}));
const deep = "(?:(?<deep>transitively|indirectly|eventually|recursively|ultimately) |directly |actually |currently )?";
rule(
  dependents,
  `(?:what|who|which (?:{type}|things|nodes|code|parts|other {type})|what (?:{type}|things|code|else|other things)|anything|something)(?: all| else| that)? ${deep}(?<verb>calls?|invokes?|triggers?|runs?|imports?|loads?|extends?|implements?|inherits?(?: from)?|subclass(?:es)?|derives?(?: from)|uses?|depends?(?: up)?on|depends? on|relies on|rely on|references?|requires?|needs?|consumes?|reads?|writes?|mentions?|points? (?:to|at)|refers? to|talks? to|instantiates?|accesses) {x}(?: (?<deep2>transitively|indirectly|directly))?`,
  `(?:what|which {type}|which things|who) (?:is|are) ${deep}(?:the )?(?<verb>call(?:ing|ers? of)|invoking|importing|importers? of|using|users? of|depending on|depend[ae]nts? (?:of|on)|relying on|extending|implementing|inheriting from|consumers? of|subclass(?:es)? of|implement(?:ations|ers|ors) of|reliant on|dependent on) {x}`,
  `(?:(?:show|list|find|get|give)(?: me)? )?(?:all |the |any |every |direct )?(?:(?<deep>transitive|indirect) )?(?<verb>callers?|users?|usages?|uses|references|importers?|depend[ae]nts?|consumers?|clients?|subclass(?:es)?|sub-?types?|child(?:ren)? classes|implementations?|implementers|implementors|call ?sites|derived classes|occurrences|reverse dependencies|incoming dependencies|inbound dependencies|inheritors) (?:of|to|for|on) {x}`,
  `where (?:is|are|was|do we|do i|does anyone|does anything) (?:all )?{x} (?:being )?(?<verb>used|called|imported|referenced|invoked|extended|implemented|consumed|needed|loaded|instantiated)(?: from)?`,
  `where (?:do|does) (?:we|i|anyone|anything|the code) (?<verb>use|call|import|reference) {x}`,
  `(?:is|are) {x} (?:(?<verb>used|called|imported|referenced|needed|extended|implemented|invoked)(?: anywhere| by anything| by anyone| somewhere| at all| still)?|still (?<verb2>used|needed|called))`,
  `(?:does|do) (?:anything|anyone|something|any {type}) (?:still )?(?<verb>use|call|import|depend on|need|reference|extend|implement) {x}`,
  "who is affected by {x}",
  `by (?:what|whom|which {type}) is {x} (?<verb>called|used|imported|extended)`,
  "(?:dependents|callers|usages|references):? {x}",
);

// --- dependencies --------------------------------------------------------------------------------------------------
const dependencies = about<DependenceQuestion>((of, slots) => ({
  intent: "dependencies",
  of,
  relation:
    slots["type"] !== undefined && typesOfWord(slots["type"])?.[0] === "Package"
      ? "packages"
      : relationOf(slots["verb"]),
  deep: slots["deep"] !== undefined,
}));
rule(
  dependencies,
  `(?:what|who|which (?:other )?(?:{type}|things|nodes|code)|what (?:other )?(?:{type}|things|else))(?: all)? (?:do|does|did|is|are|will|would|must|can) {x} ${deep}(?<verb>call|calls|calling|invoke|trigger|run|import|importing|load|extend|extending|implement|inherit from|inherit|derive from|use|using|depend on|depending on|depend upon|rely on|relying on|reference|require|need|consume|read|write|mention|refer to|talk to|access|instantiate|dependent on|built on|based on|touch)(?: (?<deep2>transitively|indirectly|directly))?`,
  `(?:(?:what|which) (?:are|is) |(?:show|list|find|get|give)(?: me)? )?(?:all |the |direct |any |every )*(?:(?<deep>transitive|indirect) )?(?:outgoing |outbound |forward )?(?<verb>dependencies|dependency|deps|imports?|calls|callees|base class(?:es)?|super ?class(?:es)?|parent class(?:es)?|ancestors|interfaces implemented|prerequisites|requirements)(?: tree| list| graph| made)? (?:of|for|in|by|from) {x}`,
  "on (?:what|which {type}) does {x} (?:depend|rely)",
  "{x}['’]s? (?:(?<deep>transitive|indirect) )?(?<verb>dependencies|deps|imports|callees|base class(?:es)?|super ?class(?:es)?|parent class(?:es)?)",
  "which {type} (?:does|do) {x} (?:use|depend on|need|require|import)(?: as dependencies)?",
  "(?:what|which) (?:packages|libraries|dependencies|deps) (?:does|do) {x} have",
  "what (?:packages|libraries|external packages|third[- ]party (?:packages|libraries|code)) (?:does|do) {x} (?:use|need|depend on|import|require)",
  "(?:dependencies|deps|callees|imports):? {x}",
  "does {x} (?:have|use) (?:any )?(?<verb>dependencies|deps|imports|packages)",
  "how many (?:dependencies|deps|packages) does {x} (?:have|use)",
);
