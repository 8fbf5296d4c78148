// What each target of `a, *b, c = value` takes, and the few values that wrap another.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { unknown } from "./lowering.ts";

export function wrap(kind: "w" | "e" | "*", value: Expr): Expr {
  return value[0] === "?" ? unknown : [kind, value];
}

/** Takes a value apart along `a, *b, c`. */
export function eachElement(targets: readonly Node[], value: Expr, take: (target: Node, element: Expr) => void): void {
  let starred = false;
  for (const [i, target] of targets.entries()) {
    if (target.kind === N.Star && target.left !== null) {
      starred = true;
      take(target.left, value[0] === "?" ? unknown : restOf(value, i, targets.length - i - 1));
    } else take(target, elementAt(value, starred ? i - targets.length : i));
  }
}

/** What a starred target takes: all but the first and last ones, where their number is known. */
function restOf(value: Expr, before: number, after: number): Expr {
  if (value[0] !== "l" || value[1].some((item) => item[0] === "*"))
    return sliced(value, `${before}:${after === 0 ? "" : -after}`);
  return ["l", value[1].slice(before, value[1].length - after)];
}

/** `value[1:]`: a list of what is left of it; `bounds` as they are written, "" where they are not constant. */
export const sliced = (value: Expr, bounds: string): Expr => [
  "l",
  [["*", bounds === "" ? value : ["i", value, ["s", bounds]]]],
];

function elementAt(value: Expr, index: number): Expr {
  if (value[0] === "?") return unknown;
  if (value[0] === "l") {
    const passed = index < 0 ? value[1].slice(index) : value[1].slice(0, index + 1);
    if (!passed.some((item) => item[0] === "*")) return value[1].at(index) ?? unknown;
  }
  return ["i", value, ["#", index]];
}
