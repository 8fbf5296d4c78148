// Variables: the names that patterns bind, the symbols they become, and `require`.
import type { BindingPattern, Expression, VariableDeclaration, VariableDeclarator } from "oxc-parser";
import type { BindingIr, Expr } from "../../../ir.ts";
import {
  addSymbol,
  type Context,
  declare,
  type Landing,
  LOCAL,
  memberPath,
  nameExpr,
  oneLine,
  PLAIN,
  UNKNOWN,
  withStatedType,
} from "./context.ts";
import { docBefore, rawDocBefore } from "./docs.ts";
import { readDocTypes } from "./jsdoc.ts";
import { addImport, declareImport, exportDeclared, nameExported, requireSpecifier } from "./modules.ts";
import { bindPattern } from "./patterns.ts";
import { lowerText, noteConstant } from "./texts.ts";
import { keyName, lowerAnnotation, lowerType, typeNameExpr } from "./types.ts";

/** Binds the names of a declared pattern; names at module and namespace level become symbols. */
export function bindDeclared(
  cx: Context,
  kind: VariableDeclaration["kind"],
  id: BindingPattern,
  value: Expr,
  at: number,
  symbolOf: ((name: string, node: { start: number; end: number }) => number) | undefined,
): void {
  const scope = kind === "var" ? cx.varScope : cx.scope;
  bindPattern(cx, id, value, {
    name: (name, v, node) => {
      declare(cx, scope, { n: name, v, at, r: cx.region }, symbolOf === undefined ? LOCAL : symbolOf(name, node));
    },
    target: () => {},
  });
}

function isNamespaceLevel(cx: Context, scope: number): boolean {
  return scope === 0 || cx.namespaces.has(scope);
}

export function lowerVariables(cx: Context, node: VariableDeclaration, start: number, exported: boolean): void {
  for (const declarator of node.declarations) {
    const first = declarator === node.declarations[0];
    lowerDeclarator(cx, node, declarator, first ? start : declarator.start, start, exported);
  }
}

function lowerDeclarator(
  cx: Context,
  node: VariableDeclaration,
  declarator: VariableDeclarator,
  start: number,
  docAt: number,
  exported: boolean,
): void {
  const { id, init } = declarator;
  const scope = node.kind === "var" ? cx.varScope : cx.scope;
  const at = declarator.end;
  if (init !== null && lowerRequire(cx, id, init, scope, at)) return;
  const level = isNamespaceLevel(cx, scope);
  const flags = node.kind === "const" || node.kind.endsWith("using") ? ["const"] : [];
  const variable = (name: string, from: number): number =>
    addSymbol(
      cx,
      {
        kind: "Variable",
        name,
        path: memberPath(cx, cx.symbol, name),
        parent: cx.symbol,
        visibility: "public",
        exported,
        flags,
      },
      from,
      declarator.end,
      oneLine(cx, from, declarator.end, 200),
      docBefore(cx, docAt),
    );
  if (id.type !== "Identifier") {
    const value = init === null ? UNKNOWN : cx.expression(cx, init, null);
    const t = lowerAnnotation(cx, id.typeAnnotation);
    bindDeclared(cx, node.kind, id, t === undefined ? value : ["u", [value, ["I", t]]], at, (name, target) => {
      if (exported) exportDeclared(cx, name, at);
      return level ? variable(name, target.start) : LOCAL;
    });
    return;
  }
  const name = id.name;
  if (exported) exportDeclared(cx, name, at);
  const path = memberPath(cx, cx.symbol, name);
  const callable = init !== null && landsAsSymbol(init);
  const count = cx.symbols.length;
  let symbol = LOCAL;
  if (level && !callable) symbol = variable(name, start);
  const landing: Landing = {
    name,
    path,
    prefix: `${path}.`,
    parent: symbol >= 0 ? symbol : cx.symbol,
    kind: "Function",
    start,
    docAt,
    exported,
    visibility: "public",
    flags: [],
    self: nameExpr(cx, name),
    receiver: null,
  };
  // The name is known inside its own value (recursion, callbacks).
  if (!cx.names[scope]!.has(name)) cx.names[scope]!.set(name, callable ? count : symbol);
  let v: Expr = UNKNOWN;
  if (init?.type === "TemplateLiteral") v = lowerText(cx, init);
  else if (init !== null) v = cx.expression(cx, init, symbol >= 0 && !holdsMembers(init) ? inside(landing) : landing);
  if (node.kind === "const" && init !== null) noteConstant(cx, scope, name, init, v);
  const annotation = id.typeAnnotation?.typeAnnotation;
  let t: Expr | undefined;
  if (annotation?.type === "TSTypeQuery" && annotation.exprName.type !== "TSImportType") {
    lowerType(cx, annotation);
    const queried = typeNameExpr(cx, annotation.exprName);
    v = v === UNKNOWN || v === PLAIN ? queried : ["u", [v, queried]];
  } else t = lowerAnnotation(cx, id.typeAnnotation);
  if (t === undefined && cx.javascript) {
    const raw = rawDocBefore(cx, docAt);
    if (raw !== undefined) t = readDocTypes(cx, raw)?.type;
  }
  // A declaration without a value does not undo what `var` or a merged declaration already holds.
  if (
    init === null &&
    t === undefined &&
    node.kind === "var" &&
    cx.names[scope]!.has(name) &&
    hasBinding(cx, scope, name)
  )
    return;
  if (init?.type === "AssignmentExpression") nameExported(cx, name, v);
  const binding: BindingIr = { n: name, v, at, r: cx.region };
  if (t !== undefined) {
    binding.t = t;
    binding.v = withStatedType(v, t);
  }
  declare(cx, scope, binding, callable ? count : symbol);
}

