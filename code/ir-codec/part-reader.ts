// Reads expressions, and what is made of them, in the order in which write-ir.ts wrote them.
import type { BindingIr, Expr, FileIr, ImportIr, ParamIr, ScopeIr, StoreIr } from "../ir.ts";
import { ByteReader } from "./bytes.ts";
import type { TextReader } from "./text-table.ts";
import { exprTags, importKinds, paramKinds } from "./vocabulary.ts";

/** What of a scope is read when first asked for. */
export type ScopeBody = {
  [Part in Exclude<keyof ScopeIr, "kind" | "bound" | "async" | "parent" | "symbol" | "bindings">]:
    | ScopeIr[Part]
    | undefined;
} & Pick<ScopeIr, "bindings">;

/** What of a file is neither symbol nor scope nor call. */
export interface Rest {
  language: string;
  package: string | undefined;
  /** Index in the table of docs plus 1, 0 = none. */
  doc: number;
  lines: number;
  refs: FileIr["refs"];
  imports: ImportIr[];
  exports: FileIr["exports"] | undefined;
  problems: FileIr["problems"] | undefined;
  extra: FileIr["extra"] | undefined;
}

export class PartReader extends ByteReader {
  readonly #texts: TextReader;

  constructor(bytes: Uint8Array, at: number, texts: TextReader) {
    super(bytes, at);
    this.#texts = texts;
  }

  #text(): string {
    return this.#texts.at(this.uint());
  }

  #maybe(): string | null {
    const index = this.uint();
    return index === 0 ? null : this.#texts.at(index - 1);
  }

  #list<T>(read: () => T): T[] {
    const list: T[] = [];
    for (let left = this.uint(); left > 0; left--) list.push(read());
    return list;
  }

  exprs(count = this.uint()): Expr[] {
    const list: Expr[] = [];
    for (let left = count; left > 0; left--) list.push(this.expr());
    return list;
  }

  entries(): [string | null, Expr][] {
    const list: [string | null, Expr][] = [];
    for (let left = this.uint(); left > 0; left--) list.push([this.#maybe(), this.expr()]);
    return list;
  }

  /** A new one for each: an expression stands for its place in the source too. */
  expr(): Expr {
    switch (this.byte()) {
      case exprTags.n:
        return ["n", this.#text()];
      case exprTags.this:
        return ["this"];
      case exprTags.super:
        return ["super"];
      case exprTags.a:
        return ["a", this.expr(), this.#text()];
      case exprTags.i:
        return ["i", this.expr(), this.expr()];
      case exprTags.e:
        return ["e", this.expr()];
      case exprTags.w:
        return ["w", this.expr()];
      case exprTags["*"]:
        return ["*", this.expr()];
      case exprTags.c:
        return ["c", this.int()];
      case exprTags.d:
        return ["d", this.int(), this.expr()];
      case exprTags.f:
        return ["f", this.int()];
      case exprTags.k:
        return ["k", this.int()];
      case exprTags.o:
        return ["o", this.entries()];
      case exprTags.l:
        return ["l", this.exprs()];
      case exprTags.s:
        return ["s", this.#text()];
      case exprTags.whole:
        return ["#", this.int()];
      case exprTags.float:
        return ["#", this.float()];
      case exprTags.u:
        return ["u", this.exprs()];
      case exprTags["+"]:
        return ["+", this.exprs()];
      case exprTags.t:
        return ["t", this.int()];
      case exprTags.m:
        return ["m", this.int()];
      case exprTags.I:
        return ["I", this.expr()];
      case exprTags.g:
        return ["g", this.expr(), this.exprs()];
      default:
        return ["?"];
    }
  }

  scopeBody(parts: number): ScopeBody {
    const part = <T>(bit: number, read: () => T): T | undefined => ((parts & (1 << bit)) === 0 ? undefined : read());
    const exprs = (): Expr[] => this.exprs();
    const expr = (): Expr => this.expr();
    return {
      bindings: this.#bindings(),
      stores: part(0, () => this.#list((): StoreIr => this.#store())),
      regions: part(1, () => this.#list((): [number, number] => [this.int(), this.int()])),
      params: part(2, () => this.#list((): ParamIr => this.#param())),
      returns: part(3, exprs),
      yields: part(4, exprs),
      returnType: part(5, expr),
      bases: part(6, exprs),
      implements: part(7, exprs),
      metaclass: part(8, expr),
      underlying: part(9, expr),
      typeParams: part(10, () =>
        this.#list(() => {
          const head = this.uint();
          const n = this.#texts.at(head >>> 1);
          return head % 2 === 0 ? { n } : { n, t: this.expr() };
        }),
      ),
    };
  }

  #bindings(): BindingIr[] {
    const bindings: BindingIr[] = [];
    let before = 0;
    for (let left = this.uint(); left > 0; left--) {
      const head = this.uint();
      const n = this.#texts.at(head >>> 2);
      const v = this.expr();
      before += this.int();
      const binding: BindingIr = { n, v, at: before, r: this.int() };
      if ((head & 1) !== 0) binding.t = this.expr();
      if ((head & 2) !== 0) binding.s = this.int();
      bindings.push(binding);
    }
    return bindings;
  }

  #store(): StoreIr {
    return { o: this.expr(), k: this.#maybe(), v: this.expr(), at: this.int(), r: this.int(), l: this.int() };
  }

  #param(): ParamIr {
    const n = this.#text();
    const head = this.byte();
    const param: ParamIr = { n, kind: paramKinds[head & 7]! };
    if ((head & 8) !== 0) param.v = this.expr();
    if ((head & 16) !== 0) param.t = this.expr();
    return param;
  }

  rest(): Rest {
    const language = this.#text();
    const clause = this.#maybe() ?? undefined;
    const doc = this.uint();
    const lines = this.int();
    let line = 0;
    const refs = this.#list(() => {
      const s = this.int();
      const e = this.expr();
      line += this.int();
      return { s, e, l: line };
    });
    const imports = this.#list((): ImportIr => {
      const specifier = this.#text();
      const head = this.byte();
      const one = { specifier, kind: importKinds[head & 7]!, name: this.#maybe(), alias: this.#maybe(), l: this.int() };
      return (head & 8) === 0 ? one : { ...one, type: true };
    });
    const parts = this.byte();
    return {
      language,
      package: clause,
      doc,
      lines,
      refs,
      imports,
      exports:
        (parts & 1) === 0 ? undefined : this.#list(() => ({ name: this.#text(), v: this.expr(), at: this.int() })),
      problems: (parts & 2) === 0 ? undefined : this.#list((): [number, string] => [this.int(), this.#text()]),
      // Our own JSON, behind the checksum.
      extra: (parts & 4) === 0 ? undefined : (JSON.parse(this.#text()) as Record<string, unknown>),
    };
  }
}
