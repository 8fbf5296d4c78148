// Questions about one thing: its source, where it is, what it is; and a name alone. Pure; resolves no names.
import { type MentionText, readMention, typesOfWord } from "../mention.ts";
import { about, isPronoun, sentences } from "./sentence-pattern.ts";

export type OneNodeQuestion =
  | { intent: "find"; what: MentionText }
  | { intent: "describe"; of: MentionText }
  | { intent: "source"; of: MentionText }
  | { intent: "grep"; text: string };

const { rule, read: readOneNode } = sentences<OneNodeQuestion>();
export { readOneNode };

// --- source, text --------------------------------------------------------------------------------------------------
rule(
  (slots) =>
    slots["text"] === undefined ? null : { intent: "grep", text: slots["text"].replace(/^["'`“‘]|["'`”’]$/g, "") },
  "(?:grep|rg|ripgrep)(?: for)? {text}",
  "(?:search|look)(?: in| through| into)? (?:the )?(?:source|sources|code|source code|files)(?: code)? for {text}",
  "(?:which|what) files? (?:contains?|mentions?|has|have|includes?) (?:the )?(?:text|string|word|words|phrase|pattern)? ?(?<text>[\"'`“‘].{1,160}?[\"'`”’])",
  "where (?:does|is|do) (?:the )?(?:text|string|word|phrase|pattern) {text}(?: (?:occur|appear|used|show up|mentioned|found))?",
  "(?:find|search(?: for)?) (?:the )?(?:text|string|word|phrase) {text}(?: in (?:the )?(?:source|code|files))?",
  "find {text} in (?:the )?(?:source|code|source code|files)",
  "(?:where|which files?) (?:do|does)? ?(?:we |i |it )?mentions? {text}",
);
rule(
  about((of) => ({ intent: "source", of })),
  "(?:(?:show|give|get|load|open|read|print|display|see|view)(?: me)? )?(?:the )?(?:source|code|source code|body|implementation|definition)(?: code)? (?:of|for) {x}",
  "(?:show|print|cat|view|open|read) (?:me )?{x}['’]s (?:source|code|source code|body|implementation)",
  "how is {x} (?:implemented|written|coded|programmed|built)",
  "what does (?:the )?(?:code|source|implementation) of {x} (?:look like|do|say)",
  "(?:cat|open|read) {x}",
  "{x} source(?: code)?",
);

// --- find, describe ------------------------------------------------------------------------------------------------
rule(
  about((mention, slots) => ({
    intent: "find",
    what: slots["type"] === undefined ? mention : { ...mention, types: typesOfWord(slots["type"]) },
  })),
  "(?:find|search|search for|look for|look up|lookup|locate|seek|where(?: is| are|'s)|where can i find|where do i find|where do we have|find me|can you find|please find|i am looking for|i'm looking for|looking for|get me)(?: (?:any(?:thing)?|something|all|everything|things?|nodes?|the definition of))?(?: (?:called|named|about|for|with|matching|that (?:is|are) called))? {x}(?: (?:defined|declared|located|implemented|kept|stored|at|found|live|lives|sit))?",
  "where (?:does|do) {x} (?:live|sit|come from|reside|exist)",
  "(?:in )?(?:which|what) (?:file|module|repository|repo|package|class|directory|folder)(?: is| does| has| holds| contains| defines| declares)+ {x}(?: (?:in|live|defined|declared|belong to|come from|located|reside|sit))*(?: in)?",
  "is there (?:a |an |any )?(?:{type} |(?:any|some)thing )?(?:called|named) {x}",
  "is there (?:a |an ){x}",
  "(?:do (?:we|you)|does anyone) (?:have|know) (?:a |an |of )?{x}",
  "(?:who|what) (?:defines|declares) {x}",
  "does {x} exist",
  "(?:anything|something) (?:called|named|about) {x}",
);
rule(
  about((of) => ({ intent: "describe", of })),
  "(?:tell me|talk|say something|teach me)(?: more| something| everything| a bit| all)?(?: you know)? about {x}",
  "(?:describe|explain|summari[sz]e|document|define|introduce|show|show me|display|inspect|details?|info|information|about)(?: (?:to me|of|on|about|for|for me))? {x}(?: to me| for me)?",
  "(?:what|who)(?: is|'s| are| was) (?:the )?(?:purpose of |point of |role of |meaning of |deal with |kind of thing is )?{x}(?: (?:for|about|used for|doing|good for|supposed to do))?",
  "what (?:does|do|did) {x} (?:do|mean|stand for)(?: exactly)?",
  "(?:what do you|do you|what do we) know (?:about )?{x}",
  "(?:give me |show me |get )?(?:an? |the )?(?:overview|summary|details?|information|info|facts|description|profile|documentation|docs|signature)(?: (?:of|on|about|for)) {x}",
  "how does {x} work",
  "why (?:does {x} exist|do we have {x}|is there {x})",
  "what kind of (?:thing|node) is {x}",
  "what type is {x}",
  "what calls and is called by {x}",
  "who are you, {x}",
);

/** A name alone asks for what it names: one word, a quoted name, a path or a key. */
export function bareName(text: string): OneNodeQuestion | null {
  const isQuoted = /^["'`“].*["'`”]$/.test(text);
  if (!isQuoted && (/\s/.test(text) || text.length > 300)) {
    const typed = readMention(text);
    return typed?.types !== null && typed !== null && !/\s/.test(typed.name) ? { intent: "describe", of: typed } : null;
  }
  const of = readMention(text);
  return of === null || isPronoun(of.raw) ? null : { intent: "describe", of };
}
