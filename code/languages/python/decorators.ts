// Decorators: the calls they make, what they decorate, and functions that are registered with others.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { lowerPrimary } from "./lower-expression.ts";
import { bind, implicitCall, type Lowering } from "./lowering.ts";

/** What `bound` already says: no call worth a line. */
export function saysOnlyHowBound(decorator: Node): boolean {
  if (decorator.kind === N.Name) {
    return decorator.name === "property" || decorator.name === "staticmethod" || decorator.name === "classmethod";
  }
  if (decorator.kind !== N.Attribute || decorator.left?.kind !== N.Name) return false;
  return decorator.name === "setter" || decorator.name === "getter" || decorator.name === "deleter";
}

/** Runs decorators inside out around what they decorate. */
export function decorate(
  s: Lowering,
  decorators: readonly { node: Node; value: Expr }[],
  value: Expr,
  at: number,
): Expr {
  let result = value;
  for (let i = decorators.length - 1; i >= 0; i--) {
    const decorator = decorators[i];
    if (decorator === undefined) break;
    const call = implicitCall(s, decorator.value, [result], decorator.node.line, at);
    result = ["d", call, result];
  }
  return result;
}

/** `@show.register(int)` above a function: calling `show` may run it (functools.singledispatch). */
export function registerImplementation(s: Lowering, decorator: Node, value: Expr, at: number): void {
  const callee = decorator.kind === N.Call && decorator.left !== null ? decorator.left : decorator;
  if (callee.kind !== N.Attribute || callee.name !== "register" || callee.left?.kind !== N.Name) return;
  const { name } = callee.left;
  if (s.dispatching.has(name)) bind(s, name, ["u", [["n", name], value]], at);
}

export function lowerDecorators(s: Lowering, decorators: readonly Node[]): { node: Node; value: Expr }[] {
  return decorators.map((node) => ({ node, value: lowerPrimary(s, node, true) }));
}
