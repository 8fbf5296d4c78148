// Go's types, signatures, struct and interface bodies → IR type expressions and class scopes. Pointers are dropped.
import type { Expr, ScopeIr } from "../../ir.ts";
import { failure, type GoParser, type Position } from "./parser.ts";
import {
  chan,
  functionType,
  mapOf,
  type Parameter,
  parameterIr,
  resultType,
  type Signature,
  sliceOf,
} from "./signatures.ts";
import * as t from "./tokens.ts";
import { isPlainType, unknown } from "./values.ts";

/** A name in a type's place, with its reference noted. */
function typeName(p: GoParser, name: string, line: number): Expr {
  const e = p.builder.resolve(name);
  if (p.builder.isFree(e)) p.builder.addRef(e, line);
  return e;
}

/** After a type's first name: `.Name` and `[arguments]`. */
function readTypeRest(p: GoParser, name: string, line: number): Expr {
  let type: Expr;
  if (p.tok === t.DOT) {
    const qualifier = p.builder.resolve(name);
    p.next();
    type = ["a", qualifier, p.identifier()];
    p.builder.addRef(type, line);
  } else type = typeName(p, name, line);
  return p.tok === t.LBRACK ? readTypeArguments(p, type) : type;
}

function readTypeArguments(p: GoParser, type: Expr): Expr {
  if (!p.enter()) {
    p.skipBrackets();
    return type;
  }
  p.next();
  const types: Expr[] = [];
  while (p.tok !== t.RBRACK) {
    types.push(readType(p));
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  p.leave();
  p.expect(t.RBRACK, "`]`");
  return ["g", type, types];
}

export function readType(p: GoParser): Expr {
  while (p.tok === t.STAR || p.tok === t.TILDE) p.next();
  if (p.tok === t.IDENT) {
    const name = p.word;
    const line = p.line;
    p.next();
    return p.tok === t.DOT || p.tok === t.LBRACK ? readTypeRest(p, name, line) : typeName(p, name, line);
  }
  if (!p.enter()) {
    p.skipNested();
    return unknown;
  }
  const type = readTypeLiteral(p);
  p.leave();
  return type;
}

/** Types that begin with a bracket or a keyword. */
export function readTypeLiteral(p: GoParser): Expr {
  switch (p.tok) {
    case t.LPAREN: {
      p.next();
      const type = readType(p);
      p.expect(t.RPAREN, "`)`");
      return type;
    }
    case t.LBRACK:
      p.next();
      if (p.tok === t.ELLIPSIS) p.next();
      else if (p.tok !== t.RBRACK) readArrayLength(p);
      p.expect(t.RBRACK, "`]`");
      return sliceOf(readType(p));
    case t.MAP: {
      p.next();
      p.expect(t.LBRACK, "`[`");
      const key = readType(p);
      p.expect(t.RBRACK, "`]`");
      return mapOf(key, readType(p));
    }
    case t.ARROW:
      p.next();
      p.expect(t.CHAN, "`chan`");
      return ["g", chan, [readType(p)]];
    case t.CHAN:
      p.next();
      if (p.tok === t.ARROW) p.next();
      return ["g", chan, [readType(p)]];
    case t.FUNC:
      p.next();
      return functionType(readSignature(p));
    case t.STRUCT: {
      const scope = anonymousClass(p);
      readStruct(p, scope, -1);
      return keepAnonymous(p, scope) ?? unknown;
    }
    case t.INTERFACE: {
      const scope = anonymousClass(p);
      readInterface(p, scope, -1);
      return keepAnonymous(p, scope) ?? ["n", "any"];
    }
    default:
      throw p.fail("a type");
  }
}

function readArrayLength(p: GoParser): void {
  const header = p.headerLevel;
  p.headerLevel = 0;
  p.grammar.readExpression(p);
  p.headerLevel = header;
}

function anonymousClass(p: GoParser): number {
  return p.builder.addScope({ kind: "class", parent: p.builder.fn.scope, symbol: -1, bindings: [] });
}

/** An anonymous type with no members says nothing: its scope is taken back when it is still the last one. */
function keepAnonymous(p: GoParser, index: number): Expr | null {
  const { scopes } = p.builder;
  const scope = p.builder.scope(index);
  if (scope.bindings.length > 0 || scope.bases !== undefined) return ["k", index];
  if (index === scopes.length - 1) scopes.pop();
  return null;
}

interface Entry {
  name: string | null;
  line: number;
  type: Expr | null;
  rest: boolean;
}

/** `(a, b int, c ...T)` or `(int, string)`: only the whole list tells names from types. */
function readParameters(p: GoParser): Parameter[] {
  if (p.tok === t.LPAREN && !p.enter()) {
    p.skipBrackets();
    return [];
  }
  p.expect(t.LPAREN, "`(`");
  const entries: Entry[] = [];
  let named = false;
  while (p.tok !== t.RPAREN && p.tok !== t.EOF) {
    const entry = readEntry(p);
    if (entry.name !== null && entry.type !== null) named = true;
    entries.push(entry);
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  p.leave();
  p.expect(t.RPAREN, "`)`");
  const parameters: Parameter[] = [];
  let type: Expr = unknown;
  let rest = false;
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (entry === undefined) continue;
    if (entry.type !== null) [type, rest] = [entry.type, entry.rest];
    else if (!named && entry.name !== null) [type, rest] = [typeName(p, entry.name, entry.line), false];
    parameters.push({ name: named ? (entry.name ?? "") : "", type, rest });
    if (!named) rest = false;
  }
  return parameters.toReversed();
}

function readEntry(p: GoParser): Entry {
  const line = p.line;
  if (p.tok === t.IDENT) {
    const name = p.word;
    p.next();
    if (p.tok === t.COMMA || p.tok === t.RPAREN) return { name, line, type: null, rest: false };
    if (p.tok === t.DOT) return { name: null, line, type: readTypeRest(p, name, line), rest: false };
    if (p.tok === t.LBRACK) {
      const { type, isField } = readNameThenBracket(p, name, line);
      return { name: isField ? name : null, line, type, rest: false };
    }
    return { name, line, ...readVariadic(p) };
  }
  return { name: null, line, ...readVariadic(p) };
}

function readVariadic(p: GoParser): { type: Expr; rest: boolean } {
  if (p.tok !== t.ELLIPSIS) return { type: readType(p), rest: false };
  p.next();
  return { type: sliceOf(readType(p)), rest: true };
}

/** `name []T` and `name [N]T` declare a name; `Name[T]` is a generic type. Stands at the bracket. */
function readNameThenBracket(p: GoParser, name: string, line: number): { type: Expr; isField: boolean } {
  p.next();
  if (p.tok === t.RBRACK || p.tok === t.ELLIPSIS) {
    if (p.tok === t.ELLIPSIS) p.next();
    p.expect(t.RBRACK, "`]`");
    return { type: sliceOf(readType(p)), isField: true };
  }
  const keys: Expr[] = [];
  const header = p.headerLevel;
  p.headerLevel = 0;
  while (p.tok !== t.RBRACK) {
    keys.push(p.grammar.readExpression(p));
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  p.headerLevel = header;
  p.expect(t.RBRACK, "`]`");
  if (keys.length === 1 && t.startsType[p.tok] === 1) return { type: sliceOf(readType(p)), isField: true };
  return { type: ["g", typeName(p, name, line), keys], isField: false };
}

export function readSignature(p: GoParser): Signature {
  const parameters = readParameters(p);
  if (p.tok === t.LPAREN) return { parameters, results: readParameters(p) };
  if (t.startsType[p.tok] === 1) return { parameters, results: [{ name: "", type: readType(p), rest: false }] };
  return { parameters, results: [] };
}

/** A union of types constrains, but has no methods: undefined. */
export function readConstraint(p: GoParser): Expr | undefined {
  let type: Expr | undefined = p.tok === t.TILDE ? (readType(p), undefined) : readType(p);
  while (p.tok === t.OR) {
    p.next();
    readType(p);
    type = undefined;
  }
  return type === undefined || isPlainType(type) ? undefined : type;
}

/** Last part of a type's name, under which an embedded field is reached. */
function embeddedName(type: Expr): string | null {
  if (type[0] === "g") return embeddedName(type[1]);
  if (type[0] === "a") return type[2];
  return type[0] === "n" ? type[1].replace(/~\d+$/, "") : null;
}

function addEmbedded(scope: ScopeIr, type: Expr, at: number): void {
  (scope.bases ??= []).push(type);
  const name = embeddedName(type);
  if (name !== null) scope.bindings.push({ n: name, v: unknown, at, r: 0, t: type });
}

function readMembers(p: GoParser, readMember: () => void): void {
  p.next();
  if (p.tok === t.LBRACE && !p.enter()) {
    p.skipBrackets();
    return;
  }
  p.expect(t.LBRACE, "`{`");
  const point = p.recoveryPoint();
  while (p.tok !== t.RBRACE && p.tok !== t.EOF && !p.startsDeclaration()) {
    try {
      readMember();
      if (p.tok !== t.RBRACE) p.expect(t.SEMI, "end of line");
    } catch (error) {
      if (error !== failure) throw error;
      p.rewind(point);
      p.skipToStatementEnd();
    }
  }
  p.leave();
  p.expect(t.RBRACE, "`}`");
}

/** `struct { … }` into a class scope; fields become symbols below `symbol` unless that is -1. Stands at the keyword. */
export function readStruct(p: GoParser, index: number, symbol: number): void {
  const scope = p.builder.scope(index);
  readMembers(p, () => {
    const doc = symbol < 0 ? undefined : p.doc();
    const names: { name: string; start: Position; pos: number }[] = [];
    let type: Expr;
    if (p.tok === t.IDENT) {
      const start = { line: p.line, column: p.column };
      const pos = p.pos;
      const name = p.identifier();
      if (p.tok === t.DOT || p.tok === t.SEMI || p.tok === t.STRING || p.tok === t.RBRACE) {
        addEmbedded(scope, readTypeRest(p, name, start.line), pos);
        if (p.tok === t.STRING) p.next();
        return;
      }
      names.push({ name, start, pos });
      if (p.tok === t.LBRACK) {
        const bracket = readNameThenBracket(p, name, start.line);
        type = bracket.type;
        if (!bracket.isField) {
          addEmbedded(scope, type, pos);
          if (p.tok === t.STRING) p.next();
          return;
        }
      } else {
        while (p.tok === t.COMMA) {
          p.next();
          names.push({ name: p.word, start: { line: p.line, column: p.column }, pos: p.pos });
          p.identifier();
        }
        type = readType(p);
      }
    } else {
      const pos = p.pos;
      addEmbedded(scope, readType(p), pos);
      if (p.tok === t.STRING) p.next();
      return;
    }
    for (const { name, start, pos } of names) {
      if (name === "_") continue;
      scope.bindings.push({ n: name, v: unknown, at: pos, r: 0, t: type });
      if (symbol < 0) continue;
      p.builder.addSymbol({
        kind: "Variable",
        name,
        parent: symbol,
        range: p.rangeFrom(start),
        signature: p.head(pos),
        ...(doc === undefined ? {} : { doc }),
      });
    }
    if (p.tok === t.STRING) p.next();
  });
}

/** `interface { … }` into a class scope; methods become abstract symbols below `symbol` unless that is -1. Stands at the keyword. */
export function readInterface(p: GoParser, index: number, symbol: number): void {
  const scope = p.builder.scope(index);
  readMembers(p, () => {
    if (p.tok !== t.IDENT) {
      const constraint = readConstraint(p);
      if (constraint !== undefined) (scope.bases ??= []).push(constraint);
      return;
    }
    const doc = symbol < 0 ? undefined : p.doc();
    const start = { line: p.line, column: p.column };
    const pos = p.pos;
    const name = p.identifier();
    if (p.tok !== t.LPAREN) {
      const type = readTypeRest(p, name, start.line);
      if (p.tok === t.OR) {
        p.next();
        readConstraint(p);
      } else if (!isPlainType(type)) (scope.bases ??= []).push(type);
      return;
    }
    const signature = readSignature(p);
    const result = resultType(signature.results);
    const method: ScopeIr = {
      kind: "function",
      parent: index,
      symbol: -1,
      bindings: [],
      params: [{ n: "", kind: "positional" }, ...signature.parameters.map(parameterIr)],
      bound: "instance",
    };
    if (result !== undefined) method.returnType = result;
    if (symbol >= 0) {
      method.symbol = p.builder.addSymbol({
        kind: "Method",
        name,
        parent: symbol,
        range: p.rangeFrom(start),
        signature: p.head(pos),
        ...(doc === undefined ? {} : { doc }),
        flags: ["abstract"],
      });
    }
    scope.bindings.push({ n: name, v: ["f", p.builder.addScope(method)], at: pos, r: 0 });
  });
}
