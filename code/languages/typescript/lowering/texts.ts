// Texts that keys are made of: constants by their name, and what is put together from them.
import type { Expression } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { type Context, PLAIN } from "./context.ts";

/** Expressions in a template that is kept. */
const maxParts = 3;

export function constantString(node: Expression): string | null {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? null;
  return null;
}

const isKnowable = (part: Expr): boolean => part[0] === "s" || part[0] === "n" || part[0] === "a" || part[0] === "#";

/** A key or a name that may be put together (`"on" + name`, `on${name}`); what cannot be known is not written down. */
export function lowerText(cx: Context, node: Expression): Expr {
  const parts: Expr[] = [];
  if (node.type === "TemplateLiteral" && node.expressions.length > 0 && node.expressions.length <= maxParts) {
    node.quasis.forEach((quasi, i) => {
      if (quasi.value.raw !== "") parts.push(["s", quasi.value.cooked ?? ""]);
      const inner = node.expressions[i];
      if (inner !== undefined) parts.push(cx.expression(cx, inner, null));
    });
  } else if (node.type === "BinaryExpression" && node.operator === "+") {
    const isText = (one: Expression): boolean => constantString(one) !== null;
    if (!isText(node.left) && !isText(node.right)) return cx.expression(cx, node, null);
    parts.push(cx.expression(cx, node.left, null), cx.expression(cx, node.right, null));
  } else return cx.expression(cx, node, null);
  return parts.every(isKnowable) ? ["+", parts] : PLAIN;
}

/** Keys that are written once, by name: `const NAME = "x"`, `Symbol("x")`, `const KEYS = { A: "a" }`. */
export function noteConstant(cx: Context, scope: number, name: string, init: Expression, v: Expr): void {
  if (v[0] === "s") cx.constants.set(`${scope}:${name}`, v[1]);
  else if (v[0] === "o") noteConstants(cx, scope, name, v);
  else if (init.type === "CallExpression") {
    const { callee, arguments: args } = init;
    if (callee.type === "Identifier" && callee.name === "Symbol") cx.constants.set(`${scope}:${name}`, `[${name}]`);
    const frozen = args[0]?.type === "ObjectExpression" ? v : null;
    if (frozen?.[0] !== "c" || callee.type !== "MemberExpression") return;
    if (callee.property.type !== "Identifier" || callee.property.name !== "freeze") return;
    noteConstants(cx, scope, name, cx.calls[frozen[1]]!.a[0]!);
  }
}

/** The texts among the entries of an object literal (an enum is one too). */
export function noteConstants(cx: Context, scope: number, name: string, object: Expr): void {
  if (object[0] !== "o") return;
  for (const [key, value] of object[1]) {
    if (key !== null && value[0] === "s") cx.constants.set(`${scope}:${name}.${key}`, value[1]);
  }
}
