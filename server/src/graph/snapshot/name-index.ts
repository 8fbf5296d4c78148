// The search index: distinct names in one buffer that is scanned for substrings, their words for typing mistakes, words of doc comments.
// It costs nothing while indexing; it is read from the nodes table when somebody searches and then follows the graph's changes.
// Longer than most files here: the arrays belong together, and search, list and update share them.
import type { MatchKind } from "@opentrace/contract/graph-answers.ts";
import type { IndexEntry } from "./entry.ts";
import { selectBest } from "./select-best.ts";
import { bitCount, distance, letterMask, startsWord, tolerance, wordsOfName, wordsOfText } from "./words.ts";

export interface NameFilter {
  types?: readonly number[] | undefined;
  /** Ids of sources. */
  sources?: readonly number[] | undefined;
  language?: string | undefined;
  pathPrefix?: string | undefined;
}

export interface NameHit {
  id: number;
  score: number;
  match: MatchKind;
}

const matchKinds: readonly MatchKind[] = ["exact", "prefix", "word", "substring", "fuzzy", "path", "doc"];
const matchScores = [0.9, 0.72, 0.6, 0.48, 0.36, 0.42, 0.28];
const match = { exact: 0, prefix: 1, word: 2, substring: 3, fuzzy: 4, path: 5, doc: 6 } as const;

/** Texts that many nodes share (names, paths), each kept once. */
class Texts {
  readonly values: string[] = [];
  readonly lower: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** All texts in lower case, separated by newlines, for Buffer.indexOf. */
  #bytes = Buffer.alloc(1 << 16);
  #used = 0;
  #starts = new Uint32Array(1 << 10);

