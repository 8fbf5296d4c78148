// Sentence patterns with named slots: `{x}` is any wording, `{type}` a word for a node type.
import { type MentionText, readMention, typeWordPattern } from "../mention.ts";
import type { Since } from "../time-phrase.ts";

export type Slots = Record<string, string | undefined>;

const T = `(?<type>${typeWordPattern})`;
/** What is being asked about, `{name}` in a pattern. Bounded, so that no question makes the matching slow. */
const slot = (name: string): string => `(?<${name}>.{1,160}?)`;

/** A slot may stand at several places of a pattern; each gets a group name of its own, `slotsOf` joins them again. */
function pattern(text: string): RegExp {
  let groups = 0;
  const source = text
    .replace(/\{(\w+)\}/g, (_whole, name: string) => (name === "type" ? T : slot(name)))
    .replace(/\(\?<(\w+)>/g, (_whole, name: string) => `(?<${name}_${++groups}>`);
  return new RegExp(`^(?:${source})$`, "i");
}

function slotsOf(match: RegExpExecArray): Slots {
  const slots: Slots = {};
  for (const [group, value] of Object.entries(match.groups ?? {})) {
    const name = group.replace(/_\d+$/, "");
    if (value !== undefined) slots[name] ??= value;
  }
  return slots;
}

export const isPronoun = (text: string): boolean =>
  /^(?:it|this|that|they|them|there|here|everything|anything|something|nothing|any(?:one|body)|some(?:one|body)|every(?:one|body)|no(?:one|body)|all|you|we|i|me|us)$/i.test(
    text,
  );

/** What a sentence asks; null = not this, the next pattern is tried. */
export type Build<Question> = (slots: Slots, since: Since | null) => Question | null;

/** A family of sentences: `rule` adds patterns, the first that fits decides; `read` is null when none does. */
export function sentences<Question>() {
  const rules: [RegExp, Build<Question>][] = [];
  return {
    rule(build: Build<Question>, ...patterns: string[]): void {
      for (const text of patterns) rules.push([pattern(text), build]);
    },
    read(this: void, spoken: string, since: Since | null): Question | null {
      for (const [shape, build] of rules) {
        const match = shape.exec(spoken);
        if (match === null) continue;
        const question = build(slotsOf(match), since);
        if (question !== null) return question;
      }
      return null;
    },
  };
}

/** Runs `build` with the slot read as a mention; the rule does not match when nothing is left of it. */
export const about =
  <Question>(build: (mention: MentionText, slots: Slots) => Question | null): Build<Question> =>
  (slots) => {
    const mention = slots["x"] === undefined ? null : readMention(slots["x"]);
    return mention === null || isPronoun(mention.raw) ? null : build(mention, slots);
  };

/** The mention in slot `y`; null also for words that mean all there is. */
export const within = (slots: Slots): MentionText | null =>
  slots["y"] === undefined ||
  isPronoun(slots["y"].replace(/^the /i, "")) ||
  /^(?:the )?(?:graph|system|database|index|everything|total|all|company|organi[sz]ation|knowledge graph)$/i.test(
    slots["y"],
  )
    ? null
    : readMention(slots["y"]);

/** Null for a pronoun and for "everything": the question is about all there is. */
export function mentionIn(text: string | undefined): MentionText | null {
  if (text === undefined || /^(?:the )?(?:graph|system|company|org(?:ani[sz]ation)?)$/i.test(text)) return null;
  const mention = readMention(text);
  return mention === null || isPronoun(mention.raw) ? null : mention;
}
