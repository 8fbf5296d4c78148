// Calls: arguments, conversions to types, and what Go's built-in functions give.
import type { Expr } from "../../ir.ts";
import { anyOf, instance, isPredeclaredType, isTrivial, unknown } from "./values.ts";
import type { GoParser } from "./parser.ts";
import * as t from "./tokens.ts";

/** Builtins whose names packages also give to functions of their own: kept as calls that may lead nowhere. */
const softBuiltins = new Set([
  "min",
  "max",
  "clear",
  "print",
  "println",
  "copy",
  "close",
  "delete",
  "cap",
  "real",
  "imag",
]);

const builtins = new Set(["len", "panic", "recover", "complex", "append", "make", "new"]);

/** Builtins that the file declares for itself, as k8s.io/client-go does with `new`. */
export const ownBuiltins = (source: string): ReadonlySet<string> =>
  new Set([...builtins].filter((name) => source.includes(`\nfunc ${name}(`)));

function readArguments(p: GoParser): Expr[] {
  const list: Expr[] = [];
  p.typeExpected = false;
  p.next();
  while (p.tok !== t.RPAREN && p.tok !== t.EOF) {
    const value = p.grammar.readExpression(p);
    if (p.tok === t.ELLIPSIS) {
      p.next();
      list.push(value[0] === "?" ? value : ["*", value]);
    } else list.push(p.form === 2 ? unknown : value);
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  return list;
}

export function readCall(p: GoParser, callee: Expr, form: number, calleeIsFree: boolean): Expr {
  const { builder } = p;
  const line = p.line;
  const at = p.pos;
  const header = p.headerLevel;
  p.headerLevel = 0;
  const name = calleeIsFree && callee[0] === "n" && !p.ownBuiltins.has(callee[1]) ? callee[1] : "";
  let first: Expr = unknown;
  let list: Expr[];
  if (name === "new" || name === "make") {
    p.next();
    // `new` also takes a value since Go 1.26.
    p.typeExpected = true;
    if (p.tok !== t.RPAREN) first = p.grammar.readExpression(p);
    p.typeExpected = false;
    if (p.form > 0) first = instance(first);
    list = [];
    while (p.tok === t.COMMA) {
      p.next();
      if (p.tok === t.RPAREN) break;
      p.grammar.readExpression(p);
    }
  } else list = readArguments(p);
  p.headerLevel = header;
  p.expect(t.RPAREN, "`)`");
  if (form === 2) return instance(callee);
  if (name !== "") {
    if (name === "new" || name === "make") return first;
    if (name === "append") return appended(list);
    if (builtins.has(name)) return unknown;
    if (name === "any") return list[0] ?? unknown;
    if (isPredeclaredType(name)) return name === "error" ? ["I", callee] : unknown;
    if (softBuiltins.has(name)) {
      const call = builder.addCall(callee, list, line, at);
      const record = builder.calls[call];
      if (record !== undefined) record.implicit = true;
      return ["c", call];
    }
  }
  return ["c", builder.addCall(callee, list, line, at)];
}

/** The slice itself, and what is put into it where that may be looked up. */
function appended(list: readonly Expr[]): Expr {
  const [target, ...added] = list;
  const known = added.filter((value) => !isTrivial(value));
  if (target === undefined) return unknown;
  return known.length === 0 ? target : anyOf([target, ["l", known.slice(0, 8)]]);
}
