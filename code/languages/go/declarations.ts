// Go's declarations: imports, constants, variables, types, functions and methods → symbols, bindings and scopes.
import type { Expr, ScopeIr } from "../../ir.ts";
import { isPlainType, isTrivial, unknown } from "./values.ts";
import { declareSignature } from "./function-literals.ts";
import { readExpressions } from "./expressions.ts";
import { unquote } from "./literals.ts";
import { guessPackageName } from "./import-paths.ts";
import { failure, type GoParser, type Position } from "./parser.ts";
import { readBody } from "./statements.ts";
import { spread } from "./assignments.ts";
import * as t from "./tokens.ts";
import { opensTypeParameters, readTypeParameters } from "./type-parameters.ts";
import { parameterIr, resultType } from "./signatures.ts";
import { readInterface, readSignature, readStruct, readType } from "./types.ts";

/** What only the whole file tells: guessed import names and `var _ I = T{}` assertions. */
export interface FileNotes {
  guessed: number[];
  asserts: [Expr, Expr][];
}

/** Guesses of import names search the source, so they are counted. */
const maxGuesses = 60;

const positionOf = (p: GoParser): Position => ({ line: p.line, column: p.column });

/** One entry, or several in parentheses; an error costs the entry it is in. */
function readGroup(
  p: GoParser,
  readSpec: (start: Position | null, doc: string | undefined, index: number) => void,
): void {
  const start = positionOf(p);
  const doc = p.doc();
  p.next();
  if (p.tok !== t.LPAREN) {
    readSpec(start, doc, 0);
    return;
  }
  p.next();
  const point = p.recoveryPoint();
  for (let index = 0; p.tok !== t.RPAREN && p.tok !== t.EOF && !p.startsDeclaration(); index++) {
    try {
      readSpec(null, p.doc(), index);
      if (p.tok !== t.RPAREN) p.expect(t.SEMI, "end of line");
    } catch (error) {
      if (error !== failure) throw error;
      p.rewind(point);
      p.skipToStatementEnd();
      if (p.tok === t.RBRACE) p.next();
    }
  }
  p.expect(t.RPAREN, "`)`");
}

export function readImports(p: GoParser, notes: FileNotes): void {
  readGroup(p, () => {
    const line = p.line;
    let alias: string | null = null;
    let kind: "module" | "star" | "side-effect" = "module";
    let named = false;
    if (p.tok === t.DOT) {
      kind = "star";
      p.next();
    } else if (p.tok === t.IDENT) {
      alias = p.word;
      named = true;
      if (alias === "_") [kind, alias] = ["side-effect", null];
      p.next();
    }
    if (p.tok !== t.STRING) throw p.fail("an import path");
    const specifier = unquote(p.text()) ?? "";
    p.next();
    if (kind === "module" && !named) {
      const guess = guessPackageName(
        specifier,
        (name) => notes.guessed.length > maxGuesses || isQualifier(p.source, name),
      );
      alias = guess.name;
      if (!guess.certain) notes.guessed.push(p.builder.imports.length);
    }
    p.builder.addImport({ specifier, kind, name: null, alias, l: line });
  });
}

