// Which numbers (of names, of nodes) a word belongs to: lists linked through one array, so that a word with one entry costs eight bytes.
import { Column } from "./column.ts";

export class Postings {
  readonly #heads = new Map<string, number>();
  readonly #counts = new Column(Uint32Array);
  readonly #lasts = new Column(Int32Array);
  readonly #values = new Column(Uint32Array);
  readonly #before = new Column(Int32Array);

  /** The word's number: new words count up. */
  add(word: string, value: number): number {
    let number = this.#heads.get(word);
    if (number === undefined) {
      number = this.#counts.push(0);
      this.#lasts.push(-1);
      this.#heads.set(word, number);
    }
    this.#before.push(this.#lasts.values[number]!);
    this.#lasts.values[number] = this.#values.push(value);
    this.#counts.values[number]!++;
    return number;
  }

  words(): IterableIterator<string> {
    return this.#heads.keys();
  }

  countOf(word: string): number {
    const number = this.#heads.get(word);
    return number === undefined ? 0 : this.#counts.values[number]!;
  }

  /** The newest first. */
  forEach(word: string, visit: (value: number) => void): void {
    const number = this.#heads.get(word);
    if (number === undefined) return;
    const [values, before] = [this.#values.values, this.#before.values];
    for (let at = this.#lasts.values[number]!; at >= 0; at = before[at]!) visit(values[at]!);
  }
}
