// Declarations and exports: functions, classes, types and namespaces, and what a file or namespace gives to others.
import type {
  Class,
  Declaration,
  ExportNamedDeclaration,
  Expression,
  Function as FunctionNode,
  Statement,
  TSModuleDeclaration,
} from "oxc-parser";
import { lowerClassDeclaration } from "./classes.ts";
import { lowerEnum, lowerInterface, lowerTypeAlias } from "./type-declarations.ts";
import {
  addSymbol,
  type Context,
  declare,
  type Landing,
  LOCAL,
  memberPath,
  nameExpr,
  oneLine,
  openScope,
  store,
  within,
} from "./context.ts";
import { docBefore } from "./docs.ts";
import { lowerFunction } from "./functions.ts";
import { addExport, lowerExportList, lowerImportEquals, exportDeclared } from "./modules.ts";
import { lowerVariables } from "./variables.ts";

/** `export { a }` of the file, or of the namespace it stands in. */
export function lowerNamed(cx: Context, node: ExportNamedDeclaration): void {
  const namespace = cx.namespaces.get(cx.scope);
  if (namespace === undefined || node.source !== null) {
    if (cx.scope === 0) lowerExportList(cx, node);
    return;
  }
  for (const { local, exported } of node.specifiers) {
    if (local.type === "Literal") continue;
    const name = exported.type === "Literal" ? exported.value : exported.name;
    store(cx, namespace, name, nameExpr(cx, local.name), node.end, node.start);
  }
}

/** Decorators may stand before `export` or before `class`: whichever comes first. */
export function docStart(node: Statement): number {
  const inner =
    node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration" ? node.declaration : node;
  const decorated =
    inner?.type === "ClassDeclaration" || inner?.type === "ClassExpression" ? inner.decorators[0] : undefined;
  return decorated === undefined ? node.start : Math.min(node.start, decorated.start);
}

export function defaultLanding(start: number, name: string): Landing {
  return {
    name,
    path: name,
    prefix: "",
    parent: -1,
    kind: "Function",
    start,
    docAt: start,
    exported: true,
    visibility: "public",
    flags: [],
    self: null,
    receiver: null,
  };
}

