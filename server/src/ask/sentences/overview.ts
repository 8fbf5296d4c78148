// Questions about the graph as a whole: help, overview, freshness. Pure; resolves no names.
import type { MentionText } from "../mention.ts";
import { sentences, within } from "./sentence-pattern.ts";

export type OverviewQuestion =
  | { intent: "help" }
  | { intent: "overview"; of: MentionText | null }
  | { intent: "freshness"; of: MentionText | null };

const { rule, read: readOverview } = sentences<OverviewQuestion>();
export { readOverview };

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
