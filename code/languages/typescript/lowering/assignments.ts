// Assignments: what is put on a name, a member, a pattern, and how the functions among it are called from then on.
import type { AssignmentExpression, Expression, MemberExpression } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { lowerCallee } from "./callees.ts";
import {
  assign,
  chainRoot,
  type Context,
  declaringScope,
  type Landing,
  memberPath,
  nameExpr,
  PLAIN,
  store,
  symbolOfName,
  THIS,
  union,
  UNKNOWN,
} from "./context.ts";
import { runSetter } from "./implicit-members.ts";
import { isExports, isModuleObject, noteExport } from "./modules.ts";
import { bindPattern } from "./patterns.ts";
import { keyName } from "./types.ts";

/** The class-like symbol that `this` is an instance of: the enclosing class, or the function that is used as one. */
function thisSymbol(cx: Context): number {
  for (let s = cx.scope; s >= 0; s = cx.scopes[s]!.parent) {
    const scope = cx.scopes[s]!;
    if (scope.kind === "class") return scope.symbol;
    if (scope.kind === "function" && scope.bound !== "arrow") {
      const parent = scope.parent < 0 ? undefined : cx.scopes[scope.parent];
      return parent?.kind === "class" ? parent.symbol : scope.symbol;
    }
  }
  return -1;
}

function prototypeOwner(object: Expr): Expr | null {
  return object[0] === "a" && object[2] === "prototype" ? object[1] : null;
}

function dotted(e: Expr): string | null {
  if (e[0] === "n") return e[1];
  if (e[0] !== "a") return null;
  const head = dotted(e[1]);
  return head === null ? null : `${head}.${e[2]}`;
}

/** Names what is put on a member: `Foo.prototype.bar`, `obj.x`, `this.x`, `exports.foo`, `module.exports`. */
function landingOfMember(cx: Context, object: Expr, name: string, node: MemberExpression, docAt: number): Landing {
  const base = { name, start: docAt, docAt, flags: [], exported: false, visibility: "public" as const };
  const whole: Expr = ["a", object, name];
  const wrapped = chainRoot(object);
  const ofFile = wrapped !== null && declaringScope(cx, cx.scope, wrapped) < 0;
  if (ofFile && isModuleObject(object, name)) {
    const path = "module.exports";
    return {
      ...base,
      name: path,
      path,
      prefix: "",
      parent: -1,
      kind: "Function",
      exported: true,
      self: whole,
      receiver: null,
    };
  }
  if (ofFile && isExports(object)) {
    return {
      ...base,
      path: name,
      prefix: `${name}.`,
      parent: -1,
      kind: "Function",
      exported: true,
      self: whole,
      receiver: object,
    };
  }
  const owner = prototypeOwner(object) ?? (name === "prototype" ? object : null);
  const onThis = object[0] === "this";
  const root = chainRoot(owner ?? object);
  let parent = onThis ? thisSymbol(cx) : root === null ? cx.symbol : symbolOfName(cx, root);
  const text = dotted(owner ?? object);
  const rest = text === null || root === null ? "" : text.slice(root.length + 1);
  let prefix =
    parent >= 0 && (onThis || root !== null) ? `${cx.symbols[parent]!.path}.${rest === "" ? "" : `${rest}.`}` : "";
  if (parent < 0) {
    parent = cx.symbol;
    prefix = `${memberPath(cx, parent, text ?? "this")}.`;
  }
  const owningKind = cx.symbols[parent]?.kind;
  const method = owner !== null || onThis;
  const flags = owningKind === "Class" && !method ? ["static"] : [];
  const instance: Expr | null = owner === null ? (onThis ? THIS : null) : ["I", owner];
  if (name === "prototype") {
    return {
      ...base,
      path: prefix.slice(0, -1),
      prefix,
      parent,
      kind: "Method",
      self: ["I", object],
      receiver: null,
      flags: [],
    };
  }
  const path = `${prefix}${name}`;
  return {
    ...base,
    path,
    prefix: `${path}.`,
    parent,
    kind: method || owningKind === "Class" ? "Method" : "Function",
    exported: parent >= 0 && cx.symbols[parent]!.exported,
    flags,
    self: instance === null ? whole : ["a", instance, name],
    receiver: instance === THIS ? null : (instance ?? object),
  };
}

