// The state of one file's lowering: open scopes, the symbol table, and the few ways in which facts are added to the IR.
import type { BindingIr, CallIr, Expr, FileIr, ParamIr, ScopeIr, SymbolIr } from "../../ir.ts";
import type { Node, Statement } from "./ast.ts";
import { builtinNames } from "./builtin-names.ts";
import type { Overloads } from "./overloads.ts";
import type { OwnNames } from "./own-names.ts";

export const unknown: Expr = ["?"];

/** An open scope. */
export interface Frame {
  readonly index: number;
  readonly scope: ScopeIr;
  readonly outer: Frame | null;
  /** Symbol that what is declared here belongs to; -1 = the file. */
  readonly symbol: number;
  region: number;
  groups: number;
  /** Bound here so far, parameters included. */
  readonly names: Set<string>;
  readonly imported: Set<string>;
  /** Names of which nothing is known: a further unknown value adds nothing. */
  readonly opaque: Set<string>;
  /** Names declared `global` or `nonlocal`. */
  elsewhere: Map<string, Frame> | null;
  /** First parameter of a method. */
  self: string | null;
  /** The class whose body or method this is. */
  readonly owner: ClassFrame | null;
  /** Region of assignments that functions make to this scope's names by `global` / `nonlocal`. */
  late: number;
}

export interface ClassFrame {
  readonly name: string;
  readonly symbol: number;
  /** Attributes known at class level, and instance attributes found so far. */
  readonly members: Set<string>;
}

/** The names a comprehension binds stand for what they iterate over: no scope of its own is needed. */
export interface Comprehension {
  readonly names: Map<string, Expr>;
  readonly frame: Frame;
  readonly outer: Comprehension | null;
}

export interface Lowering {
  // Filled in by lower.ts: the parts call each other through these, so that modules stay free of cycles.
  readonly value: (this: void, s: Lowering, node: Node) => Expr;
  readonly body: (this: void, s: Lowering, body: readonly Statement[], own: OwnNames | null) => void;
  readonly source: string;
  readonly lineStarts: readonly number[];
  readonly ir: FileIr;
  frame: Frame;
  comprehension: Comprehension | null;
  /** Inside `if TYPE_CHECKING:`. */
  typesOnly: boolean;
  /** Inside the value of `__all__`. */
  keepStrings: boolean;
  readonly frames: Frame[];
  readonly paths: Map<string, number>;
  readonly lambdas: Map<number, number>;
  /** Per symbol: the chains already noted as read. */
  readonly seenRefs: Map<number, Set<string>>;
  readonly refRoots: string[];
  readonly overloads: Overloads;
  /** Fields of the classes seen so far whose constructor is made of them. */
  readonly records: Map<string, readonly ParamIr[]>;
  /** Names of the functions that tests get by naming a parameter so. */
  readonly fixtures: ReadonlySet<string>;
  /** Functions that others are registered with (functools.singledispatch). */
  readonly dispatching: Set<string>;
  hasStarImport: boolean;
  /** Levels of string annotations inside string annotations. */
  quoted: number;
  hidden: number;
}

export function createLowering(
  source: string,
  lineStarts: readonly number[],
  ir: FileIr,
  own: Pick<Lowering, "value" | "body" | "overloads" | "fixtures">,
): Lowering {
  const scope: ScopeIr = { kind: "module", parent: -1, symbol: -1, bindings: [] };
  ir.scopes.push(scope);
  const frame = createFrame(0, scope, null, -1, null);
  return {
    source,
    lineStarts,
    ir,
    value: own.value,
    body: own.body,
    frame,
    comprehension: null,
    typesOnly: false,
    keepStrings: false,
    frames: [frame],
    paths: new Map(),
    lambdas: new Map(),
    seenRefs: new Map(),
    refRoots: [],
    records: new Map(),
    overloads: own.overloads,
    fixtures: own.fixtures,
    dispatching: new Set(),
    hasStarImport: false,
    quoted: 0,
    hidden: 0,
  };
}

function createFrame(
  index: number,
  scope: ScopeIr,
  outer: Frame | null,
  symbol: number,
  owner: ClassFrame | null,
): Frame {
  return {
    index,
    scope,
    outer,
    symbol,
    region: 0,
    groups: 0,
    names: new Set(),
    imported: new Set(),
    opaque: new Set(),
    elsewhere: null,
    self: null,
    owner,
    late: -1,
  };
}

export function openScope(s: Lowering, kind: "function" | "class", symbol: number, owner: ClassFrame | null): Frame {
  const scope: ScopeIr = { kind, parent: s.frame.index, symbol, bindings: [] };
  const index = s.ir.scopes.push(scope) - 1;
  const frame = createFrame(index, scope, s.frame, symbol, owner);
  s.frames.push(frame);
  s.frame = frame;
  return frame;
}

export function closeScope(s: Lowering, outer: Frame): void {
  s.frame = outer;
}

/** A stretch of the current scope that runs conditionally (0), in turn with others (a group) or repeatedly (-1). */
export function inRegion(s: Lowering, group: number, run: () => void): void {
  const { frame } = s;
  const { region } = frame;
  frame.region = addRegion(frame, region, group);
  run();
  frame.region = region;
}

function addRegion(frame: Frame, parent: number, group: number): number {
  const regions = (frame.scope.regions ??= [[-1, 0]]);
  return regions.push([parent, group]) - 1;
}

export function newGroup(s: Lowering): number {
  return ++s.frame.groups;
}

