// Statements: scopes of blocks, regions of branches and loops, and declarations.
import type {
  BindingPattern,
  Class,
  Declaration,
  ExportNamedDeclaration,
  Expression,
  ForStatementLeft,
  Function as FunctionNode,
  IfStatement,
  Statement,
  SwitchStatement,
  TSModuleDeclaration,
  VariableDeclaration,
  VariableDeclarator,
} from "oxc-parser";
import type { BindingIr, Expr } from "../../../ir.ts";
import { lowerClassDeclaration, lowerEnum, lowerInterface, lowerTypeAlias } from "./classes.ts";
import {
  addCall,
  addSymbol,
  type Context,
  declare,
  inRegion,
  type Landing,
  LOCAL,
  memberPath,
  nameExpr,
  newGroup,
  oneLine,
  openScope,
  PLAIN,
  store,
  UNKNOWN,
  within,
  withStatedType,
} from "./context.ts";
import { docBefore, rawDocBefore } from "./docs.ts";
import { assignTo, narrowedBy } from "./expressions.ts";
import { lowerFunction } from "./functions.ts";
import { readDocTypes } from "./jsdoc.ts";
import {
  addExport,
  addImport,
  declareImport,
  lowerExportAll,
  lowerExportList,
  lowerImport,
  lowerImportEquals,
  requireSpecifier,
} from "./modules.ts";
import { bindPattern } from "./patterns.ts";
import { keyName, lowerAnnotation, lowerType, typeNameExpr } from "./types.ts";

export function lowerStatements(cx: Context, body: readonly Statement[]): void {
  for (let i = 0; i < body.length; i++) {
    const node = body[i]!;
    // Overloads without a body before their implementation say nothing more.
    if (isOverload(node, body[i + 1])) continue;
    lowerStatement(cx, node);
  }
}

function functionOf(node: Statement | undefined): FunctionNode | null {
  const inner =
    node?.type === "ExportNamedDeclaration" || node?.type === "ExportDefaultDeclaration" ? node.declaration : node;
  return inner?.type === "FunctionDeclaration" || inner?.type === "TSDeclareFunction" ? inner : null;
}

function isOverload(node: Statement, next: Statement | undefined): boolean {
  const head = functionOf(node);
  if (head === null || head.type !== "TSDeclareFunction") return false;
  return functionOf(next)?.id?.name === head.id?.name && next !== undefined && functionOf(next) !== null;
}

/** Does a block declare names of its own? */
function isLexical(cx: Context, body: readonly Statement[]): boolean {
  return body.some(
    (node) =>
      (node.type === "VariableDeclaration" && node.kind !== "var") ||
      node.type === "ClassDeclaration" ||
      (node.type === "FunctionDeclaration" && !cx.script) ||
      node.type === "TSEnumDeclaration" ||
      node.type === "TSInterfaceDeclaration" ||
      node.type === "TSTypeAliasDeclaration",
  );
}

function lowerBlock(cx: Context, body: readonly Statement[], start: number): void {
  if (!isLexical(cx, body)) {
    lowerStatements(cx, body);
    return;
  }
  within(cx, openScope(cx, "block", cx.symbol, start), () => lowerStatements(cx, body));
}

/** A branch or body: its own region, and its own scope when it declares. */
function lowerBranch(cx: Context, node: Statement, group: number): void {
  inRegion(cx, group, () => lowerStatement(cx, node));
}

function lowerIf(cx: Context, node: IfStatement): void {
  const group = newGroup(cx);
  let at: Statement | null = node;
  // A chain of else-ifs is one choice, however long it is.
  while (at !== null && at.type === "IfStatement") {
    cx.expression(cx, at.test, null);
    const { consequent } = at;
    narrowedBy(cx, at.test, () => lowerBranch(cx, consequent, group));
    at = at.alternate;
  }
  if (at !== null) lowerBranch(cx, at, group);
}

function leaves(body: readonly Statement[]): boolean {
  const last = body.at(-1);
  if (last === undefined) return false;
  if (last.type === "BlockStatement") return leaves(last.body);
  return (
    last.type === "BreakStatement" ||
    last.type === "ReturnStatement" ||
    last.type === "ThrowStatement" ||
    last.type === "ContinueStatement"
  );
}

