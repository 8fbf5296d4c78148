// Symbolic expressions by their form alone: what they are made of, what they start from, whether calling them changes something.
import type { Expr } from "../ir.ts";

/** Names of the methods by which the languages' own containers are changed. */
export const mutators = new Set(
  (
    "append add push unshift insert extend update setdefault set splice assign defineProperty defineProperties appendleft " +
    "setPrototypeOf inherits extendleft setattr put"
  ).split(" "),
);
export const mutates = (callee: Expr): boolean =>
  (callee[0] === "a" && mutators.has(callee[2])) || (callee[0] === "n" && mutators.has(callee[1]));

/** Visits an expression and what it is made of; `visit` answers whether to go inside. */
export function walk(expr: Expr, visit: (part: Expr) => boolean): void {
  if (!visit(expr)) return;
  switch (expr[0]) {
    case "a":
    case "e":
    case "w":
    case "*":
    case "I":
      walk(expr[1], visit);
      return;
    case "i":
      walk(expr[1], visit);
      walk(expr[2], visit);
      return;
    case "d":
      walk(expr[2], visit);
      return;
    case "o":
      for (const [, value] of expr[1]) walk(value, visit);
      return;
    case "l":
    case "u":
    case "+":
      for (const value of expr[1]) walk(value, visit);
      return;
    case "g":
      walk(expr[1], visit);
      for (const value of expr[2]) walk(value, visit);
      return;
    default:
  }
}

/** The lexical name an expression starts from (`a` in `a.b[0].c`), null when it starts otherwise. */
export function rootName(expr: Expr): string | null {
  let at: Expr = expr;
  for (;;) {
    switch (at[0]) {
      case "n":
        return at[1];
      case "a":
      case "i":
      case "e":
      case "w":
      case "*":
        at = at[1];
        continue;
      default:
        return null;
    }
  }
}
