// One file's IR with the indexes that evaluation needs: bindings by name, calls by scope, what a function mentions. Pure in the IR.
import type { Spot } from "./call-edges.ts";
import type { Semantics } from "./semantics.ts";
import type { BindingIr, CallIr, ExportIr, Expr, FileIr, ParamIr, ScopeIr, StoreIr, SymbolIr } from "../ir.ts";

/** A store to a field of the receiver in one of a class's methods. */
export interface FieldStore {
  readonly method: number;
  readonly scope: number;
  readonly store: StoreIr;
}

/** What a function's body (with all that is nested in it) says, as far as it depends on how it is called. */
export interface Mentions {
  /** Any parameter besides the receiver makes a difference. */
  readonly heeds: boolean;
  /** Names that callees start from, directly or through local names, and those that are stored. */
  readonly called: ReadonlySet<string>;
  /** Names that are handed on as arguments. */
  readonly passed: ReadonlySet<string>;
  readonly returned: ReadonlySet<string>;
  /** Names of objects that something is put into. */
  readonly filled: ReadonlySet<string>;
  /** Names used as keys: `table[name]`, `getattr(x, name)`. */
  readonly keys: ReadonlySet<string>;
  /** Members of the receiver (`this.x`, `self.x`). */
  readonly members: ReadonlySet<string>;
  /** The receiver itself goes somewhere: passed, returned, stored. */
  readonly receiver: boolean;
  readonly receiverReturned: boolean;
  /** Something is put into its fields. */
  readonly receiverFilled: boolean;
  readonly super: boolean;
}

/** The scope that declares a name, and the outermost scope that is left on the way there, -1 if none. */
export interface Declaration {
  readonly scope: number;
  readonly crossed: number;
  readonly param: ParamIr | undefined;
  readonly bindings: readonly BindingIr[];
}

export type Effect = { readonly scope: number } & (
  | { readonly store: StoreIr; readonly call?: undefined }
  | { readonly call: number; readonly store?: undefined }
);

const noExports: readonly ExportIr[] = [];
const noBindings: readonly BindingIr[] = [];

export class FileModel {
  readonly path: string;
  readonly ir: FileIr;
  /** Of its language; filled in by whoever knows the languages. */
  semantics: Semantics | undefined;
  #bindings: (Map<string, BindingIr[]> | undefined)[] = [];
  #calls: number[][] | undefined;
  #children: number[][] | undefined;
  #created: Map<number, { at: number; r: number }>[] = [];
  #mentions: (Mentions | undefined)[] = [];
  #fields: (Map<string, FieldStore[]> | undefined)[] = [];
  #symbols: Map<string, number> | undefined;
  #bodies: (readonly number[] | undefined)[] = [];
  #effects: (readonly Effect[] | undefined)[] = [];
  readonly #beyond = new Map<string, object>();
  #exports: Map<string, ExportIr[]> | undefined;
  #spots: (Spot | undefined)[] = [];
  #declarations: (Map<string, Declaration | null> | undefined)[] = [];
  #rooted: Map<string, { stores: StoreIr[]; calls: number[] }> | undefined;
  #moduleCalls: number[] | undefined;

  constructor(path: string, ir: FileIr) {
    this.path = path;
    this.ir = ir;
  }

  scope(index: number): ScopeIr {
    return this.ir.scopes[index]!;
  }

  call(index: number): CallIr {
    return this.ir.calls[index]!;
  }

  symbolOf(scope: number): SymbolIr | undefined {
    const index = this.scope(scope).symbol;
    return index < 0 ? undefined : this.ir.symbols[index];
  }

