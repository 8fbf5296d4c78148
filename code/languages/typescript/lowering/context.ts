// The state that one file's lowering builds up, and the bookkeeping its parts share: scopes, symbols, regions, calls, references.
import type {
  Class,
  Comment,
  Expression,
  Function as FunctionNode,
  ArrowFunctionExpression,
  Statement,
} from "oxc-parser";
import type { BindingIr, CallIr, Expr, ExportIr, ImportIr, RefIr, ScopeIr, StoreIr, SymbolIr } from "../../../ir.ts";
import type { Accessors } from "./implicit-members.ts";
import type { LineTable } from "./lines.ts";

/** Where an expression's value goes: functions, classes and object members met in it take their names from here. */
export interface Landing {
  name: string;
  path: string;
  /** What the paths of members start with: `path + "."`, or "" for `module.exports = {…}`. */
  prefix: string;
  /** Enclosing symbol of a function that lands here. */
  parent: number;
  /** Kind of symbol a function that lands here becomes. */
  kind: "Function" | "Method";
  start: number;
  /** Where the doc comment would end: the start of the statement. */
  docAt: number;
  exported: boolean;
  visibility: SymbolIr["visibility"];
  flags: readonly string[];
  /** How the object that members are put on can be named, for `this` inside them. */
  self: Expr | null;
  /** `this` inside a function that lands here, when known. */
  receiver: Expr | null;
}

export type AnyFunction = FunctionNode | ArrowFunctionExpression;

interface PendingAssignment {
  scope: number;
  owner: number;
  binding: BindingIr;
}

interface PendingRef {
  ref: RefIr;
  root: string;
}

/** Names a scope declares → the symbol's index; -1 = a local without a symbol, -2 = an import. */
type Names = Map<string, number>;
export const LOCAL = -1;
export const IMPORTED = -2;

export interface Context {
  readonly source: string;
  readonly script: boolean;
  readonly javascript: boolean;
  readonly lines: LineTable;
  readonly comments: readonly Comment[];
  readonly symbols: SymbolIr[];
  readonly scopes: ScopeIr[];
  readonly names: Names[];
  /** For each scope the function, class or module scope whose regions its `r` count. */
  readonly owners: number[];
  readonly starts: number[];
  readonly calls: CallIr[];
  readonly imports: ImportIr[];
  readonly exports: ExportIr[];
  readonly exportedNames: Set<string>;
  readonly assignments: PendingAssignment[];
  readonly refs: PendingRef[];
  readonly seenRefs: Set<string>;
  readonly paths: Map<string, number>;
  readonly anonymous: Map<number, number>;
  /** Functions that read `arguments`. */
  readonly takesArguments: Set<number>;
  readonly nameExprs: Map<string, Expr>;
  readonly accessors: Accessors;
  /** Keys that constants hold, by scope and name (`3:NAME`, `3:NAME.member`): texts, and symbols by their name in brackets. */
  readonly constants: Map<string, string>;
  /** Names that are counted up or added to: what they are first set to is not what they hold. */
  readonly updated: { scope: number; name: string }[];
  /** What is thrown in the `try` (with a `catch`) that is lowered; null outside of any in the function. */
  caught: Expr[] | null;
  /** What names are known to be in the branch that is lowered (`if (x instanceof A)`). */
  narrowed: ReadonlyMap<string, Expr> | null;
  /** Block scopes of namespaces → the namespace's object, which exports are put on. */
  readonly namespaces: Map<number, Expr>;
  typeParameters: ReadonlyMap<string, Expr | null>;
  /** In a declaration file, or inside `declare`: members without a body are all there is. */
  ambient: boolean;
  /** What `module.exports` was set to, where that is a function, a class or a name: later `module.exports.x` is put on it too. */
  exported: Expr | null;
  groups: number;
  temporaries: number;
  scope: number;
  owner: number;
  /** Scope that takes `var` declarations. */
  varScope: number;
  region: number;
  symbol: number;
  // Filled in by lower.ts: the parts call each other through these, so that modules stay free of cycles.
  expression(cx: Context, node: Expression, landing: Landing | null): Expr;
  statements(cx: Context, body: readonly Statement[]): void;
  classLike(cx: Context, node: Class, landing: Landing | null, docAt: number, exported: boolean): Expr;
}

