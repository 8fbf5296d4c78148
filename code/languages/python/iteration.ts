// `for` and its like: the calls that iterating makes, and an element.
import type { Expr } from "../../ir.ts";
import type { Node } from "./ast.ts";
import { implicitCall, type Lowering } from "./lowering.ts";
import { wrap } from "./unpacking.ts";

/** Built-ins whose iteration calls nothing of the program's own. */
const plainIterables = new Set(["range", "enumerate", "zip", "sorted", "reversed", "list", "dict", "set", "tuple"]);

const plainIterableMethods = new Set(["items", "keys", "values", "split", "splitlines"]);

function iteratesPlainly(s: Lowering, value: Expr): boolean {
  if (value[0] === "l" || value[0] === "o" || value[0] === "?" || value[0] === "s") return true;
  if (value[0] !== "c") return false;
  const callee = s.ir.calls[value[1]]?.f;
  if (callee?.[0] === "n") return plainIterables.has(callee[1]);
  return callee?.[0] === "a" && plainIterableMethods.has(callee[2]);
}

/** `for` and its like: the calls that iterating makes, and an element. */
export function iterate(s: Lowering, iterable: Expr, node: Node, async: boolean): Expr {
  if (!iteratesPlainly(s, iterable)) {
    const iterator = implicitCall(s, ["a", iterable, async ? "__aiter__" : "__iter__"], [], node.line, node.end);
    implicitCall(s, ["a", ["c", iterator], async ? "__anext__" : "__next__"], [], node.line, node.end);
  }
  return wrap("e", iterable);
}
