// From a question to what it asks: an ordered table of sentence patterns. Pure; resolves no names.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { type DeliveryQuestion, readDelivery } from "./delivery-grammar.ts";
import { readMention, splitList, typesOfWord, type MentionText } from "./mention.ts";
import { isPronoun, pattern, type Slots, slotsOf } from "./sentence-pattern.ts";
import { findTimePhrase, type Since } from "./time-phrase.ts";

/** Which edges a question about callers, users or importers follows; null = everything that is a dependency. */
export type Relation = "any" | "calls" | "imports" | "inherits" | "packages";

export type Question =
  | DeliveryQuestion
  | { intent: "help" }
  | { intent: "overview"; of: MentionText | null }
  | { intent: "freshness"; of: MentionText | null }
  | { intent: "list"; types: readonly NodeType[]; word: string; within: MentionText | null }
  | { intent: "contents"; of: MentionText }
  | { intent: "count"; types: readonly NodeType[] | null; word: string; within: MentionText | null }
  | { intent: "find"; what: MentionText }
  | { intent: "describe"; of: MentionText }
  | { intent: "source"; of: MentionText }
  | { intent: "grep"; text: string }
  | { intent: "dependencies"; of: MentionText; relation: Relation; deep: boolean }
  | { intent: "dependents"; of: MentionText; relation: Relation; deep: boolean; types: readonly NodeType[] | null }
  | { intent: "tests"; of: MentionText }
  | { intent: "impact"; of: MentionText[] }
  | { intent: "criticality"; of: MentionText }
  | {
      intent: "critical";
      types: readonly NodeType[] | null;
      within: MentionText | null;
      by: "score" | "connections" | "dependents";
      limit: number;
    }
  | { intent: "path"; from: MentionText; to: MentionText; directed: boolean }
  | { intent: "similar"; to: MentionText }
  | { intent: "common"; of: MentionText[]; direction: "dependencies" | "dependents" }
  | { intent: "changes"; of: MentionText | null; since: Since | null; who: boolean };

type Build = (slots: Slots, since: Since | null) => Question | null;

const rules: [RegExp, Build][] = [];
function rule(build: Build, ...patterns: string[]): void {
  for (const text of patterns) rules.push([pattern(text), build]);
}

/** Runs `build` with the slot read as a mention; the rule does not match when nothing is left of it. */
const about =
  (build: (mention: MentionText, slots: Slots) => Question | null): Build =>
  (slots) => {
    const mention = slots["x"] === undefined ? null : readMention(slots["x"]);
    return mention === null || isPronoun(mention.raw) ? null : build(mention, slots);
  };
const within = (slots: Slots): MentionText | null =>
  slots["y"] === undefined ||
  isPronoun(slots["y"].replace(/^the /i, "")) ||
  /^(?:the )?(?:graph|system|database|index|everything|total|all|company|organi[sz]ation|knowledge graph)$/i.test(
    slots["y"],
  )
    ? null
    : readMention(slots["y"]);

// --- help, overview, freshness -------------------------------------------------------------------------------------
rule(
  () => ({ intent: "help" }),
  "help",
  "help me",
  "hi|hello|hey",
  "what can (?:i|you) (?:ask|do|answer)(?: you)?",
  "what (?:kind of )?questions (?:can|could|may) i ask",
  "how do(?:es)? (?:i use )?(?:this|it)(?: work)?",
  "examples?|(?:show me|give me) (?:some )?examples?",
);
rule(
  () => ({ intent: "overview", of: null }),
  "(?:(?:give|show) me |get )?(?:an? |the )?(?:overview|summary|stats|statistics)(?: of (?:the graph|everything|it all))?",
  "what (?:is|do you have) in (?:the|this) (?:graph|index|database)",
  "what (?:do you|does the graph) (?:know|have|contain)(?: about)?",
  "how (?:big|large) is (?:the|this) graph",
  "what exists",
  "what is there",
);
rule(
  (slots) => ({ intent: "freshness", of: within(slots) }),
  "(?:how (?:fresh|old|current|up[ -]to[ -]date) (?:is|are) (?:the |this )?(?:data|facts|graph|index|information|answers?))(?: (?:of|for|about) {y})?",
  "is (?:the )?(?:graph|index|data) (?:fresh|stale|up[ -]to[ -]date|current|outdated)",
  "when was {y} (?:last )?(?:indexed|synced|synchroni[sz]ed|read)(?: last)?",
  "(?:which|what) (?:sources|repositories|repos) are (?:stale|out of date|outdated|failing|fresh)",
  "is {y} (?:stale|fresh|up[ -]to[ -]date)",
);