  /** The same object each time; of no symbol (-1) the file itself. */
  spotOf(symbol: number): Spot {
    return (this.#spots[symbol + 1] ??= { path: this.path, symbol: this.ir.symbols[symbol]?.path ?? "" });
  }

  /** Index of the symbol with this dotted path, -1 if none. */
  symbolAt(path: string): number {
    this.#symbols ??= new Map(this.ir.symbols.map((symbol, index) => [symbol.path, index]));
    return this.#symbols.get(path) ?? -1;
  }

  /** Bindings of a name in a scope, in the order in which they happen. */
  bindings(scope: number, name: string): readonly BindingIr[] {
    return this.bindingsOf(scope).get(name) ?? noBindings;
  }

  bindingsOf(scope: number): ReadonlyMap<string, BindingIr[]> {
    let map = this.#bindings[scope];
    if (map === undefined) {
      map = new Map();
      for (const binding of this.scope(scope).bindings) {
        const list = map.get(binding.n);
        if (list === undefined) map.set(binding.n, [binding]);
        else list.push(binding);
      }
      for (const list of map.values()) if (list.length > 1) list.sort((a, b) => a.at - b.at);
      this.#bindings[scope] = map;
    }
    return map;
  }

  param(scope: number, name: string): ParamIr | undefined {
    return this.scope(scope).params?.find((param) => param.n === name);
  }

  /**
   * Where a name that is read in a scope is declared, by the text alone; null: nowhere in the file. `members`: a class body sees its
   * own members by plain name.
   */
  declaration(scope: number, name: string, members: boolean): Declaration | null {
    const known = (this.#declarations[scope] ??= new Map());
    let found = known.get(name);
    if (found === undefined) known.set(name, (found = this.#declaration(scope, name, members)));
    return found;
  }

  #declaration(scope: number, name: string, members: boolean): Declaration | null {
    let crossed = -1;
    for (let s = scope; s >= 0; s = this.scope(s).parent) {
      const { kind } = this.scope(s);
      if (kind !== "class" || (crossed < 0 && members)) {
        const param = kind === "function" ? this.param(s, name) : undefined;
        const bindings = this.bindings(s, name);
        if (bindings.length > 0 || param !== undefined) return { scope: s, crossed, param, bindings };
      }
      if (kind !== "block") crossed = s;
    }
    return null;
  }

  /** The function, class or module scope around a scope: the one whose regions count in it. */
  ownerOf(scope: number): number {
    let at = scope;
    while (this.scope(at).kind === "block") at = this.scope(at).parent;
    return at;
  }

  regionsOf(scope: number): ScopeIr["regions"] {
    return this.scope(this.ownerOf(scope)).regions;
  }

  /** Indexes of the calls that stand in a scope itself. */
  callsOf(scope: number): readonly number[] {
    if (this.#calls === undefined) {
      this.#calls = this.ir.scopes.map(() => []);
      this.ir.calls.forEach((call, index) => this.#calls![call.s]?.push(index));
    }
    return this.#calls[scope] ?? [];
  }

  childrenOf(scope: number): readonly number[] {
    if (this.#children === undefined) {
      this.#children = this.ir.scopes.map(() => []);
      this.ir.scopes.forEach((child, index) => {
        if (child.parent >= 0) this.#children![child.parent]?.push(index);
      });
    }
    return this.#children[scope] ?? [];
  }

  storesOf(scope: number): readonly StoreIr[] {
    return this.scope(scope).stores ?? [];
  }

  /** A scope with the blocks and class bodies in it: what runs when it runs. */
  bodyOf(scope: number): readonly number[] {
    const known = this.#bodies[scope];
    if (known !== undefined) return known;
    const body = [scope];
    for (let i = 0; i < body.length; i++) {
      for (const child of this.childrenOf(body[i]!)) if (this.scope(child).kind !== "function") body.push(child);
    }
    this.#bodies[scope] = body;
    return body;
  }

  /** What a scope's run puts into objects: stores, and calls of methods that change what they are called on. */
  effectsOf(scope: number): readonly Effect[] {
    let effects = this.#effects[scope];
    if (effects === undefined) {
      effects = this.bodyOf(scope).flatMap((inner): Effect[] => [
        ...this.storesOf(inner).map((store) => ({ scope: inner, store })),
        ...this.callsOf(inner)
          .filter((index) => mutates(this.call(index).f))
          .map((call) => ({ scope: inner, call })),
      ]);
      this.#effects[scope] = effects;
    }
    return effects;
  }

  /** Stands for what a name means that the file does not declare. */
  beyondKey(name: string): object {
    let key = this.#beyond.get(name);
    if (key === undefined) this.#beyond.set(name, (key = {}));
    return key;
  }

  /** What is exported under a name; `=` the whole module, `*` what is passed on from others. */
  exportsOf(name: string): readonly ExportIr[] {
    if (this.#exports === undefined) {
      this.#exports = new Map();
      for (const entry of this.ir.exports ?? []) {
        const list = this.#exports.get(entry.name);
        if (list === undefined) this.#exports.set(entry.name, [entry]);
        else list.push(entry);
      }
    }
    return this.#exports.get(name) ?? noExports;
  }

  /** Module-level stores and calls that start from or mention a name. */
  rootedAt(name: string): { stores: readonly StoreIr[]; calls: readonly number[] } | undefined {
    if (this.#rooted === undefined) {
      const rooted = new Map<string, { stores: StoreIr[]; calls: number[] }>();
      const of = (root: string) => {
        let entry = rooted.get(root);
        if (entry === undefined) rooted.set(root, (entry = { stores: [], calls: [] }));
        return entry;
      };
      for (const store of this.storesOf(0)) {
        const root = rootName(store.o);
        if (root !== null) of(root).stores.push(store);
      }
      for (const index of this.callsOf(0)) {
        const call = this.call(index);
        const roots = new Set<string>();
        if (call.f[0] === "a") roots.add(rootName(call.f) ?? "");
        for (const arg of call.a) roots.add(rootName(arg) ?? "");
        for (const [, arg] of call.k ?? []) roots.add(rootName(arg) ?? "");
        roots.delete("");
        for (const root of roots) of(root).calls.push(index);
      }
      this.#rooted = rooted;
    }
    return this.#rooted.get(name);
  }

  /** Places of the module-level calls, ascending: where functions of this file may have run. */
  moduleCallPlaces(): readonly number[] {
    this.#moduleCalls ??= this.bodyOf(0)
      .filter((scope) => this.ownerOf(scope) === 0)
      .flatMap((scope) => this.callsOf(scope).map((index) => this.call(index)))
      .filter((call) => call.implicit !== true)
      .map((call) => call.at)
      .sort((a, b) => a - b);
    return this.#moduleCalls;
  }

  /** Where in its parent scope a function or class is made; undefined when it is found in no statement. */
  createdAt(scope: number): { at: number; r: number } | undefined {
    const parent = this.scope(scope).parent;
    if (parent < 0) return undefined;
    let map = this.#created[parent];
    if (map === undefined) {
      map = new Map();
      for (const binding of this.scope(parent).bindings) this.#note(map, binding.v, binding);
      for (const store of this.storesOf(parent)) this.#note(map, store.v, store);
      for (const index of this.callsOf(parent)) {
        const call = this.call(index);
        for (const arg of call.a) this.#note(map, arg, call);
        for (const [, arg] of call.k ?? []) this.#note(map, arg, call);
        this.#note(map, call.f, call);
      }
      this.#created[parent] = map;
    }
    return map.get(scope);
  }

  #note(map: Map<number, { at: number; r: number }>, expr: Expr, place: { at: number; r: number }): void {
    walk(expr, (part) => {
      if ((part[0] === "f" || part[0] === "k") && !map.has(part[1])) map.set(part[1], { at: place.at, r: place.r });
      return true;
    });
  }

  /** Name of the parameter that is the receiver, for languages that pass it first. */
  receiverName(method: number): string | undefined {
    return this.scope(method).params?.[0]?.n;
  }

  /** `first`: the language passes a method's receiver as its first parameter. */
  mentionsOf(scope: number, first: boolean): Mentions {
    return (this.#mentions[scope] ??= this.#collectMentions(scope, first));
  }

  #collectMentions(scope: number, first: boolean): Mentions {
    const called = new Set<string>();
    const passed = new Set<string>();
    const returned = new Set<string>();
    const filled = new Set<string>();
    const keys = new Set<string>();
    const members = new Set<string>();
    const flags = { receiver: false, returned: false, super: false, filled: false };
    const ir = this.scope(scope);
    const isMethod = ir.parent >= 0 && this.scope(ir.parent).kind === "class" && ir.bound !== "static";
    const self = isMethod && first ? this.receiverName(scope) : undefined;
    const isSelf = (expr: Expr): boolean => expr[0] === "this" || (expr[0] === "n" && expr[1] === self);
    const aliases: [string, Expr][] = [];
    const read = (expr: Expr, into: Set<string> | null, isArgument = false): void => {
      walk(expr, (part) => {
        if (part[0] === "a" && isSelf(part[1])) {
          members.add(part[2]);
          return false;
        }
        // Data of an argument's own that is handed on says little of what is called.
        if (isArgument && part[0] === "a" && part[1][0] === "n") return false;
        if (part[0] === "i" && part[2][0] === "n") keys.add(part[2][1]);
        if (part[0] === "n") into?.add(part[1]);
        if (isSelf(part)) flags.receiver = true;
        if (part[0] === "super" || (part[0] === "n" && part[1] === "super")) flags.super = true;
        return true;
      });
    };
    const visit = (at: number): void => {
      const ir = this.scope(at);
      for (const binding of ir.bindings) {
        read(binding.v, null);
        if (binding.v[0] !== "f" && binding.v[0] !== "k" && binding.v[0] !== "?") aliases.push([binding.n, binding.v]);
      }
      for (const store of ir.stores ?? []) {
        read(store.o, null);
        read(store.v, called);
        const root = rootName(store.o);
        if (root !== null) filled.add(root);
        if (isSelf(store.o)) {
          flags.filled = true;
          if (store.k !== null) members.add(store.k);
        }
      }
      for (const index of this.callsOf(at)) {
        const call = this.call(index);
        read(call.f, called);
        for (const arg of call.a) read(arg, passed, true);
        for (const [, arg] of call.k ?? []) read(arg, passed, true);
        const callee = call.f;
        if (callee[0] === "a" && mutators.has(callee[2])) {
          const root = rootName(callee[1]);
          if (root !== null) filled.add(root);
        }
        if (callee[0] === "n" && callee[1] === "getattr" && call.a[1]?.[0] === "n") keys.add(call.a[1][1]);
        if (callee[0] === "a" && callee[2] === "assign" && call.a[0]?.[0] === "n") filled.add(call.a[0][1]);
      }
      for (const value of ir.returns ?? []) {
        read(value, returned);
        walk(value, (part) => {
          if (isSelf(part)) flags.returned = true;
          return true;
        });
      }
      for (const value of ir.yields ?? []) read(value, returned);
      for (const base of ir.bases ?? []) read(base, called);
      for (const child of this.childrenOf(at)) visit(child);
    };
    visit(scope);
    for (let round = 0; round < 2; round++) {
      for (const [name, value] of aliases) {
        for (const set of [called, passed, returned]) if (set.has(name)) read(value, set);
      }
    }
    const takes = (name: string): boolean =>
      called.has(name) || passed.has(name) || returned.has(name) || filled.has(name) || keys.has(name);
    return {
      heeds: (ir.params ?? []).some((param, i) => !(i === 0 && param.n === self) && takes(param.n)),
      called,
      passed,
      returned,
      filled,
      keys,
      members,
      receiver: flags.receiver,
      receiverReturned: flags.returned,
      receiverFilled: flags.filled,
      super: flags.super,
    };
  }

  /** Stores to the receiver's fields in the methods of a class scope, by field. `first` = the receiver is the first parameter. */
  fieldStores(classScope: number, first: boolean): ReadonlyMap<string, FieldStore[]> {
    let fields = this.#fields[classScope];
    if (fields === undefined) {
      fields = new Map();
      for (const child of this.childrenOf(classScope)) {
        if (this.scope(child).kind === "function") this.#collectFields(fields, child, child, first);
      }
      this.#fields[classScope] = fields;
    }
    return fields;
  }

  /** The same for a function that is used as a constructor. */
  ownFields(functionScope: number): ReadonlyMap<string, FieldStore[]> {
    let fields = this.#fields[functionScope];
    if (fields === undefined) {
      fields = new Map();
      this.#collectFields(fields, functionScope, functionScope, false);
      this.#fields[functionScope] = fields;
    }
    return fields;
  }

  #collectFields(fields: Map<string, FieldStore[]>, method: number, scope: number, first: boolean): void {
    const self = first ? this.receiverName(method) : undefined;
    for (const store of this.storesOf(scope)) {
      if (store.k === null) continue;
      if (!(store.o[0] === "this" || (self !== undefined && store.o[0] === "n" && store.o[1] === self))) continue;
      const list = fields.get(store.k);
      if (list === undefined) fields.set(store.k, [{ method, scope, store }]);
      else list.push({ method, scope, store });
    }
    for (const child of this.childrenOf(scope)) {
      const ir = this.scope(child);
      // `this` of a nested plain function is another one; a receiver parameter is seen by all.
      if (ir.kind === "class" || (ir.kind === "function" && ir.bound !== "arrow" && !first)) continue;
      this.#collectFields(fields, method, child, first);
    }
  }
}

/** Names of the methods by which the languages' own containers are changed. */
const mutators = new Set(
  (
    "append add push unshift insert extend update setdefault set splice assign defineProperty defineProperties appendleft " +
    "setPrototypeOf inherits extendleft setattr put"
  ).split(" "),
);
export const mutates = (callee: Expr): boolean =>
  (callee[0] === "a" && mutators.has(callee[2])) || (callee[0] === "n" && mutators.has(callee[1]));

/** Visits an expression and what it is made of; `visit` answers whether to go inside. */
function walk(expr: Expr, visit: (part: Expr) => boolean): void {
  if (!visit(expr)) return;
  switch (expr[0]) {
    case "a":
    case "e":
    case "w":
    case "*":
    case "I":
      walk(expr[1], visit);
      return;
    case "i":
      walk(expr[1], visit);
      walk(expr[2], visit);
      return;
    case "d":
      walk(expr[2], visit);
      return;
    case "o":
      for (const [, value] of expr[1]) walk(value, visit);
      return;
    case "l":
    case "u":
      for (const value of expr[1]) walk(value, visit);
      return;
    case "g":
      walk(expr[1], visit);
      for (const value of expr[2]) walk(value, visit);
      return;
    default:
  }
}

/** The lexical name an expression starts from (`a` in `a.b[0].c`), null when it starts otherwise. */
export function rootName(expr: Expr): string | null {
  let at: Expr = expr;
  for (;;) {
    switch (at[0]) {
      case "n":
        return at[1];
      case "a":
      case "i":
      case "e":
      case "w":
      case "*":
        at = at[1];
        continue;
      default:
        return null;
    }
  }
}
