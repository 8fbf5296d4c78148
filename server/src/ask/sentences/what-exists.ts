// Questions about what there is: counted, listed, and what something holds. Pure; resolves no names.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { type MentionText, typesOfWord } from "../mention.ts";
import { about, type Build, sentences, within } from "./sentence-pattern.ts";

export type ExistenceQuestion =
  | { intent: "list"; types: readonly NodeType[]; word: string; within: MentionText | null }
  | { intent: "contents"; of: MentionText }
  | { intent: "count"; types: readonly NodeType[] | null; word: string; within: MentionText | null };

const { rule, read: readExistence } = sentences<ExistenceQuestion>();
export { readExistence };

const counting: Build<ExistenceQuestion> = (slots) => {
  const word = slots["type"];
  return word === undefined
    ? { intent: "count", types: null, word: "nodes", within: within(slots) }
    : { intent: "count", types: typesOfWord(word), word, within: within(slots) };
};
rule(
  counting,
  "how many (?:different |distinct )?(?:{type}|nodes|things|edges|entities)(?: (?:are|is|do|does|have|exist|there|we|you|know|got|indexed|been|in total))*(?: (?:in|of|inside|within|from|under|by) {y})?",
  "how many {type} (?:does|do|are in|has) {y} (?:have|contain|define|include|declare|own)",
  "how many {type} {y} (?:has|contains|defines)",
  "(?:count|number of|total(?: number)? of|(?:what is )?the (?:total )?number of|count (?:the|all|of))(?: the| all| of)* (?:{type}|nodes|edges)(?: (?:in|of|inside|within) {y})?",
);
const listing: Build<ExistenceQuestion> = (slots) => {
  const types = typesOfWord(slots["type"] ?? "");
  return types === null ? null : { intent: "list", types, word: slots["type"] ?? "", within: within(slots) };
};
const all = "(?:all |the |all the |all of the |every |any |our |my |some |available |known |existing |indexed |your )*";
const place =
  "(?: (?:(?:that )?(?:are |is )?(?:defined |declared |contained |there )?(?:in|of|inside|within|under|from) {y}))";
rule(
  listing,
  `(?:what|which|what kinds? of|what sorts? of) ${all}{type}(?: (?:exists?|are there|is there|are available|do (?:i|we|you) (?:have|know(?: of| about)?|own|use)|do you know|have (?:we|you|i)(?: got)?|are known|are indexed|can you see|are in the graph|are in here|there are|are defined|are present))?${place}?`,
  `(?:what|which) {type} (?:does|do) {y} (?:have|contain|define|declare|include|own|consist of|export|provide|expose)`,
  `(?:what|which) {type} (?:is|are) (?:defined |declared |contained )?(?:in|inside|within|under) {y}`,
  `(?:list|show|show me|give me|enumerate|display|get|get me|print|name|find)(?: me)? ${all}{type}${place}?`,
  `(?:list|show|show me|give me) {type} (?:which|that) (?:exist|are there)`,
  `${all}{type}(?: (?:in|of) {y})?`,
  `(?:do (?:we|you|i) have|are there|is there|have (?:we|you) got) (?:any |some |a |an )?{type}${place}?`,
  `(?:a |the )?list of ${all}{type}${place}?`,
  `tell me (?:about )?(?:all|which|what) (?:the )?{type}(?: (?:exist|there are|we have|you know))?${place}?`,
  `{y}['’]s {type}`,
);
rule(
  about((of) => ({ intent: "contents", of })),
  "what (?:is|'s|are the contents?|does it say) (?:in|inside|within|defined in|contained in|declared in|part of) {x}",
  "what (?:does|do) {x} (?:contain|define|consist of|include|hold|declare|export|provide|have|have in it|comprise)",
  "(?:the )?(?:contents?|members?|children|parts|structure|outline|symbols|fields) (?:of|in) {x}",
  "(?:show|list|give)(?: me)? (?:the |all |all the )?(?:contents?|members?|children|parts|structure|outline|symbols|everything) (?:of|in) {x}",
  "what are (?:the )?(?:members|contents|parts|children|components) of {x}",
  "what symbols (?:does|do) {x} (?:have|define|export)",
);
