// One file's IR with the indexes that evaluation needs: bindings by name, calls by scope, what a function mentions. Pure in the IR.
import { mutates, rootName, walk } from "./expressions.ts";
import { collectMentions, type Mentions } from "./mentions.ts";
import type { Spot } from "./call-edges.ts";
import type { Semantics } from "./semantics.ts";
import type { BindingIr, CallIr, ExportIr, Expr, FileIr, ParamIr, ScopeIr, StoreIr, SymbolIr } from "../ir.ts";

/** A store to a field of the receiver in one of a class's methods. */
export interface FieldStore {
  readonly method: number;
  readonly scope: number;
  readonly store: StoreIr;
}

/** The scope that declares a name, and the outermost scope that is left on the way there, -1 if none. */
export interface Declaration {
  readonly scope: number;
  readonly crossed: number;
  readonly param: ParamIr | undefined;
  readonly bindings: readonly BindingIr[];
}

/** A store, or else a call. */
export interface Effect {
  readonly scope: number;
  readonly store: StoreIr | null;
  readonly call: number;
}

const noExports: readonly ExportIr[] = [];
const noBindings: readonly BindingIr[] = [];
const noStores: readonly StoreIr[] = [];
const noEffects: readonly Effect[] = [];

export class FileModel {
  readonly path: string;
  readonly ir: FileIr;
  /** Of its language; filled in by whoever knows the languages. */
  semantics: Semantics | undefined;
  // Asked for all the time, and read out of the IR when first asked for.
  private scopes: ScopeIr[] | undefined;
  private calls: CallIr[] | undefined;
  #bindings: (Map<string, BindingIr[]> | undefined)[] = [];
  #calls: number[][] | undefined;
  #children: number[][] | undefined;
  #created: Map<number, { at: number; r: number }>[] = [];
  #mentions: (Mentions | undefined)[] = [];
  #fields: (Map<string, FieldStore[]> | undefined)[] = [];
  #given: (Map<string, FieldStore[]> | undefined)[] = [];
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
    return (this.scopes ??= this.ir.scopes)[index]!;
  }

  call(index: number): CallIr {
    return (this.calls ??= this.ir.calls)[index]!;
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
      const { bindings } = this.scope(scope);
      let several: BindingIr[][] | null = null;
      for (let i = 0; i < bindings.length; i++) {
        const binding = bindings[i]!;
        const list = map.get(binding.n);
        if (list === undefined) map.set(binding.n, [binding]);
        else if (list.push(binding) === 2) (several ??= []).push(list);
      }
      if (several !== null) for (const list of several) list.sort((a, b) => a.at - b.at);
      this.#bindings[scope] = map;
    }
    return map;
  }

  param(scope: number, name: string): ParamIr | undefined {
    const { params } = this.scope(scope);
    if (params !== undefined) for (let i = 0; i < params.length; i++) if (params[i]!.n === name) return params[i];
    return undefined;
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

  /** Is a function, or an accessor, a member of the class itself and not of its instances? */
  isStatic(scope: number): boolean {
    const { bound } = this.scope(scope);
    if (bound !== "getter" && bound !== "setter") return bound === "static";
    return this.symbolOf(scope)?.flags?.includes("static") === true;
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
      const { calls } = this.ir;
      for (let index = 0; index < calls.length; index++) this.#calls[calls[index]!.s]?.push(index);
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
    return this.scope(scope).stores ?? noStores;
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
      const found: Effect[] = [];
      for (const inner of this.bodyOf(scope)) {
        for (const store of this.storesOf(inner)) found.push({ scope: inner, store, call: -1 });
        for (const call of this.callsOf(inner))
          if (mutates(this.call(call).f)) found.push({ scope: inner, store: null, call });
      }
      effects = found.length === 0 ? noEffects : found;
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
    return (this.#mentions[scope] ??= collectMentions(this, scope, first));
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
    return this.#fieldsFilledBy(functionScope, this.#fields, false);
  }

  /** Stores to the fields of a function's first parameter, whoever that is. */
  givenFields(functionScope: number): ReadonlyMap<string, FieldStore[]> {
    return this.#fieldsFilledBy(functionScope, this.#given, true);
  }

  #fieldsFilledBy(scope: number, known: (Map<string, FieldStore[]> | undefined)[], first: boolean) {
    let fields = known[scope];
    if (fields === undefined) {
      fields = new Map<string, FieldStore[]>();
      this.#collectFields(fields, scope, scope, first);
      known[scope] = fields;
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
