// Type parameters and their constraints: `[K comparable, V any]`.
import type { Expr, ScopeIr } from "../../ir.ts";
import type { GoParser } from "./parser.ts";
import * as t from "./tokens.ts";
import { readConstraint } from "./types.ts";
import { unknown } from "./values.ts";

/** Whether `[` after a type's name opens type parameters (and not an array or slice type). Stands at the bracket. */
export function opensTypeParameters(p: GoParser): boolean {
  const mark = p.mark();
  p.next();
  let result = false;
  if (p.tok === t.IDENT) {
    p.next();
    if (p.tok === t.STAR || p.tok === t.LPAREN) result = listsConstraints(p);
    else result = p.tok === t.COMMA || p.tok === t.TILDE || t.startsType[p.tok] === 1;
  }
  p.reset(mark);
  return result;
}

/** `[P *C]` is an array by the specification, `[P *C,]`, `[P *C | D]` and `[P *C, Q any]` are parameters. */
function listsConstraints(p: GoParser): boolean {
  let nest = 0;
  for (let steps = 0; steps < 200 && p.tok !== t.EOF; steps++) {
    if (p.tok === t.LPAREN || p.tok === t.LBRACK) nest++;
    else if (p.tok === t.RPAREN || p.tok === t.RBRACK) {
      if (nest === 0) return false;
      nest--;
    } else if (nest === 0 && (p.tok === t.COMMA || p.tok === t.TILDE || p.tok === t.OR)) return true;
    else if (p.tok === t.INTERFACE || p.tok === t.TILDE) return true;
    p.next();
  }
  return false;
}

interface TypeParameter {
  n: string;
  t?: Expr;
}

/** `[K comparable, V any]`; declares each as a local that means its constraint. Stands at the bracket. */
export function readTypeParameters(p: GoParser, scope: ScopeIr): void {
  p.next();
  const parameters: TypeParameter[] = [];
  while (p.tok === t.IDENT) {
    const names = [p.identifier()];
    while (p.tok === t.COMMA) {
      p.next();
      names.push(p.identifier());
    }
    const locals = names.map((name) => p.builder.declareTypeParameter(name));
    const constraint = readConstraint(p);
    for (const [index, name] of names.entries()) {
      parameters.push(constraint === undefined ? { n: name } : { n: name, t: constraint });
      const local = locals[index];
      if (local && scope.kind === "function") p.builder.bind(local, constraint ?? unknown, 0);
    }
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  p.expect(t.RBRACK, "`]`");
  if (parameters.length > 0) scope.typeParams = parameters;
}
