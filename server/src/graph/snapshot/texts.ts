// Distinct texts (names, paths) by number, as bytes: scanned for a part in lower case, compared and read as they were written.
import { Column } from "./column.ts";
import { startsWord } from "./words.ts";

/** Texts one after the other, each ended by a newline (their own newlines are spaces here). */
class Lines {
  bytes = Buffer.alloc(1 << 12);
  used = 0;
  /** Start of each, and the end of the last. */
  readonly starts = new Column(Uint32Array);

  constructor() {
    this.starts.push(0);
  }

  add(text: string): void {
    const line = text.includes("\n") ? text.replaceAll("\n", " ") : text;
    const most = this.used + line.length * 3 + 1;
    if (most > this.bytes.length) {
      const larger = Buffer.alloc(Math.ceil(most * 1.5));
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    this.used += this.bytes.write(line, this.used);
    this.bytes[this.used++] = 0x0a;
    this.starts.push(this.used);
  }
}

const newline = 0x0a;
const isLetterOrDigit = (byte: number): boolean =>
  (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57);
const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;
const isLower = (byte: number): boolean => byte >= 97 && byte <= 122;
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

export class Texts {
  readonly #lower = new Lines();
  readonly #written = new Lines();
  /** The first six bytes as a number: tells most texts' order without reading them. */
  readonly #orders = new Column(Float64Array);
  /** Open addressing; a slot holds a text's number + 1. */
  #table = new Int32Array(1 << 10);

  get size(): number {
    return this.#orders.length;
  }

