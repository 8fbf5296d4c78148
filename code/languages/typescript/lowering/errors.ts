// Errors: what `throw` lets out, what a `try` catches, and what is bound to the name in its `catch`.
import type { BindingPattern, CatchClause, Expression, TryStatement } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { type Context, declare, LOCAL, PLAIN, union, UNKNOWN } from "./context.ts";

/** Calls in a `try` whose errors are asked for. */
const maxCalls = 24;
/** Names of bindings that no source can spell; see ScopeIr. */
const thrownName = "{thrown}";
const triedName = "{tried}";

/** `throw value`: errors of the language itself carry no functions. */
export function noteThrown(cx: Context, node: Expression, value: Expr, at: number): void {
  if (node.type === "NewExpression" && node.callee.type === "Identifier" && isPlainError.test(node.callee.name)) return;
  if (value === PLAIN || value === UNKNOWN || value[0] === "s" || value[0] === "#") return;
  cx.caught?.push(value);
  if (cx.scopes[cx.owner]!.kind !== "function") return;
  if (cx.caught === null) declare(cx, cx.owner, { n: thrownName, v: value, at, r: cx.region }, LOCAL);
}

const isPlainError = /^(?:Type|Range|Syntax|Reference|Eval|URI|Aggregate)?Error$/;

/** Lowers what a `try` guards; gives what its `catch` may be given, where that clause does anything with it. */
export function lowerTried(cx: Context, node: TryStatement, lowerBlock: () => void): Expr {
  const { handler } = node;
  if (handler === null) {
    lowerBlock();
    return UNKNOWN;
  }
  const { caught: outer } = cx;
  const before = cx.calls.length;
  const caught: Expr[] = [];
  cx.caught = caught;
  lowerBlock();
  cx.caught = outer;
  const isFunction = cx.scopes[cx.owner]!.kind === "function";
  if (isFunction && cx.calls.length > before) {
    declare(cx, cx.owner, { n: triedName, v: ["#", node.block.end], at: node.block.start, r: cx.region }, LOCAL);
  }
  if (!usesError(cx, handler)) return UNKNOWN;
  for (let i = before; i < cx.calls.length && i < before + maxCalls; i++) {
    if (cx.owners[cx.calls[i]!.s] === cx.owner && cx.calls[i]!.implicit !== true) caught.push(["t", i]);
  }
  return union(caught);
}

/** Does a `catch` call what it was given, or something of it, or throw it on? */
function usesError(cx: Context, { param, body }: CatchClause): boolean {
  const names = param === null ? [] : namesOf(param);
  if (names.length === 0) return false;
  const text = cx.source.slice(body.start, body.end);
  return names.some((name) => {
    const escaped = name.replaceAll("$", "\\$");
    return new RegExp(
      `(?:^|[^\\w$.])${escaped}(?:[?.]*[.][\\w$]+|\\[[^\\]]{0,200}\\])*[?.]*\\(|\\bthrow\\s+${escaped}\\b`,
    ).test(text);
  });
}

function namesOf(pattern: BindingPattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((one) => namesOf(one.type === "RestElement" ? one.argument : one.value));
    case "ArrayPattern":
      return pattern.elements.flatMap((one) =>
        one === null ? [] : namesOf(one.type === "RestElement" ? one.argument : one),
      );
    case "AssignmentPattern":
      return namesOf(pattern.left);
  }
}
