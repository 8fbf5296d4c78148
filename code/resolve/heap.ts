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
const noThunks: readonly Thunk[] = [];
const maxThunks = 64;

const sameValues = (a: Values | null, b: Values | null): boolean =>
  a === b || (a !== null && b !== null && a.length === b.length && a.every((value) => b.includes(value)));

export class Heap {
  readonly #cells = new Map<number, Map<string, Thunk[]>>();
  /** Keys that were asked for, by object; null: all of them. */
  readonly #asked = new Map<number, Set<string> | null>();
  /** Something grew after it had been read: what was computed may lack it. */
  dirty = false;
  /** Does anybody care whether it is dirty? */
  watched = true;

  put(object: Value, key: string, thunk: Thunk): void {
    let cells = this.#cells.get(object.id);
    if (cells === undefined) this.#cells.set(object.id, (cells = new Map()));
    const list = cells.get(key);
    if (list === undefined) cells.set(key, [thunk]);
    else {
      if (list.length >= maxThunks) return;
      for (const known of list) {
        if (known === thunk) return;
        if (
          known.frame === thunk.frame &&
          known.at === thunk.at &&
          known.expr === thunk.expr &&
          sameValues(known.values, thunk.values)
        )
          return;
      }
      list.push(thunk);
    }
    if (!this.watched || this.dirty) return;
    const asked = this.#asked.get(object.id);
    if (asked === null || asked?.has(key) === true) this.dirty = true;
  }

  at(object: Value, key: string): readonly Thunk[] {
    if (this.watched) {
      const asked = this.#asked.get(object.id);
      if (asked === undefined) this.#asked.set(object.id, new Set([key]));
      else asked?.add(key);
    }
    return this.#cells.get(object.id)?.get(key) ?? noThunks;
  }

  all(object: Value): ReadonlyMap<string, readonly Thunk[]> {
    if (this.watched) this.#asked.set(object.id, null);
    return this.#cells.get(object.id) ?? noCells;
  }

  /** Was anything put into it so far? Not a read: an answer that changes later is made good by the next round, if there is one. */
  has(object: Value): boolean {
    return this.#cells.has(object.id);
  }
}
