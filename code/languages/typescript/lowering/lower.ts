// A parsed file → FileIr: wires the parts together and settles what only the whole file can tell.
import type { Comment, Program } from "oxc-parser";
import type { FileIr } from "../../../ir.ts";
import { lowerClass } from "./classes.ts";
import {
  type Context,
  declare,
  declaringScope,
  IMPORTED,
  isGetter,
  isScopeFree,
  LOCAL,
  nameExpr,
  openScope,
  PLAIN,
  within,
} from "./context.ts";
import { fileDoc } from "./docs.ts";
import { lowerExpression } from "./expressions.ts";
import { accessorsOf } from "./implicit-members.ts";
import { createLineTable } from "./lines.ts";
import { lowerStatements } from "./statements.ts";

export interface Parsed {
  program: Program;
  comments: readonly Comment[];
  problems: (readonly [offset: number, message: string])[];
}

export interface FileKind {
  language: "typescript" | "javascript";
  /** `.mjs`: a module even without import or export. */
  module: boolean;
  /** A declaration file. */
  ambient: boolean;
}

export function lowerProgram(source: string, parsed: Parsed, { language, module, ambient }: FileKind): FileIr {
  const { program } = parsed;
  const cx: Context = {
    source,
    script: language === "javascript" && !module && program.sourceType !== "module",
    javascript: language === "javascript",
    lines: createLineTable(source),
    comments: parsed.comments,
    symbols: [],
    scopes: [],
    names: [],
    owners: [],
    starts: [],
    calls: [],
    imports: [],
    exports: [],
    exportedNames: new Set(),
    assignments: [],
    refs: [],
    seenRefs: new Set(),
    paths: new Map(),
    anonymous: new Map(),
    nameExprs: new Map(),
    accessors: accessorsOf(source),
    caught: null,
    constants: new Map(),
    updated: [],
    narrowed: null,
    namespaces: new Map(),
    typeParameters: new Map(),
    ambient,
    takesArguments: new Set(),
    exported: null,
    groups: 0,
    temporaries: 0,
    scope: 0,
    owner: 0,
    varScope: 0,
    region: 0,
    symbol: -1,
    expression: lowerExpression,
    statements: lowerStatements,
    classLike: lowerClass,
  };
  const first = program.body[0];
  within(cx, openScope(cx, "module", -1, 0), () => lowerStatements(cx, program.body));
  settleCommonJs(cx);
  settleAssignments(cx);
  settleUpdated(cx);
  markExported(cx);

  const ir: FileIr = {
    language,
    lines: cx.lines.count,
    symbols: cx.symbols,
    scopes: cx.scopes,
    calls: cx.calls,
    refs: settleRefs(cx),
    imports: cx.imports,
  };
  const doc = fileDoc(cx, first?.start ?? null, first?.type === "ImportDeclaration");
  if (doc !== undefined) ir.doc = doc;
  if (cx.exports.length > 0) ir.exports = cx.exports;
  if (parsed.problems.length > 0) ir.problems = parsed.problems.map(([at, what]) => [cx.lines.lineOf(at), what]);
  return ir;
}

/** CommonJS files are written as if `module = { exports: {} }` and `exports = module.exports` stood on top. */
function settleCommonJs(cx: Context): void {
  const names = cx.names[0]!;
  const used = cx.nameExprs.has("module") || cx.nameExprs.has("exports");
  if (!used || names.has("module") || names.has("exports")) return;
  declare(cx, 0, { n: "module", v: ["o", [["exports", ["o", []]]]], at: 0, r: 0 }, LOCAL);
  declare(cx, 0, { n: "exports", v: ["a", nameExpr(cx, "module"), "exports"], at: 0, r: 0 }, LOCAL);
}

/** Region of a function in which things happen at any time: assignments from the functions inside it. */
function closureRegion(cx: Context, owner: number, known: Map<number, number>): number {
  let region = known.get(owner);
  if (region === undefined) {
    region = (cx.scopes[owner]!.regions ??= [[-1, 0]]).push([0, -2]) - 1;
    known.set(owner, region);
  }
  return region;
}

function settleAssignments(cx: Context): void {
  const closures = new Map<number, number>();
  for (const { scope, owner, binding } of cx.assignments) {
    let target = declaringScope(cx, scope, binding.n);
    if (target < 0) {
      // An undeclared name is a global: kept where the file can see it.
      target = 0;
      cx.names[0]!.set(binding.n, LOCAL);
    }
    if (cx.names[target]!.get(binding.n) === LOCAL && binding.v[0] === "f") {
      cx.names[target]!.set(binding.n, cx.scopes[binding.v[1]]!.symbol);
    }
    if (target !== scope && !isScopeFree(binding.v)) binding.s = scope;
    if (cx.owners[target] !== owner) binding.r = closureRegion(cx, cx.owners[target]!, closures);
    cx.scopes[target]!.bindings.push(binding);
  }
  for (const scope of cx.scopes) {
    const list = scope.bindings;
    if (list.some((b, i) => i > 0 && list[i - 1]!.at > b.at)) list.sort((a, b) => a.at - b.at);
  }
}

/** A counter holds any number, a text that is added to any text. */
function settleUpdated(cx: Context): void {
  for (const { scope, name } of cx.updated) {
    const target = declaringScope(cx, scope, name);
    if (target < 0) continue;
    for (const binding of cx.scopes[target]!.bindings) {
      if (binding.n === name && (binding.v[0] === "#" || binding.v[0] === "s")) binding.v = PLAIN;
    }
  }
}

function settleRefs(cx: Context): FileIr["refs"] {
  const kept: FileIr["refs"] = [];
  for (const { ref, root } of cx.refs) {
    if (isGetter(cx, ref.e)) {
      kept.push(ref);
      continue;
    }
    const scope = declaringScope(cx, ref.s, root);
    if (scope < 0) continue;
    const symbol = cx.names[scope]!.get(root)!;
    if (symbol === LOCAL) continue;
    if (symbol === IMPORTED || symbol >= 0) kept.push(ref);
  }
  return kept;
}

/** `export { a }` and `module.exports = { a }` may stand before or after `a`. */
function markExported(cx: Context): void {
  if (cx.exportedNames.size === 0) return;
  const marked = new Set<number>();
  cx.symbols.forEach((symbol, i) => {
    const named = symbol.parent < 0 && cx.exportedNames.has(symbol.name);
    if (named || (marked.has(symbol.parent) && symbol.kind !== "Function" && symbol.visibility !== "private")) {
      const parent = cx.symbols[symbol.parent];
      if (!named && parent?.kind !== "Class" && parent?.kind !== "Interface" && parent?.kind !== "Module") return;
      symbol.exported = true;
      marked.add(i);
    }
  });
}
