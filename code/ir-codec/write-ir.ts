// FileIr → the body of its bytes: eight sections, so that a reader finds symbols, scopes and calls one by one.
import { AppError } from "@opentrace/contract/errors.ts";
import type { BindingIr, CallIr, Expr, FileIr, ParamIr, ScopeIr, StoreIr, SymbolIr } from "../ir.ts";
import { ByteWriter } from "./bytes.ts";
import { TextWriter } from "./text-table.ts";
import { bounds, exprTags, importKinds, paramKinds, scopeKinds, symbolKinds, visibilities } from "./vocabulary.ts";

const biggestWhole = 2 ** 51;

/** Texts, docs, symbols, heads and bodies of scopes, heads and bodies of calls, all else: in the order of the bytes. */
export function writeIr(ir: FileIr): Uint8Array[] {
  const writer = new IrWriter();
  const symbols = new ByteWriter();
  const scopeHeads = new ByteWriter();
  const scopeBodies = new ByteWriter();
  const callHeads = new ByteWriter();
  const callBodies = new ByteWriter();
  const rest = new ByteWriter();

  symbols.uint(ir.symbols.length);
  let line = 0;
  ir.symbols.forEach((symbol) => (line = writer.symbol(symbols, symbol, ir.symbols[symbol.parent], line)));

  scopeHeads.uint(ir.scopes.length);
  for (const scope of ir.scopes) {
    const start = scopeBodies.length;
    const parts = writer.scopeBody(scopeBodies, scope);
    writer.scopeHead(scopeHeads, scope, parts, scopeBodies.length - start);
  }

  callHeads.uint(ir.calls.length);
  let before = { s: 0, l: 0, at: 0 };
  for (const call of ir.calls) {
    const start = callBodies.length;
    writer.callBody(callBodies, call);
    writer.callHead(callHeads, call, before, callBodies.length - start);
    before = call;
  }

  writer.rest(rest, ir);
  const texts = new ByteWriter();
  writer.texts.writeTo(texts);
  const docs = new ByteWriter();
  writer.docs.writeTo(docs);
  return [texts, docs, symbols, scopeHeads, scopeBodies, callHeads, callBodies, rest].map((section) => section.written);
}

function numberOf<T>(words: readonly T[], word: T): number {
  const index = words.indexOf(word);
  if (index < 0) throw new AppError("internal", `The IR has no word "${String(word)}"`);
  return index;
}

class IrWriter {
  readonly texts = new TextWriter();
  /** Apart, because they are asked for only where the file's own nodes are made. */
  readonly docs = new TextWriter();

