// Expressions: where function values come from and go to; every call becomes a CallIr.
import type {
  Argument,
  AssignmentExpression,
  CallExpression,
  Expression,
  JSXElement,
  JSXElementName,
  JSXFragment,
  MemberExpression,
  NewExpression,
  ObjectExpression,
} from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { assign, chainRoot, declaringScope, memberLanding } from "./context.ts";
import {
  addCall,
  addRef,
  type Context,
  type Landing,
  memberPath,
  nameExpr,
  PLAIN,
  store,
  symbolOfName,
  THIS,
  UNKNOWN,
  union,
} from "./context.ts";
import { branch, lowerFunction } from "./functions.ts";
import { noteEvent, runSetter, setterName } from "./implicit-members.ts";
import { idiom, noteArguments } from "./idioms.ts";
import { addImport, isExports, isModuleObject, noteExport, requireSpecifier } from "./modules.ts";
import { bindPattern, memberOf } from "./patterns.ts";
import { computedName, keyName, lowerType, typeArguments } from "./types.ts";

const maxString = 120;
const containers = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array", "Promise"]);

export function lowerExpression(cx: Context, node: Expression, landing: Landing | null): Expr {
  switch (node.type) {
    case "Identifier": {
      if (node.name === "undefined") return PLAIN;
      if (node.name === "arguments") noteArguments(cx);
      const e = nameExpr(cx, node.name);
      addRef(cx, e, node.start);
      return cx.narrowed?.get(node.name) ?? e;
    }
    case "MemberExpression": {
      const e = lowerMember(cx, node);
      addRef(cx, e, node.start);
      return e;
    }
    case "CallExpression":
      return lowerCall(cx, node);
    case "Literal":
      if (typeof node.value === "string") return node.value.length <= maxString ? ["s", node.value] : PLAIN;
      return typeof node.value === "number" && Number.isInteger(node.value) ? ["#", node.value] : PLAIN;
    case "ObjectExpression":
      return lowerObject(cx, node, landing);
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return ["f", lowerFunction(cx, node, landing, {})];
    case "ThisExpression":
      return THIS;
    case "BinaryExpression":
      return lowerBinary(cx, node);
    case "LogicalExpression": {
      const left = cx.expression(cx, node.left, landing);
      const lowerRight = (): Expr => branch(cx, node.right, () => cx.expression(cx, node.right, landing));
      const right = node.operator === "&&" ? narrowedBy(cx, node.left, lowerRight) : lowerRight();
      return node.operator === "&&" ? right : union([left, right]);
    }
    case "ConditionalExpression": {
      cx.expression(cx, node.test, null);
      const consequent = branch(cx, node.consequent, () => cx.expression(cx, node.consequent, landing));
      const alternate = branch(cx, node.alternate, () => cx.expression(cx, node.alternate, landing));
      return union([consequent, alternate]);
    }
    case "TemplateLiteral": {
      for (const e of node.expressions) cx.expression(cx, e, null);
      const only = node.expressions.length === 0 ? node.quasis[0]?.value.cooked : null;
      return typeof only === "string" && only.length <= maxString ? ["s", only] : PLAIN;
    }
    case "AssignmentExpression":
      return lowerAssignment(cx, node, landing);
    case "ArrayExpression":
      return [
        "l",
        node.elements.map((e): Expr =>
          e === null
            ? PLAIN
            : e.type === "SpreadElement"
              ? ["*", cx.expression(cx, e.argument, null)]
              : cx.expression(cx, e, null),
        ),
      ];
    case "NewExpression":
      return lowerNew(cx, node);
    case "AwaitExpression": {
      const inner = cx.expression(cx, node.argument, landing);
      return inner === PLAIN ? PLAIN : ["w", inner];
    }
    case "UnaryExpression":
      cx.expression(cx, node.argument, null);
      return PLAIN;
    case "UpdateExpression":
      cx.expression(cx, node.argument, null);
      return PLAIN;
    case "ChainExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return cx.expression(cx, node.expression, landing);
    case "TSInstantiationExpression":
      typeArguments(cx, node.typeArguments);
      return cx.expression(cx, node.expression, landing);
    case "TSAsExpression":
    case "TSTypeAssertion":
    case "TSSatisfiesExpression": {
      const value = cx.expression(cx, node.expression, landing);
      const t = lowerType(cx, node.typeAnnotation);
      return t === undefined ? value : union([value, ["I", t]]);
    }
    case "SequenceExpression": {
      let last: Expr = PLAIN;
      for (const e of node.expressions) last = cx.expression(cx, e, null);
      return last;
    }
    case "ClassExpression":
      return cx.classLike(cx, node, landing, node.start, landing?.exported ?? false);
    case "Super":
      return ["super"];
    case "TaggedTemplateExpression": {
      const f = lowerCallee(cx, node.tag);
      typeArguments(cx, node.typeArguments);
      const args: Expr[] = [PLAIN];
      for (const e of node.quasi.expressions) args.push(cx.expression(cx, e, null));
      return ["c", addCall(cx, f, args, calleeEnd(node.tag), "call")];
    }
    case "YieldExpression": {
      const value = node.argument === null ? PLAIN : cx.expression(cx, node.argument, null);
      if (value !== PLAIN) (cx.scopes[cx.owner]!.yields ??= []).push(node.delegate ? ["e", value] : value);
      return UNKNOWN;
    }
    case "ImportExpression": {
      if (node.options !== null) cx.expression(cx, node.options, null);
      const specifier = constantString(node.source);
      if (specifier === null) {
        cx.expression(cx, node.source, null);
        return UNKNOWN;
      }
      return ["m", addImport(cx, specifier, "dynamic", null, null, node.start)];
    }
    case "JSXElement":
      return lowerJsxElement(cx, node);
    case "JSXFragment":
      lowerJsxChildren(cx, node.children);
      return PLAIN;
    case "V8IntrinsicExpression":
      lowerArguments(cx, node.arguments);
      return UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/** Lowers what runs where `test` holds: `x instanceof A` says what x is there. */
export function narrowedBy<T>(cx: Context, test: Expression, lowerBranch: () => T): T {
  if (test.type !== "BinaryExpression" || test.operator !== "instanceof" || test.left.type !== "Identifier") {
    return lowerBranch();
  }
  const outer = cx.narrowed;
  const { name } = test.left;
  const narrow: Expr = ["I", lowerCallee(cx, test.right)];
  // Types are stated; where there are none, what is known of the value may say more.
  cx.narrowed = new Map(outer).set(name, cx.javascript ? union([nameExpr(cx, name), narrow]) : narrow);
  const result = lowerBranch();
  cx.narrowed = outer;
  return result;
}

function constantString(node: Expression): string | null {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? null;
  return null;
}

/** Long sums (`"a" + "b" + …`) lean to the left by thousands: walked in a loop. */
function lowerBinary(cx: Context, node: Extract<Expression, { type: "BinaryExpression" }>): Expr {
  const rights: Expression[] = [];
  let left: Expression | { type: "PrivateIdentifier" } = node;
  while (left.type === "BinaryExpression") {
    rights.push(left.right);
    left = left.left;
  }
  if (left.type !== "PrivateIdentifier") cx.expression(cx, left, null);
  for (let i = rights.length - 1; i >= 0; i--) cx.expression(cx, rights[i]!, null);
  return PLAIN;
}

/** A callee, or the object of a member: read, but not a reference of its own. */
function lowerCallee(cx: Context, node: Expression): Expr {
  switch (node.type) {
    case "Identifier":
      if (node.name === "arguments") noteArguments(cx);
      return cx.narrowed?.get(node.name) ?? nameExpr(cx, node.name);
    case "MemberExpression":
      return lowerMember(cx, node);
    case "ChainExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return lowerCallee(cx, node.expression);
    default:
      return cx.expression(cx, node, null);
  }
}

function lowerMember(cx: Context, node: MemberExpression): Expr {
  const required = requireSpecifier(node.object);
  if (required !== null) {
    const name = keyName(node.property, node.computed);
    if (name !== null) return ["m", addImport(cx, required, "member", name, null, node.start)];
  }
  if (node.object.type === "MetaProperty") return PLAIN;
  const object = lowerCallee(cx, node.object);
  // A method of a constant is still a method with a name.
  return memberOf(cx, object === PLAIN ? UNKNOWN : object, node.property, node.computed);
}

/** Where a call's name ends: the line people look for in `a\n.b()\n.c()`. */
function calleeEnd(node: Expression): number {
  if (node.type === "MemberExpression") return node.computed ? node.end - 1 : node.property.start;
  if (node.type === "ChainExpression" || node.type === "TSNonNullExpression") return calleeEnd(node.expression);
  return node.type === "Identifier" || node.type === "Super" ? node.start : node.end - 1;
}

function lowerArguments(cx: Context, args: readonly Argument[]): Expr[] {
  return args.map((arg) =>
    arg.type === "SpreadElement"
      ? (["*", cx.expression(cx, arg.argument, null)] as const)
      : cx.expression(cx, arg, null),
  );
}

function lowerCall(cx: Context, node: CallExpression): Expr {
  const required = requireSpecifier(node);
  if (required !== null) return ["m", addImport(cx, required, "module", null, null, node.start)];
  // `super(…)` runs the base's constructor on this very object.
  const f: Expr = node.callee.type === "Super" ? ["a", ["super"], "constructor"] : lowerCallee(cx, node.callee);
  const a = lowerArguments(cx, node.arguments);
  typeArguments(cx, node.typeArguments);
  const call = addCall(cx, f, a, calleeEnd(node.callee), "call");
  noteEvent(cx, f, a, node.end, node.start);
  return idiom(cx, f, a, node.end) ?? ["c", call];
}

function lowerNew(cx: Context, node: NewExpression): Expr {
  const f = lowerCallee(cx, node.callee);
  const a = lowerArguments(cx, node.arguments);
  const given = typeArguments(cx, node.typeArguments);
  const made: Expr = ["c", addCall(cx, f, a, calleeEnd(node.callee), "new")];
  // Of a library's container, the stated element type is all that is known.
  return given !== null && f[0] === "n" && containers.has(f[1]) ? ["u", [made, ["I", ["g", f, given]]]] : made;
}

function lowerObject(cx: Context, node: ObjectExpression, landing: Landing | null): Expr {
  const entries: [string | null, Expr][] = [];
  for (const property of node.properties) {
    if (property.type === "SpreadElement") {
      entries.push([null, ["*", cx.expression(cx, property.argument, null)]]);
      continue;
    }
    const name = keyName(property.key, property.computed);
    if (name === null && property.key.type !== "PrivateIdentifier") cx.expression(cx, property.key as Expression, null);
    const target = memberLanding(cx, landing, name ?? computedName(cx, property.key), property.start);
    const { value } = property;
    let v: Expr;
    if (value.type === "FunctionExpression" && (property.method || property.kind !== "init")) {
      if (property.kind === "get")
        v = ["f", lowerFunction(cx, value, { ...target, flags: ["getter"] }, { bound: "getter" })];
      else if (property.kind === "set")
        v = ["f", lowerFunction(cx, value, { ...target, flags: ["setter"] }, { bound: "setter" })];
      else v = ["f", lowerFunction(cx, value, target, {})];
    } else v = cx.expression(cx, value, target);
    if (v !== PLAIN) entries.push([name !== null && property.kind === "set" ? setterName(name) : name, v]);
  }
  return ["o", entries];
}

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

function lowerAssignment(cx: Context, node: AssignmentExpression, outer: Landing | null): Expr {
  const { left, operator } = node;
  if (operator !== "=" && operator !== "||=" && operator !== "??=" && operator !== "&&=") {
    // Arithmetic: no function value moves.
    if (left.type === "MemberExpression") lowerCallee(cx, left);
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
    const name = keyName(left.property, left.computed);
    if (name === null) {
      const key = cx.expression(cx, left.property as Expression, null);
      const value = cx.expression(cx, node.right, outer);
      store(cx, object, key[0] === "s" ? key[1] : key[0] === "#" ? String(key[1]) : null, value, node.end, node.start);
      return value;
    }
    const landing = outer?.exported === true ? outer : landingOfMember(cx, object, name, left, node.start);
    const value = cx.expression(cx, node.right, landing);
    store(cx, object, name, value, node.end, left.property.start);
    runSetter(cx, object, name, value, left.property.start);
    if (isExports(object) && cx.exported !== null) store(cx, cx.exported, name, value, node.end, left.property.start);
    if (isModuleObject(object, name) && cx.scope === 0) cx.exported = "nfk".includes(value[0]) ? value : null;
    noteExport(cx, object, name, value, node.end);
    return value;
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
      const name = keyName(target.property, target.computed);
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

function jsxName(cx: Context, node: JSXElementName): Expr | null {
  switch (node.type) {
    case "JSXIdentifier":
      return /^[a-z]/.test(node.name) || node.name.includes("-") ? null : nameExpr(cx, node.name);
    case "JSXMemberExpression": {
      const object =
        node.object.type === "JSXIdentifier"
          ? node.object.name === "this"
            ? THIS
            : nameExpr(cx, node.object.name)
          : jsxName(cx, node.object);
      return object === null ? null : ["a", object, node.property.name];
    }
    default:
      return null;
  }
}

/** A component element is a call of the component with its properties; a plain tag is only looked through. */
function lowerJsxElement(cx: Context, node: JSXElement): Expr {
  const { name, attributes, typeArguments: given } = node.openingElement;
  const f = jsxName(cx, name);
  typeArguments(cx, given);
  const entries: [string | null, Expr][] = [];
  for (const attribute of attributes) {
    if (attribute.type === "JSXSpreadAttribute") {
      entries.push([null, ["*", cx.expression(cx, attribute.argument, null)]]);
      continue;
    }
    const { value } = attribute;
    if (value === null) continue;
    const key = attribute.name.type === "JSXIdentifier" ? attribute.name.name : null;
    let v: Expr = PLAIN;
    if (value.type === "JSXExpressionContainer") {
      if (value.expression.type !== "JSXEmptyExpression") {
        const target = key === null ? null : memberLanding(cx, null, key, value.expression.start);
        v = cx.expression(cx, value.expression, target);
      }
    } else if (value.type !== "Literal") v = cx.expression(cx, value, null);
    if (v !== PLAIN && key !== null) entries.push([key, v]);
  }
  const children = lowerJsxChildren(cx, node.children);
  if (f === null) return PLAIN;
  if (children.length > 0) entries.push(["children", children.length === 1 ? children[0]! : ["l", children]]);
  addCall(cx, f, [["o", entries]], name.start, "call");
  return PLAIN;
}

function lowerJsxChildren(cx: Context, children: JSXFragment["children"]): Expr[] {
  const values: Expr[] = [];
  for (const child of children) {
    let v: Expr = PLAIN;
    if (child.type === "JSXElement" || child.type === "JSXFragment") v = cx.expression(cx, child, null);
    else if (child.type === "JSXExpressionContainer" || child.type === "JSXSpreadChild") {
      if (child.expression.type !== "JSXEmptyExpression") v = cx.expression(cx, child.expression, null);
    }
    if (v !== PLAIN) values.push(v);
  }
  return values;
}