export function lowerAssignment(cx: Context, node: AssignmentExpression, outer: Landing | null): Expr {
  const { left, operator } = node;
  if (operator !== "=" && operator !== "||=" && operator !== "??=" && operator !== "&&=") {
    // Arithmetic: no function value moves.
    if (left.type === "MemberExpression") lowerCallee(cx, left);
    else if (left.type === "Identifier") cx.updated.push({ scope: cx.scope, name: left.name });
    cx.expression(cx, node.right, null);
    return PLAIN;
  }
  const logical = operator !== "=";
  if (left.type === "Identifier") {
    const symbol = symbolOfName(cx, left.name);
    const path = memberPath(cx, cx.symbol, left.name);
    const landing: Landing = outer ?? {
      name: left.name,
      path: symbol >= 0 ? cx.symbols[symbol]!.path : path,
      prefix: `${symbol >= 0 ? cx.symbols[symbol]!.path : path}.`,
      parent: symbol >= 0 ? cx.symbols[symbol]!.parent : cx.symbol,
      kind: "Function",
      start: node.start,
      docAt: node.start,
      exported: false,
      visibility: "public",
      flags: [],
      self: nameExpr(cx, left.name),
      receiver: null,
    };
    const value = cx.expression(cx, node.right, landing);
    const v = logical ? union([nameExpr(cx, left.name), value]) : value;
    assign(cx, left.name, v, node.end);
    return v;
  }
  if (left.type === "MemberExpression") {
    const object = lowerCallee(cx, left.object);
    const name = keyName(cx, left.property, left.computed);
    if (name === null) {
      const key = cx.expression(cx, left.property as Expression, null);
      const value = cx.expression(cx, node.right, outer);
      store(cx, object, key[0] === "s" ? key[1] : key[0] === "#" ? String(key[1]) : null, value, node.end, node.start);
      const isKey = key[0] === "s" || key[0] === "#" || key[0] === "n";
      return logical ? union([["i", object, isKey ? key : UNKNOWN], value]) : value;
    }
    const landing = outer?.exported === true ? outer : landingOfMember(cx, object, name, left, node.start);
    const value = cx.expression(cx, node.right, landing);
    store(cx, object, name, value, node.end, left.property.start);
    runSetter(cx, object, name, value, left.property.start);
    if (isExports(object) && cx.exported !== null) store(cx, cx.exported, name, value, node.end, left.property.start);
    if (isModuleObject(object, name) && cx.scope === 0) cx.exported = "nfk".includes(value[0]) ? value : null;
    noteExport(cx, object, name, value, node.end);
    return logical ? union([["a", object, name], value]) : value;
  }
  const value = cx.expression(cx, node.right, outer);
  if (left.type === "ObjectPattern" || left.type === "ArrayPattern") {
    bindPattern(cx, left, value, {
      name: (name, v) => assign(cx, name, v, node.end),
      target: (target, v) => assignTo(cx, target, v, node.end),
    });
  } else assignTo(cx, left, value, node.end);
  return value;
}

/** `value` goes to `a`, `a.b`, `a[k]`, `(a as T)`. */
export function assignTo(cx: Context, target: Expression, value: Expr, at: number): void {
  switch (target.type) {
    case "Identifier":
      assign(cx, target.name, value, at);
      return;
    case "MemberExpression": {
      const object = lowerCallee(cx, target.object);
      const name = keyName(cx, target.property, target.computed);
      if (name === null) cx.expression(cx, target.property as Expression, null);
      store(cx, object, name, value, at, target.start);
      return;
    }
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
    case "TSTypeAssertion":
      assignTo(cx, target.expression, value, at);
      return;
    default:
  }
}
