// Imports and exports, both kinds of module.
import type {
  ExportAllDeclaration,
  ExportNamedDeclaration,
  Expression,
  ImportDeclaration,
  ModuleExportName,
  TSImportEqualsDeclaration,
} from "oxc-parser";
import type { Expr, ImportIr } from "../../../ir.ts";
import { type Context, declare, declaringScope, IMPORTED, nameExpr, store } from "./context.ts";
import { typeNameExpr } from "./types.ts";

export function addImport(
  cx: Context,
  specifier: string,
  kind: ImportIr["kind"],
  name: string | null,
  alias: string | null,
  start: number,
  type = false,
): number {
  const ir: ImportIr = { specifier, kind, name, alias, l: cx.lines.lineOf(start) };
  if (type) ir.type = true;
  return cx.imports.push(ir) - 1;
}

export function declareImport(cx: Context, alias: string, index: number, at: number): void {
  declare(cx, cx.scope, { n: alias, v: ["m", index], at, r: cx.region }, IMPORTED);
}

function exportName(node: ModuleExportName): string {
  return node.type === "Literal" ? node.value : node.name;
}

export function lowerImport(cx: Context, node: ImportDeclaration): void {
  const from = node.source.value;
  const type = node.importKind === "type";
  if (node.specifiers.length === 0) addImport(cx, from, "side-effect", null, null, node.start, type);
  for (const s of node.specifiers) {
    const alias = s.local.name;
    let index: number;
    if (s.type === "ImportNamespaceSpecifier") index = addImport(cx, from, "module", null, alias, s.start, type);
    else if (s.type === "ImportDefaultSpecifier")
      index = addImport(cx, from, "member", "default", alias, s.start, type);
    else index = addImport(cx, from, "member", exportName(s.imported), alias, s.start, type || s.importKind === "type");
    // Imports are there before anything runs.
    declareImport(cx, alias, index, 0);
  }
}

export function lowerImportEquals(cx: Context, node: TSImportEqualsDeclaration, exported: boolean): void {
  const alias = node.id.name;
  const reference = node.moduleReference;
  if (reference.type === "TSExternalModuleReference") {
    const index = addImport(
      cx,
      reference.expression.value,
      "module",
      null,
      alias,
      node.start,
      node.importKind === "type",
    );
    declareImport(cx, alias, index, node.end);
  } else {
    declare(cx, cx.scope, { n: alias, v: typeNameExpr(cx, reference), at: node.end, r: cx.region }, IMPORTED);
  }
  if (exported) addExport(cx, alias, nameExpr(cx, alias));
}

/** ESM exports are live bindings: they hold what the name has at the end of the file. */
export function addExport(cx: Context, name: string, v: Expr): void {
  cx.exports.push({ name, v, at: cx.source.length });
}

export function lowerExportList(cx: Context, node: ExportNamedDeclaration): void {
  if (node.source !== null && node.specifiers.length === 0) {
    addImport(cx, node.source.value, "side-effect", null, null, node.start);
  }
  for (const s of node.specifiers) {
    const local = exportName(s.local);
    const name = exportName(s.exported);
    if (node.source === null) {
      cx.exportedNames.add(local);
      addExport(cx, name, nameExpr(cx, local));
    } else {
      const type = node.exportKind === "type" || s.exportKind === "type";
      addExport(cx, name, ["m", addImport(cx, node.source.value, "member", local, null, s.start, type)]);
    }
  }
}

export function lowerExportAll(cx: Context, node: ExportAllDeclaration): void {
  const type = node.exportKind === "type";
  if (node.exported === null) {
    addExport(cx, "*", ["m", addImport(cx, node.source.value, "star", null, null, node.start, type)]);
  } else {
    const index = addImport(cx, node.source.value, "module", null, null, node.start, type);
    addExport(cx, exportName(node.exported), ["m", index]);
  }
}

/** The constant of `require("x")`, else null. */
export function requireSpecifier(node: Expression): string | null {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "require")
    return null;
  const first = node.arguments[0];
  if (node.arguments.length !== 1 || first === undefined) return null;
  if (first.type === "Literal" && typeof first.value === "string") return first.value;
  if (first.type === "TemplateLiteral" && first.expressions.length === 0) return first.quasis[0]?.value.cooked ?? null;
  return null;
}

export function isModuleObject(object: Expr, member: string): boolean {
  return member === "exports" && object[0] === "n" && object[1] === "module";
}

/** `exports`, `module.exports`. */
export function isExports(object: Expr): boolean {
  return (object[0] === "n" && object[1] === "exports") || (object[0] === "a" && isModuleObject(object[1], object[2]));
}

function noteNames(cx: Context, value: Expr): void {
  if (value[0] === "n") cx.exportedNames.add(value[1]);
  else if (value[0] === "o") for (const [, v] of value[1]) if (v[0] === "n") cx.exportedNames.add(v[1]);
}

/** What an export entry holds: the value itself where the module's scope can evaluate it, else what was stored. */
function exportedValue(cx: Context, value: Expr, stored: Expr): Expr {
  switch (value[0]) {
    case "f":
    case "k":
    case "m":
    case "c":
      return value;
    case "n":
    case "a":
      return cx.scope === 0 ? value : stored;
    default:
      return stored;
  }
}

/** `module.exports = v`, `exports.x = v`, `module.exports.x = v`. */
export function noteExport(cx: Context, object: Expr, name: string, value: Expr, at: number): void {
  const stored: Expr = ["a", object, name];
  // A wrapper's parameters of that name (bundles, AMD) are not the file's.
  const root = object[0] === "n" ? object[1] : "module";
  if (declaringScope(cx, cx.scope, root) >= 0) return;
  if (isModuleObject(object, name)) {
    cx.exports.push({ name: "=", v: exportedValue(cx, value, stored), at });
    noteNames(cx, value);
  } else if (isExports(object)) {
    cx.exports.push({ name, v: exportedValue(cx, value, stored), at });
    noteNames(cx, value);
  }
}

/** `const app = exports = module.exports = {}`: one object, which all of them mean; what is put on it later is put on the variable. */
export function nameExported(cx: Context, name: string, value: Expr): void {
  const { stores = [], bindings } = cx.scopes[0]!;
  const whole = stores.filter((store) => store.v === value && isModuleObject(store.o, store.k ?? ""));
  if (cx.scope !== 0 || value[0] !== "o" || whole.length === 0) return;
  const variable = nameExpr(cx, name);
  for (const store of whole) store.v = variable;
  for (const binding of bindings) if (binding.n === "exports" && binding.v === value) binding.v = variable;
  for (const entry of cx.exports) {
    if (entry.name === "=" && whole.some(({ at }) => at === entry.at)) entry.v = variable;
  }
  cx.exported = variable;
  cx.exportedNames.add(name);
}

/** An export of the file, or a member of the namespace it stands in. */
export function exportDeclared(cx: Context, name: string, at: number): void {
  const namespace = cx.namespaces.get(cx.scope);
  if (namespace !== undefined) {
    // Merged declarations put a name once; the value is looked up by name and finds all of them.
    if (!cx.names[cx.scope]!.has(name)) store(cx, namespace, name, nameExpr(cx, name), at, at);
    return;
  }
  // What `declare module "x"` exports is not this file's.
  if (cx.scope === 0 && !cx.exports.some((e) => e.name === name)) addExport(cx, name, nameExpr(cx, name));
}