  add(value: string): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.values.length;
    const lower = value.toLowerCase();
    this.#numbers.set(value, number);
    this.values.push(value);
    this.lower.push(lower === value ? value : lower);
    const line = Buffer.from(`${lower.replaceAll("\n", " ")}\n`);
    if (this.#used + line.length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#used + line.length));
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
    }
    if (number >= this.#starts.length) {
      const larger = new Uint32Array(this.#starts.length * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts[number] = this.#used;
    line.copy(this.#bytes, this.#used);
    this.#used += line.length;
    return number;
  }

  numberOf(value: string): number | undefined {
    return this.#numbers.get(value);
  }

  /** Numbers of the texts that hold `part` (lower case), ascending. */
  *containing(part: string): Generator<number> {
    const wanted = Buffer.from(part);
    for (let at = this.#bytes.indexOf(wanted, 0); at >= 0 && at < this.#used;) {
      const number = this.#textAt(at);
      yield number;
      const next = number + 1 < this.values.length ? this.#starts[number + 1]! : this.#used;
      at = this.#bytes.indexOf(wanted, next);
    }
  }

  *beginningWith(letter: string): Generator<number> {
    for (let number = 0; number < this.lower.length; number++) if (this.lower[number]!.startsWith(letter)) yield number;
  }

  #textAt(position: number): number {
    let low = 0;
    let high = this.values.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

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

export class NameIndex {
  readonly #names = new Texts();
  readonly #paths = new Texts();
  readonly #languages: string[] = [""];
  readonly #words = new Map<string, number[]>();
  readonly #wordMasks = new Map<string, number>();
  readonly #docs = new Map<string, number[]>();
  /** Nodes of a name or a path: the first one, and from each to the next. */
  readonly #firstOfName: number[] = [];
  readonly #nextOfName: number[] = [];
  readonly #firstOfPath: number[] = [];
  readonly #nextOfPath: number[] = [];

  readonly #slots = new Map<number, number>();
  readonly #ids: number[] = [];
  readonly #types: number[] = [];
  readonly #nameOf: number[] = [];
  readonly #pathOf: number[] = [];
  readonly #languageOf: number[] = [];
  readonly #sourcesOf: (number | readonly number[])[] = [];
  readonly #symbols: string[] = [];
  readonly #priors: number[] = [];
  readonly #alive: boolean[] = [];
  #dead = 0;
  /** Scores of the search that runs: 0 = not found. By slot, so that thousands of hits cost no map. */
  #scores = new Float32Array(1 << 10);
  #kinds = new Uint8Array(1 << 10);

  get size(): number {
    return this.#slots.size;
  }

  /** So much of it is outdated that building it anew is cheaper. */
  get isWorn(): boolean {
    return this.#dead > 2_000 && this.#dead > this.#slots.size / 2;
  }

  remove(id: number): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#alive[slot] = false;
    this.#dead++;
  }

  /** `degree` = edges of the node, a tie-breaker. Replaces an entry of the same id. */
  add(entry: IndexEntry, sources: number | readonly number[], degree: number): void {
    this.remove(entry.id);
    const slot = this.#ids.length;
    const isNewName = this.#names.numberOf(entry.name) === undefined;
    const name = this.#names.add(entry.name);
    const path = this.#paths.add(entry.path);
    this.#slots.set(entry.id, slot);
    this.#ids.push(entry.id);
    this.#types.push(entry.type);
    this.#nameOf.push(name);
    this.#pathOf.push(path);
    this.#languageOf.push(this.#languageNumber(entry.language));
    this.#sourcesOf.push(sources);
    this.#symbols.push(entry.symbol === entry.name ? "" : entry.symbol.toLowerCase());
    this.#priors.push(entry.prior + Math.min(0.03, Math.log2(1 + degree) * 0.003));
    this.#alive.push(true);
    this.#nextOfName.push(this.#firstOfName[name] ?? -1);
    this.#firstOfName[name] = slot;
    // A path stands for its file or directory; what the file defines is found by name.
    if (entry.path !== "" && entry.name === baseName(entry.path)) {
      this.#nextOfPath[slot] = this.#firstOfPath[path] ?? -1;
      this.#firstOfPath[path] = slot;
    }
    if (isNewName) this.#addWords(entry.name, name);
    if (entry.doc !== "") {
      for (const word of wordsOfText(entry.doc)) {
        const postings = this.#docs.get(word);
        if (postings === undefined) this.#docs.set(word, [slot]);
        else postings.push(slot);
      }
    }
  }

  #languageNumber(language: string): number {
    const known = this.#languages.indexOf(language);
    return known >= 0 ? known : this.#languages.push(language) - 1;
  }

  #addWords(name: string, number: number): void {
    for (const word of new Set([...wordsOfName(name), name.toLowerCase()])) {
      const names = this.#words.get(word);
      if (names !== undefined) {
        names.push(number);
        continue;
      }
      this.#words.set(word, [number]);
      this.#wordMasks.set(word, letterMask(word));
    }
  }

  /** The best `limit` hits after the first `offset`, and how many there are in all. */
  search(query: string, filter: NameFilter, offset: number, limit: number): { hits: NameHit[]; total: number } {
    const parsed = parseQuery(query);
    if (parsed.text === "") return { hits: [], total: 0 };
    const accept = this.#acceptor(filter);
    if (this.#scores.length < this.#ids.length) {
      this.#scores = new Float32Array(this.#ids.length * 2);
      this.#kinds = new Uint8Array(this.#ids.length * 2);
    }
    const scores = this.#scores;
    const kinds = this.#kinds;
    const found: number[] = [];
    const consider = (slot: number, kind: number, score: number): void => {
      const value = score + this.#priors[slot]!;
      const before = scores[slot]!;
      if (before === 0) {
        if (!accept(slot)) return;
        found.push(slot);
      } else if (before >= value) return;
      scores[slot] = value;
      kinds[slot] = kind;
    };
    this.#matchNames(parsed, consider);
    this.#matchPaths(parsed, consider);
    this.#matchDocs(parsed, consider);
    if (found.length < 5) this.#matchFuzzy(parsed, consider);
    const best = this.#best(found, offset + limit);
    const hits = best.slice(offset).map((slot) => ({
      id: this.#ids[slot]!,
      score: Math.max(0, Math.min(1, scores[slot]!)),
      match: matchKinds[kinds[slot]!]!,
    }));
    for (const slot of found) scores[slot] = 0;
    return { hits, total: found.length };
  }

