// Questions over delivery: pull requests, issues, pipelines, deployments and owners. Pure; resolves no names.
import type { PullRequestState } from "@opentrace/contract/delivery.ts";
import type { MentionText } from "../mention.ts";
import type { Since } from "../time-phrase.ts";
import { type Build, mentionIn, sentences, type Slots } from "./sentence-pattern.ts";

export type DeliveryQuestion =
  /** `kind` null = "#12", which may be either. */
  | { intent: "item"; kind: "pull request" | "issue" | null; number: number; within: MentionText | null }
  | { intent: "pull requests"; of: MentionText | null; state: PullRequestState | null }
  | { intent: "issues"; of: MentionText | null; state: "open" | "closed" | null }
  | { intent: "pipelines"; of: MentionText | null; deploys: boolean }
  | {
      intent: "deployments";
      of: MentionText | null;
      environment: string | null;
      current: boolean;
      since: Since | null;
    }
  | { intent: "owners"; of: MentionText };

const { rule, read: readDelivery } = sentences<DeliveryQuestion>();
export { readDelivery };
type DeliveryBuild = Build<DeliveryQuestion>;

// --- one of them, by its number ------------------------------------------------------------------------------------
const pullWord = "(?:prs?|pull[ -]?requests?|mrs?|merge[ -]?requests?|change requests?)";
const issueWord = "(?:issues?|tickets?|bugs?)";
const item: DeliveryBuild = (slots) => {
  const number = Number(slots["number"]);
  const kind = slots["pull"] !== undefined ? "pull request" : slots["issue"] !== undefined ? "issue" : null;
  return Number.isSafeInteger(number) && number > 0
    ? { intent: "item", kind, number, within: mentionIn(slots["y"]) }
    : null;
};
const numbered = `(?:(?:the )?(?:(?<pull>${pullWord})|(?<issue>${issueWord}))(?: number| no\\.?)? ?[#!]?|[#!])(?<number>\\d{1,7})(?: (?:in|of|from|on) {y})?`;
rule(
  item,
  numbered,
  `(?:tell me|talk|say something|something)(?: more| everything| all)? about ${numbered}`,
  `(?:describe|explain|summari[sz]e|show|show me|find|open|get|details?|info|information|about)(?: (?:of|on|about|for))? ${numbered}`,
  `(?:what|who|how) (?:is|was|are|were|about) (?:in |behind )?${numbered}(?: about| for| doing)?`,
  `(?:what|which) (?:\\w+ )?(?:does|do|did|will|would|has|is) ${numbered} (?:do|change[sd]?|touch(?:e[sd])?|modif(?:y|ie[sd])|edit(?:ed)?|add(?:ed)?|fix(?:e[sd])?|close[sd]?|affect(?:ed)?|mean)`,
  `who (?:has |is |was )?(?:reviewed|reviewing|wrote|opened|made|authored|created|merged|closed|approved|the author of|the reviewer of) ${numbered}`,
  `(?:what is )?(?:the )?(?:state|status|author|title|summary|reviewers?) of ${numbered}`,
  `(?:is|was|has|did) ${numbered} (?:been )?(?:merged?|open|closed?|approved|reviewed|done|fixed|draft)(?: yet| already)?`,
);

// --- pull requests -------------------------------------------------------------------------------------------------
const stateOf = (slots: Slots): PullRequestState | null => {
  const word = slots["state"]?.toLowerCase();
  if (word === undefined) return null;
  if (/merged/.test(word)) return "merged";
  return /closed|rejected/.test(word) ? "closed" : "open";
};
const pulls =
  (assumed: PullRequestState | null): DeliveryBuild =>
  (slots) => {
    const of = mentionIn(slots["x"]);
    if (slots["x"] !== undefined && of === null && !/^(?:the )?\w+$/i.test(slots["x"])) return null;
    return { intent: "pull requests", of, state: stateOf(slots) ?? assumed };
  };
const S =
  "(?:(?<state>open|opened|active|pending|ongoing|unmerged|current|merged|closed|rejected)(?: and unmerged)? )?(?:recent )?";
const P = `(?:pull |merge )?(?:prs?|mrs?|pull[ -]?requests?|merge[ -]?requests?|change requests?)`;
const touchVerb =
  "(?:touch(?:es)?|touching|change(?:s|d)?|changing|modif(?:y|ies|ied)|modifying|edit(?:s|ed)?|editing|affects?|affecting|hits?|involves?|involving|concerns?|update(?:s|d)?|alters?|are about|go(?:es)? (?:near|through)|mentions?)";