/** `at`: offset at which the assignment has happened. */
export function bind(s: Lowering, name: string, v: Expr, at: number, t?: Expr): void {
  const { frame } = s;
  const target = frame.elsewhere?.get(name) ?? frame;
  if (v[0] === "?" && t === undefined) {
    if (target.opaque.has(name)) return;
    if (!target.names.has(name)) target.opaque.add(name);
  } else target.opaque.delete(name);
  target.names.add(name);
  const binding: BindingIr = { n: name, v, at, r: frame.region };
  if (target !== frame) {
    if (target.late < 0) target.late = addRegion(target, 0, -1);
    binding.r = target.late;
    if (namesSomething(v)) binding.s = frame.index;
  }
  if (t !== undefined) binding.t = t;
  target.scope.bindings.push(binding);
}

/** Would it mean something else in another scope? */
function namesSomething(e: Expr): boolean {
  switch (e[0]) {
    case "n":
      return true;
    case "a":
    case "e":
    case "w":
    case "*":
    case "I":
      return namesSomething(e[1]);
    case "i":
      return namesSomething(e[1]) || namesSomething(e[2]);
    case "d":
      return namesSomething(e[2]);
    case "l":
    case "u":
      return e[1].some(namesSomething);
    case "o":
      return e[1].some(([, value]) => namesSomething(value));
    case "g":
      return true;
    default:
      return e[0] === "this" || e[0] === "super";
  }
}

export function store(s: Lowering, o: Expr, k: string | null, v: Expr, at: number, line: number): void {
  if (v[0] === "?") return;
  (s.frame.scope.stores ??= []).push({ o, k, v, at, r: s.frame.region, l: line });
}

export function addCall(s: Lowering, call: Omit<CallIr, "s" | "r">): number {
  const { frame } = s;
  const full: CallIr = { s: frame.index, f: call.f, a: call.a, l: call.l, at: call.at, r: frame.region };
  if (call.k !== undefined) full.k = call.k;
  if (call.implicit !== undefined) full.implicit = call.implicit;
  return s.ir.calls.push(full) - 1;
}

export function implicitCall(s: Lowering, f: Expr, a: Expr[], line: number, at: number): number {
  return addCall(s, { f, a, l: line, at, implicit: true });
}

/** Notes that a name or attribute chain is read. Kept only if its root turns out not to be a function's local. */
export function noteRead(s: Lowering, root: string, e: Expr, line: number): void {
  const { frame } = s;
  if (frame.scope.kind === "function" && e[0] === "n" && frame.names.has(root) && !frame.imported.has(root)) return;
  let seen = s.seenRefs.get(frame.symbol);
  if (seen === undefined) s.seenRefs.set(frame.symbol, (seen = new Set()));
  const key = chainText(e);
  if (seen.has(key)) return;
  seen.add(key);
  s.ir.refs.push({ s: frame.index, e, l: line });
  s.refRoots.push(root);
}

function chainText(e: Expr): string {
  if (e[0] === "n") return e[1];
  return e[0] === "a" ? `${chainText(e[1])}.${e[2]}` : "";
}

/** With every scope complete: drops the reads of locals and built-ins. */
export function settleRefs(s: Lowering): void {
  const { ir } = s;
  ir.refs = ir.refs.filter((ref, i) => {
    const root = s.refRoots[i] ?? "";
    let frame: Frame | null = s.frames[ref.s] ?? null;
    for (let own = true; frame !== null; frame = frame.outer, own = false) {
      if (frame.scope.kind === "class" && !own) continue;
      if (frame.names.has(root)) {
        if (frame.scope.kind !== "function" || frame.imported.has(root)) return true;
        return root === frame.self && ref.e[0] === "a";
      }
    }
    return s.hasStarImport && !builtinNames.has(root);
  });
}

export function declare(
  s: Lowering,
  symbol: Pick<SymbolIr, "kind" | "name"> & { start: number; end: number; parent?: number },
): number {
  const parent = symbol.parent ?? s.frame.symbol;
  const prefix = parent < 0 ? "" : `${s.ir.symbols[parent]?.path ?? ""}.`;
  const path = prefix + symbol.name;
  const count = (s.paths.get(path) ?? 0) + 1;
  s.paths.set(path, count);
  const from = position(s, symbol.start);
  const to = position(s, symbol.end);
  const name = symbol.name;
  const index = s.ir.symbols.push({
    kind: symbol.kind,
    name,
    path: count === 1 ? path : `${path}~${count}`,
    parent,
    range: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
    visibility: visibilityOf(name),
    exported: parent < 0 && s.frame.scope.kind === "module",
  });
  return index - 1;
}

function visibilityOf(name: string): SymbolIr["visibility"] {
  if (!name.startsWith("_") || (name.startsWith("__") && name.endsWith("__"))) return "public";
  return name.startsWith("__") ? "private" : "protected";
}

function position(s: Lowering, offset: number): { line: number; column: number } {
  const { lineStarts } = s;
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) };
}

/** Any of these, as flat as can be; what is unknown adds nothing. */
export function anyOf(options: readonly Expr[]): Expr {
  const flat: Expr[] = [];
  for (const option of options) {
    if (option[0] === "u") flat.push(...option[1]);
    else if (option[0] !== "?") flat.push(option);
  }
  const [only] = flat;
  if (only === undefined) return unknown;
  return flat.length === 1 ? only : ["u", flat];
}

/** A stretch of source on one line, comments left out. */
export function oneLine(source: string, start: number, end: number, limit: number): string {
  let text = source.slice(start, Math.min(end, start + 4 * limit));
  if (/[\n\r\f]/.test(text)) {
    text = text
      .replace(/("(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|#[^\n\r]*/g, (_, literal?: string) => literal ?? "")
      .replace(/\\(\r\n|\n|\r)/g, " ")
      .replace(/\s+/g, " ")
      .replace(/([([{]) /g, "$1")
      .replace(/,? ([)\]}])/g, "$1")
      .trim();
  }
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
