// Go's expressions → IR values and calls. Types may stand wherever an expression may; `GoParser.form` says what was read.
import type { Expr } from "../../ir.ts";
import { attribute, element, instance, isPredeclaredType, isTrivial, item, unknown } from "./values.ts";
import { readCall } from "./calls.ts";
import { readFunctionLiteral } from "./function-literals.ts";
import { readCompositeLiteral, unquote } from "./literals.ts";
import type { GoParser } from "./parser.ts";
import * as t from "./tokens.ts";
import { functionType } from "./signatures.ts";
import { readSignature, readType, readTypeLiteral } from "./types.ts";

/** Selectors, calls and indexes in a row of which the values are kept. */
const maxChain = 400;

export function readExpression(p: GoParser): Expr {
  return readBinary(p, readUnary(p), 1);
}

/** Goes on with an expression whose first name has been read. */
export function readExpressionFrom(p: GoParser, name: string, line: number): Expr {
  return readBinary(p, readPostfix(p, p.builder.resolve(name), 1, line), 1);
}

export function readExpressions(p: GoParser): Expr[] {
  const list = [readExpression(p)];
  while (p.tok === t.COMMA) {
    p.next();
    list.push(readExpression(p));
  }
  return list;
}

/** Operands of arithmetic share their type with the result; comparisons give nothing to look up. */
function readBinary(p: GoParser, first: Expr, minimum: number): Expr {
  let left = first;
  for (;;) {
    const level = t.precedence[p.tok] ?? 0;
    if (level < minimum) return left;
    p.next();
    const right = readBinary(p, readUnary(p), level + 1);
    p.form = 0;
    if (level < 4) left = unknown;
    else if (isTrivial(left)) left = right[0] === "s" || right[0] === "#" ? unknown : right;
  }
}

function readUnary(p: GoParser): Expr {
  let receives = 0;
  let negated = false;
  let address = false;
  for (;;) {
    const tok = p.tok;
    if (tok === t.STAR || tok === t.ADD || tok === t.SUB || tok === t.XOR || tok === t.TILDE) p.next();
    else if (tok === t.AND) {
      address = true;
      p.next();
    } else if (tok === t.NOT) {
      negated = true;
      p.next();
    } else if (tok === t.ARROW) {
      p.next();
      // `<-chan T` is a type.
      if (p.tok === t.CHAN) {
        p.next();
        const type: Expr = ["g", ["n", "chan"], [readType(p)]];
        return readPostfix(p, type, 2, p.line);
      }
      receives++;
    } else break;
  }
  let value = readPrimary(p);
  if (address || negated || receives > 0) p.form = 0;
  for (; receives > 0; receives--) value = element(value);
  return negated ? unknown : value;
}

function readPrimary(p: GoParser): Expr {
  const line = p.line;
  switch (p.tok) {
    case t.IDENT: {
      const name = p.word;
      p.next();
      return readPostfix(p, p.builder.resolve(name), 1, line);
    }
    case t.INT: {
      const text = p.text();
      const number = text.length > 15 ? Number.NaN : Number(text.replaceAll("_", "").replace(/^0(?=[0-7])/, "0o"));
      p.next();
      p.form = 0;
      return Number.isSafeInteger(number) ? ["#", number] : unknown;
    }
    case t.FLOAT:
    case t.CHAR:
      p.next();
      p.form = 0;
      return unknown;
    case t.STRING: {
      const text = p.end - p.pos > 400 ? null : unquote(p.text());
      p.next();
      return readPostfix(p, text === null || text.length > 120 ? unknown : ["s", text], 0, line);
    }
  }
  if (!p.enter()) {
    p.skipNested();
    p.form = 0;
    return unknown;
  }
  const value = readNested(p, line);
  p.leave();
  return value;
}

/** Operands that hold further expressions, statements or types. */
function readNested(p: GoParser, line: number): Expr {
  switch (p.tok) {
    case t.LPAREN: {
      p.next();
      const header = p.headerLevel;
      p.headerLevel = 0;
      const value = readExpression(p);
      p.headerLevel = header;
      p.expect(t.RPAREN, "`)`");
      return readPostfix(p, value, p.form, line);
    }
    case t.FUNC: {
      const start = { line: p.line, column: p.column };
      const pos = p.pos;
      p.next();
      const signature = readSignature(p);
      if (p.tok !== t.LBRACE) return readPostfix(p, functionType(signature), 2, line);
      return readPostfix(p, readFunctionLiteral(p, signature, start, pos), 0, line);
    }
    case t.LBRACK:
    case t.MAP:
    case t.CHAN:
    case t.STRUCT:
    case t.INTERFACE:
      return readPostfix(p, readTypeLiteral(p), 2, line);
    default:
      throw p.fail("an expression");
  }
}