rule(
  pulls(null),
  `(?:what|which)(?: are)?(?: the)? ${S}${P} (?:(?:are |is |that |which )*)${touchVerb} {x}`,
  `(?:what|which) ${S}${P}(?: (?:are there|are|exist|do we have|is there))?(?: (?<state>open|merged|closed))?(?: (?:for|in|of|on|against|to|touching|at) {x})?`,
  `(?:list|show|show me|give me|find|get|display)(?: all)?(?: the)? ${S}${P}(?: (?:(?:that |which )?${touchVerb}|for|in|of|on|against|to) {x})?`,
  `(?:how many|count) ${S}${P}(?: (?:are|is))?(?: (?:there|open))?(?: (?:(?:that |which )?${touchVerb}|for|in|of|on|against) {x})?`,
  `(?:(?:are|is) there|do we have|does {x} have)(?: any| an?| some)? ${S}${P}(?: (?:(?:that |which )?${touchVerb}|for|in|of|on|against) {x})?`,
  `(?:is|are|was) {x} (?:being )?(?:touched|changed|modified|edited|affected) by (?:any |an? |some )?${S}${P}`,
  `(?<state>open|merged|closed) ${P}(?: (?:(?:that |which )?${touchVerb}|for|in|of|on|against) {x})?`,
  `${P} (?:(?:that |which )?(?:touch|touches|touching|change|changes|changing|against|for)) {x}`,
);
rule(
  pulls("open"),
  "(?:who|is (?:anyone|anybody|somebody|someone)) (?:is )?(?:currently )?(?:changing|working on|touching|editing|modifying) {x}(?: (?:right )?now| currently| at the moment)?",
  "what is (?:in review|being reviewed|in flight|under review)(?: (?:for|in|on) {x})?",
);

// --- issues --------------------------------------------------------------------------------------------------------
const issues: DeliveryBuild = (slots) => {
  const word = slots["state"]?.toLowerCase();
  const of = mentionIn(slots["x"]);
  if (slots["x"] === undefined && word === undefined) return null;
  return {
    intent: "issues",
    of,
    state: word === undefined ? null : /closed|fixed|resolved|done/.test(word) ? "closed" : "open",
  };
};
const IS = "(?:(?<state>open|opened|unresolved|unfixed|active|closed|fixed|resolved|done) )?";
const I = "(?:issues?|tickets?|bugs?|bug reports?)";
rule(
  issues,
  `(?:what|which)(?: are)?(?: the)? ${IS}${I} (?:(?:are |is |that |which )*)(?:mention(?:s|ing)?|linked (?:to|with)|link(?:s|ing)? to|about|concern(?:s|ing)?|affect(?:s|ing)?|reference(?:s)?|refer(?:s)? to|related to|relate(?:s)? to|connected (?:to|with)|touch(?:es|ing)?|reported (?:for|against|on)|exist for|there for|there about) {x}`,
  `(?:what|which) ${IS}${I}(?: (?:are there|are|exist|do we have|is there))?(?: (?<state>open|closed))?(?: (?:for|about|on|against|with|linked to|mentioning) {x})`,
  `(?:what|which|how many) (?<state>open|closed|unresolved) ${I}(?: (?:are there|are|exist|do we have|is there))?(?: (?:for|in|of|about|on|against) {x})?`,
  `(?:list|show|show me|give me|find|get)(?: all)?(?: the)? ${IS}${I} (?:(?:that |which )?(?:mention|concern|affect|reference|touch)|for|about|on|against|linked to|mentioning) {x}`,
  `(?:list|show|show me|give me|find|get)(?: all)?(?: the)? (?<state>open|closed|unresolved) ${I}(?: (?:for|in|of|about|on|against) {x})?`,
  `(?:(?:are|is) there|do we have)(?: any| an?| some)? ${IS}${I} (?:for|about|on|against|with|linked to|mentioning) {x}`,
  `does {x} have(?: any| open)* ${I}`,
  `(?<state>open|closed|unresolved) ${I}(?: (?:for|in|of|about|on|against|with) {x})?`,
);

// --- pipelines -----------------------------------------------------------------------------------------------------
const pipelines =
  (deploys: boolean): DeliveryBuild =>
  (slots) => {
    const of = mentionIn(slots["x"]);
    if (slots["x"] !== undefined && of === null) return null;
    const verb = slots["verb"];
    return { intent: "pipelines", of, deploys: verb === undefined ? deploys : /deploy|ship|release|roll/i.test(verb) };
  };