  #text(out: ByteWriter, text: string): void {
    out.uint(this.texts.indexOf(text));
  }

  /** 0 = there is none. */
  #maybe(out: ByteWriter, text: string | null | undefined, table = this.texts): void {
    out.uint(text === null || text === undefined ? 0 : table.indexOf(text) + 1);
  }

  #exprs(out: ByteWriter, exprs: readonly Expr[]): void {
    out.uint(exprs.length);
    for (const expr of exprs) this.#expr(out, expr);
  }

  #expr(out: ByteWriter, expr: Expr): void {
    const kind = expr[0];
    if (kind === "#") {
      const value = expr[1];
      const isWhole = Number.isInteger(value) && Math.abs(value) < biggestWhole && !Object.is(value, -0);
      out.byte(isWhole ? exprTags.whole : exprTags.float);
      if (isWhole) out.int(value);
      else out.float(value);
      return;
    }
    out.byte(exprTags[kind]);
    switch (kind) {
      case "n":
      case "s":
        return this.#text(out, expr[1]);
      case "a":
        this.#expr(out, expr[1]);
        return this.#text(out, expr[2]);
      case "i":
        this.#expr(out, expr[1]);
        return this.#expr(out, expr[2]);
      case "e":
      case "w":
      case "*":
      case "I":
        return this.#expr(out, expr[1]);
      case "c":
      case "t":
      case "f":
      case "k":
      case "m":
        return out.int(expr[1]);
      case "d":
        out.int(expr[1]);
        return this.#expr(out, expr[2]);
      case "l":
      case "u":
      case "+":
        return this.#exprs(out, expr[1]);
      case "g":
        this.#expr(out, expr[1]);
        return this.#exprs(out, expr[2]);
      case "o":
        out.uint(expr[1].length);
        for (const [key, value] of expr[1]) {
          this.#maybe(out, key);
          this.#expr(out, value);
        }
        return;
      case "this":
      case "super":
      case "?":
        return;
    }
  }

  /** Returns the line that the next symbol's is told from. */
  symbol(out: ByteWriter, symbol: SymbolIr, parent: SymbolIr | undefined, line: number): number {
    const { name, path, range, flags } = symbol;
    const isPlain = path === (parent === undefined ? name : `${parent.path}.${name}`);
    out.byte(
      numberOf(symbolKinds, symbol.kind) |
        (numberOf(visibilities, symbol.visibility) << 3) |
        (symbol.exported ? 32 : 0) |
        (isPlain ? 64 : 0) |
        (flags === undefined ? 0 : 128),
    );
    this.#text(out, name);
    if (!isPlain) this.#text(out, path);
    out.int(symbol.parent);
    out.int(range.startLine - line);
    out.int(range.startColumn);
    out.int(range.endLine - range.startLine);
    out.int(range.endColumn);
    this.#maybe(out, symbol.signature, this.docs);
    this.#maybe(out, symbol.doc, this.docs);
    if (flags !== undefined) {
      out.uint(flags.length);
      for (const flag of flags) this.#text(out, flag);
    }
    return range.startLine;
  }

  scopeHead(out: ByteWriter, scope: ScopeIr, parts: number, bodyLength: number): void {
    out.byte(
      numberOf(scopeKinds, scope.kind) |
        (numberOf<ScopeIr["bound"]>(bounds, scope.bound) << 2) |
        (scope.async ? 32 : 0),
    );
    out.int(scope.parent);
    out.int(scope.symbol);
    out.uint(parts);
    out.uint(bodyLength);
  }

  /** Returns which of the optional parts are there, a bit each. */
  scopeBody(out: ByteWriter, scope: ScopeIr): number {
    let parts = 0;
    const part = <T>(bit: number, value: T | undefined, write: (value: T) => void): void => {
      if (value === undefined) return;
      parts |= 1 << bit;
      write(value);
    };
    const expr = (one: Expr): void => this.#expr(out, one);
    const exprs = (some: readonly Expr[]): void => this.#exprs(out, some);
    let at = 0;
    out.uint(scope.bindings.length);
    for (const binding of scope.bindings) {
      this.#binding(out, binding, at);
      ({ at } = binding);
    }
    part(0, scope.stores, (stores) => {
      out.uint(stores.length);
      for (const store of stores) this.#store(out, store);
    });
    part(1, scope.regions, (regions) => {
      out.uint(regions.length);
      for (const [parent, group] of regions) {
        out.int(parent);
        out.int(group);
      }
    });
    part(2, scope.params, (params) => {
      out.uint(params.length);
      for (const param of params) this.#param(out, param);
    });
    part(3, scope.returns, exprs);
    part(4, scope.yields, exprs);
    part(5, scope.returnType, expr);
    part(6, scope.bases, exprs);
    part(7, scope.implements, exprs);
    part(8, scope.metaclass, expr);
    part(9, scope.underlying, expr);
    part(10, scope.typeParams, (typeParams) => {
      out.uint(typeParams.length);
      for (const { n, t } of typeParams) {
        out.uint(this.texts.indexOf(n) * 2 + (t === undefined ? 0 : 1));
        if (t !== undefined) this.#expr(out, t);
      }
    });
    return parts;
  }

  #binding(out: ByteWriter, { n, v, at, r, t, s }: BindingIr, before: number): void {
    out.uint(this.texts.indexOf(n) * 4 + (t === undefined ? 0 : 1) + (s === undefined ? 0 : 2));
    this.#expr(out, v);
    out.int(at - before);
    out.int(r);
    if (t !== undefined) this.#expr(out, t);
    if (s !== undefined) out.int(s);
  }

  #store(out: ByteWriter, { o, k, v, at, r, l }: StoreIr): void {
    this.#expr(out, o);
    this.#maybe(out, k);
    this.#expr(out, v);
    out.int(at);
    out.int(r);
    out.int(l);
  }

  #param(out: ByteWriter, { n, kind, v, t }: ParamIr): void {
    this.#text(out, n);
    out.byte(numberOf(paramKinds, kind) | (v === undefined ? 0 : 8) | (t === undefined ? 0 : 16));
    if (v !== undefined) this.#expr(out, v);
    if (t !== undefined) this.#expr(out, t);
  }

  callHead(out: ByteWriter, call: CallIr, before: { s: number; l: number; at: number }, bodyLength: number): void {
    out.uint(bodyLength * 4 + (call.new === true ? 1 : 0) + (call.implicit === true ? 2 : 0));
    out.int(call.s - before.s);
    out.int(call.l - before.l);
    out.int(call.at - before.at);
    out.int(call.r);
  }

  callBody(out: ByteWriter, { f, a, k }: CallIr): void {
    this.#expr(out, f);
    out.uint(a.length * 2 + (k === undefined ? 0 : 1));
    for (const argument of a) this.#expr(out, argument);
    if (k === undefined) return;
    out.uint(k.length);
    for (const [name, value] of k) {
      this.#maybe(out, name);
      this.#expr(out, value);
    }
  }

  rest(out: ByteWriter, ir: FileIr): void {
    this.#text(out, ir.language);
    this.#maybe(out, ir.package);
    this.#maybe(out, ir.doc, this.docs);
    out.int(ir.lines);
    out.uint(ir.refs.length);
    let line = 0;
    for (const { s, e, l } of ir.refs) {
      out.int(s);
      this.#expr(out, e);
      out.int(l - line);
      line = l;
    }
    out.uint(ir.imports.length);
    for (const { specifier, kind, name, alias, type, l } of ir.imports) {
      this.#text(out, specifier);
      out.byte(numberOf(importKinds, kind) | (type === true ? 8 : 0));
      this.#maybe(out, name);
      this.#maybe(out, alias);
      out.int(l);
    }
    const { exports, problems, extra } = ir;
    out.byte((exports === undefined ? 0 : 1) | (problems === undefined ? 0 : 2) | (extra === undefined ? 0 : 4));
    if (exports !== undefined) {
      out.uint(exports.length);
      for (const { name, v, at } of exports) {
        this.#text(out, name);
        this.#expr(out, v);
        out.int(at);
      }
    }
    if (problems !== undefined) {
      out.uint(problems.length);
      for (const [at, what] of problems) {
        out.int(at);
        this.#text(out, what);
      }
    }
    if (extra !== undefined) this.#text(out, JSON.stringify(extra));
  }
}
