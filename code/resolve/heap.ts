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

/** Of one object: what was put into it, and which keys were asked for. */
export interface Cells {
  stored: Map<string, Thunk[]> | null;
  /** The first key that was asked for, the others, and whether all were: most objects are asked for one. */
  first: string | null;
  asked: Set<string> | null;
  all: boolean;
}

const cellsOf = (object: Value): Cells => (object.cells ??= { stored: null, first: null, asked: null, all: false });

/** Kept with the objects themselves, which are of one resolution too. */
export class Heap {
  /** Something grew after it had been read: what was computed may lack it. */
  dirty = false;
  /** Does anybody care whether it is dirty? */
  watched = true;

  put(object: Value, key: string, thunk: Thunk): void {
    const cells = cellsOf(object);
    const stored = (cells.stored ??= new Map());
    const list = stored.get(key);
    if (list === undefined) stored.set(key, [thunk]);
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
    if (cells.all || cells.first === key || cells.asked?.has(key) === true) this.dirty = true;
  }

  at(object: Value, key: string): readonly Thunk[] {
    if (!this.watched) return object.cells?.stored?.get(key) ?? noThunks;
    const cells = cellsOf(object);
    if (cells.first === null) cells.first = key;
    else if (!cells.all && cells.first !== key) (cells.asked ??= new Set()).add(key);
    return cells.stored?.get(key) ?? noThunks;
  }

  all(object: Value): ReadonlyMap<string, readonly Thunk[]> {
    if (this.watched) cellsOf(object).all = true;
    return object.cells?.stored ?? noCells;
  }

  /** Was anything put into it so far? Not a read: an answer that changes later is made good by the next round, if there is one. */
  has(object: Value): boolean {
    return object.cells !== null && object.cells.stored !== null;
  }
}
