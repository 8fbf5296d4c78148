// Assignments, definitions and range clauses: which value each target gets.
import type { Expr } from "../../ir.ts";
import type { Local } from "./builder.ts";
import { readExpression, readExpressionFrom } from "./expressions.ts";
import type { GoParser } from "./parser.ts";
import * as t from "./tokens.ts";
import { element, isTrivial, unknown } from "./values.ts";

/** What stands left of an assignment: a name that is not looked up before it is known whether it is declared, or an expression. */
export interface Target {
  name: string | null;
  line: number;
  e: Expr;
}

export function readTargets(p: GoParser): Target[] {
  const targets: Target[] = [];
  for (;;) {
    const line = p.line;
    if (p.tok === t.IDENT) {
      const name = p.word;
      p.next();
      const after: number = p.tok;
      if (after === t.COMMA || after === t.DEFINE || after === t.ASSIGN || after === t.COLON) {
        targets.push({ name, line, e: unknown });
        if (after !== t.COMMA) return targets;
        p.next();
        continue;
      }
      targets.push({ name: null, line, e: readExpressionFrom(p, name, line) });
    } else targets.push({ name: null, line, e: readExpression(p) });
    if (p.tok !== t.COMMA) return targets;
    p.next();
  }
}

/** The value of each of `count` targets. */
export function spread(values: readonly Expr[], count: number): Expr[] {
  if (values.length >= count) return values.slice(0, count);
  const value = values[0] ?? unknown;
  // From one value several come only of a call, or value and `ok`.
  if (value[0] === "c") return Array.from({ length: count }, (_, index): Expr => ["i", value, ["#", index]]);
  return [value, ...Array.from({ length: count - 1 }, () => unknown)];
}

export function assign(
  p: GoParser,
  targets: readonly Target[],
  values: readonly Expr[],
  defines: boolean,
  line: number,
): void {
  const at = p.prevEnd;
  for (const [index, value] of spread(values, targets.length).entries()) {
    const target = targets[index];
    if (target === undefined) continue;
    if (defines && target.name !== null) define(p, target.name, value, at);
    else store(p, target, value, at, line);
  }
}

/** `name := value`: a new variable, or one of this block again. A number or an unknown value needs no variable to look it up in. */
export function define(p: GoParser, name: string, value: Expr, at: number): void {
  const { builder } = p;
  let local: Local | null | undefined = builder.isDeclaredHere(name) ? builder.local(name) : undefined;
  if (local === undefined) local = builder.declare(name, value[0] === "?" || value[0] === "#" ? unknown : undefined);
  if (local !== null && value[0] !== "?") builder.bind(local, value, at);
}

function store(p: GoParser, target: Target, value: Expr, at: number, line: number): void {
  const { builder } = p;
  if (target.name !== null) {
    const local = builder.local(target.name);
    if (local !== undefined) {
      if (!isTrivial(value)) builder.bind(local, value, at);
      return;
    }
    const e = builder.resolve(target.name);
    if (!builder.isFree(e)) return;
    builder.addRef(e, target.line);
    if (!isTrivial(value)) builder.bindGlobal(target.name, value, at);
    return;
  }
  const e = target.e;
  if (e[0] === "a") builder.addStore(e[1], e[2], value, at, line);
  else if (e[0] === "i")
    builder.addStore(e[1], e[2][0] === "s" || e[2][0] === "#" ? String(e[2][1]) : null, value, at, line);
}

/**
 * `for k, v := range x`: v is an element; k is x's pseudo-attribute `<key>` (index, map key, or, for a channel or function, what it yields
 * first).
 */
export function bindRange(p: GoParser, targets: readonly Target[], defines: boolean, iterable: Expr): void {
  const at = p.prevEnd;
  const values: Expr[] = isTrivial(iterable) ? [] : [["a", iterable, "<key>"], element(iterable)];
  for (const [index, target] of targets.entries()) {
    const value = values[index] ?? unknown;
    if (defines && target.name !== null) define(p, target.name, value, at);
    else store(p, target, value, at, target.line);
  }
}