function lowerSwitch(cx: Context, node: SwitchStatement): void {
  cx.expression(cx, node.discriminant, null);
  const group = newGroup(cx);
  const cases = node.cases;
  const exclusive = cases.every((c, i) => i === cases.length - 1 || c.consequent.length === 0 || leaves(c.consequent));
  const all = cases.flatMap((c) => c.consequent);
  const lowerCases = (): void => {
    for (const c of cases) {
      if (c.test !== null) cx.expression(cx, c.test, null);
      inRegion(cx, exclusive ? group : newGroup(cx), () => lowerStatements(cx, c.consequent));
    }
  };
  if (isLexical(cx, all)) within(cx, openScope(cx, "block", cx.symbol, node.start), lowerCases);
  else lowerCases();
}

/** `for (const x of xs)`: the head's names live in a block around the body; both run again and again. */
function lowerForEach(cx: Context, left: ForStatementLeft, value: Expr, body: Statement, start: number): void {
  const run = (): void => {
    inRegion(cx, -1, () => {
      if (left.type === "VariableDeclaration") {
        const declarator = left.declarations[0];
        if (declarator !== undefined) bindDeclared(cx, left.kind, declarator.id, value, declarator.end, undefined);
      } else if (left.type === "ObjectPattern" || left.type === "ArrayPattern") {
        bindPattern(cx, left, value, {
          name: (name, v) => assignTo(cx, { type: "Identifier", name, start, end: start }, v, left.end),
          target: (target, v) => assignTo(cx, target, v, left.end),
        });
      } else assignTo(cx, left, value, left.end);
      lowerStatement(cx, body);
    });
  };
  if (left.type === "VariableDeclaration" && left.kind !== "var") {
    within(cx, openScope(cx, "block", cx.symbol, start), run);
  } else run();
}

/** Could iterating run a `[Symbol.iterator]` of the program's own? Not over literals and what built-ins of objects give. */
function mayIterateOwn(iterable: Expr): boolean {
  return iterable[0] === "n" || iterable[0] === "a" || iterable[0] === "c" || iterable[0] === "this";
}

function lowerStatement(cx: Context, node: Statement): void {
  switch (node.type) {
    case "ExpressionStatement":
      cx.expression(cx, node.expression, null);
      return;
    case "VariableDeclaration":
      lowerVariables(cx, node, node.start, false);
      return;
    case "ReturnStatement":
      if (node.argument !== null) {
        const value = cx.expression(cx, node.argument, null);
        if (value !== PLAIN) (cx.scopes[cx.owner]!.returns ??= []).push(value);
      }
      return;
    case "IfStatement":
      lowerIf(cx, node);
      return;
    case "BlockStatement":
      lowerBlock(cx, node.body, node.start);
      return;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
    case "TSImportEqualsDeclaration":
      lowerDeclaration(cx, node, docStart(node), false);
      return;
    case "ForStatement": {
      const head = node.init;
      const run = (): void => {
        if (head?.type === "VariableDeclaration") lowerVariables(cx, head, head.start, false);
        else if (head != null) cx.expression(cx, head, null);
        inRegion(cx, -1, () => {
          if (node.test !== null) cx.expression(cx, node.test, null);
          lowerStatement(cx, node.body);
          if (node.update !== null) cx.expression(cx, node.update, null);
        });
      };
      if (head?.type === "VariableDeclaration" && head.kind !== "var") {
        within(cx, openScope(cx, "block", cx.symbol, node.start), run);
      } else run();
      return;
    }
    case "ForOfStatement": {
      const iterable = cx.expression(cx, node.right, null);
      if (mayIterateOwn(iterable)) addCall(cx, ["a", iterable, "[Symbol.iterator]"], [], node.right.start, "implicit");
      const element: Expr = iterable === PLAIN ? PLAIN : ["e", iterable];
      lowerForEach(cx, node.left, node.await && element !== PLAIN ? ["w", element] : element, node.body, node.start);
      return;
    }
    case "ForInStatement":
      cx.expression(cx, node.right, null);
      lowerForEach(cx, node.left, PLAIN, node.body, node.start);
      return;
    case "WhileStatement":
      inRegion(cx, -1, () => {
        cx.expression(cx, node.test, null);
        lowerStatement(cx, node.body);
      });
      return;
    case "DoWhileStatement":
      inRegion(cx, -1, () => {
        lowerStatement(cx, node.body);
        cx.expression(cx, node.test, null);
      });
      return;
    case "TryStatement":
      lowerBranch(cx, node.block, newGroup(cx));
      if (node.handler !== null) {
        const { param, body } = node.handler;
        inRegion(cx, newGroup(cx), () => {
          within(cx, openScope(cx, "block", cx.symbol, node.handler!.start), () => {
            if (param !== null) bindDeclared(cx, "let", param, UNKNOWN, param.end, undefined);
            lowerStatements(cx, body.body);
          });
        });
      }
      if (node.finalizer !== null) lowerBlock(cx, node.finalizer.body, node.finalizer.start);
      return;
    case "SwitchStatement":
      lowerSwitch(cx, node);
      return;
    case "ThrowStatement":
      cx.expression(cx, node.argument, null);
      return;
    case "LabeledStatement":
      lowerStatement(cx, node.body);
      return;
    case "WithStatement":
      cx.expression(cx, node.object, null);
      lowerStatement(cx, node.body);
      return;
    case "ImportDeclaration":
      lowerImport(cx, node);
      return;
    case "ExportNamedDeclaration":
      if (node.declaration === null) lowerNamed(cx, node);
      else lowerDeclaration(cx, node.declaration, docStart(node), true);
      return;
    case "ExportAllDeclaration":
      lowerExportAll(cx, node);
      return;
    case "ExportDefaultDeclaration":
      lowerExportDefault(cx, node.declaration, docStart(node), node.end);
      return;
    case "TSExportAssignment": {
      const v = cx.expression(cx, node.expression, defaultLanding(node.start, "module.exports"));
      if (v[0] === "n") cx.exportedNames.add(v[1]);
      cx.exports.push({ name: "=", v, at: node.end });
      return;
    }
    default:
  }
}

