// Numbers in a typed array that grows: a tenth of what an array of numbers and its slack take, and nothing for the garbage collector.

type Numbers = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export class Column<A extends Numbers> {
  /** May be longer than `length`; a push may replace it. */
  values: A;
  length = 0;
  readonly #make: new (size: number) => A;

  constructor(make: new (size: number) => A, size = 256) {
    this.#make = make;
    this.values = new make(size);
  }

  /** The place of the value. */
  push(value: number): number {
    if (this.length === this.values.length) {
      // By half: at hundreds of thousands of rows, doubling would hold too much empty.
      const larger = new this.#make(Math.ceil(this.values.length * 1.5) + 256);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    return this.length++;
  }
}
