// How much of a change the evidence names: the line of a stack frame, a file, a symbol, its commit or number, words of its title.
import type { Change, ChangedPlace, RankedEvidence } from "./ranking.ts";
import { type Frame, type Mentions, readMentions, samePath } from "./read-evidence.ts";

export interface Overlap {
  /** In doublings of the odds. */
  points: number;
  words: string;
  evidenceIds: string[];
}

export interface ReadEvidence extends RankedEvidence {
  mentions: Mentions;
}

export const readAll = (evidence: readonly RankedEvidence[]): ReadEvidence[] =>
  evidence.map((one) => ({ ...one, mentions: readMentions(`${one.title}\n${one.text}`) }));

/** A word says little when many changes have it: what each is worth, from all titles. */
export type Rarity = (word: string) => number;

const common = new Set(
  "this that with from into when have been were will their error errors failed failure request response merge pull fixes update updates change changes remove version release deploy deployed deployment production staging main master branch service services server test tests code file files line lines null none true false".split(
    " ",
  ),
);

const wordsOf = (text: string): string[] => [
  ...new Set((text.toLowerCase().match(/\p{L}[\p{L}\d]{3,}/gu) ?? []).filter((word) => !common.has(word))),
];

export function rarityOf(changes: readonly Pick<Change, "title">[]): Rarity {
  const counts = new Map<string, number>();
  for (const { title } of changes) for (const word of wordsOf(title)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return (word) => 1 / (counts.get(word) ?? 1);
}

/** The best first; each kind of trace counts once, the next ones half, so that a long log does not outweigh everything. */
export function overlapOf(
  change: Change,
  contained: readonly Change[],
  evidence: readonly ReadEvidence[],
  rarity: Rarity,
): Overlap[] {
  const found: Overlap[] = [];
  const say = (points: number, words: string, ids: string[]): void => {
    if (ids.length > 0) found.push({ points, words, evidenceIds: ids });
  };
  const places = [...change.places, ...contained.flatMap((one) => one.places)];
  const breadth = breadthOf(places);
  const frame = bestFrame(places, evidence);
  if (frame !== null) say(frame.points * breadth.share, frame.words + breadth.words, frame.ids);
  const framed = new Set(frame?.ids);
  const named = namedFile(places, evidence);
  if (named !== null && (frame === null || named.ids.some((id) => !framed.has(id))))
    say(named.points * breadth.share, named.words + breadth.words, named.ids);
  const symbol = namedSymbol(places, evidence);
  if (symbol !== null) say(symbol.points * breadth.share, symbol.words + breadth.words, symbol.ids);
  const dependency = namedPackage(places, evidence);
  if (dependency !== null) say(dependency.points, dependency.words, dependency.ids);
  const references = [change, ...contained].flatMap((one) => referenceOf(one, evidence));
  const [reference] = references;
  if (reference !== undefined) say(reference.points, reference.words, reference.ids);
  const titled = titleWords(change, evidence, rarity);
  if (titled !== null) say(titled.points, titled.words, titled.ids);
  found.sort((a, b) => b.points - a.points);
  return found.map((one, at) => ({ ...one, points: at === 0 ? one.points : one.points / 2 }));
}

/** That one of very many changed files is named, or near, says little: a change of everything is named by any evidence and near everything. */
export function breadthOf(places: readonly ChangedPlace[]): { share: number; words: string } {
  const files = new Set(places.flatMap((place) => place.path ?? [])).size;
  if (files <= usualFiles) return { share: 1, words: "" };
  const share = Math.max(0.2, 1 - Math.log10(files / usualFiles) * 0.6);
  return { share, words: ` (one of ${files} files that it changes)` };
}

const usualFiles = 10;

interface Match {
  points: number;
  words: string;
  ids: string[];
}

function bestFrame(places: readonly ChangedPlace[], evidence: readonly ReadEvidence[]): Match | null {
  let best: Match | null = null;
  for (const one of evidence) {
    one.mentions.frames.forEach((frame, depth) => {
      for (const place of places) {
        const match = frameMatch(frame, place, depth);
        if (match === null || (best !== null && match.points < best.points)) continue;
        if (best !== null && match.points === best.points) {
          if (!best.ids.includes(one.id)) best.ids.push(one.id);
        } else best = { ...match, ids: [one.id] };
      }
    });
  }
  return best;
}

function frameMatch(frame: Frame, place: ChangedPlace, depth: number): Omit<Match, "ids"> | null {
  if (place.path === null) return null;
  const same = samePath(frame.path, place.path);
  if (same === 0) return null;
  // `index.ts` alone may be any of them; a folder with it is hardly chance. What failed is at the top of a trace.
  const sure = same > 1 ? 1 : 0.6;
  const near = depth < 3 ? 1 : depth < 10 ? 0.85 : 0.7;
  const at = `${place.path}${frame.line === null ? "" : `:${frame.line}`}`;
  const { line } = frame;
  if (line !== null && place.lines.some(([first, last]) => first - 2 <= line && line <= last + 2))
    return { points: 4 * sure * near, words: `the stack trace goes through ${at}, a line that it changes` };
  const last = frame.symbol?.split(".").at(-1);
  if (place.symbol !== null && last !== undefined && place.symbol.split(".").at(-1) === last)
    return {
      points: 3.5 * sure * near,
      words: `the stack trace goes through ${place.symbol} (${at}), which it changes`,
    };
  if (place.symbol !== null) return null;
  return { points: 2.5 * sure * near, words: `the stack trace goes through ${at}, a file that it changes` };
}

function namedFile(places: readonly ChangedPlace[], evidence: readonly ReadEvidence[]): Match | null {
  let best: Match | null = null;
  for (const one of evidence)
    for (const file of one.mentions.files)
      for (const place of places) {
        if (place.path === null || place.symbol !== null) continue;
        const same = samePath(file, place.path);
        const points = same === 0 ? 0 : same > 1 || !file.includes("/") === !place.path.includes("/") ? 2 : 1;
        if (points === 0 || (best !== null && points < best.points)) continue;
        if (best !== null && best.points === points) {
          if (!best.ids.includes(one.id)) best.ids.push(one.id);
        } else best = { points, words: `it changes ${place.path}, which the evidence names`, ids: [one.id] };
      }
  return best;
}

function namedSymbol(places: readonly ChangedPlace[], evidence: readonly ReadEvidence[]): Match | null {
  for (const place of places) {
    if (place.symbol === null) continue;
    const whole = place.symbol;
    const last = whole.split(".").at(-1) ?? whole;
    const isTelling = /[a-z\d][A-Z]|_/.test(last) || whole.includes(".");
    const ids = evidence
      .filter(({ mentions: { symbols } }) =>
        [...symbols].some((name) => name === whole || name.endsWith(`.${whole}`) || (isTelling && name === last)),
      )
      .map((one) => one.id);
    if (ids.length > 0) return { points: 1.5, words: `it changes ${whole}, which the evidence names`, ids };
  }
  return null;
}

const mostPackages = 50;
/** Where package managers put what a program depends on. */
const installed = /(?:node_modules|site-packages|dist-packages|vendor|pkg\/mod|gems)\/(.+)$/;

/** A trace through what is installed, or a line with its name: a package whose version a change has set. */
function namedPackage(places: readonly ChangedPlace[], evidence: readonly ReadEvidence[]): Match | null {
  const names = [...new Set(places.flatMap(({ key, name }) => (key.startsWith("package:") ? name.toLowerCase() : [])))];
  for (const name of names.slice(0, mostPackages)) {
    const through = evidence.filter(({ mentions }) =>
      mentions.frames.some(({ path }) => {
        const inside = installed.exec(path.toLowerCase())?.[1];
        // `stripe/index.js`, `stripe-1.2.3/lib/…`, `github.com/acme/stripe@v1.2.3/…`.
        return inside?.startsWith(name) === true && /^[/@-]/.test(inside.slice(name.length));
      }),
    );
    if (through.length > 0)
      return {
        points: 2.5,
        words: `the stack trace goes through the package ${name}, which it changes`,
        ids: through.map((one) => one.id),
      };
  }
  for (const name of names.slice(0, mostPackages)) {
    if (name.length < 4 || common.has(name)) continue;
    const named = evidence.filter((one) => isWordOf(name, `${one.title}\n${one.text}`.toLowerCase()));
    if (named.length > 0)
      return {
        points: 1,
        words: `it changes the package ${name}, which the evidence names`,
        ids: named.map((one) => one.id),
      };
  }
  return null;
}

function isWordOf(name: string, text: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!/[\w-]/.test(text[at - 1] ?? " ") && !/[\w-]/.test(text[at + name.length] ?? " ")) return true;
  return false;
}

