// The body of a file's bytes → FileIr that reads itself out as it is asked: most of a file that another one only consults never is.
import type { BindingIr, CallIr, Expr, FileIr, ImportIr, ParamIr, ScopeIr, StoreIr, SymbolIr } from "../ir.ts";
import { ByteReader } from "./bytes.ts";
import { PartReader, type Rest, type ScopeBody } from "./part-reader.ts";
import { TextReader } from "./text-table.ts";
import { bounds, scopeKinds, symbolKinds, visibilities } from "./vocabulary.ts";

/** `sections`: where each begins, and where the last ends. */
export function readIr(bytes: Uint8Array, sections: readonly number[]): FileIr {
  return asFileIr(new LazyIr(bytes, sections));
}

/** A part that is missing reads as undefined in all of them, which `?` stands for in the types; nothing spreads or lists their keys. */
const asFileIr = (ir: LazyIr): FileIr => ir as unknown as FileIr;
const asScope = (scope: LazyScope): ScopeIr => scope as unknown as ScopeIr;
const asCall = (call: LazyCall): CallIr => call as unknown as CallIr;
const asSymbol = (symbol: LazySymbol): SymbolIr => symbol as unknown as SymbolIr;

class LazyIr {
  readonly bytes: Uint8Array;
  readonly #sections: readonly number[];
  #texts: TextReader | undefined;
  #docs: TextReader | undefined;
  #symbols: SymbolIr[] | undefined;
  #scopes: ScopeIr[] | undefined;
  #calls: CallIr[] | undefined;
  #rest: Rest | undefined;

  constructor(bytes: Uint8Array, sections: readonly number[]) {
    this.bytes = bytes;
    this.#sections = sections;
  }

