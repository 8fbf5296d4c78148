// What was put into objects: by object and key, as unevaluated values with their place, so that a read can tell which came last.
import type { Expr } from "../ir.ts";
import type { Frame } from "./frames.ts";
import type { Value, Values } from "./values.ts";

/** A value that is computed when it is asked for. */
export interface Thunk {
  /** Evaluated in `frame`; null when `values` are known. */
  readonly expr: Expr | null;
  /** The expression is a declared type: instances of it are meant. */
  readonly type: boolean;
  readonly values: Values | null;
  readonly frame: Frame;
  readonly scope: number;
  readonly at: number;
  readonly r: number;
  /** Replaces what was under the key; false for append and the like. */
  readonly replaces: boolean;
}

/** Keys: a text, `#n` a place in a list, `*` an unknown one, `+` appended. */
export const anyKey = "*";
export const appended = "+";

const noCells: ReadonlyMap<string, Thunk[]> = new Map();

export class Heap {
  readonly #cells = new Map<number, Map<string, Thunk[]>>();
  readonly #read = new Set<number>();
  /** Something grew after it had been read: what was computed may lack it. */
  dirty = false;

  put(object: Value, key: string, thunk: Thunk): void {
    let cells = this.#cells.get(object.id);
    if (cells === undefined) this.#cells.set(object.id, (cells = new Map()));
    const list = cells.get(key);
    if (list === undefined) cells.set(key, [thunk]);
    else {
      if (list.length >= 64) return;
      for (const known of list) {
        if (
          known.frame === thunk.frame &&
          known.at === thunk.at &&
          known.expr === thunk.expr &&
          known.values === thunk.values
        )
          return;
      }
      list.push(thunk);
    }
    if (this.#read.has(object.id)) this.dirty = true;
  }

  cells(object: Value): ReadonlyMap<string, Thunk[]> {
    this.#read.add(object.id);
    return this.#cells.get(object.id) ?? noCells;
  }

  has(object: Value): boolean {
    this.#read.add(object.id);
    return this.#cells.has(object.id);
  }
}