// --- changes -------------------------------------------------------------------------------------------------------
const changes =
  (who: boolean): Build =>
  (slots, since) => {
    const of =
      slots["x"] === undefined || /^(?:the )?(?:graph|code|everything|codebase|system|things?)$/i.test(slots["x"])
        ? null
        : readMention(slots["x"]);
    return { intent: "changes", of, since, who };
  };
rule(
  changes(true),
  "who (?:has |have )?(?:changed|modified|edited|touched|wrote|written|committed to|worked on|works on|contributed to|contributes to|authored|maintains?|last changed|last touched)(?: in| to)? {x}",
  "who (?:is|are) (?:the )?(?:authors?|contributors?|maintainers?|committers?) (?:of|to|in) {x}",
  "(?:list |show |show me )?(?:the )?(?:authors|contributors|maintainers|committers) (?:of|to|in) {x}",
  "who made (?:the )?(?:changes|commits) (?:to|in) {x}",
  "who should i ask about {x}",
);
rule(
  changes(false),
  "what (?:has |have |was |were )?(?:been )?(?:changed|modified|new|different|updated|happened|edited)(?: (?:in|to|with|on|about|at) {x})?",
  "what(?: is|'s)? new(?: in {x})?",
  "(?:what|which) (?:changes|commits)(?: (?:were|was|have been|are))?(?: (?:made|there|done))?(?: (?:to|in|of|on|for) {x})?",
  "(?:show|list|give)(?: me)? (?:the |all )?(?:recent |latest |last |new )?(?:changes|commits|history|changelog)(?: (?:to|in|of|on|for) {x})?",
  "(?:the )?(?:recent|latest|last|new)? ?(?:changes|commits|history)(?: (?:to|in|of|on|for) {x})?",
  "(?:what|which) files (?:of {x} )?(?:have |were |was )?(?:been )?(?:changed|modified)(?: in {x2})?",
  "(?:has|did|was) {x} (?:been )?(?:changed?|modified)",
  "when (?:was|did|has) {x} (?:been )?(?:last )?(?:changed?|modified|touched|edited|updated)(?: last)?",
  "how often (?:has|was|does|is) {x} (?:been )?changed?",
  "changelog(?: of {x})?",
);

// --- impact --------------------------------------------------------------------------------------------------------
const impact: Build = (slots) => {
  const of = splitList(slots["x"] ?? "")
    .map(readMention)
    .filter((mention) => mention !== null);
  return of.length === 0 || of.some((mention) => isPronoun(mention.raw)) ? null : { intent: "impact", of };
};
const change =
  "(?:change|changed|changing|modify|modified|modifying|edit|edited|editing|touch|touched|touching|remove|removed|removing|delete|deleted|deleting|rename|renamed|renaming|refactor|refactored|refactoring|break|broke|broken|breaking|update|updated|updating|replace|replacing|drop|dropping|move|moving|rewrite|rewriting|alter|altering|upgrade|upgraded|upgrading|migrate|deprecate)";
rule(
  impact,
  `(?:what|which (?:{type}|things|code|parts)|who)(?: all| else)? (?:would|will|could|might|can|may|gets?|is|are|does|do|should)(?: (?:be|get|i|possibly|potentially|likely))* (?:affected|impacted|broken|break|breaks|hit|harmed|retest|tested?|fail|stop working|change)(?: if| when| by| after| should| were)+ (?:(?:i|we|you|someone|somebody|one) )?(?:were to |want to |had to |have to )?(?:a change (?:to|in|of) |changes (?:to|in) )?${change} {x}`,
  `what (?:would|will|could|might|can)? ?(?:happens?|breaks?|fails?|goes wrong|stops working|go wrong|stop working|is affected|is impacted|gets affected) (?:if|when) (?:i|we|you|someone|somebody|one) (?:were to )?${change} {x}`,
  `what (?:would|will|could|might|can)? ?(?:happens?|breaks?|fails?|goes wrong|is affected|be affected|is impacted|be impacted|break) (?:if|when) {x} (?:changes|is changed|changed|breaks|fails|is broken|were to change|is removed|is deleted|is renamed|is modified|goes down|goes away|were removed|were changed|gets changed|were deleted|went down|disappears|is gone|dies|crashes|is down|was removed|was deleted|were to fail)`,
  `if (?:i|we|you|someone) ${change} {x},? (?:then )?(?:what|which|who).*`,
  `if {x} (?:changes|breaks|fails|is changed|is removed|goes down|is deleted),? (?:then )?(?:what|which|who).*`,
  `(?:what (?:is|are|would be|will be) )?(?:the )?(?:potential |possible |likely |full )?(?:impact|effects?|consequences?|ripple effects?|risks?|fallout|blast radius|repercussions?)(?: analysis)? (?:of|for|on|from)(?: (?:me |us )?(?:a change (?:to|in|of)|changes (?:to|in)|${change}))? {x}`,
  `(?:show|give|tell|get)(?: me)? (?:the )?(?:impact|blast radius|risk|ripple effects?)(?: analysis)? (?:of|for|on)(?: ${change})? {x}`,
  `(?:the )?blast radius(?: of| for|:)? {x}`,
  `impact(?: analysis)?(?: of| for|:)? {x}`,
  `how (?:big|large|bad|wide) is the (?:impact|blast radius) (?:of|for)(?: ${change})? {x}`,
  `(?:is it|would it be|is that) (?:safe|dangerous|risky|ok|okay|fine) (?:to|if i|if we) ${change} {x}`,
  `can (?:i|we) (?:safely )?${change} {x}(?: safely| without breaking (?:anything|things|something))?`,
  `how (?:safe|risky|dangerous) (?:is it|would it be) to ${change} {x}`,
  `how risky is ${change} {x}`,
  `(?:what|who|which (?:{type}|things|code|parts)) (?:is|are|would be|will be|gets?) (?:affected|impacted) by(?: (?:a change (?:to|in|of)|changes (?:to|in)|${change}))? {x}`,
  `what do i (?:need to|have to) (?:retest|test|check|re-test|change|update) (?:if|when|after) (?:i )?${change} {x}`,
  `what does ${change} {x} (?:break|affect|impact)`,
  `what does {x} (?:affect|impact|break)`,
  `what else (?:changes|breaks|is affected) (?:if|when) i ${change} {x}`,
  `what could go wrong (?:if|when) i ${change} {x}`,
);

