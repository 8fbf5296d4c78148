// Go's expressions → IR values and calls. Types may stand wherever an expression may; `GoParser.form` says what was read.
// One file, as literals, calls and functions hold expressions of every kind: apart they would import one another in a circle.
import type { Expr, ScopeIr } from "../../ir.ts";
import {
  anyOf,
  attribute,
  element,
  instance,
  isNumeric,
  isPredeclaredType,
  isTrivial,
  item,
  isPlainType,
  unknown,
} from "./builder.ts";
import type { GoParser } from "./parser.ts";
import * as t from "./tokens.ts";
import {
  compositeHead,
  functionType,
  parameterIr,
  readSignature,
  readType,
  readTypeLiteral,
  resultType,
  type Signature,
} from "./types.ts";

/** Values nested deeper in literals than this are not kept (their calls are). */
const maxLiteralDepth = 40;
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

function readFunctionLiteral(
  p: GoParser,
  signature: Signature,
  start: { line: number; column: number },
  pos: number,
): Expr {
  const { builder } = p;
  const parent = builder.fn.symbol;
  const symbol = builder.addSymbol({
    kind: "Function",
    name: builder.anonymousName(parent),
    parent,
    range: p.rangeFrom(start),
    signature: p.head(pos),
    flags: ["anonymous"],
  });
  const scope: ScopeIr = {
    kind: "function",
    parent: builder.fn.scope,
    symbol,
    bindings: [],
    params: signature.parameters.map(parameterIr),
  };
  const result = resultType(signature.results);
  if (result !== undefined) scope.returnType = result;
  const index = builder.addScope(scope);
  readFunctionBody(p, index, symbol, signature);
  builder.endSymbol(symbol, p.rangeFrom(start));
  return ["f", index];
}

/** Declares parameters and results as locals and reads the body. Stands at `{`. */
function readFunctionBody(p: GoParser, index: number, symbol: number, signature: Signature): void {
  const { builder } = p;
  builder.enterFunction(index, symbol);
  declareSignature(p, index, signature);
  const header = p.headerLevel;
  p.headerLevel = 0;
  p.grammar.readBody(p);
  p.headerLevel = header;
  builder.leaveFunction();
}

export function declareSignature(p: GoParser, index: number, signature: Signature): void {
  const { builder } = p;
  const params = builder.scope(index).params ?? [];
  const offset = params.length - signature.parameters.length;
  for (const [place, parameter] of signature.parameters.entries()) {
    const local = builder.declare(parameter.name, isNumeric(parameter.type) ? unknown : undefined);
    const param = params[offset + place];
    if (local === null || param === undefined) continue;
    if (local.use[0] === "n") param.n = local.use[1];
    local.named.push(param);
  }
  builder.fn.results = signature.results.map((result) => result.type);
  builder.fn.namedResults = signature.results.map((result) => result.name);
  for (const result of signature.results) {
    const local = builder.declare(result.name, isPlainType(result.type) ? unknown : undefined);
    if (local !== null) builder.bind(local, unknown, p.pos, result.type);
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
    const value = readExpression(p);
    if (p.tok === t.ELLIPSIS) {
      p.next();
      list.push(value[0] === "?" ? value : ["*", value]);
    } else list.push(p.form === 2 ? unknown : value);
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  return list;
}

function readCall(p: GoParser, callee: Expr, form: number, calleeIsFree: boolean): Expr {
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
    if (p.tok !== t.RPAREN) first = readExpression(p);
    p.typeExpected = false;
    if (p.form > 0) first = instance(first);
    list = [];
    while (p.tok === t.COMMA) {
      p.next();
      if (p.tok === t.RPAREN) break;
      readExpression(p);
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

/** `T{…}`; stands at `{`. */
function readCompositeLiteral(p: GoParser, type: Expr): Expr {
  return readLiteralValue(p, type[0] === "?" ? unknown : ["I", type]);
}

/**
 * Elements of a literal of the type of `of` (`["I", T]`, or an element of such). Values in fields of structs become stores
 * into `of`; values in slices and maps come back as a list or an object next to the type.
 */
function readLiteralValue(p: GoParser, of: Expr): Expr {
  const type: Expr = of[0] === "I" ? of[1] : unknown;
  const head = compositeHead(type);
  const types = head !== null && type[0] === "g" ? type[2] : [];
  const valueOf: Expr = head === null ? element(of) : instance(types[head === "map" ? 1 : 0] ?? unknown);
  const keyOf: Expr = head === "map" ? instance(types[0] ?? unknown) : unknown;
  const entries: [string | null, Expr][] = [];
  let kept = false;
  if (!p.enter()) {
    p.skipBrackets();
    return unknown;
  }
  p.next();
  const header = p.headerLevel;
  p.headerLevel = 0;
  p.literalDepth++;
  while (p.tok !== t.RBRACE && p.tok !== t.EOF) {
    let key: string | null = null;
    let value: Expr;
    const elementLine = p.line;
    if (p.tok === t.IDENT && head === null) {
      const name = p.word;
      p.next();
      // Of a struct it is a field; a named map type's constant key stays unknown as a reference.
      if (p.tok === t.COLON) {
        key = name;
        p.next();
        value = readElement(p, attribute(of, name));
      } else value = readExpressionFrom(p, name, elementLine);
    } else value = readElement(p, head === "map" ? keyOf : valueOf);
    if (p.tok === t.COLON) {
      key = value[0] === "s" || value[0] === "#" ? String(value[1]) : null;
      p.next();
      value = readElement(p, valueOf);
    }
    if (!isTrivial(value)) {
      if (head === null) {
        if (p.literalDepth <= maxLiteralDepth) p.builder.addStore(of, key, value, p.prevEnd, elementLine);
      } else if (value !== valueOf) kept = true;
    }
    if (head !== null) entries.push([key, isTrivial(value) ? unknown : value]);
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  p.literalDepth--;
  p.headerLevel = header;
  p.leave();
  if (p.tok === t.SEMI) p.problem(p.line, "expected `,` or `}` after the last element of a literal");
  while (p.tok === t.SEMI) p.next();
  p.expect(t.RBRACE, "`}`");
  if (head === null) return of;
  const declared = isPlainType(type) ? unknown : of;
  if (!kept || p.literalDepth >= maxLiteralDepth) return declared;
  if (head === "map") return anyOf([declared, ["o", entries]]);
  return anyOf([declared, ["l", entries.filter(([, value]) => value[0] !== "?").map(([, value]) => value)]]);
}

/** One value of a literal; `{…}` without a type takes the element's type. */
function readElement(p: GoParser, elided: Expr): Expr {
  if (p.tok === t.LBRACE) return readLiteralValue(p, elided);
  const value = readExpression(p);
  return p.form === 2 ? unknown : value;
}

export function unquote(text: string): string | null {
  const quote = text.charCodeAt(0);
  const body = text.slice(1, -1);
  if (quote === 96 || !body.includes("\\")) return body;
  return body.replace(
    /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/g,
    (
      _,
      simple: string | undefined,
      hex: string | undefined,
      short: string | undefined,
      long: string | undefined,
      octal: string,
    ) => {
      if (simple !== undefined) return simpleEscapes[simple] ?? simple;
      const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? "0", 16) : Number.parseInt(octal, 8);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}

const simpleEscapes: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