export function lowerExportDefault(
  cx: Context,
  node: Expression | Class | FunctionNode | Extract<Declaration, { type: "TSInterfaceDeclaration" }>,
  start: number,
  end: number,
): void {
  if (node.type === "TSInterfaceDeclaration") {
    lowerInterface(cx, node, start, true);
    addExport(cx, "default", nameExpr(cx, node.id.name));
    return;
  }
  if (
    (node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction" || node.type === "ClassDeclaration") &&
    node.id !== null
  ) {
    lowerDeclaration(cx, node, start, false);
    cx.exportedNames.add(node.id.name);
    addExport(cx, "default", nameExpr(cx, node.id.name));
    return;
  }
  const landing = { ...defaultLanding(start, "default"), prefix: "default." };
  if (node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction") {
    addExport(cx, "default", ["f", lowerFunction(cx, node, landing, {})]);
    return;
  }
  if (node.type === "ClassDeclaration") {
    addExport(cx, "default", cx.classLike(cx, node, landing, start, true));
    return;
  }
  const v = cx.expression(cx, node, landing);
  if (v[0] === "n") cx.exportedNames.add(v[1]);
  // A value that cannot be seen by name is given one, so that the entry stays small.
  if (v[0] === "o" || v[0] === "l") {
    declare(cx, cx.scope, { n: "{default}", v, at: end, r: 0 }, LOCAL);
    addExport(cx, "default", nameExpr(cx, "{default}"));
  } else addExport(cx, "default", v);
}

export function lowerDeclaration(cx: Context, node: Declaration, start: number, exported: boolean): void {
  const name = declaredName(node);
  if (exported && name !== null) exportDeclared(cx, name, node.end);
  switch (node.type) {
    case "VariableDeclaration":
      lowerVariables(cx, node, start, exported);
      return;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      lowerFunctionDeclaration(cx, node, start, exported);
      return;
    case "ClassDeclaration":
      lowerClassDeclaration(cx, node, start, exported);
      return;
    case "TSInterfaceDeclaration":
      lowerInterface(cx, node, start, exported);
      return;
    case "TSTypeAliasDeclaration":
      lowerTypeAlias(cx, node, start, exported);
      return;
    case "TSEnumDeclaration":
      lowerEnum(cx, node, start, exported);
      return;
    case "TSModuleDeclaration":
      lowerNamespace(cx, node as TSModuleDeclaration, start, exported);
      return;
    case "TSImportEqualsDeclaration":
      lowerImportEquals(cx, node, exported);
      return;
    default:
  }
}

function declaredName(node: Declaration): string | null {
  if (node.type === "VariableDeclaration" || node.type === "TSImportEqualsDeclaration") return null;
  if (node.type === "TSModuleDeclaration") return node.id.type === "Identifier" ? node.id.name : null;
  return node.id?.type === "Identifier" ? node.id.name : null;
}

function lowerFunctionDeclaration(cx: Context, node: FunctionNode, start: number, exported: boolean): void {
  if (node.id === null) return;
  const name = node.id.name;
  const path = memberPath(cx, cx.symbol, name);
  const landing: Landing = {
    name,
    path,
    prefix: `${path}.`,
    parent: cx.symbol,
    kind: "Function",
    start,
    docAt: start,
    exported,
    visibility: "public",
    flags: [],
    self: nameExpr(cx, name),
    receiver: null,
  };
  const scope = cx.script ? cx.varScope : cx.scope;
  const symbol = cx.symbols.length;
  const f = lowerFunction(cx, node, landing, {});
  // Hoisted to the start of the scope; a sloppy block's function, to the start of its block.
  declare(cx, scope, { n: name, v: ["f", f], at: cx.starts[cx.scope]!, r: cx.region }, symbol);
}

function lowerNamespace(cx: Context, node: TSModuleDeclaration, start: number, exported: boolean): void {
  const ambient = node.id.type === "Literal" || (node as { kind: string }).kind === "global";
  const names: string[] = [];
  if (node.id.type === "Literal") names.push(node.id.value);
  else {
    for (let id: typeof node.id | { type: "Stop" } = node.id; id.type !== "Stop";) {
      if (id.type === "TSQualifiedName") {
        names.unshift(id.right.name);
        id = id.left.type === "ThisExpression" ? { type: "Stop" } : id.left;
      } else if (id.type === "Identifier") {
        names.unshift(id.name);
        id = { type: "Stop" };
      } else break;
    }
  }
  lowerNamespaceLevel(cx, node, names, start, exported, ambient);
}

function lowerNamespaceLevel(
  cx: Context,
  node: TSModuleDeclaration,
  names: readonly string[],
  start: number,
  exported: boolean,
  ambient: boolean,
): void {
  const name = names[0]!;
  const symbol = addSymbol(
    cx,
    {
      kind: "Module",
      name,
      path: memberPath(cx, cx.symbol, name),
      parent: cx.symbol,
      visibility: "public",
      exported,
      flags: ambient ? ["ambient"] : ["namespace"],
    },
    start,
    node.end,
    oneLine(cx, start, node.body === null ? node.end : node.body.start),
    docBefore(cx, start),
  );
  if (!ambient && !cx.names[cx.scope]!.has(name)) {
    declare(cx, cx.scope, { n: name, v: ["o", []], at: cx.starts[cx.scope]!, r: 0 }, symbol);
  }
  const scope = openScope(cx, "block", symbol, node.start);
  if (!ambient) cx.namespaces.set(scope, nameExpr(cx, name));
  const { varScope, ambient: outerAmbient } = cx;
  cx.ambient ||= node.declare || ambient;
  within(cx, scope, () => {
    cx.varScope = scope;
    if (names.length > 1) {
      exportDeclared(cx, names[1]!, node.end);
      lowerNamespaceLevel(cx, node, names.slice(1), start, true, ambient);
    } else if (node.body !== null) cx.statements(cx, node.body.body);
  });
  cx.varScope = varScope;
  cx.ambient = outerAmbient;
}
