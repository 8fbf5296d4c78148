// Questions about several things at once: what they share, how they connect, what is like one. Pure; resolves no names.
import { type MentionText, readMention, splitList } from "../mention.ts";
import { about, type Build, isPronoun, sentences } from "./sentence-pattern.ts";

export type BetweenQuestion =
  | { intent: "path"; from: MentionText; to: MentionText; directed: boolean }
  | { intent: "similar"; to: MentionText }
  | { intent: "common"; of: MentionText[]; direction: "dependencies" | "dependents" };

const { rule, read: readBetween } = sentences<BetweenQuestion>();
export { readBetween };

// --- common --------------------------------------------------------------------------------------------------------
const common =
  (direction: "dependencies" | "dependents"): Build<BetweenQuestion> =>
  (slots) => {
    const parts = [slots["x"], slots["y"]].filter((part) => part !== undefined).flatMap(splitList);
    const of = parts.map((part) => readMention(part.replace(/^both /i, ""))).filter((mention) => mention !== null);
    return of.length < 2 ? null : { intent: "common", of, direction };
  };
const dependVerb =
  "(?:depend(?:s)? on|depend upon|use|uses|rely on|relies on|need|require|import|call|reference|share|have in common)";
rule(
  common("dependencies"),
  `what (?:do|does|is it that) (?:both )?{x} (?:all|both|each|jointly|commonly) ${dependVerb}`,
  `what (?:do|does) both {x} ${dependVerb}`,
  `what (?:do|does) {x} (?:have in common|share)(?: as dependencies)?`,
  `(?:what|which {type}|which things) (?:is|are) (?:common to|shared by|shared between|shared among|used by both|used by all of|used by all|in common between) (?:both |all )?{x}`,
  "(?:what are )?(?:the )?(?:common|shared|mutual|joint) (?:dependencies|deps|dependency|imports|packages|libraries|things) (?:of|between|for|among|in) {x}",
  `which {type} (?:do|does) (?:both )?{x} (?:all |both |each )?${dependVerb}(?: in common)?`,
  "(?:dependencies|deps) (?:common to|shared by|that are shared by) (?:both )?{x}",
  "what is common (?:between|to|among) {x}",
);
rule(
  common("dependents"),
  `(?:what|who|which {type}) (?:depends on|depend on|uses|use|calls|call|imports|import|needs|need|requires|require)(?: both| all(?: of)?| each of) {x}`,
  "(?:what are )?(?:the )?(?:common|shared) (?:dependents|callers|users|consumers) (?:of|between|for) {x}",
  "(?:who|what) (?:are )?(?:the )?callers of both {x}",
);

// --- path ----------------------------------------------------------------------------------------------------------
const path =
  (directed: boolean): Build<BetweenQuestion> =>
  (slots) => {
    const [from, to] = [readMention(slots["a"] ?? ""), readMention(slots["b"] ?? "")];
    return from === null || to === null || isPronoun(from.raw) || isPronoun(to.raw)
      ? null
      : { intent: "path", from, to, directed };
  };
rule(
  path(false),
  "how (?:does|do|is|are|can|could|might|would) {a} (?:connect|connected|related?|linked?|tied|associated|attached|relates)(?:s)?(?: up)?(?: directly| indirectly)? (?:to|with) {b}",
  "how (?:are|do|is) {a} and {b} (?:connected|related|linked|connect|relate|tied|interact|associated|work together)(?: to each other)?",
  "(?:is|are) {a} (?:and {b2} )?(?:connected|related|linked|tied) (?:to|with) {b}",
  "(?:is|are) (?:there )?(?:a |any )?(?:path|connection|link|relation|relationship|route) (?:from|between) {a} (?:to|and) {b}",
  "(?:what is |find |show |show me |give me |get |is there )?(?:the |a |any |all )?(?:shortest |direct )?(?:paths?|routes?|chains?|connections?|links?|relations?|relationships?|way)(?: exists?)? (?:from|between) {a} (?:to|and) {b}",
  "what (?:connects|links|joins|relates|lies between|is between) {a} (?:to|with|and) {b}",
  "(?:are|is) {a} and {b} (?:connected|related|linked)",
  "connect {a} (?:to|with|and) {b}",
  "how far (?:is|apart are) {a} (?:from|and) {b}",
  "(?:from )?{a} (?:->|=>|→|-->) {b}",
  "(?:trace|follow) (?:the )?(?:path|calls?|flow)? ?(?:from )?{a} to {b}",
);
rule(
  path(true),
  "(?:does|do|can|could|will|would) {a} (?:ever |directly |indirectly |transitively |eventually )?(?:depend on|depend upon|call|use|import|reach|rely on|need|require|reference|extend|inherit from|implement|get to|know about) {b}",
  "(?:why|how|where|when) (?:does|do|can|could|would) {a} (?:directly |indirectly |eventually )?(?:depend on|depend upon|call|use|import|reach|rely on|need|require|reference|get to|end up (?:in|at|calling)|come to call|access|talk to|know about|flow (?:to|into)) {b}",
  "how (?:do|can) (?:i|we|you|one) (?:get|go|come) from {a} to {b}",
  "(?:is|are) {b} (?:called|used|imported|reached|needed|referenced|reachable) (?:by|from) {a}",
  "is {a} dependent on {b}",
);

// --- similar -------------------------------------------------------------------------------------------------------
rule(
  about((to) => ({ intent: "similar", to })),
  "(?:what|which {type}|who|anything|something|is there (?:anything|something)|are there (?:any )?(?:{type}|things|nodes))(?: (?:else|is|are|looks?|seems?|behaves?|code|things|nodes|that|there))* ?(?:similar to|like|alike|resembles?|resembling|close to|comparable to|related in shape to|akin to) {x}",
  "(?:find|show|list|search for|look for|get)(?: me)? (?:(?:other |all |any |some )?(?:things|nodes|code|stuff|anything|something|ones|{type}) )?(?:(?:that )?(?:is|are|look|looks) )?(?:similar to|like|resembling|comparable to) {x}",
  "similar(?: nodes| ones| things| code)?(?: to| as|:) {x}",
  "(?:nodes|things|anything|something|{type}) (?:similar to|like) {x}",
  "(?:what are (?:the )?)?(?:alternatives?|duplicates?|look-?alikes?|siblings|copies|clones) (?:to|of|for) {x}",
  "(?:is|are) (?:there )?(?:any )?(?:duplicates?|copies|clones) of {x}",
  "what (?:does|do) {x} (?:resemble|look like)",
  "what else is like {x}",
  "is there another {x}",
);