/** Whether `name.` stands anywhere in the source. */
function isQualifier(source: string, name: string): boolean {
  for (let at = source.indexOf(`${name}.`); at >= 0; at = source.indexOf(`${name}.`, at + 1))
    if (!/[\w./"-]/.test(source[at - 1] ?? "")) return true;
  return false;
}

export function readFunction(p: GoParser): void {
  const { builder } = p;
  const start = positionOf(p);
  const pos = p.pos;
  const doc = p.doc();
  p.next();
  const receiver = p.tok === t.LPAREN ? readReceiver(p) : null;
  const name = p.identifier();
  const scope: ScopeIr = { kind: "function", parent: 0, symbol: -1, bindings: [] };
  const symbolIr = {
    kind: receiver === null ? ("Function" as const) : ("Method" as const),
    name,
    parent: -1,
    range: p.rangeFrom(start),
    ...(doc === undefined ? {} : { doc }),
  };
  if (receiver === null) scope.symbol = builder.addSymbol(symbolIr);
  else scope.symbol = builder.addSymbolAt(`${receiver.type}.${name}`, symbolIr);
  const index = builder.addScope(scope);
  const value: Expr = ["f", index];
  if (receiver !== null) {
    const owner = builder.classScope(receiver.type);
    const ownerScope = builder.scope(owner);
    const symbol = builder.symbols[scope.symbol];
    if (symbol !== undefined) symbol.parent = ownerScope.symbol;
    if (name !== "_") ownerScope.bindings.push({ n: name, v: value, at: 0, r: 0 });
    scope.bound = "instance";
  } else if (name !== "_" && name !== "init") builder.scope(0).bindings.push({ n: name, v: value, at: 0, r: 0 });

  builder.enterFunction(index, scope.symbol);
  scope.params = [];
  if (receiver !== null) {
    const typeName = builder.resolve(receiver.type);
    let type: Expr = typeName;
    if (receiver.arguments.length > 0) {
      scope.typeParams = receiver.arguments.map((n) => ({ n }));
      for (const argument of receiver.arguments) {
        const local = builder.declareTypeParameter(argument);
        if (local !== null) builder.bind(local, unknown, 0);
      }
      type = ["g", typeName, receiver.arguments.map((n) => builder.resolve(n))];
    }
    scope.params.push({ n: receiver.name, kind: "positional", t: type });
    const local = builder.declare(receiver.name);
    if (local !== null) local.named.push(...scope.params);
  }
  if (p.tok === t.LBRACK) readTypeParameters(p, scope);
  const signature = readSignature(p);
  scope.params.push(...signature.parameters.map(parameterIr));
  const result = resultType(signature.results);
  if (result !== undefined) scope.returnType = result;
  const symbol = builder.symbols[scope.symbol];
  if (symbol !== undefined) symbol.signature = p.head(pos);
  declareSignature(p, index, signature);
  if (p.tok === t.LBRACE) readBody(p);
  builder.endSymbol(scope.symbol, p.rangeFrom(start));
  builder.leaveFunction();
}

/** `(name *Type[A, B])`; stands at the bracket. */
function readReceiver(p: GoParser): { name: string; type: string; arguments: string[] } {
  p.next();
  let name = "";
  let type = "";
  const names: string[] = [];
  while (p.tok === t.IDENT || p.tok === t.STAR || p.tok === t.LPAREN) {
    if (p.tok === t.IDENT) {
      if (type !== "") name = type;
      type = p.word;
    }
    p.next();
  }
  if (p.tok === t.LBRACK) {
    do {
      p.next();
      if (p.tok === t.RBRACK) break;
      names.push(p.identifier());
    } while (p.tok === t.COMMA);
    p.expect(t.RBRACK, "`]`");
  }
  while (p.tok === t.RPAREN || p.tok === t.COMMA) p.next();
  if (type === "") throw p.fail("a receiver");
  return { name, type, arguments: names };
}

export function readConstants(p: GoParser): void {
  let type: Expr | undefined;
  let usesIota = false;
  readGroup(p, (start, doc, index) => {
    const names = readNames(p);
    let values: Expr[] = [];
    if (p.tok !== t.SEMI && p.tok !== t.RPAREN && p.tok !== t.EOF) {
      type = p.tok === t.ASSIGN ? undefined : readType(p);
      if (p.tok === t.ASSIGN) {
        p.next();
        const from = p.pos;
        values = readExpressions(p);
        usesIota = p.source.slice(from, p.prevEnd) === "iota";
      } else usesIota = false;
    }
    if (usesIota && names.length === 1) values = [["#", index]];
    declareVariables(p, names, type, values, "const", start, doc);
  });
}

export function readVariables(p: GoParser, notes: FileNotes | null): void {
  readGroup(p, (start, doc) => {
    const names = readNames(p);
    let type: Expr | undefined;
    if (p.tok !== t.ASSIGN) type = readType(p);
    let values: Expr[] = [];
    if (p.tok === t.ASSIGN) {
      p.next();
      values = readExpressions(p);
    }
    const first = values[0];
    if (notes !== null && names[0]?.name === "_" && type !== undefined && first !== undefined)
      notes.asserts.push([type, conversionType(p, first)]);
    declareVariables(p, names, type, values, undefined, start, doc);
  });
}

/** `(*T)(nil)` asserts for T as `T{}` does: both give the type. */
function conversionType(p: GoParser, value: Expr): Expr {
  if (value[0] === "I") return value[1];
  const call = value[0] === "c" ? p.builder.calls[value[1]] : undefined;
  return call !== undefined && call.a.length === 0 ? call.f : unknown;
}

interface DeclaredName extends Position {
  name: string;
  pos: number;
}

function readNames(p: GoParser): DeclaredName[] {
  const names: DeclaredName[] = [];
  for (;;) {
    const { line, column, pos } = p;
    names.push({ name: p.identifier(), line, column, pos });
    if (p.tok !== t.COMMA) return names;
    p.next();
  }
}

function declareVariables(
  p: GoParser,
  names: readonly DeclaredName[],
  type: Expr | undefined,
  values: readonly Expr[],
  flag: "const" | undefined,
  start: Position | null,
  doc: string | undefined,
): void {
  const { builder } = p;
  const at = p.prevEnd;
  const spreadValues = values.length === 0 ? [] : spread(values, names.length);
  for (const [index, declared] of names.entries()) {
    const value = spreadValues[index] ?? unknown;
    if (builder.fn.outer !== null) {
      const stand =
        isTrivial(value) && value[0] !== "s" && (type === undefined || isPlainType(type)) ? unknown : undefined;
      const local = builder.declare(declared.name, stand);
      if (local !== null) builder.bind(local, value, at, type);
      continue;
    }
    if (declared.name === "_") continue;
    const signature = p.head(declared.pos);
    builder.addSymbol({
      kind: "Variable",
      name: declared.name,
      parent: -1,
      range: p.rangeFrom(index === 0 && start !== null ? start : declared),
      signature: flag === "const" ? `const ${signature}` : `var ${signature}`,
      ...(doc === undefined ? {} : { doc }),
      ...(flag === undefined ? {} : { flags: [flag] }),
    });
    // Where a type of its own is stated the number says nothing more: the methods are the type's.
    const v = isTrivial(value) && type !== undefined && !isPlainType(type) ? unknown : value;
    builder.scope(0).bindings.push({ n: declared.name, v, at: 0, r: 0, ...(type === undefined ? {} : { t: type }) });
  }
}

export function readTypes(p: GoParser): void {
  readGroup(p, (start, doc) => {
    const { builder } = p;
    const begin = start ?? positionOf(p);
    const pos = p.pos;
    const name = p.identifier();
    const isLocal = builder.fn.outer !== null;
    const parent = builder.fn.symbol;
    const symbol = builder.addSymbol({
      kind: "Class",
      name,
      parent,
      range: p.rangeFrom(begin),
      ...(doc === undefined ? {} : { doc }),
    });
    const record = builder.symbols[symbol];
    if (record === undefined) return;

    let index: number;
    if (isLocal) index = builder.addScope({ kind: "class", parent: builder.fn.scope, symbol, bindings: [] });
    else {
      index = builder.classScope(name);
      // Methods above the type have opened its scope; a second declaration of the name keeps one of its own.
      if (builder.scope(index).symbol >= 0)
        index = builder.addScope({ kind: "class", parent: 0, symbol, bindings: [] });
    }
    const scope = builder.scope(index);
    const own: Expr = ["k", index];
    if (isLocal) builder.declare(name, own);
    const outerType = builder.type;
    builder.type = { scope: index, symbol };
    builder.openBlock();
    const generic = p.tok === t.LBRACK && opensTypeParameters(p);
    if (generic) readTypeParameters(p, scope);
    let value: Expr = own;
    if (p.tok === t.ASSIGN) {
      p.next();
      record.flags = ["type", "alias"];
      value = readType(p);
      record.signature = `type ${p.head(pos)}`;
      // What its text refers to is told from a scope of its own; nothing is bound to it.
      scope.symbol = symbol;
    } else {
      scope.symbol = symbol;
      adoptMethods(p, index, symbol);
      record.signature = `type ${p.head(pos)}${p.tok === t.STRUCT ? " struct" : p.tok === t.INTERFACE ? " interface" : ""}`;
      if (p.tok === t.STRUCT) {
        record.flags = ["struct"];
        readStruct(p, index, symbol);
      } else if (p.tok === t.INTERFACE) {
        record.kind = "Interface";
        readInterface(p, index, symbol);
      } else {
        record.flags = ["type"];
        const underlying = readType(p);
        if (!isPlainType(underlying)) scope.underlying = underlying;
        record.signature = `type ${p.head(pos)}`;
      }
    }
    builder.closeBlock();
    builder.type = outerType;
    record.range = p.rangeFrom(begin);
    if (!isLocal && name !== "_") builder.scope(0).bindings.push({ n: name, v: value, at: 0, r: 0 });
    else if (isLocal && value !== own) aliasLocal(p, name, value);
  });
}

/** Methods that stood above their type become its children. */
function adoptMethods(p: GoParser, index: number, symbol: number): void {
  const { builder } = p;
  for (const binding of builder.scope(index).bindings) {
    if (binding.v[0] !== "f") continue;
    const method = builder.symbols[builder.scope(binding.v[1]).symbol];
    if (method !== undefined) method.parent = symbol;
  }
}

function aliasLocal(p: GoParser, name: string, value: Expr): void {
  p.builder.declare(name, value);
}

export function readLocalDeclaration(p: GoParser): void {
  if (p.tok === t.VAR) readVariables(p, null);
  else if (p.tok === t.CONST) readConstants(p);
  else readTypes(p);
}
