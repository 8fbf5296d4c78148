// Expressions: where function values come from and go to; every call becomes a CallIr.
import type { Argument, CallExpression, Expression, NewExpression, ObjectExpression } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { lowerAssignment } from "./assignments.ts";
import { calleeEnd, lowerCallee, lowerMember } from "./callees.ts";
import {
  addCall,
  addRef,
  type Context,
  type Landing,
  memberLanding,
  nameExpr,
  PLAIN,
  THIS,
  union,
  UNKNOWN,
} from "./context.ts";
import { branch, lowerFunction } from "./functions.ts";
import { idiom, noteArguments } from "./idioms.ts";
import { noteEvent, setterName } from "./implicit-members.ts";
import { lowerJsxChildren, lowerJsxElement } from "./jsx.ts";
import { addImport, requireSpecifier } from "./modules.ts";
import { constantString } from "./texts.ts";
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
      if (node.argument.type === "Identifier") cx.updated.push({ scope: cx.scope, name: node.argument.name });
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
    const name = keyName(cx, property.key, property.computed);
    if (name === null && property.key.type !== "PrivateIdentifier") cx.expression(cx, property.key, null);
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