export const UNKNOWN: Expr = ["?"];
/** A value that is known to hold no function: left out of unions and object entries. */
export const PLAIN: Expr = ["?"];
export const THIS: Expr = ["this"];

export function nameExpr(cx: Context, name: string): Expr {
  let e = cx.nameExprs.get(name);
  if (e === undefined) cx.nameExprs.set(name, (e = ["n", name]));
  return e;
}

export function union(options: readonly Expr[]): Expr {
  const flat: Expr[] = [];
  for (const option of options) {
    if (option === PLAIN) continue;
    for (const o of option[0] === "u" ? option[1] : [option]) if (!flat.includes(o)) flat.push(o);
  }
  if (flat.length === 0) return options.length > 0 ? PLAIN : UNKNOWN;
  return flat.length === 1 ? flat[0]! : ["u", flat];
}

/** An empty list or object says nothing of what it will hold; its stated type does. */
export function withStatedType(v: Expr, t: Expr): Expr {
  return v[0] === "l" || (v[0] === "o" && v[1].length === 0) ? ["u", [v, ["I", t]]] : v;
}

export function openScope(cx: Context, kind: ScopeIr["kind"], symbol: number, start: number): number {
  const index = cx.scopes.length;
  cx.scopes.push({ kind, parent: index === 0 ? -1 : cx.scope, symbol, bindings: [] });
  cx.names.push(new Map());
  cx.owners.push(kind === "block" ? cx.owner : index);
  cx.starts.push(start);
  return index;
}

/** Runs `body` inside a scope and comes back to where it was. */
export function within(cx: Context, index: number, body: () => void): void {
  const { scope, owner, varScope, region, symbol, caught } = cx;
  const ir = cx.scopes[index]!;
  cx.scope = index;
  cx.symbol = ir.symbol;
  if (ir.kind !== "block") {
    cx.owner = index;
    cx.caught = null;
    cx.region = 0;
    cx.varScope = index;
  }
  body();
  cx.scope = scope;
  cx.owner = owner;
  cx.varScope = varScope;
  cx.region = region;
  cx.symbol = symbol;
  cx.caught = caught;
}

export function newGroup(cx: Context): number {
  return ++cx.groups;
}

/** Runs `body` as a conditional (group > 0) or repeated (-1) stretch of the current function. */
export function inRegion(cx: Context, group: number, body: () => void): void {
  const outer = cx.region;
  const regions = (cx.scopes[cx.owner]!.regions ??= [[-1, 0]]);
  cx.region = regions.push([outer, group]) - 1;
  body();
  cx.region = outer;
}

/** Means the same wherever it is read. */
export function isScopeFree(e: Expr): boolean {
  return e[0] === "f" || e[0] === "k" || e[0] === "m" || e[0] === "c" || e[0] === "?" || e[0] === "s" || e[0] === "#";
}

export function declare(cx: Context, scope: number, binding: BindingIr, symbol: number): void {
  if (scope !== cx.scope && !isScopeFree(binding.v)) binding.s ??= cx.scope;
  cx.scopes[scope]!.bindings.push(binding);
  const names = cx.names[scope]!;
  const known = names.get(binding.n);
  if (known === undefined || symbol !== LOCAL) names.set(binding.n, symbol);
}

/** `name = value` on a name declared elsewhere; where, is known once the whole file was seen. */
export function assign(cx: Context, name: string, v: Expr, at: number): void {
  cx.assignments.push({ scope: cx.scope, owner: cx.owner, binding: { n: name, v, at, r: cx.region } });
}

export function store(cx: Context, o: Expr, k: string | null, v: Expr, at: number, start: number): void {
  const ir: StoreIr = { o, k, v, at, r: cx.region, l: cx.lines.lineOf(start) };
  (cx.scopes[cx.scope]!.stores ??= []).push(ir);
}

export function addCall(
  cx: Context,
  f: Expr,
  a: Expr[],
  at: number,
  as: "call" | "new" | "implicit",
  scope: number = cx.scope,
): number {
  const call: CallIr = { s: scope, f, a, l: cx.lines.lineOf(at), at, r: cx.region };
  if (as === "new") call.new = true;
  else if (as === "implicit") call.implicit = true;
  return cx.calls.push(call) - 1;
}