const L = "(?:(?:ci|cd|ci/cd|build|deploy(?:ment)?|release|github|gitlab) )?(?:pipelines?|workflows?|actions?|jobs?)";
rule(
  pipelines(true),
  `(?:what|which) ${L} (?<verb>deploys?|builds?|ships?|releases?|rolls? out|runs? for|tests?|compiles?|publish(?:es)?) {x}`,
  `(?:by )?(?:what|which) ${L} (?:is|are|gets?|does) {x} (?:get )?(?<verb>deployed|built|shipped|released|tested|published)(?: (?:by|with|through))?`,
  `what (?<verb>deploys|builds|ships|releases|rolls out|publishes) {x}`,
  "how (?:is|are|does|do) {x} (?:get )?(?<verb>deployed|shipped|released|rolled out|published)",
  `(?:is|are) {x} (?<verb>deployed|built|shipped|released) by (?:an?|any|some) ${L}`,
);
rule(
  pipelines(false),
  `(?:(?:what|which) (?:are )?|(?:list|show|show me|give me|find) )?(?:all |the )*${L} (?:of|for|in|on) {x}`,
  `(?:what|which) ${L} (?:does|do) {x} (?:have|use|run)`,
  `(?:what is )?(?:the )?(?:ci|cd|ci/cd)(?: (?:status|state|of|for|pipelines?|setup))+ {x}`,
);

// --- deployments ---------------------------------------------------------------------------------------------------
const environment = (slots: Slots): string | null => {
  const name = slots["env"]?.replace(/^(?:the|our) /i, "").replace(/ (?:environment|env|cluster|stage)$/i, "");
  return name === undefined || name === "" ? null : name.trim();
};
const deployments =
  (current: boolean): DeliveryBuild =>
  (slots, since) => {
    const of = mentionIn(slots["x"]);
    if (slots["x"] !== undefined && of === null) return null;
    return { intent: "deployments", of, environment: environment(slots), current, since };
  };
const ENV = "(?<env>[\\w./-]{1,60}(?: (?:environment|env))?|(?:the|our) [\\w./-]{1,60}(?: (?:environment|env))?)";
rule(
  deployments(false),
  `(?:what|which (?:versions?|changes|commits|releases|repositories|services))(?: (?:was|were|has been|have been|got|did we|have we))? (?:recently |last )?(?:deploy|deployed|deploys|shipped|ship|rolled out|put|gone|went|go)(?: (?:to|on|in|into|onto) ${ENV})?`,
  `(?:has|have|was|were|did) {x} (?:been |get |go )?(?:deployed|shipped|rolled out|deploy)(?: (?:to|on|in) ${ENV})?(?: yet| already)?`,
  `when (?:was|were|did|has) {x} (?:been |get |go )?(?:last )?(?:deployed|shipped|rolled out|released|deploy)(?: last)?(?: (?:to|on|in) ${ENV})?(?: last)?`,
  `(?:(?:what|which) (?:are|were) |(?:list|show|show me|give me) )?(?:all |the |recent |latest |last |any )*(?:deployments?|deploys|rollouts?)(?: (?:of|for) {x})?(?: (?:to|on|in|into) ${ENV})?`,
  `(?:what|which) deployments?(?: (?:were|was|are|have been|happened|there))*(?: (?:of|for) {x})?(?: (?:to|on|in|into) ${ENV})?`,
  `how often (?:do we deploy|is) {x}(?: deployed)?(?: (?:to|on|in) ${ENV})?`,
);
rule(
  deployments(true),
  `(?:what|which (?:versions?|releases?|commits?)|what versions?) (?:is|are) (?:currently |now )?(?:deployed|running|live|released|out)(?: (?:in|on|to) ${ENV})?(?: now| currently)?`,
  `(?:what|which) (?:version|release|commit|revision) of {x} (?:is|runs) (?:currently |now )?(?:deployed|running|live|out)?(?: ?(?:in|on|to) ${ENV})?(?: now)?`,
  `where is {x} (?:currently |now )?(?:deployed|running|live)(?: to)?`,
  `what (?:runs|is live) (?:in|on) ${ENV}`,
);

// --- owners --------------------------------------------------------------------------------------------------------
const owners: DeliveryBuild = (slots) => {
  const of = mentionIn(slots["x"]);
  return of === null ? null : { intent: "owners", of };
};
rule(
  owners,
  "(?:who|which teams?|what teams?|which people) owns? {x}",
  "(?:who|which teams?|what teams?) (?:is|are) (?:the )?(?:code ?owners?|owners?|owning teams?|responsible|accountable|in charge)(?: (?:of|for))? {x}",
  "(?:(?:list|show|show me|what are|what is|give me) )?(?:the )?(?:code ?owners?|owners?|owning teams?|ownership) (?:of|for) {x}",
  "(?:by whom|by which team) is {x} owned",
  "who (?:should|can|must) (?:i ask for (?:a )?review|review changes) (?:of|to|on|for) {x}",
);
