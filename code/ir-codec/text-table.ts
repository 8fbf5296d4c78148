// The strings of one file, each once. Read back as slices of one string, made when first asked for.
import { ByteReader, type ByteWriter } from "./bytes.ts";

const beyondLatin1 = /[^\0-\xff]/;

export class TextWriter {
  readonly #indexes = new Map<string, number>();

  indexOf(text: string): number {
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    const index = this.#indexes.size;
    this.#indexes.set(text, index);
    return index;
  }

  /** Lengths first, then all that fits into a byte a character, then the rest as UTF-16: no lone surrogate is lost. */
  writeTo(out: ByteWriter): void {
    const wide: string[] = [];
    let narrow = "";
    out.uint(this.#indexes.size);
    for (const text of this.#indexes.keys()) {
      const isWide = beyondLatin1.test(text);
      out.uint(text.length * 2 + (isWide ? 1 : 0));
      if (isWide) wide.push(text);
      else narrow += text;
    }
    out.uint(narrow.length);
    out.latin1(narrow);
    for (const text of wide) out.utf16(text);
  }
}

export class TextReader {
  readonly #narrow: string;
  readonly #wide: string;
  /** Where each begins, in the one or (negative, from -1 on) the other. */
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #texts: (string | undefined)[];

  constructor(bytes: Uint8Array, from: number, end: number) {
    const reader = new ByteReader(bytes, from);
    const count = reader.uint();
    const starts = new Int32Array(count);
    const lengths = new Int32Array(count);
    const texts: (string | undefined)[] = [];
    let narrow = 0;
    let wide = 0;
    for (let index = 0; index < count; index++) {
      const head = reader.uint();
      const length = head >>> 1;
      lengths[index] = length;
      if (head % 2 === 0) {
        starts[index] = narrow;
        narrow += length;
      } else {
        starts[index] = -1 - wide;
        wide += length;
      }
      texts.push(undefined);
    }
    this.#starts = starts;
    this.#lengths = lengths;
    this.#texts = texts;
    const size = reader.uint();
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#narrow = buffer.toString("latin1", reader.at, reader.at + size);
    this.#wide = wide === 0 ? "" : buffer.toString("utf16le", reader.at + size, end);
  }

  at(index: number): string {
    return (this.#texts[index] ??= this.#read(index));
  }

  #read(index: number): string {
    const start = this.#starts[index]!;
    const length = this.#lengths[index]!;
    return start >= 0
      ? this.#narrow.substring(start, start + length)
      : this.#wide.substring(-1 - start, -1 - start + length);
  }
}
