// Questions about what a change of something affects, and which tests cover it. Pure; resolves no names.
import { type MentionText, readMention, splitList } from "../mention.ts";
import { about, type Build, isPronoun, sentences } from "./sentence-pattern.ts";

export type ImpactQuestion = { intent: "tests"; of: MentionText } | { intent: "impact"; of: MentionText[] };

const { rule, read: readImpact } = sentences<ImpactQuestion>();
export { readImpact };

// --- impact --------------------------------------------------------------------------------------------------------
const impact: Build<ImpactQuestion> = (slots) => {
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