function hasBinding(cx: Context, scope: number, name: string): boolean {
  return cx.scopes[scope]!.bindings.some((b) => b.n === name);
}

/** The function or class itself is what the name stands for. */
function landsAsSymbol(init: Expression): boolean {
  switch (init.type) {
    case "ArrowFunctionExpression":
    case "FunctionExpression":
    case "ClassExpression":
      return true;
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return landsAsSymbol(init.expression);
    default:
      return false;
  }
}

function holdsMembers(init: Expression): boolean {
  return init.type === "ObjectExpression" || init.type === "TSAsExpression" || init.type === "TSSatisfiesExpression";
}

/** Functions in a choice (`a ? () => {} : b`) land inside the variable, which is a symbol already. */
function inside(landing: Landing): Landing {
  return landing;
}

/** `const x = require("y")`, `const {a: b} = require("y")`, `const x = require("y").z`: names of imports. */
function lowerRequire(cx: Context, id: BindingPattern, init: Expression, scope: number, at: number): boolean {
  const specifier = requireSpecifier(init);
  const declareIn = (alias: string, index: number): void => {
    const outer = cx.scope;
    cx.scope = scope;
    declareImport(cx, alias, index, at);
    cx.scope = outer;
  };
  if (specifier !== null) {
    if (id.type === "Identifier") {
      declareIn(id.name, addImport(cx, specifier, "module", null, id.name, init.start));
      return true;
    }
    if (id.type !== "ObjectPattern") return false;
    if (id.properties.length === 0) addImport(cx, specifier, "side-effect", null, null, init.start);
    for (const p of id.properties) {
      if (p.type === "RestElement") {
        if (p.argument.type === "Identifier") {
          declareIn(p.argument.name, addImport(cx, specifier, "module", null, p.argument.name, p.start));
        }
        continue;
      }
      const name = keyName(cx, p.key, p.computed);
      if (p.value.type === "Identifier") {
        const alias = p.value.name;
        const index =
          name === null
            ? addImport(cx, specifier, "module", null, null, p.start)
            : addImport(cx, specifier, "member", name, alias, p.start);
        if (name === null) declare(cx, scope, { n: alias, v: ["i", ["m", index], UNKNOWN], at, r: cx.region }, LOCAL);
        else declareIn(alias, index);
        continue;
      }
      const part = addImport(cx, specifier, name === null ? "module" : "member", name, null, p.start);
      bindDeclared(cx, scope === cx.scope ? "let" : "var", p.value, ["m", part], at, undefined);
    }
    return true;
  }
  if (id.type === "Identifier" && init.type === "MemberExpression") {
    const from = requireSpecifier(init.object);
    const name = keyName(cx, init.property, init.computed);
    if (from !== null && name !== null) {
      declareIn(id.name, addImport(cx, from, "member", name, id.name, init.start));
      return true;
    }
  }
  return false;
}
