// Sentence patterns with named slots: `{x}` is any wording, `{type}` a word for a node type.
import { typeWordPattern } from "./mention.ts";

export type Slots = Record<string, string | undefined>;

const T = `(?<type>${typeWordPattern})`;
/** What is being asked about, `{name}` in a pattern. Bounded, so that no question makes the matching slow. */
const slot = (name: string): string => `(?<${name}>.{1,160}?)`;

/** A slot may stand at several places of a pattern; each gets a group name of its own, `slotsOf` joins them again. */
export function pattern(text: string): RegExp {
  let groups = 0;
  const source = text
    .replace(/\{(\w+)\}/g, (_whole, name: string) => (name === "type" ? T : slot(name)))
    .replace(/\(\?<(\w+)>/g, (_whole, name: string) => `(?<${name}_${++groups}>`);
  return new RegExp(`^(?:${source})$`, "i");
}

export function slotsOf(match: RegExpExecArray): Slots {
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