export function chainRoot(e: Expr): string | null {
  let at: Expr = e;
  while (at[0] === "a") at = at[1];
  return at[0] === "n" ? at[1] : null;
}

function chainText(e: Expr): string {
  return e[0] === "a" ? `${chainText(e[1])}.${e[2]}` : e[0] === "n" ? e[1] : "";
}

/** Is it a member that the file declares a getter for? */
export function isGetter(cx: Context, e: Expr): boolean {
  return e[0] === "a" && cx.accessors.getters.has(e[2]);
}

/** Notes that a name or attribute chain is read; kept at the end only if it leads to a symbol or an import. */
export function addRef(cx: Context, e: Expr, offset: number): void {
  // A getter runs whatever it is read from.
  const root = chainRoot(e) ?? (isGetter(cx, e) ? "" : null);
  if (root === null) return;
  const key = `${cx.symbol}:${chainText(e)}`;
  if (cx.seenRefs.has(key)) return;
  cx.seenRefs.add(key);
  cx.refs.push({ ref: { s: cx.scope, e, l: cx.lines.lineOf(offset) }, root });
}

/** The scope that declares a name as seen from `scope`; -1 = none does. Class members are not visible by plain name. */
export function declaringScope(cx: Context, scope: number, name: string): number {
  for (let s = scope; s >= 0; s = cx.scopes[s]!.parent) {
    if (cx.scopes[s]!.kind !== "class" && cx.names[s]!.has(name)) return s;
  }
  return -1;
}

/** The key that a constant, or a member of a constant object, stands for. */
export function constantOf(cx: Context, name: string, member: string): string | null {
  if (cx.constants.size === 0) return null;
  const scope = declaringScope(cx, cx.scope, name);
  return cx.constants.get(member === "" ? `${scope}:${name}` : `${scope}:${name}.${member}`) ?? null;
}

export function symbolOfName(cx: Context, name: string): number {
  const scope = declaringScope(cx, cx.scope, name);
  return scope < 0 ? LOCAL : cx.names[scope]!.get(name)!;
}

export function memberPath(cx: Context, parent: number, name: string): string {
  return parent < 0 ? name : `${cx.symbols[parent]!.path}.${name}`;
}

export function addSymbol(
  cx: Context,
  symbol: Omit<SymbolIr, "range" | "flags" | "doc" | "signature"> & { flags: readonly string[] },
  start: number,
  end: number,
  signature: string,
  doc: string | undefined,
): number {
  const count = (cx.paths.get(symbol.path) ?? 0) + 1;
  cx.paths.set(symbol.path, count);
  let path = symbol.path;
  if (count > 1) {
    path = `${symbol.path}~${count}`;
    cx.paths.set(path, 1);
  }
  const ir: SymbolIr = {
    kind: symbol.kind,
    name: symbol.name,
    path,
    parent: symbol.parent,
    range: cx.lines.range(start, end),
    visibility: symbol.visibility,
    exported: symbol.exported,
  };
  if (signature !== "") ir.signature = signature;
  if (doc !== undefined) ir.doc = doc;
  if (symbol.flags.length > 0) ir.flags = [...symbol.flags];
  return cx.symbols.push(ir) - 1;
}

export function anonymousName(cx: Context, parent: number): string {
  const n = (cx.anonymous.get(parent) ?? 0) + 1;
  cx.anonymous.set(parent, n);
  return `<anonymous${n}>`;
}

/** A stretch of source as one line of at most `limit` characters. */
export function oneLine(cx: Context, start: number, end: number, limit = 300): string {
  const text = cx.source
    .slice(start, Math.min(end, start + limit * 3))
    .replace(/\s+/g, " ")
    .trim();
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** The landing of a member of what lands at `outer`. */
export function memberLanding(cx: Context, outer: Landing | null, name: string, start: number): Landing {
  const parent = outer === null ? cx.symbol : outer.parent;
  const path = outer === null ? memberPath(cx, parent, name) : `${outer.prefix}${name}`;
  const self: Expr | null = outer?.self == null ? null : ["a", outer.self, name];
  return {
    name,
    path,
    prefix: `${path}.`,
    parent,
    kind: "Function",
    start,
    docAt: start,
    exported: outer?.exported ?? false,
    visibility: "public",
    flags: [],
    self,
    receiver: outer?.self ?? null,
  };
}