/** `export { a }` of the file, or of the namespace it stands in. */
function lowerNamed(cx: Context, node: ExportNamedDeclaration): void {
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
function docStart(node: Statement): number {
  const inner =
    node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration" ? node.declaration : node;
  const decorated =
    inner?.type === "ClassDeclaration" || inner?.type === "ClassExpression" ? inner.decorators[0] : undefined;
  return decorated === undefined ? node.start : Math.min(node.start, decorated.start);
}

function defaultLanding(start: number, name: string): Landing {
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

function lowerExportDefault(
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
  const v = cx.expression(cx, node as Expression, landing);
  if (v[0] === "n") cx.exportedNames.add(v[1]);
  // A value that cannot be seen by name is given one, so that the entry stays small.
  if (v[0] === "o" || v[0] === "l") {
    declare(cx, cx.scope, { n: "{default}", v, at: end, r: 0 }, LOCAL);
    addExport(cx, "default", nameExpr(cx, "{default}"));
  } else addExport(cx, "default", v);
}

function lowerDeclaration(cx: Context, node: Declaration, start: number, exported: boolean): void {
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

/** An export of the file, or a member of the namespace it stands in. */
function exportDeclared(cx: Context, name: string, at: number): void {
  const namespace = cx.namespaces.get(cx.scope);
  if (namespace !== undefined) {
    // Merged declarations put a name once; the value is looked up by name and finds all of them.
    if (!cx.names[cx.scope]!.has(name)) store(cx, namespace, name, nameExpr(cx, name), at, at);
    return;
  }
  // What `declare module "x"` exports is not this file's.
  if (cx.scope === 0 && !cx.exports.some((e) => e.name === name)) addExport(cx, name, nameExpr(cx, name));
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
    } else if (node.body !== null) lowerStatements(cx, node.body.body);
  });
  cx.varScope = varScope;
  cx.ambient = outerAmbient;
}

/** Binds the names of a declared pattern; names at module and namespace level become symbols. */
function bindDeclared(
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

function lowerVariables(cx: Context, node: VariableDeclaration, start: number, exported: boolean): void {
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
  let v =
    init === null ? UNKNOWN : cx.expression(cx, init, symbol >= 0 && !holdsMembers(init) ? inside(landing) : landing);
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
      const name = keyName(p.key, p.computed);
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
    const name = keyName(init.property, init.computed);
    if (from !== null && name !== null) {
      declareIn(id.name, addImport(cx, from, "member", name, id.name, init.start));
      return true;
    }
  }
  return false;
}