/** What a free name or `package.Name` as a callee or value stands for until it is known whether it is called. */
function noteRead(p: GoParser, pending: Expr | null, line: number): void {
  if (pending !== null) p.builder.addRef(pending, line);
}

function readPostfix(p: GoParser, operand: Expr, operandForm: 0 | 1 | 2, operandLine: number): Expr {
  const { builder } = p;
  let e = operand;
  let form = operandForm;
  let pending: Expr | null = builder.isFree(e) ? e : null;
  let line = operandLine;
  for (let links = 0; ; links++) {
    // What hangs on so long a chain is nobody's code, and whoever evaluates it would walk it whole.
    if (links > maxChain) e = unknown;
    switch (p.tok) {
      case t.DOT: {
        p.next();
        line = p.line;
        if (p.tok === t.LPAREN) {
          noteRead(p, pending, line);
          pending = null;
          form = 0;
          e = readAssertion(p, e);
          break;
        }
        const name = p.identifier();
        if (e[0] === "m") pending = e = ["a", e, name];
        else {
          noteRead(p, pending, line);
          pending = null;
          e = attribute(e, name);
        }
        break;
      }
      case t.LBRACK: {
        const before = e;
        if (!p.enter()) {
          p.skipBrackets();
          e = unknown;
          break;
        }
        e = readIndex(p, e, form, pending !== null);
        p.leave();
        if (e[0] !== "g") {
          noteRead(p, pending, line);
          pending = null;
          if (e[0] !== "u") form = 0;
        } else if (before[0] === "g") pending = null;
        break;
      }
      case t.LPAREN:
        if (!p.enter()) {
          p.skipBrackets();
          e = unknown;
          break;
        }
        e = readCall(p, e, form, pending !== null);
        p.leave();
        pending = null;
        form = 0;
        break;
      case t.LBRACE:
        if (form === 0 || (form === 1 && p.headerLevel < 0)) {
          noteRead(p, pending, line);
          p.form = form;
          return e;
        }
        noteRead(p, pending, line);
        pending = null;
        e = readCompositeLiteral(p, e);
        form = 0;
        break;
      default:
        noteRead(p, pending, line);
        p.form = form;
        return e;
    }
  }
}

/** `.(T)` and `.(type)`; stands at the bracket. */
function readAssertion(p: GoParser, value: Expr): Expr {
  p.next();
  if (p.tok === t.TYPE) {
    p.next();
    p.sawTypeSwitch = true;
    p.expect(t.RPAREN, "`)`");
    return value;
  }
  const type = readType(p);
  p.expect(t.RPAREN, "`)`");
  return instance(type);
}

/** `a[i]`, `a[i:j]`, `F[T]`, `F[T, U]`: an element, the thing itself, or a generic applied. */
function readIndex(p: GoParser, base: Expr, baseForm: number, baseIsFree: boolean): Expr {
  p.next();
  const header = p.headerLevel;
  p.headerLevel = 0;
  const keys: Expr[] = [];
  let sliced = false;
  let keyIsType = false;
  let keyMayBeType = false;
  while (p.tok !== t.RBRACK) {
    if (p.tok === t.COLON) {
      sliced = true;
      p.next();
      continue;
    }
    const key = readExpression(p);
    keys.push(key);
    if (p.form === 2 || (key[0] === "n" && isPredeclaredType(key[1])) || p.builder.isTypeParameter(key))
      keyIsType = true;
    else if (p.form === 1 && (builderName(p, key) || key[0] === "g" || key[0] === "k")) keyMayBeType = true;
    if (p.tok === t.COMMA) p.next();
    else if (p.tok !== t.COLON) break;
  }
  p.headerLevel = header;
  p.expect(t.RBRACK, "`]`");
  if (sliced) return base;
  const key = keys[0] ?? unknown;
  const literalFollows = p.tok === t.LBRACE && p.headerLevel >= 0 && baseForm > 0;
  const typeFollows = p.typeExpected && keyMayBeType && baseForm > 0 && p.tok !== t.LPAREN;
  if (keys.length > 1 || keyIsType || literalFollows || typeFollows) return ["g", base, keys];
  const value = item(base, key);
  if (baseIsFree && keyMayBeType && p.tok === t.LPAREN) return ["u", [value, ["g", base, keys]]];
  return value;
}

const builderName = (p: GoParser, e: Expr): boolean => p.builder.isFree(e) || (e[0] === "a" && e[1][0] === "m");