  #acceptor(filter: NameFilter): (slot: number) => boolean {
    const types = filter.types === undefined ? null : new Set(filter.types);
    const sources = filter.sources === undefined ? null : new Set(filter.sources);
    const language = filter.language === undefined ? null : this.#languages.indexOf(filter.language);
    const prefix = filter.pathPrefix?.replace(/\/+$/, "") ?? "";
    return (slot) => {
      if (this.#alive[slot] !== true) return false;
      if (types !== null && !types.has(this.#types[slot]!)) return false;
      if (language !== null && this.#languageOf[slot] !== language) return false;
      if (sources !== null) {
        const own = this.#sourcesOf[slot]!;
        if (typeof own === "number" ? !sources.has(own) : !own.some((source) => sources.has(source))) return false;
      }
      if (prefix !== "") {
        const path = this.#paths.values[this.#pathOf[slot]!]!;
        if (path !== prefix && !path.startsWith(`${prefix}/`)) return false;
      }
      return true;
    };
  }

  *#nodesOfName(name: number): Generator<number> {
    for (let slot = this.#firstOfName[name] ?? -1; slot >= 0; slot = this.#nextOfName[slot]!) yield slot;
  }

  /** How `part` (lower case) stands in a name: kind and score, null when it doesn't. */
  #grade(name: number, part: string): { kind: number; score: number } | null {
    const lower = this.#names.lower[name]!;
    let at = lower.indexOf(part);
    if (at < 0) return null;
    let kind: number = match.substring;
    if (at === 0) kind = lower.length === part.length ? match.exact : match.prefix;
    else {
      const value = this.#names.values[name]!;
      for (let tries = 0; at >= 0 && tries < 8; tries++, at = lower.indexOf(part, at + 1)) {
        if (!startsWord(value, at)) continue;
        kind = match.word;
        break;
      }
    }
    return { kind, score: matchScores[kind]! + 0.08 * (part.length / lower.length) };
  }

  #matchNames(query: Query, consider: (slot: number, kind: number, score: number) => void): void {
    const whole = query.text;
    // One letter is in nearly every name: only its own and what begins with it.
    const names = whole.length === 1 ? this.#names.beginningWith(whole) : this.#names.containing(whole);
    for (const name of names) {
      const grade = this.#grade(name, whole);
      if (grade === null) continue;
      for (const slot of this.#nodesOfName(name)) consider(slot, grade.kind, grade.score);
    }
    if (query.terms.length < 2) return;
    // `PayService.charge`, `pay charge`: the name holds a term, and the name or what surrounds it holds all the others.
    query.terms.forEach((term, index) => {
      if (term.length < 2) return;
      const isLast = index === query.terms.length - 1;
      for (const name of this.#names.containing(term)) {
        const grade = this.#grade(name, term);
        if (grade === null) continue;
        const lower = this.#names.lower[name]!;
        const others = query.terms.filter((other) => other !== term && !lower.includes(other));
        for (const slot of this.#nodesOfName(name)) {
          if (others.length > 0 && !this.#surroundingsHold(slot, others)) continue;
          const symbol = this.#symbols[slot]!;
          const isQualified = symbol !== "" && (symbol === whole || symbol.endsWith(`.${whole}`));
          if (isQualified) consider(slot, match.exact, matchScores[match.exact]! + 0.05);
          else consider(slot, grade.kind, grade.score * (isLast ? 0.95 : 0.85));
        }
      }
    });
  }

  #surroundingsHold(slot: number, terms: readonly string[]): boolean {
    const path = this.#paths.lower[this.#pathOf[slot]!]!;
    const symbol = this.#symbols[slot]!;
    return terms.every((term) => path.includes(term) || symbol.includes(term));
  }

  #matchPaths(query: Query, consider: (slot: number, kind: number, score: number) => void): void {
    if (!/[/.]/.test(query.text) && query.text.length < 3) return;
    const part = query.text.replaceAll("\\", "/");
    for (const path of this.#paths.containing(part)) {
      const lower = this.#paths.lower[path]!;
      const isExact = lower === part;
      const score = isExact ? 0.9 : matchScores[match.path]! + 0.1 * (part.length / lower.length);
      for (let slot = this.#firstOfPath[path] ?? -1; slot >= 0; slot = this.#nextOfPath[slot]!) {
        consider(slot, match.path, score);
      }
    }
  }

  #matchDocs(query: Query, consider: (slot: number, kind: number, score: number) => void): void {
    const words = query.terms.filter((term) => term.length >= 2);
    if (words.length === 0) return;
    const postings = words.map((word) => this.#docs.get(word) ?? []).sort((a, b) => a.length - b.length);
    const [shortest, ...others] = postings;
    const sets = others.map((list) => new Set(list));
    for (const slot of shortest!) {
      if (sets.every((set) => set.has(slot))) consider(slot, match.doc, matchScores[match.doc]!);
    }
  }

  #matchFuzzy(query: Query, consider: (slot: number, kind: number, score: number) => void): void {
    const wanted = query.terms.length === 1 ? [query.terms[0]!] : [query.text.replaceAll(" ", ""), ...query.terms];
    for (const term of wanted) {
      const limit = tolerance(term.length);
      if (limit === 0) continue;
      const mask = letterMask(term);
      for (const [word, wordMask] of this.#wordMasks) {
        if (Math.abs(word.length - term.length) > limit || bitCount(mask ^ wordMask) > limit * 2) continue;
        const apart = distance(term, word, limit);
        if (apart > limit) continue;
        const others = query.terms.filter((other) => other !== term && wanted.length > 1 && term !== wanted[0]);
        for (const name of this.#words.get(word)!) {
          const lower = this.#names.lower[name]!;
          const score = matchScores[match.fuzzy]! - 0.06 * apart + (lower === word ? 0.08 : 0);
          for (const slot of this.#nodesOfName(name)) {
            const missing = others.filter((other) => !lower.includes(other));
            if (missing.length === 0 || this.#surroundingsHold(slot, missing)) consider(slot, match.fuzzy, score);
          }
        }
      }
    }
  }

  /** Slots by falling score; ties by name, then id, so that pages don't overlap. */
  #best(found: readonly number[], count: number): number[] {
    const before = (a: number, b: number): boolean => {
      const difference = this.#scores[a]! - this.#scores[b]!;
      return difference === 0 ? this.#namePrecedes(a, b) : difference > 0;
    };
    return selectBest(found, count, before);
  }