// --- tests ---------------------------------------------------------------------------------------------------------
rule(
  about((of) => ({ intent: "tests", of })),
  "(?:what|which)(?: (?:are|unit|of))?(?: the)? ?tests? (?:(?:that |which )?(?:cover|covers|test|tests|exercise|exercises|reach|reaches|check|use|call|hit)|are there for|exist for|for|of|do we have for) {x}",
  "(?:is|are) {x} (?:tested|covered(?: by (?:any )?tests?)?)",
  "(?:what|who) (?:tests|covers) {x}",
  "(?:does|do) {x} have (?:any )?tests?",
  "(?:(?:show|list|find)(?: me)? )?(?:the |all )?tests? (?:for|of|covering) {x}",
  "how is {x} tested",
  "are there (?:any )?tests (?:for|of) {x}",
  "(?:the )?test coverage (?:of|for) {x}",
  "which tests (?:should|must) i run (?:if i (?:change|touch)|for|when i change|after changing) {x}",
);

// --- common --------------------------------------------------------------------------------------------------------
const common =
  (direction: "dependencies" | "dependents"): Build =>
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
  (directed: boolean): Build =>
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

// --- critical ------------------------------------------------------------------------------------------------------
const criticalWord =
  "(?:critical|important|central|crucial|essential|key|vital|significant|influential|risky|dangerous|load-bearing)";
const connectedWord = "(?:connected|linked|coupled|entangled)";
const usedWord = "(?:depended[ -](?:up)?on|used|called|imported|referenced|relied[ -](?:up)?on|popular|reused|needed)";
const limitOf = (slots: Slots): number => Math.min(50, Math.max(1, Number(slots["n"] ?? 10) || 10));
const critical =
  (by: "score" | "connections" | "dependents"): Build =>
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

