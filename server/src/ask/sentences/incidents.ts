// Questions about incidents: which there are, what happened somewhere, what caused one, what one is. Pure; resolves no names.
import {
  type IncidentSeverity,
  type IncidentStatus,
  incidentSeverities,
  incidentStatuses,
} from "@opentrace/contract/incidents.ts";
import type { MentionText } from "../mention.ts";
import type { Since } from "../time-phrase.ts";
import { type Build, mentionIn, sentences, type Slots } from "./sentence-pattern.ts";

export type IncidentQuestion =
  | {
      intent: "incidents";
      of: MentionText | null;
      status: readonly IncidentStatus[] | null;
      severity: readonly IncidentSeverity[] | null;
      unowned: boolean;
      since: Since | null;
    }
  | { intent: "incident"; reference: string; cause: boolean }
  | { intent: "happened"; of: MentionText; since: Since | null }
  | { intent: "caused"; by: MentionText };

const { rule, read: readIncidents } = sentences<IncidentQuestion>();
export { readIncidents };

// --- one of them ---------------------------------------------------------------------------------------------------
const one =
  (cause: boolean): Build<IncidentQuestion> =>
  ({ ref }) =>
    ref === undefined ? null : { intent: "incident", reference: ref, cause };
const R = "(?:the )?(?:incident )?(?<ref>inc[-_][\\w-]{1,60})";
rule(
  one(true),
  `what (?:has |might have |may have |could have )?(?:cause[ds]?|triggered|led to|broke|is behind|was behind) ${R}`,
  `why (?:did|is|was|does) ${R}(?: (?:happen(?:ing|ed)?|occur|start|there|open))?`,
  `(?:(?:what|which) (?:is|are|was|were) )?(?:the )?(?:likely |probable |possible |root |known )*(?:causes?|reasons?|hypothes[ie]s|suspects?|culprits?) (?:of|for|behind|in) ${R}`,
);
rule(
  one(false),
  R,
  `(?:tell me|talk|say something|something)(?: more| everything| all)? about ${R}`,
  `(?:describe|explain|summari[sz]e|show|show me|find|open|get|details?|info|information|about)(?: (?:of|on|about|for))? ${R}`,
  `(?:what|who|how) (?:is|was|about) (?:the )?(?:(?:state|status|severity|owner|title|summary) of )?${R}(?: about| going| doing)?`,
  `(?:what is )?(?:the )?(?:state|status|severity|owner|summary) of ${R}`,
  `(?:is|was|has) ${R} (?:been )?(?:still )?(?:open|resolved|closed|over|fixed|acknowledged|done)(?: yet| already)?`,
  `(?:what|which services?) (?:does|did|is|are|was|were) (?:affected by )?${R}(?: affect(?:ing|ed)?| hit| impact)?`,
  `what happen(?:s|ed|ing)?(?: is)? (?:in|with|during|to) ${R}`,
  `who (?:owns|declared|opened|is (?:working on|handling|on)|takes care of) ${R}`,
);

// --- which there are -----------------------------------------------------------------------------------------------
/** "open critical" → statuses and severities; each null where none is said. */
function narrowed(words: string): Pick<IncidentQuestion & { intent: "incidents" }, "status" | "severity" | "unowned"> {
  const said = words.toLowerCase();
  const status = incidentStatuses.filter((name) => new RegExp(`\\b${name}\\b`).test(said));
  if (/\b(?:active|ongoing|current|unresolved|unfixed|running|broken|going on|happening)\b/.test(said))
    status.push(...(["open", "investigating"] as const).filter((name) => !status.includes(name)));
  // A person who asks for what is open means what is not over.
  else if (status.length === 1 && status[0] === "open") status.push("investigating");
  const severity = incidentSeverities.filter((name) => new RegExp(`\\b${name}\\b`).test(said));
  if (/\b(?:severe|serious|major|bad)\b/.test(said))
    severity.push(...(["high", "critical"] as const).filter((name) => !severity.includes(name)));
  return {
    status: status.length === 0 ? null : status,
    severity: severity.length === 0 ? null : severity,
    unowned: /\b(?:unowned|unassigned|nobody)\b/.test(said),
  };
}
const incidents: Build<IncidentQuestion> = (slots, since) => {
  const of = mentionIn(slots["x"]);
  if (slots["x"] !== undefined && of === null && !/^(?:the )?\w+$/i.test(slots["x"])) return null;
  return { intent: "incidents", of, since, ...narrowed(`${slots["words"] ?? ""} ${slots["state"] ?? ""}`) };
};
const word =
  "(?:open|active|ongoing|current|unresolved|investigating|resolved|closed|critical|high|medium|low|severe|serious|major|unowned|unassigned|recent|latest|new|last|known)(?:[ -]severity)?";
const W = `(?:all |any |an? |the |our )*(?<words>${word}(?:(?:,| and| or|, and|, or)? ${word}){0,4} )?(?:of )?`;
const N = "(?:incidents?|outages?)";
const S = `(?: (?:(?:are|is|were|was|have been|still|currently|there|do we have|did we have|exist|happened|occurred|with|that|which|of) )*(?<state>(?:${word}|severity|without an? owner|nobody owns)(?: (?:or|and) ${word})?))?`;
const T =
  "(?: (?:(?:that |which |are |is |were |was |have |has |currently )*(?:affect(?:s|ed|ing)?|hit(?:s|ting)?|impact(?:s|ed|ing)?|touch(?:es|ed|ing)?|concern(?:s|ed|ing)?|involv(?:es|ed|ing|e)|about)|in|on|of|for|with|at|were there in|are there in|are there for|do we have in|happened in|happened to) {x})?";
rule(
  incidents,
  `(?:what|which|how many)(?: are)? ${W}${N}(?: (?:are|were|is) there| do we have| did we have| exist| happened| occurred)?${S}${T}`,
  `(?:list|show|show me|give me|find|get|count|(?:are|is|were|was) there|do we have|did we have|have there been)(?: me)? ${W}${N}${S}${T}`,
  `(?:are|is) ${W}${N} (?<state>${word})${T}`,
  `${W}${N}${T}`,
  `(?:what|which|how many) ${W}${N} (?:does|did|do|has) {x} (?:have|had)`,
  `(?:does|has|did|do) {x} (?:have|had)(?: had)? ${W}${N}`,
  `(?:is|are|was|were) {x} (?:being |currently )*(?:affected|hit|impacted) by ${W}${N}`,
  "what is (?:currently )?(?<state>broken|going on|happening)(?: (?:in|with|at) {x})?",
);

// --- what happened, and why ----------------------------------------------------------------------------------------
rule((slots, since) => {
  const of = mentionIn(slots["x"]);
  return of === null ? null : { intent: "happened", of, since };
}, "what (?:has |all |else )?(?:happened|went wrong|has been happening|was going on) (?:in|to|with|on|at|around) {x}");
const caused: Build<IncidentQuestion> = (slots: Slots) => {
  const by = mentionIn(slots["x"]);
  return by === null ? null : { intent: "caused", by };
};
const verb = "(?:caused|triggered|started|brought about|introduced)";
rule(
  caused,
  `(?:(?:what|which|how many|list|show|show me|find|are there|were there)(?: are)? )?${W}${N} (?:(?:that |which |were |was |are |is |have been |has been )*)${verb} by {x}`,
  `(?:what|which|how many) ${W}${N} (?:did|has|have) {x} (?:cause|caused|trigger|triggered|start|started)`,
  `(?:did|has|have) {x} (?:ever )?(?:cause|caused|trigger|triggered|start|started) ${W}${N}`,
);