  #section(index: number): number {
    return this.#sections[index]!;
  }

  get texts(): TextReader {
    return (this.#texts ??= new TextReader(this.bytes, this.#section(0), this.#section(1)));
  }

  get docs(): TextReader {
    return (this.#docs ??= new TextReader(this.bytes, this.#section(1), this.#section(2)));
  }

  get symbols(): SymbolIr[] {
    return (this.#symbols ??= readSymbols(this, new ByteReader(this.bytes, this.#section(2))));
  }

  get scopes(): ScopeIr[] {
    return (this.#scopes ??= readScopes(this, new ByteReader(this.bytes, this.#section(3)), this.#section(4)));
  }

  get calls(): CallIr[] {
    return (this.#calls ??= readCalls(this, new ByteReader(this.bytes, this.#section(5)), this.#section(6)));
  }

  #others(): Rest {
    return (this.#rest ??= this.reader(this.#section(7)).rest());
  }

  get language(): string {
    return this.#others().language;
  }
  get package(): string | undefined {
    return this.#others().package;
  }
  get doc(): string | undefined {
    const { doc } = this.#others();
    return doc === 0 ? undefined : this.docs.at(doc - 1);
  }
  get lines(): number {
    return this.#others().lines;
  }
  get refs(): FileIr["refs"] {
    return this.#others().refs;
  }
  get imports(): ImportIr[] {
    return this.#others().imports;
  }
  get exports(): FileIr["exports"] | undefined {
    return this.#others().exports;
  }
  get problems(): FileIr["problems"] | undefined {
    return this.#others().problems;
  }
  get extra(): FileIr["extra"] | undefined {
    return this.#others().extra;
  }

  reader(at: number): PartReader {
    return new PartReader(this.bytes, at, this.texts);
  }
}

// ── Symbols ────────────────────────────────────────────────────────────────────────────────────────────────────────────

class LazySymbol {
  readonly kind: SymbolIr["kind"];
  readonly name: string;
  readonly path: string;
  readonly parent: number;
  readonly range: SymbolIr["range"];
  readonly visibility: SymbolIr["visibility"];
  readonly exported: boolean;
  readonly flags: string[] | undefined;
  readonly #ir: LazyIr;
  readonly #signature: number;
  readonly #doc: number;

  constructor(ir: LazyIr, reader: ByteReader, before: readonly SymbolIr[], line: number) {
    const head = reader.byte();
    this.kind = symbolKinds[head & 7]!;
    this.visibility = visibilities[(head >> 3) & 3]!;
    this.exported = (head & 32) !== 0;
    this.name = ir.texts.at(reader.uint());
    const stated = (head & 64) === 0 ? ir.texts.at(reader.uint()) : null;
    this.parent = reader.int();
    const parent = before[this.parent];
    this.path = stated ?? (parent === undefined ? this.name : `${parent.path}.${this.name}`);
    const startLine = line + reader.int();
    const startColumn = reader.int();
    this.range = { startLine, startColumn, endLine: startLine + reader.int(), endColumn: reader.int() };
    this.#ir = ir;
    this.#signature = reader.uint();
    this.#doc = reader.uint();
    this.flags =
      (head & 128) === 0 ? undefined : Array.from({ length: reader.uint() }, () => ir.texts.at(reader.uint()));
  }

  get signature(): string | undefined {
    return this.#signature === 0 ? undefined : this.#ir.docs.at(this.#signature - 1);
  }

  get doc(): string | undefined {
    return this.#doc === 0 ? undefined : this.#ir.docs.at(this.#doc - 1);
  }
}

function readSymbols(ir: LazyIr, reader: ByteReader): SymbolIr[] {
  const symbols: SymbolIr[] = [];
  let line = 0;
  for (let left = reader.uint(); left > 0; left--) {
    const symbol = new LazySymbol(ir, reader, symbols, line);
    line = symbol.range.startLine;
    symbols.push(asSymbol(symbol));
  }
  return symbols;
}

// ── Scopes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

class LazyScope {
  readonly kind: ScopeIr["kind"];
  readonly bound: ScopeIr["bound"] | undefined;
  readonly async: true | undefined;
  readonly parent: number;
  readonly symbol: number;
  readonly #ir: LazyIr;
  readonly #parts: number;
  readonly #at: number;
  #body: ScopeBody | undefined;
  readonly bodyLength: number;

  constructor(ir: LazyIr, reader: ByteReader, at: number) {
    const head = reader.byte();
    this.kind = scopeKinds[head & 3]!;
    this.bound = bounds[(head >> 2) & 7];
    this.async = (head & 32) === 0 ? undefined : true;
    this.parent = reader.int();
    this.symbol = reader.int();
    this.#ir = ir;
    this.#parts = reader.uint();
    this.bodyLength = reader.uint();
    this.#at = at;
  }

  // Methods: reading a private getter is a call into the engine each time.
  #read(): ScopeBody {
    return (this.#body ??= this.#ir.reader(this.#at).scopeBody(this.#parts));
  }

  get bindings(): BindingIr[] {
    return this.#read().bindings;
  }
  get stores(): StoreIr[] | undefined {
    return this.#read().stores;
  }
  get regions(): ScopeBody["regions"] {
    return this.#read().regions;
  }
  get params(): ParamIr[] | undefined {
    return this.#read().params;
  }
  get returns(): Expr[] | undefined {
    return this.#read().returns;
  }
  get yields(): Expr[] | undefined {
    return this.#read().yields;
  }
  get returnType(): Expr | undefined {
    return this.#read().returnType;
  }
  get bases(): Expr[] | undefined {
    return this.#read().bases;
  }
  get implements(): Expr[] | undefined {
    return this.#read().implements;
  }
  get metaclass(): Expr | undefined {
    return this.#read().metaclass;
  }
  get underlying(): Expr | undefined {
    return this.#read().underlying;
  }
  get typeParams(): ScopeBody["typeParams"] {
    return this.#read().typeParams;
  }
}

function readScopes(ir: LazyIr, reader: ByteReader, bodies: number): ScopeIr[] {
  const scopes: ScopeIr[] = [];
  let at = bodies;
  for (let left = reader.uint(); left > 0; left--) {
    const scope = new LazyScope(ir, reader, at);
    at += scope.bodyLength;
    scopes.push(asScope(scope));
  }
  return scopes;
}

// ── Calls ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

class LazyCall {
  readonly s: number;
  readonly l: number;
  readonly at: number;
  readonly r: number;
  readonly new: true | undefined;
  readonly implicit: true | undefined;
  readonly #ir: LazyIr;
  readonly #start: number;
  #f: Expr | undefined;
  #a: Expr[] | undefined;
  #k: CallIr["k"] | undefined;

  constructor(
    ir: LazyIr,
    reader: ByteReader,
    before: { s: number; l: number; at: number },
    head: number,
    start: number,
  ) {
    this.s = before.s;
    this.l = before.l;
    this.at = before.at;
    this.r = reader.int();
    this.new = (head & 1) === 0 ? undefined : true;
    this.implicit = (head & 2) === 0 ? undefined : true;
    this.#ir = ir;
    this.#start = start;
  }

  #read(): void {
    const reader = this.#ir.reader(this.#start);
    this.#f = reader.expr();
    const head = reader.uint();
    this.#a = reader.exprs(head >>> 1);
    if (head % 2 === 1) this.#k = reader.entries();
  }

  get f(): Expr {
    if (this.#f === undefined) this.#read();
    return this.#f!;
  }
  get a(): Expr[] {
    if (this.#f === undefined) this.#read();
    return this.#a!;
  }
  get k(): CallIr["k"] | undefined {
    if (this.#f === undefined) this.#read();
    return this.#k;
  }
}

function readCalls(ir: LazyIr, reader: ByteReader, bodies: number): CallIr[] {
  const calls: CallIr[] = [];
  const place = { s: 0, l: 0, at: 0 };
  let start = bodies;
  for (let left = reader.uint(); left > 0; left--) {
    const head = reader.uint();
    place.s += reader.int();
    place.l += reader.int();
    place.at += reader.int();
    calls.push(asCall(new LazyCall(ir, reader, place, head & 3, start)));
    start += head >>> 2;
  }
  return calls;
}