// --- dependents ----------------------------------------------------------------------------------------------------
const relationOf = (verb: string | undefined): Relation => {
  const word = (verb ?? "").toLowerCase();
  if (/call|invok|trigger|run/.test(word)) return "calls";
  if (/import|load/.test(word)) return "imports";
  if (/extend|implement|inherit|sub|deriv|child|base|super|parent|ancestor|interface/.test(word)) return "inherits";
  return "any";
};
const dependents = about((of, slots) => ({
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
const dependencies = about((of, slots) => ({
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

// --- counting, listing ---------------------------------------------------------------------------------------------
const counting: Build = (slots) => {
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
const listing: Build = (slots) => {
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

const pleasantries = [
  /^(?:hi|hello|hey|ok(?:ay)?|so|well|and|now|then|also|but)[,!. ]+(?=\S)/i,
  /^(?:opentrace|assistant)[,:!. ]+/i,
  /^(?:please|pls|kindly)[, ]+/i,
  /^(?:(?:can|could|would|will) you (?:please )?(?:tell me|show me|explain|say|help me (?:find|understand|see)|find out|give me|list|find|describe)(?= ))/i,
  /^(?:i (?:want|need|would like|'d like|wish) to (?:know|see|understand|find out|learn)|i (?:wonder|am wondering)|do you know|(?:please )?tell me|let me know|show me|i'd like to know)[, ]+(?=(?:what|which|who|where|how|if|when|why|whether)\b)/i,
  /^(?:if|whether) (?=(?:there|it|any)\b)/i,
];
const contractions: [RegExp, string][] = [
  [/\b(what|who|where|how|which|that|there)['’]s\b/gi, "$1 is"],
  [/\b(what|who|where|how)['’]re\b/gi, "$1 are"],
  [/\bI['’]d\b/g, "I would"],
  [/\bI['’]m\b/g, "I am"],
  [/\b(does|do|is|are)n['’]t\b/gi, "$1"],
];

/** "Can you tell me what … please?" → "what …" */
function tidyQuestion(text: string): string {
  let tidy = text
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .replace(/^[\s,;:!?]+/, "")
    .trim();
  for (const [from, to] of contractions) tidy = tidy.replace(from, to);
  tidy = tidy
    .replace(/[\s?!.;:]+$/, "")
    .replace(/[, ]+(?:please|pls|thanks|thank you|right now|at the moment|currently|exactly|though)$/i, "")
    .replace(/[\s?!.;:,]+$/, "");
  for (let round = 0; round < 4; round++) {
    const before = tidy;
    for (const lead_ of pleasantries) {
      const match = lead_.exec(tidy);
      if (match === null) continue;
      const verb = /(show me|explain|give me|list|find|describe)$/i.exec(match[0].trim());
      const rest = tidy.slice(match[0].length).trim();
      const isQuestion = /^(?:what|which|who|where|how|when|why|if|whether)\b/i.test(rest);
      tidy = verb?.[1] !== undefined && !isQuestion && /you/i.test(match[0]) ? `${verb[1]} ${rest}` : rest;
    }
    if (tidy === before) break;
  }
  return indirect(tidy);
}

/** "where PayService is defined", "what the dependencies of X are", "who X is used by" → the direct order of words. */
function indirect(text: string): string {
  return text
    .replace(/^(what|who|which \w+|where) (.{1,160}) (is|are)$/i, (whole, w: string, x: string, be: string) =>
      /\b(?:is|are|do|does|calls?|uses?|depends?)\b/i.test(x) ? whole : `${w} ${be} ${x}`,
    )
    .replace(
      /^where (.{1,160}) (is|are) (defined|declared|used|called|implemented|imported)$/i,
      (whole, x: string, be: string, verb: string) =>
        /^(?:is|are|do|does)\b/i.test(x) ? whole : `where ${be} ${x} ${verb}`,
    )
    .replace(/^how (.{1,160}) (connects?|relates?) to (.{1,160})$/i, (whole, a: string, _verb: string, b: string) =>
      /^(?:does|do|is|are|can)\b/i.test(a) ? whole : `how does ${a} connect to ${b}`,
    )
    .replace(
      /^(?:what|who|which \w+) (?:is|are) (.{1,160}?) (called|used|imported|extended|implemented|referenced|needed) by$/i,
      (_whole, x: string, verb: string) => `where is ${x} ${verb}`,
    )
    .replace(
      /^what (?!(?:do|does|did|is|are|would|will|could|can|has|have|was|were|should|else|other)\b)(\S{1,160}) (depends on|calls|uses|imports|needs|requires|extends)$/i,
      (_whole, x: string, verb: string) => `what does ${x} ${verb.replace(/s(?= on$|$)/, "")}`,
    );
}

/** Null when the question has no known form. Days begin at midnight in `zone` (an IANA name). */
export function readQuestion(text: string, now: Date, zone: string): Question | null {
  const whole = tidyQuestion(text);
  const time = findTimePhrase(whole, now, zone);
  const since = time === null ? null : { at: time.since, text: time.text };
  const spoken = time === null ? whole : tidyQuestion(time.rest);
  const delivery = readDelivery(spoken, since);
  if (delivery !== null) return delivery;
  for (const [shape, build] of rules) {
    const match = shape.exec(spoken);
    if (match === null) continue;
    const question = build(slotsOf(match), since);
    if (question !== null) return question;
  }
  return bareName(spoken);
}

/** A name alone asks for what it names: one word, a quoted name, a path or a key. */
function bareName(text: string): Question | null {
  const isQuoted = /^["'`“].*["'`”]$/.test(text);
  if (!isQuoted && (/\s/.test(text) || text.length > 300)) {
    const typed = readMention(text);
    return typed?.types !== null && typed !== null && !/\s/.test(typed.name) ? { intent: "describe", of: typed } : null;
  }
  const of = readMention(text);
  return of === null || isPronoun(of.raw) ? null : { intent: "describe", of };
}
