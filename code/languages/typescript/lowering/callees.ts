// Callees and members: what a call calls, read without being a reference of its own.
import type { Expression, MemberExpression } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { type Context, nameExpr, PLAIN, UNKNOWN } from "./context.ts";
import { noteArguments } from "./idioms.ts";
import { addImport, requireSpecifier } from "./modules.ts";
import { memberOf } from "./patterns.ts";
import { keyName } from "./types.ts";

/** A callee, or the object of a member: read, but not a reference of its own. */
export function lowerCallee(cx: Context, node: Expression): Expr {
  switch (node.type) {
    case "Identifier":
      if (node.name === "arguments") noteArguments(cx);
      return cx.narrowed?.get(node.name) ?? nameExpr(cx, node.name);
    case "MemberExpression":
      return lowerMember(cx, node);
    case "ChainExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return lowerCallee(cx, node.expression);
    default:
      return cx.expression(cx, node, null);
  }
}

export function lowerMember(cx: Context, node: MemberExpression): Expr {
  const required = requireSpecifier(node.object);
  if (required !== null) {
    const name = keyName(cx, node.property, node.computed);
    if (name !== null) return ["m", addImport(cx, required, "member", name, null, node.start)];
  }
  if (node.object.type === "MetaProperty") return PLAIN;
  const object = lowerCallee(cx, node.object);
  // A method of a constant is still a method with a name.
  return memberOf(cx, object === PLAIN ? UNKNOWN : object, node.property, node.computed);
}

/** Where a call's name ends: the line people look for in `a\n.b()\n.c()`. */
export function calleeEnd(node: Expression): number {
  if (node.type === "MemberExpression") return node.computed ? node.end - 1 : node.property.start;
  if (node.type === "ChainExpression" || node.type === "TSNonNullExpression") return calleeEnd(node.expression);
  return node.type === "Identifier" || node.type === "Super" ? node.start : node.end - 1;
}
