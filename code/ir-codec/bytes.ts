// Numbers as bytes: seven bits a byte, small ones short; signed ones folded (0, -1, 1, -2 …).

export class ByteWriter {
  #bytes = new Uint8Array(1_024);
  length = 0;

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + more));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** A safe integer ≥ 0. */
  uint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.#bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  /** An integer of at most 52 bits. */
  int(value: number): void {
    this.uint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  float(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.length, value);
    this.length += 8;
  }

  /** One byte a character: the caller knows that they are below 256. */
  latin1(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at++) this.#bytes[this.length + at] = text.charCodeAt(at);
    this.length += text.length;
  }

  utf16(text: string): void {
    this.#reserve(text.length * 2);
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      this.#bytes[this.length++] = unit & 255;
      this.#bytes[this.length++] = unit >> 8;
    }
  }

  /** Valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Reads what a ByteWriter wrote; the caller knows that the bytes are whole. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++]!;
  }

  uint(): number {
    const first = this.#bytes[this.at++]!;
    if (first < 128) return first;
    const second = this.#bytes[this.at++]!;
    if (second < 128) return (first & 127) | (second << 7);
    let value = (first & 127) | ((second & 127) << 7);
    for (let scale = 16_384; ; scale *= 128) {
      const next = this.#bytes[this.at++]!;
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
  }

  int(): number {
    const folded = this.uint();
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }

  float(): number {
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(this.at);
    this.at += 8;
    return value;
  }
}
