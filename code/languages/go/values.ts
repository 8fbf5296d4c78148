// The values of Go's IR: how they are made, and which of them nobody could look anything up in.
import type { Expr } from "../../ir.ts";

export const unknown: Expr = ["?"];

export const scalarTypes = new Set(
  (
    "bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 " +
    "uintptr any comparable"
  ).split(" "),
);

export const isPredeclaredType = (name: string): boolean => scalarTypes.has(name);

export const isExported = (name: string): boolean => {
  const code = name.charCodeAt(0);
  if (code < 128) return code >= 65 && code <= 90;
  return /^\p{Lu}/u.test(name);
};

/** Nothing a resolver could look up: unknown values and constants. */
export const isTrivial = (e: Expr): boolean => e[0] === "?" || e[0] === "s" || e[0] === "#";

/** A type without methods of its own and without functions in it: `int`, `[]string`, `map[string]bool`. */
export function isPlainType(type: Expr): boolean {
  if (type[0] === "?") return true;
  if (type[0] === "n") return type[1] !== "error" && scalarTypes.has(type[1]);
  if (type[0] !== "g" || type[1][0] !== "n") return false;
  const head = type[1][1];
  return (head === "[]" || head === "map" || head === "chan") && type[2].every(isPlainType);
}

/** Numbers, booleans and their slices: no value of such a type is ever looked up. */
export const isNumeric = (type: Expr): boolean =>
  type[0] === "n"
    ? type[1] !== "error" && type[1] !== "any" && type[1] !== "string" && scalarTypes.has(type[1])
    : isPlainType(type) && type[0] === "g" && type[2].every(isNumeric);

/** How deep attribute chains are kept; a longer one is nobody's code. */
const maxSpine = 24;

function spine(e: Expr): number {
  let depth = 0;
  let at: Expr | number = e;
  while (typeof at !== "number" && depth <= maxSpine) {
    const kind: Expr[0] = at[0];
    if (kind !== "a" && kind !== "i" && kind !== "e" && kind !== "*" && kind !== "I" && kind !== "g") break;
    at = at[1] as Expr;
    depth++;
  }
  return depth;
}

export const attribute = (object: Expr, name: string): Expr =>
  object[0] === "?" || spine(object) > maxSpine ? unknown : ["a", object, name];

export const element = (iterable: Expr): Expr =>
  isTrivial(iterable) || spine(iterable) > maxSpine ? unknown : ["e", iterable];

export const item = (object: Expr, key: Expr): Expr =>
  isTrivial(object) || spine(object) > maxSpine ? unknown : ["i", object, isTrivial(key) ? key : unknown];

/** An instance of a type; unknown where nothing could be done with it. */
export const instance = (type: Expr): Expr => (isPlainType(type) ? unknown : ["I", type]);

export function anyOf(options: readonly Expr[]): Expr {
  const known = options.filter((option) => option[0] !== "?");
  return known.length === 0 ? unknown : known.length === 1 ? (known[0] ?? unknown) : ["u", known];
}
