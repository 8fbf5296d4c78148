// Questions about what changed, since when and by whom. Pure; resolves no names.
import { type MentionText, readMention } from "../mention.ts";
import type { Since } from "../time-phrase.ts";
import { type Build, sentences } from "./sentence-pattern.ts";

export interface ChangesQuestion {
  intent: "changes";
  of: MentionText | null;
  since: Since | null;
  who: boolean;
}

const { rule, read: readChanges } = sentences<ChangesQuestion>();
export { readChanges };

const changes =
  (who: boolean): Build<ChangesQuestion> =>
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