function referenceOf(change: Change, evidence: readonly ReadEvidence[]): Match[] {
  const found: Match[] = [];
  const where = (is: (one: Mentions) => boolean): string[] =>
    evidence.filter((one) => is(one.mentions)).map((one) => one.id);
  const add = (words: string, ids: string[]): void => {
    if (ids.length > 0) found.push({ points: 3, words, ids });
  };
  const { sha } = change;
  if (sha !== null)
    add(
      `the evidence names its commit ${sha.slice(0, 10)}`,
      where(({ shas }) => shas.some((one) => sha.startsWith(one))),
    );
  const pull = change.key.startsWith("pr:") ? /#(\d+)$/.exec(change.key)?.[1] : undefined;
  if (pull !== undefined)
    add(
      `the evidence names it by its number ${pull}`,
      where(({ numbers }) => numbers.has(pull)),
    );
  const tag = change.kind === "release" ? change.key.split("#").at(-1)?.replace(/^v/, "") : undefined;
  if (tag !== undefined)
    add(
      `the evidence names the version ${tag}`,
      where(({ versions }) => versions.has(tag)),
    );
  return found;
}

function titleWords(change: Change, evidence: readonly ReadEvidence[], rarity: Rarity): Match | null {
  const shared = new Map<string, string[]>();
  for (const word of wordsOf(change.title))
    for (const one of evidence) {
      if (!one.mentions.words.has(word)) continue;
      shared.set(word, [...(shared.get(word) ?? []), one.id]);
    }
  let points = 0;
  for (const word of shared.keys()) points += 0.5 * rarity(word);
  if (points < 0.25) return null;
  const words = [...shared.keys()].slice(0, 5).map((word) => `"${word}"`);
  return {
    points: Math.min(1.5, points),
    words: `its title and the evidence share the word${words.length === 1 ? "" : "s"} ${words.join(", ")}`,
    ids: [...new Set([...shared.values()].flat())],
  };
}

/** Files that traces go through and that belong to nobody's change: how often the evidence speaks of other code. */
export function framesElsewhere(
  change: Change,
  contained: readonly Change[],
  evidence: readonly ReadEvidence[],
): { ids: string[]; files: string[] } {
  const places = [...change.places, ...contained.flatMap((one) => one.places)];
  const ids: string[] = [];
  const files = new Set<string>();
  for (const one of evidence) {
    const { frames } = one.mentions;
    if (frames.length === 0) continue;
    if (frames.some((frame) => places.some(({ path }) => path !== null && samePath(frame.path, path) > 0))) continue;
    ids.push(one.id);
    for (const { path } of frames.slice(0, 3)) files.add(path);
  }
  return { ids, files: [...files] };
}
