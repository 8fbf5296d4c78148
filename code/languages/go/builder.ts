// Collects the IR of one Go file: symbols, scopes, bindings, calls and references, and knows which name means which local variable.
// One file, as scopes, regions and names are one state: each binding needs its function's scope, its region and its renamed local at once.
//
// Go's blocks are flattened into their function: a local whose name is already taken in the (outermost) function is renamed to `name~2`,
// so that every name in the IR means one variable and no block scopes are needed. Uses share one Expr object with the variable, which is
// how a later renaming reaches them.
import type { SourceRange } from "@opentrace/contract/graph.ts";
import type { BindingIr, CallIr, Expr, FileIr, ImportIr, RefIr, ScopeIr, SymbolIr } from "../../ir.ts";
import { isExported, isTrivial, scalarTypes, unknown } from "./values.ts";

/** A stretch of a function that may not run or runs again; gets its number in `ScopeIr.regions` when something stands in it. */
export interface Region {
  up: Region | null;
  group: number;
  id: number;
}

/** The function (or the file's top level) that is being read. */
export interface FunctionState {
  scope: number;
  symbol: number;
  region: Region;
  groups: number;
  /** For assignments from closures: they may happen at any time. */
  closureRegion: Region | null;
  outer: FunctionState | null;
  /** Declared result types, for leaving out returns that carry nothing. */
  results: readonly Expr[];
  namedResults: readonly string[];
}

export interface Local {
  readonly name: string;
  /** What uses refer to: a mutable `["n", name]`, or another value the name stands for. */
  readonly use: Expr;
  /** Where its name is written down, for renaming. */
  readonly named: { n: string }[];
  readonly owner: FunctionState;
  readonly block: number;
  readonly shadowed: Local | undefined;
}

const predeclaredValues = new Set(["nil", "true", "false", "iota", "_"]);

export class FileBuilder {
  readonly symbols: SymbolIr[] = [];
  readonly scopes: ScopeIr[] = [];
  readonly calls: CallIr[] = [];
  readonly refs: RefIr[] = [];
  readonly imports: ImportIr[] = [];
  fn: FunctionState;
  /** The type whose declaration is being read: references in it are its own. */
  type: { scope: number; symbol: number } | null = null;

  /** Class scopes by the name of their package-level type; symbol -1 until the type's declaration is met. */
  readonly typeScopes = new Map<string, number>();
  readonly #paths = new Map<string, number>();
  readonly #anonymous: number[] = [];
  readonly #refKeys: (Set<string> | undefined)[] = [];

  readonly #importUses = new Map<string, Expr>();
  readonly #freeUses = new Map<string, Expr>();

  // Names of the outermost function that is being read.
  readonly #visible = new Map<string, Local>();
  readonly #declared: Local[] = [];
  readonly #typeParameters = new Set<Expr>();
  readonly #taken = new Map<string, number>();
  readonly #closed = new Map<string, Local>();
  readonly #free = new Set<string>();
  #blocks = 0;
  #functionDepth = 0;

  constructor() {
    this.scopes.push({ kind: "module", parent: -1, symbol: -1, bindings: [] });
    this.fn = this.#functionState(0, -1, null);
  }

  // Symbols

  addSymbol(symbol: Omit<SymbolIr, "path" | "visibility" | "exported">): number {
    const parent = symbol.parent < 0 ? undefined : this.symbols[symbol.parent];
    return this.addSymbolAt(parent === undefined ? symbol.name : `${parent.path}.${symbol.name}`, symbol);
  }

