// Gives values to targets: names, attributes, elements, and patterns of them.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { constantKey, lowerKey, lowerValue } from "./lower-expression.ts";
import { anyOf, bind, type Lowering, store, unknown } from "./lowering.ts";
import { assigned, subscripted } from "./overloads.ts";
import { eachElement, wrap } from "./unpacking.ts";

/** Gives a value to a target: a name, an attribute, an element, or a pattern of them. */
export function assign(s: Lowering, target: Node, value: Expr, at: number, type?: Expr): void {
  switch (target.kind) {
    case N.Name:
      bind(s, target.name, value, at, type);
      return;
    case N.Attribute:
      if (target.left !== null) {
        const object = lowerValue(s, target.left);
        const typed: Expr = type === undefined ? value : anyOf([value, ["I", type]]);
        if (object[0] !== "?") {
          store(s, object, target.name, typed, at, target.line);
          assigned(s, object, target, value, at);
        }
      }
      return;
    case N.Subscript:
      if (target.left !== null) {
        const object = lowerValue(s, target.left);
        const key = target.right === null ? unknown : lowerKey(s, target.right);
        if (object[0] !== "?") {
          store(s, object, constantKey(key), value, at, target.line);
          subscripted(s, object, [key, value], target);
        }
      }
      return;
    case N.Tuple:
    case N.List:
      eachElement(target.items, value, (item, element) => assign(s, item, element, at));
      return;
    case N.Star:
      if (target.left !== null) assign(s, target.left, wrap("*", value), at);
      return;
    default:
      lowerValue(s, target);
  }
}