  #namePrecedes(a: number, b: number): boolean {
    const nameA = this.#names.values[this.#nameOf[a]!]!;
    const nameB = this.#names.values[this.#nameOf[b]!]!;
    return nameA === nameB ? this.#ids[a]! < this.#ids[b]! : nameA < nameB;
  }

  idsOf(filter: NameFilter): number[] {
    const accept = this.#acceptor(filter);
    return this.#ids.filter((_id, slot) => accept(slot));
  }

  /** Nodes by name, then id. The cursor is the last node's [name, id]. */
  list(
    filter: NameFilter,
    namePrefix: string,
    after: readonly [string, number] | null,
    limit: number,
  ): { ids: number[]; total: number; last: [string, number] | null } {
    const accept = this.#acceptor(filter);
    const prefix = namePrefix.toLowerCase();
    let total = 0;
    const rest: number[] = [];
    for (let slot = 0; slot < this.#ids.length; slot++) {
      if (!accept(slot)) continue;
      if (prefix !== "" && !this.#names.lower[this.#nameOf[slot]!]!.startsWith(prefix)) continue;
      total++;
      if (after !== null) {
        const name = this.#names.values[this.#nameOf[slot]!]!;
        if (name < after[0] || (name === after[0] && this.#ids[slot]! <= after[1])) continue;
      }
      rest.push(slot);
    }
    const best = selectBest(rest, limit, (a, b) => this.#namePrecedes(a, b));
    const lastSlot = best.at(-1);
    const last: [string, number] | null =
      lastSlot === undefined ? null : [this.#names.values[this.#nameOf[lastSlot]!]!, this.#ids[lastSlot]!];
    return { ids: best.map((slot) => this.#ids[slot]!), total, last };
  }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