  /** For methods, whose path names a type that may be declared in another file. */
  addSymbolAt(wanted: string, symbol: Omit<SymbolIr, "path" | "visibility" | "exported">): number {
    let path = wanted;
    const seen = this.#paths.get(path);
    if (seen !== undefined) {
      let number = seen + 1;
      while (this.#paths.has(`${wanted}~${number}`)) number++;
      this.#paths.set(wanted, number);
      path = `${wanted}~${number}`;
    }
    this.#paths.set(path, 1);
    const exported = isExported(symbol.name);
    const { kind, name, parent, range, ...rest } = symbol;
    return (
      this.symbols.push({
        kind,
        name,
        path,
        parent,
        range,
        ...rest,
        visibility: exported ? "public" : "private",
        exported,
      }) - 1
    );
  }

  anonymousName(parent: number): string {
    const number = (this.#anonymous[parent + 1] ?? 0) + 1;
    this.#anonymous[parent + 1] = number;
    return `<anonymous${number}>`;
  }

  endSymbol(index: number, range: SourceRange): void {
    const symbol = this.symbols[index];
    if (symbol !== undefined) symbol.range = range;
  }

  // Scopes

  addScope(scope: ScopeIr): number {
    return this.scopes.push(scope) - 1;
  }

  scope(index: number): ScopeIr {
    const scope = this.scopes[index];
    if (scope === undefined) throw new RangeError(`scope ${index} does not exist`);
    return scope;
  }

  classScope(typeName: string): number {
    const known = this.typeScopes.get(typeName);
    if (known !== undefined) return known;
    const index = this.addScope({ kind: "class", parent: 0, symbol: -1, bindings: [] });
    this.typeScopes.set(typeName, index);
    return index;
  }

  #functionState(scope: number, symbol: number, outer: FunctionState | null): FunctionState {
    return {
      scope,
      symbol,
      region: { up: null, group: 0, id: 0 },
      groups: 0,
      closureRegion: null,
      outer,
      results: [],
      namedResults: [],
    };
  }

  enterFunction(scope: number, symbol: number): FunctionState {
    this.fn = this.#functionState(scope, symbol, this.fn);
    this.#functionDepth++;
    this.openBlock();
    return this.fn;
  }

  leaveFunction(): void {
    this.closeBlock();
    this.fn = this.fn.outer ?? this.fn;
    this.#functionDepth--;
  }

  /** Leaves functions and blocks up to where an error recovery goes on. */
  rewind(fn: FunctionState, region: Region, blocks: number): void {
    this.closeBlocksTo(blocks);
    while (this.fn !== fn && this.fn.outer !== null) {
      this.fn = this.fn.outer;
      this.#functionDepth--;
    }
    this.fn.region = region;
    this.type = null;
  }

  // Regions

  openRegion(group: number): Region {
    const before = this.fn.region;
    this.fn.region = { up: before, group, id: -1 };
    return before;
  }

  newGroup(): number {
    return ++this.fn.groups;
  }

  regionOf(state: FunctionState, region: Region): number {
    if (region.id >= 0) return region.id;
    const parent = region.up === null ? 0 : this.regionOf(state, region.up);
    const scope = this.scope(state.scope);
    scope.regions ??= [[-1, 0]];
    region.id = scope.regions.push([parent, region.group]) - 1;
    return region.id;
  }

  get region(): number {
    return this.fn.region.id === 0 ? 0 : this.regionOf(this.fn, this.fn.region);
  }

  #closureRegion(state: FunctionState): number {
    state.closureRegion ??= { up: null, group: -1, id: -1 };
    return this.regionOf(state, state.closureRegion);
  }

  // Names

  openBlock(): number {
    this.#declared.push(blockMark);
    this.#blocks++;
    return this.#blocks;
  }

