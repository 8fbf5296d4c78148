// Comprehensions and generator expressions: their names stand for elements of what they iterate over.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { iterate } from "./iteration.ts";
import { bind, type Lowering, unknown } from "./lowering.ts";
import { eachElement } from "./unpacking.ts";

/** A comprehension's iterable of more parts than this gets a hidden name, so that repeated use stays small. */
const maxInlineParts = 8;

export function lowerComprehension(s: Lowering, node: Node): Expr {
  const { comprehension } = s;
  const names = new Map<string, Expr>();
  let opened = false;
  for (const clause of node.items) {
    if (clause.left === null || clause.right === null) continue;
    const iterable = s.value(s, clause.right);
    // The first iterable is read outside of the comprehension.
    if (!opened) s.comprehension = { names, frame: s.frame, outer: comprehension };
    opened = true;
    const element = iterate(s, inline(s, iterable, node.start), clause.right, clause.name === "async");
    bindElement(s, names, clause.left, element);
    for (const condition of clause.items) s.value(s, condition);
  }
  const first = node.left === null ? unknown : s.value(s, node.left);
  const value = node.right === null ? first : s.value(s, node.right);
  s.comprehension = comprehension;
  if (node.kind === N.DictComprehension) return ["o", value[0] === "?" ? [] : [[null, value]]];
  // A spread: how many there are, and so their positions, is not known.
  return ["l", value[0] === "?" ? [] : [["*", ["l", [value]]]]];
}

/** The value itself, or a hidden name for it where it is large. */
function inline(s: Lowering, value: Expr, at: number): Expr {
  if (partsOf(value, maxInlineParts) > 0) return value;
  const name = `<iterable${++s.hidden}>`;
  bind(s, name, value, at);
  return ["n", name];
}

/** What is left of `budget` after counting the parts of `e`. */
function partsOf(e: Expr, budget: number): number {
  let left = budget - 1;
  switch (e[0]) {
    case "a":
    case "e":
    case "w":
    case "*":
      return left <= 0 ? 0 : partsOf(e[1], left);
    case "i":
      return left <= 0 ? 0 : partsOf(e[2], partsOf(e[1], left));
    case "l":
    case "u":
      for (const item of e[1]) {
        if (left <= 0) return 0;
        left = partsOf(item, left);
      }
      return left;
    case "o":
      return e[1].length === 0 ? left : 0;
    default:
      return left;
  }
}

function bindElement(s: Lowering, names: Map<string, Expr>, target: Node, value: Expr): void {
  if (target.kind === N.Name) names.set(target.name, value);
  else if (target.kind === N.Star && target.left !== null) bindElement(s, names, target.left, unknown);
  else if (target.kind === N.Tuple || target.kind === N.List) {
    eachElement(target.items, value, (item, element) => bindElement(s, names, item, element));
  } else s.value(s, target);
}