  add(text: string): number {
    const known = this.numberOf(text);
    if (known !== undefined) return known;
    const number = this.size;
    this.#lower.add(text.toLowerCase());
    this.#written.add(text);
    let order = 0;
    const { bytes, starts } = this.#written;
    const [start, end] = [starts.values[number]!, starts.values[number + 1]! - 1];
    for (let at = start; at < start + 6; at++) order = order * 256 + (at < end ? bytes[at]! : 0);
    this.#orders.push(order);
    if (this.size * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    else this.#insert(text, number);
    return number;
  }

  numberOf(text: string): number | undefined {
    const mask = this.#table.length - 1;
    for (let at = hashOf(text) & mask; ; at = (at + 1) & mask) {
      const entry = this.#table[at]!;
      if (entry === 0) return undefined;
      if (this.#is(entry - 1, text)) return entry - 1;
    }
  }

  text(number: number): string {
    const { bytes, starts } = this.#written;
    return bytes.toString("utf8", starts.values[number], starts.values[number + 1]! - 1);
  }

  lowerText(number: number): string {
    const { bytes, starts } = this.#lower;
    return bytes.toString("utf8", starts.values[number], starts.values[number + 1]! - 1);
  }

  /** In bytes of UTF-8. */
  lengthOf(number: number): number {
    const { values } = this.#lower.starts;
    return values[number + 1]! - values[number]! - 1;
  }

  /** Visits the texts that hold `part` (lower case), ascending, with the byte where it first stands in the text. */
  forEachHolding(part: string, visit: (number: number, at: number) => void): void {
    const wanted = Buffer.from(part);
    if (wanted.length === 0 || wanted.includes(newline)) return;
    const starts = this.#lower.starts.values;
    const bytes = this.#lower.bytes.subarray(0, this.#lower.used);
    let number = 0;
    for (let at = bytes.indexOf(wanted); at >= 0;) {
      number = this.#textAt(at, number);
      visit(number, at - starts[number]!);
      const next = starts[number + 1]!;
      if (next >= bytes.length) return;
      at = bytes.indexOf(wanted, next);
    }
  }

  /** The text whose bytes hold `position`, which is not before text `from`: near ones are found in few steps. */
  #textAt(position: number, from: number): number {
    const starts = this.#lower.starts.values;
    let low = from;
    let step = 1;
    while (low + step < this.size && starts[low + step]! <= position) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, this.size) - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Does the text, in lower case, begin with `prefix`, or is it that whole? */
  beginsWith(number: number, prefix: Uint8Array): boolean {
    const { bytes, starts } = this.#lower;
    const start = starts.values[number]!;
    if (starts.values[number + 1]! - 1 - start < prefix.length) return false;
    for (let at = 0; at < prefix.length; at++) if (bytes[start + at] !== prefix[at]) return false;
    return true;
  }

  /** Does one of the places (at most eight, the first at byte `at`) where `part` stands in the text begin a word? */
  hasAtWordStart(number: number, part: string, at: number): boolean {
    const { bytes, starts } = this.#lower;
    const start = starts.values[number]!;
    const end = starts.values[number + 1]! - 1;
    const written = this.#written.starts.values[number]!;
    const isAligned = this.#written.starts.values[number + 1]! - 1 - written === end - start;
    const length = Buffer.byteLength(part);
    let place = start + at;
    for (let tries = 0; tries < 8 && place >= start && place + length <= end; tries++) {
      const begins = isAligned
        ? startsWordAt(this.#written.bytes, written, written + place - start, end - start)
        : null;
      // Letters beyond ASCII have their cases told by Unicode.
      if (begins === null) return this.#hasAtWordStartSlowly(number, part);
      if (begins) return true;
      place = bytes.indexOf(part, place + 1);
    }
    return false;
  }

  #hasAtWordStartSlowly(number: number, part: string): boolean {
    const [written, lower] = [this.text(number), this.lowerText(number)];
    let at = lower.indexOf(part);
    for (let tries = 0; at >= 0 && tries < 8; tries++, at = lower.indexOf(part, at + 1)) {
      if (startsWord(written, at)) return true;
    }
    return false;
  }

  /** The order of the texts as written, by their bytes (as UTF-8 and code points have it). */
  compare(a: number, b: number): number {
    const difference = this.#orders.values[a]! - this.#orders.values[b]!;
    if (difference !== 0 || a === b) return difference;
    const { bytes, starts } = this.#written;
    const { values } = starts;
    return bytes.compare(bytes, values[b], values[b + 1]! - 1, values[a], values[a + 1]! - 1);
  }

  /** The order of a text and bytes that need not be one of the texts. */
  compareWith(number: number, other: Uint8Array): number {
    const { bytes, starts } = this.#written;
    return bytes.compare(other, 0, other.length, starts.values[number], starts.values[number + 1]! - 1);
  }

  #is(number: number, text: string): boolean {
    const { bytes, starts } = this.#written;
    const start = starts.values[number]!;
    const length = starts.values[number + 1]! - 1 - start;
    if (length < text.length) return false;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 128 || code === newline) return this.text(number) === text.replaceAll("\n", " ");
      if (bytes[start + at] !== code) return false;
    }
    return length === text.length;
  }

  #insert(text: string, number: number): void {
    const mask = this.#table.length - 1;
    let at = hashOf(text) & mask;
    while (this.#table[at] !== 0) at = (at + 1) & mask;
    this.#table[at] = number + 1;
  }

  #rehash(size: number): void {
    this.#table = new Int32Array(size);
    for (let number = 0; number < this.size; number++) this.#insert(this.text(number), number);
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // A newline is kept as a space.
    hash = Math.imul(hash ^ (code === newline ? 32 : code), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/** As `startsWord`, on bytes; null where a byte beyond ASCII decides. */
function startsWordAt(bytes: Uint8Array, start: number, at: number, length: number): boolean | null {
  if (at === start) return true;
  const [before, here] = [bytes[at - 1]!, bytes[at]!];
  if (before >= 128 || here >= 128) return null;
  if (!isLetterOrDigit(before)) return true;
  if (isUpper(here)) {
    if (!isUpper(before)) return true;
    if (at + 1 >= start + length) return false;
    const next = bytes[at + 1]!;
    return next >= 128 ? null : isLower(next);
  }
  return isDigit(here) && !isDigit(before);
}