  closeBlock(): void {
    for (;;) {
      const local = this.#declared.pop();
      if (local === undefined) return;
      if (local === blockMark) break;
      if (local.shadowed === undefined) this.#visible.delete(local.name);
      else this.#visible.set(local.name, local.shadowed);
      if (local.use[0] === "n" && local.use[1] === local.name) this.#closed.set(local.name, local);
    }
    if (--this.#blocks > 0) return;
    this.#visible.clear();
    this.#taken.clear();
    this.#closed.clear();
    this.#free.clear();
    this.#typeParameters.clear();
  }

  /** Depth of open blocks, and closing down to it: what an error recovery rewinds. */
  get blockDepth(): number {
    return this.#blocks;
  }

  closeBlocksTo(depth: number): void {
    while (this.#blocks > depth) this.closeBlock();
  }

  /** Declares a local of the current function in the current block. `stand` is a value to put in place of every use instead of a name. */
  declare(name: string, stand?: Expr): Local | null {
    if (name === "_" || name === "") return null;
    let use: Expr;
    if (stand !== undefined) use = stand;
    else {
      const taken = (this.#taken.get(name) ?? (this.#free.has(name) ? 1 : 0)) + 1;
      this.#taken.set(name, taken);
      use = ["n", taken === 1 ? name : `${name}~${taken}`];
    }
    const shadowed = this.#visible.get(name);
    const local: Local = { name, use, named: [], owner: this.fn, block: this.#blocks, shadowed };
    this.#visible.set(name, local);
    this.#declared.push(local);
    return local;
  }

  declareTypeParameter(name: string): Local | null {
    const local = this.declare(name);
    if (local !== null) this.#typeParameters.add(local.use);
    return local;
  }

  isTypeParameter(e: Expr): boolean {
    return this.#typeParameters.has(e);
  }

  local(name: string): Local | undefined {
    return this.#visible.get(name);
  }

  isDeclaredHere(name: string): boolean {
    return this.#visible.get(name)?.block === this.#blocks;
  }

  /** What a name means: a local's use, an import, a predeclared value (unknown), or a name of the package. */
  resolve(name: string): Expr {
    const local = this.#visible.get(name);
    if (local !== undefined) return local.use;
    if (predeclaredValues.has(name)) return unknown;
    if (this.#functionDepth > 0 && !this.#free.has(name)) {
      this.#free.add(name);
      const closed = this.#closed.get(name);
      if (closed !== undefined) this.#rename(closed);
    }
    const imported = this.#importUses.get(name);
    if (imported !== undefined) return imported;
    let use = this.#freeUses.get(name);
    if (use === undefined) this.#freeUses.set(name, (use = ["n", name]));
    return use;
  }

  isFree(e: Expr): boolean {
    return e[0] === "n" && this.#freeUses.get(e[1]) === e;
  }

  #rename(local: Local): void {
    const taken = (this.#taken.get(local.name) ?? 1) + 1;
    this.#taken.set(local.name, taken);
    const name = `${local.name}~${taken}`;
    renameUse(local.use, name);
    for (const place of local.named) place.n = name;
    this.#closed.delete(local.name);
  }

  /** Writes a value of a local down in the scope that declares it. */
  bind(local: Local, v: Expr, at: number, t?: Expr): void {
    if (local.use[0] !== "n") return;
    const owner = local.owner;
    const r = owner === this.fn ? this.region : this.#closureRegion(owner);
    const binding: BindingIr = { n: local.use[1], v, at, r };
    if (t !== undefined) binding.t = t;
    local.named.push(binding);
    this.scope(owner.scope).bindings.push(binding);
  }

  /** An assignment to a package-level variable from inside a function: it may happen at any time. */
  bindGlobal(name: string, v: Expr, at: number): void {
    let top = this.fn;
    while (top.outer !== null) top = top.outer;
    this.scope(0).bindings.push({ n: name, v, at, r: this.#closureRegion(top) });
  }

  // Calls, stores, references, imports

  addCall(f: Expr, a: Expr[], line: number, at: number): number {
    while (a.length > 0 && a[a.length - 1]?.[0] === "?") a.pop();
    return this.calls.push({ s: this.fn.scope, f, a, l: line, at, r: this.region }) - 1;
  }

  addStore(o: Expr, k: string | null, v: Expr, at: number, line: number): void {
    if (isTrivial(o) || isTrivial(v)) return;
    const scope = this.scope(this.fn.scope);
    (scope.stores ??= []).push({ o, k, v, at, r: this.region, l: line });
  }

  /** A package-level or imported name that is read; each counts once in a symbol. */
  addRef(e: Expr, line: number): void {
    let key: string;
    if (e[0] === "n") {
      if (scalarTypes.has(e[1])) return;
      key = e[1];
    } else if (e[0] === "a" && e[1][0] === "m") key = `${e[1][1]}.${e[2]}`;
    else return;
    const from = this.type ?? this.fn;
    const seen = (this.#refKeys[from.symbol + 1] ??= new Set());
    if (seen.has(key)) return;
    seen.add(key);
    this.refs.push({ s: from.scope, e, l: line });
  }

  addImport(entry: ImportIr): void {
    const index = this.imports.push(entry) - 1;
    if (entry.alias === null) return;
    const use: Expr = ["m", index];
    this.#importUses.set(entry.alias, use);
    this.scope(0).bindings.push({ n: entry.alias, v: use, at: 0, r: 0 });
  }

  /** Parents before children, as the IR promises: a method may stand above its type. */
  sortSymbols(): void {
    const symbols = this.symbols;
    if (symbols.every((symbol, index) => symbol.parent < index)) return;
    const order: number[] = [];
    const place = Array.from(symbols, () => -1);
    const visit = (index: number): void => {
      if (place[index] !== -1) return;
      const parent = symbols[index]?.parent ?? -1;
      if (parent >= 0) visit(parent);
      place[index] = order.push(index) - 1;
    };
    for (let index = 0; index < symbols.length; index++) visit(index);
    const sorted = order.map((index) => symbols[index]).filter((symbol) => symbol !== undefined);
    symbols.length = 0;
    for (const symbol of sorted) {
      if (symbol.parent >= 0) symbol.parent = place[symbol.parent] ?? -1;
      symbols.push(symbol);
    }
    for (const scope of this.scopes) if (scope.symbol >= 0) scope.symbol = place[scope.symbol] ?? -1;
  }

  file(rest: Pick<FileIr, "package" | "doc" | "lines" | "problems" | "extra">): FileIr {
    const file: FileIr = {
      language: "go",
      lines: rest.lines,
      symbols: this.symbols,
      scopes: this.scopes,
      calls: this.calls,
      refs: this.refs,
      imports: this.imports,
    };
    if (rest.package !== undefined) file.package = rest.package;
    if (rest.doc !== undefined) file.doc = rest.doc;
    if (rest.problems !== undefined && rest.problems.length > 0) file.problems = rest.problems;
    if (rest.extra !== undefined && Object.keys(rest.extra).length > 0) file.extra = rest.extra;
    return file;
  }
}

const blockMark: Local = {
  name: "",
  use: unknown,
  named: [],
  owner: {
    scope: 0,
    symbol: -1,
    region: { up: null, group: 0, id: 0 },
    groups: 0,
    closureRegion: null,
    outer: null,
    results: [],
    namedResults: [],
  },
  block: 0,
  shadowed: undefined,
};

/** The one place that changes an Expr: a local's use, which this file made and nobody has been handed yet. */
function renameUse(use: Expr, name: string): void {
  if (use[0] === "n") (use as [string, string])[1] = name;
}
