// What the search index holds of each node, in columns: its name, path and symbol by number, type, language, sources.
import { Column } from "./column.ts";
import { placeOf } from "./csr.ts";
import type { IndexEntry } from "./entry.ts";
import { Postings } from "./postings.ts";
import { Texts } from "./texts.ts";
import { letterMask, wordsOfName, wordsOfText } from "./words.ts";

export interface NameFilter {
  types?: readonly number[] | undefined;
  /** Ids of sources. */
  sources?: readonly number[] | undefined;
  language?: string | undefined;
  pathPrefix?: string | undefined;
}

export class NameTable {
  readonly names = new Texts();
  readonly paths = new Texts();
  /** Qualified names in lower case, where they say more than the name. Number 0 is the empty one. */
  readonly symbols = new Texts();
  readonly docs = new Postings();
  /** Words of names → names. */
  readonly words = new Postings();
  readonly wordList: string[] = [];
  readonly wordMasks = new Column(Uint32Array);
  readonly nameMasks = new Column(Uint32Array);

  // By slot. Nodes of a name or a path are linked: the first one, and from each to the next.
  readonly ids = new Column(Float64Array);
  readonly types = new Column(Uint8Array);
  readonly nameOf = new Column(Uint32Array);
  readonly pathOf = new Column(Uint32Array);
  readonly symbolOf = new Column(Uint32Array);
  readonly priors = new Column(Float32Array);
  readonly alive = new Column(Uint8Array);
  readonly nextOfName = new Column(Int32Array);
  readonly nextOfPath = new Column(Int32Array);
  readonly #languageOf = new Column(Uint32Array);
  readonly #sourcesOf = new Column(Uint32Array);
  // By name, by path.
  readonly firstOfName = new Column(Int32Array);
  readonly firstOfPath = new Column(Int32Array);

  readonly #languages = new Map<string, number>();
  /** The few sets of sources that there are: nearly all nodes have one source. */
  readonly #sourceSets: (readonly number[])[] = [];
  readonly #sourceSetNumbers = new Map<string, number>();
  /** Up to here ids ascend, and are found by bisection; later ones are in the map. */
  #sortedUpTo = 0;
  readonly #laterSlots = new Map<number, number>();
  #dead = 0;

  constructor() {
    this.symbols.add("");
  }

  /** Slots ever given, dead ones among them. */
  get slots(): number {
    return this.ids.length;
  }

  /** So much of it is outdated that building it anew is cheaper. */
  get isWorn(): boolean {
    return this.#dead > 2_000 && this.#dead > (this.slots - this.#dead) / 2;
  }

