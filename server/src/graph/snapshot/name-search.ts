// Searching the name table: names by part, qualified names, paths, words of doc comments and descriptions, and typing mistakes when little else matches.
import type { MatchKind } from "@opentrace/contract/graph-answers.ts";
import type { NameHit } from "./name-index.ts";
import type { NameFilter, NameTable } from "./name-table.ts";
import { selectBest } from "./select-best.ts";
import { bitCount, distance, letterMask, tolerance, wordsOfText } from "./words.ts";

const matchKinds: readonly MatchKind[] = ["exact", "prefix", "word", "substring", "fuzzy", "path", "doc"];
const matchScores = [0.9, 0.72, 0.6, 0.48, 0.36, 0.42, 0.28];
const match = { exact: 0, prefix: 1, word: 2, substring: 3, fuzzy: 4, path: 5, doc: 6 } as const;
/** Words of a question that are looked for in descriptions. */
const mostWords = 12;
/** With fewer hits than this, typing mistakes are looked for. */
const fewHits = 5;

interface Query {
  /** Whole, lower case. */
  text: string;
  terms: string[];
}

function parseQuery(query: string): Query {
  const text = query.trim().toLowerCase().replace(/\s+/g, " ");
  const terms = text.split(/[\s./#:\\]+|->|\(\)/).filter((term) => term !== "");
  return { text, terms: [...new Set(terms)].slice(0, 8) };
}

/** Numbers by place, all 0 but where something was set: what was set is what `clear` walks. */
class Marks {
  values = new Uint8Array(0);
  readonly touched: number[] = [];

  fit(size: number): void {
    if (this.values.length < size) this.values = new Uint8Array(Math.ceil(size * 1.2));
  }

  add(place: number, bits: number): void {
    if (this.values[place] === 0) this.touched.push(place);
    this.values[place]! |= bits;
  }

  clear(): void {
    for (const place of this.touched) this.values[place] = 0;
    this.touched.length = 0;
  }
}

type Consider = (slot: number, kind: number, score: number) => void;

/** One search runs at a time: what it notes is kept in arrays by slot, name, path and symbol, so that thousands of hits cost no map. */
export function createNameSearch(table: NameTable) {
  /** Scores of what was found; 0 = not found. */
  let scores = new Float32Array(0);
  let kinds = new Uint8Array(0);
  /** Bit i: the i-th term stands in it. */
  const inName = new Marks();
  const inPath = new Marks();
  const inSymbol = new Marks();
  const isQualified = new Marks();
  let nameScores = new Float32Array(0);
  let nameKinds = new Uint8Array(0);

  function fit(): void {
    if (scores.length < table.slots) {
      const size = Math.ceil(table.slots * 1.2);
      scores = new Float32Array(size);
      kinds = new Uint8Array(size);
    }
    if (nameScores.length < table.names.size) {
      const size = Math.ceil(table.names.size * 1.2);
      nameScores = new Float32Array(size);
      nameKinds = new Uint8Array(size);
    }
    inName.fit(table.names.size);
    inPath.fit(table.paths.size);
    inSymbol.fit(table.symbols.size);
    isQualified.fit(table.symbols.size);
  }

  function forEachNodeOf(name: number, visit: (slot: number) => void): void {
    const next = table.nextOfName.values;
    for (let slot = table.firstOfName.values[name]!; slot >= 0; slot = next[slot]!) visit(slot);
  }

  /** How `part` (lower case) stands in a name, first at byte `at`. */
  function kindAt(name: number, part: string, at: number, bytes: number): number {
    if (at === 0) return table.names.lengthOf(name) === bytes ? match.exact : match.prefix;
    return table.names.hasAtWordStart(name, part, at) ? match.word : match.substring;
  }

  function matchNames({ text }: Query, consider: Consider): void {
    const bytes = Buffer.byteLength(text);
    const visit = (name: number, at: number): void => {
      const kind = kindAt(name, text, at, bytes);
      const score = matchScores[kind]! + 0.08 * (bytes / table.names.lengthOf(name));
      forEachNodeOf(name, (slot) => consider(slot, kind, score));
    };
    if (text.length > 1) return table.names.forEachHolding(text, visit);
    // One letter is in nearly every name: only its own and what begins with it.
    const letter = Buffer.from(text);
    for (let name = 0; name < table.names.size; name++) if (table.names.beginsWith(name, letter)) visit(name, 0);
  }

  /** `PayService.charge`, `pay charge`: the name holds a term, and the name or what surrounds it holds all the others. */
  function matchTerms({ text, terms }: Query, consider: Consider): void {
    if (terms.length < 2) return;
    const long = terms.filter((term) => term.length >= 2);
    const short = terms.filter((term) => term.length < 2);
    long.forEach((term, index) => {
      const bit = 1 << index;
      const bytes = Buffer.byteLength(term);
      const share = term === terms.at(-1) ? 0.95 : 0.85;
      table.names.forEachHolding(term, (name, at) => {
        inName.add(name, bit);
        const kind = kindAt(name, term, at, bytes);
        const score = (matchScores[kind]! + 0.08 * (bytes / table.names.lengthOf(name))) * share;
        if (score <= nameScores[name]!) return;
        nameScores[name] = score;
        nameKinds[name] = kind;
      });
      table.paths.forEachHolding(term, (path) => inPath.add(path, bit));
      table.symbols.forEachHolding(term, (symbol) => inSymbol.add(symbol, bit));
    });
    table.symbols.forEachHolding(text, (symbol) => {
      const whole = table.symbols.text(symbol);
      if (whole === text || whole.endsWith(`.${text}`)) isQualified.add(symbol, 1);
    });
    const all = (1 << long.length) - 1;
    for (const name of inName.touched) {
      const own = inName.values[name]!;
      forEachNodeOf(name, (slot) => {
        const symbol = table.symbolOf.values[slot]!;
        const path = table.pathOf.values[slot]!;
        if ((own | inPath.values[path]! | inSymbol.values[symbol]!) !== all) return;
        if (short.length > 0 && !surroundingsHold(slot, short, table.names.lowerText(name))) return;
        if (isQualified.values[symbol] === 1) consider(slot, match.exact, matchScores[match.exact]! + 0.05);
        else consider(slot, nameKinds[name]!, nameScores[name]!);
      });
      nameScores[name] = 0;
    }
    for (const marks of [inName, inPath, inSymbol, isQualified]) marks.clear();
  }

  function surroundingsHold(slot: number, terms: readonly string[], name: string): boolean {
    const missing = terms.filter((term) => !name.includes(term));
    if (missing.length === 0) return true;
    const path = table.paths.lowerText(table.pathOf.values[slot]!);
    const symbol = table.symbols.text(table.symbolOf.values[slot]!);
    return missing.every((term) => path.includes(term) || symbol.includes(term));
  }

  function matchPaths({ text }: Query, consider: Consider): void {
    if (!/[/.]/.test(text) && text.length < 3) return;
    const part = text.replaceAll("\\", "/");
    const bytes = Buffer.byteLength(part);
    const next = table.nextOfPath.values;
    table.paths.forEachHolding(part, (path) => {
      const length = table.paths.lengthOf(path);
      const score = length === bytes ? 0.9 : matchScores[match.path]! + 0.1 * (bytes / length);
      for (let slot = table.firstOfPath.values[path]!; slot >= 0; slot = next[slot]!) consider(slot, match.path, score);
    });
  }

  function matchDocs({ text }: Query, consider: Consider): void {
    const words = [...wordsOfText(text)].slice(0, mostWords);
    words.sort((a, b) => table.docs.countOf(a) - table.docs.countOf(b));
    const [rarest, ...others] = words;
    if (rarest === undefined || table.docs.countOf(rarest) === 0) return;
    const found: number[] = [];
    table.docs.forEach(rarest, (slot) => found.push(slot));
    let left: Iterable<number> = found;
    for (const word of others) {
      const wanted = new Set(left);
      const both: number[] = [];
      table.docs.forEach(word, (slot) => {
        if (wanted.has(slot)) both.push(slot);
      });
      left = both;
    }
    for (const slot of left) consider(slot, match.doc, matchScores[match.doc]!);
  }

  function matchFuzzy({ text, terms }: Query, consider: Consider): void {
    const wanted = terms.length === 1 ? [terms[0]!] : [text.replaceAll(" ", ""), ...terms];
    for (const [index, term] of wanted.entries()) {
      const limit = tolerance(term.length);
      if (limit === 0) continue;
      const mask = letterMask(term);
      const others = index === 0 ? [] : terms.filter((other) => other !== term);
      const take = (name: number, apart: number, isWhole: boolean): void => {
        const score = matchScores[match.fuzzy]! - 0.06 * apart + (isWhole ? 0.08 : 0);
        forEachNodeOf(name, (slot) => {
          if (others.length === 0 || surroundingsHold(slot, others, table.names.lowerText(name)))
            consider(slot, match.fuzzy, score);
        });
      };
      const wordMasks = table.wordMasks.values;
      for (let number = 0; number < table.wordList.length; number++) {
        if (bitCount(mask ^ wordMasks[number]!) > limit * 2) continue;
        const word = table.wordList[number]!;
        const apart = distance(term, word, limit);
        if (apart <= limit) table.words.forEach(word, (name) => take(name, apart, false));
      }
      const nameMasks = table.nameMasks.values;
      // A letter has one byte or more: a name that is too short in bytes is too short in letters.
      for (let name = 0; name < table.names.size; name++) {
        if (bitCount(mask ^ nameMasks[name]!) > limit * 2) continue;
        const length = table.names.lengthOf(name);
        if (length < term.length - limit || length > (term.length + limit) * 3) continue;
        const apart = distance(term, table.names.lowerText(name), limit);
        if (apart <= limit) take(name, apart, true);
      }
    }
  }

  return (query: string, filter: NameFilter, offset: number, limit: number): { hits: NameHit[]; total: number } => {
    const parsed = parseQuery(query);
    if (parsed.text === "") return { hits: [], total: 0 };
    fit();
    const accept = table.acceptor(filter);
    const priors = table.priors.values;
    const found: number[] = [];
    const consider: Consider = (slot, kind, score) => {
      const value = score + priors[slot]!;
      const before = scores[slot]!;
      if (before === 0) {
        if (!accept(slot)) return;
        found.push(slot);
      } else if (before >= value) return;
      scores[slot] = value;
      kinds[slot] = kind;
    };
    matchNames(parsed, consider);
    matchTerms(parsed, consider);
    matchPaths(parsed, consider);
    matchDocs(parsed, consider);
    if (found.length < fewHits) matchFuzzy(parsed, consider);
    // By falling score; ties by name, then id, so that pages don't overlap.
    const best = selectBest(found, offset + limit, (a, b) => {
      const difference = scores[a]! - scores[b]!;
      return difference === 0 ? table.precedes(a, b) : difference > 0;
    });
    const hits = best.slice(offset).map((slot) => ({
      id: table.ids.values[slot]!,
      score: Math.max(0, Math.min(1, scores[slot]!)),
      match: matchKinds[kinds[slot]!]!,
    }));
    for (const slot of found) scores[slot] = 0;
    return { hits, total: found.length };
  };
}
