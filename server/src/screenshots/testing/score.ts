// How much of what stands on a rendered screen a reading got, and how much of what it says stands there.
import type { OfflineReading } from "../reading/understand.ts";
import { type Truth, wordRecall } from "./corpus.ts";

interface Count {
  /** Of what stands on the picture, how much was told. */
  found: number;
  of: number;
  /** Of what was told, how much stands on the picture. */
  right: number;
  told: number;
}

const aspects = ["words", "kind", "title", "range", "panels", "values", "labels", "errors", "services"] as const;
type Aspect = (typeof aspects)[number];
export type Score = Record<Aspect, Count>;

/** Upper and lower case, spaces and accents are left out, signs and digits count. */
const close = (text: string): string =>
  text
    .normalize("NFD")
    .replaceAll(/[\s\u0300-\u036f]/g, "")
    .replaceAll(/[–—−→]/g, "-")
    .toLowerCase();
const letters = (text: string): string => close(text).replaceAll(/[^a-z0-9%]/g, "");

/** A label may have a word more than the truth has. */
function sameLabel(label: string | null, wanted: string): boolean {
  if (label === null) return false;
  if (letters(label) === letters(wanted)) return true;
  const [has, needs] = [label, wanted].map((text) => text.split(/\s+/).map(letters).filter(Boolean));
  return (needs ?? []).every((word) => has?.includes(word)) && (has?.length ?? 0) <= (needs?.length ?? 0) + 1;
}

/** A message may be told with what stands before it in its row, and without the end that was wrapped. */
const sameError = (told: string, wanted: string): boolean => {
  const [a, b] = [letters(told), letters(wanted)];
  return b !== "" && (a.includes(b.slice(0, 24)) || (a.length > 8 && b.includes(a)));
};

function matched<A, B>(wanted: readonly A[], told: readonly B[], same: (a: A, b: B) => boolean): Count {
  const left = new Set(told);
  let found = 0;
  for (const one of wanted) {
    const match = [...left].find((other) => same(one, other));
    if (match === undefined) continue;
    left.delete(match);
    found++;
  }
  return { found, of: wanted.length, right: found, told: told.length };
}

const single = <T>(wanted: T | null, told: T | null, same: (a: T, b: T) => boolean): Count =>
  matched(wanted === null ? [] : [wanted], told === null ? [] : [told], same);

/** Every service of the corpus. */
export const catalogueOf = (truths: readonly Truth[]): Set<string> =>
  new Set(truths.flatMap(({ services }) => services));

/** `catalogue`: the services that a graph would know. */
export function scoreOf(truth: Truth, { text, findings }: OfflineReading, catalogue: ReadonlySet<string>): Score {
  const recall = wordRecall(truth.words, text);
  const ground = close(truth.words.join(" "));
  const ticks = new Set(truth.ticks.map(close));
  const wanted = new Set(truth.values.map((value) => close(value.text)));
  const values = matched(truth.values, findings.values, (a, b) => close(a.text) === close(b.text));
  // Figures in sentences are no mistakes; ticks of axes, and what does not stand there, are.
  const right = findings.values.filter((value) => {
    const one = close(value.text);
    return wanted.has(one) || (!ticks.has(one) && ground.includes(one));
  }).length;
  const labelled = matched(
    truth.values,
    findings.values,
    (a, b) => close(a.text) === close(b.text) && sameLabel(b.label, a.label),
  );
  const errors = matched(truth.errors, findings.error_texts, (a, b) => sameError(b, a));
  // "Error 502" is the title of its page and tells of a failure too.
  const tellsOfError = (told: string): boolean =>
    truth.errors.some((wanted) => sameError(told, wanted)) || letters(told) === letters(truth.title ?? "-");
  const names = findings.names.map(({ name }) => name).filter((name) => catalogue.has(name));
  const services = matched(truth.services, names, (a, b) => a === b);
  return {
    words: { found: recall.found, of: recall.of, right: recall.found, told: recall.told },
    kind: single(truth.kind, findings.kind, (a, b) => a === b),
    title: single(truth.title, findings.title, (a, b) => letters(a) === letters(b)),
    range: single(truth.range, findings.time_range?.text ?? null, (a, b) => letters(a) === letters(b)),
    panels: matched(truth.panels, findings.panels, (a, b) => letters(a) === letters(b.title)),
    values: { ...values, right, told: findings.values.length },
    labels: { ...labelled, told: values.found },
    errors: { ...errors, right: findings.error_texts.filter((one) => tellsOfError(one)).length },
    services,
  };
}

export function sumOf(scores: readonly Score[]): Record<Aspect, { recall: number; precision: number; of: number }> {
  const share = (a: number, b: number): number => (b === 0 ? 1 : Math.round((a / b) * 1000) / 1000);
  return Object.fromEntries(
    aspects.map((aspect) => {
      const sum = { found: 0, of: 0, right: 0, told: 0 };
      for (const score of scores)
        for (const key of ["found", "of", "right", "told"] as const) sum[key] += score[aspect][key];
      return [aspect, { recall: share(sum.found, sum.of), precision: share(sum.right, sum.told), of: sum.of }];
    }),
  ) as ReturnType<typeof sumOf>;
}