  #slotOf(id: number): number {
    const later = this.#laterSlots.get(id);
    if (later !== undefined) return later;
    const slot = placeOf(this.ids.values.subarray(0, this.#sortedUpTo), id);
    return slot >= 0 && this.alive.values[slot] === 1 ? slot : -1;
  }

  remove(id: number): void {
    const slot = this.#slotOf(id);
    if (slot < 0) return;
    this.#laterSlots.delete(id);
    this.alive.values[slot] = 0;
    this.#dead++;
  }

  /** `degree` = edges of the node, a tie-breaker. Replaces an entry of the same id. */
  add(entry: IndexEntry, sources: number | readonly number[], degree: number): void {
    this.remove(entry.id);
    const isNewName = this.names.numberOf(entry.name) === undefined;
    const name = this.names.add(entry.name);
    const path = this.paths.add(entry.path);
    if (isNewName) this.#addName(entry.name, name);
    if (path === this.firstOfPath.length) this.firstOfPath.push(-1);

    const slot = this.ids.push(entry.id);
    const isNext = slot === 0 || entry.id > this.ids.values[slot - 1]!;
    if (this.#sortedUpTo === slot && isNext) this.#sortedUpTo++;
    else this.#laterSlots.set(entry.id, slot);
    this.types.push(entry.type);
    this.nameOf.push(name);
    this.pathOf.push(path);
    this.symbolOf.push(this.symbols.add(entry.symbol === entry.name ? "" : entry.symbol.toLowerCase()));
    this.priors.push(entry.prior + Math.min(0.03, Math.log2(1 + degree) * 0.003));
    this.alive.push(1);
    this.#languageOf.push(this.#languageNumber(entry.language));
    this.#sourcesOf.push(this.#sourceSetNumber(sources));
    this.nextOfName.push(this.firstOfName.values[name]!);
    this.firstOfName.values[name] = slot;
    // A path stands for its file or directory; what the file defines is found by name.
    const standsForPath = entry.path !== "" && entry.name === baseName(entry.path);
    this.nextOfPath.push(standsForPath ? this.firstOfPath.values[path]! : -1);
    if (standsForPath) this.firstOfPath.values[path] = slot;
    if (entry.doc !== "") for (const word of wordsOfText(entry.doc)) this.docs.add(word, slot);
  }

  #addName(text: string, name: number): void {
    this.firstOfName.push(-1);
    this.nameMasks.push(letterMask(text.toLowerCase()));
    for (const word of new Set(wordsOfName(text))) {
      if (this.words.add(word, name) < this.wordList.length) continue;
      this.wordList.push(word);
      this.wordMasks.push(letterMask(word));
    }
  }

  #languageNumber(language: string): number {
    const known = this.#languages.get(language);
    if (known !== undefined) return known;
    this.#languages.set(language, this.#languages.size);
    return this.#languages.size - 1;
  }

  #sourceSetNumber(sources: number | readonly number[]): number {
    const key = typeof sources === "number" ? String(sources) : sources.join(" ");
    let number = this.#sourceSetNumbers.get(key);
    if (number === undefined) {
      number = this.#sourceSets.push(typeof sources === "number" ? [sources] : sources) - 1;
      this.#sourceSetNumbers.set(key, number);
    }
    return number;
  }

  /** Tells of a slot whether its node is there and passes the filter. */
  acceptor(filter: NameFilter): (slot: number) => boolean {
    const alive = this.alive.values;
    const types = filter.types === undefined ? null : flags(256, filter.types);
    const language = filter.language === undefined ? null : (this.#languages.get(filter.language) ?? -1);
    const sets =
      filter.sources === undefined
        ? null
        : flags(
            this.#sourceSets.length,
            this.#sourceSets.flatMap((set, number) =>
              set.some((source) => filter.sources!.includes(source)) ? number : [],
            ),
          );
    const prefix = filter.pathPrefix?.replace(/\/+$/, "") ?? "";
    const paths = prefix === "" ? null : this.#pathsBelow(prefix);
    if (types === null && language === null && sets === null && paths === null) return (slot) => alive[slot] === 1;
    return (slot) =>
      alive[slot] === 1 &&
      (types === null || types[this.types.values[slot]!] === 1) &&
      (language === null || this.#languageOf.values[slot] === language) &&
      (sets === null || sets[this.#sourcesOf.values[slot]!] === 1) &&
      (paths === null || paths[this.pathOf.values[slot]!] === 1);
  }

  #pathsBelow(prefix: string): Uint8Array {
    const found = new Uint8Array(this.paths.size);
    this.paths.forEachHolding(prefix.toLowerCase(), (number, at) => {
      if (at !== 0) return;
      const path = this.paths.text(number);
      if (path === prefix || path.startsWith(`${prefix}/`)) found[number] = 1;
    });
    return found;
  }

  /** By name, then id. */
  precedes(a: number, b: number): boolean {
    const difference = this.names.compare(this.nameOf.values[a]!, this.nameOf.values[b]!);
    return difference === 0 ? this.ids.values[a]! < this.ids.values[b]! : difference < 0;
  }
}

function flags(size: number, set: readonly number[]): Uint8Array {
  const found = new Uint8Array(size);
  for (const number of set) found[number] = 1;
  return found;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
