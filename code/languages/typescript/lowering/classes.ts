// Classes: a symbol, a class scope, fields, methods, accessors and decorators.
import type {
  AccessorProperty,
  Class,
  Decorator,
  Expression,
  MethodDefinition,
  PropertyDefinition,
  TSTypeParameterInstantiation,
} from "oxc-parser";
import type { BindingIr, Expr, SymbolIr } from "../../../ir.ts";
import {
  addCall,
  addSymbol,
  anonymousName,
  type Context,
  declare,
  isScopeFree,
  type Landing,
  LOCAL,
  memberPath,
  oneLine,
  openScope,
  UNKNOWN,
  within,
  withStatedType,
} from "./context.ts";
import { cleanDoc, docBefore, rawDocBefore } from "./docs.ts";
import { lowerFunction } from "./functions.ts";
import { setterName } from "./implicit-members.ts";
import { readDocTypes } from "./jsdoc.ts";
import { computedName, keyName, lowerAnnotation, typeArguments, withTypeParameters } from "./types.ts";

export function applied(cx: Context, base: Expr, args: TSTypeParameterInstantiation | null | undefined): Expr {
  const given = typeArguments(cx, args);
  return given === null ? base : ["g", base, given];
}

/** Applies decorators (the last one first) as implicit calls on a value. */
function decorate(cx: Context, decorators: readonly Decorator[], value: Expr, extra: Expr[] = []): Expr {
  if (decorators.length === 0) return value;
  const callees = decorators.map((d) => cx.expression(cx, d.expression, null));
  let result = value;
  for (let i = decorators.length - 1; i >= 0; i--) {
    const call = addCall(cx, callees[i]!, [result, ...extra], decorators[i]!.expression.start, "implicit");
    result = ["d", call, result];
  }
  return result;
}

export function lowerClass(cx: Context, node: Class, landing: Landing | null, docAt: number, exported: boolean): Expr {
  const anonymous = node.id === null && landing === null;
  const parent = landing?.parent ?? cx.symbol;
  const name = landing?.name ?? node.id?.name ?? anonymousName(cx, parent);
  const flags: string[] = [];
  if (node.abstract === true) flags.push("abstract");
  if (anonymous) flags.push("anonymous");
  const start = landing?.start ?? docAt;
  const symbol = addSymbol(
    cx,
    {
      kind: "Class",
      name,
      path: landing?.path ?? memberPath(cx, parent, name),
      parent,
      visibility: "public",
      exported: landing?.exported ?? exported,
      flags,
    },
    start,
    node.end,
    oneLine(cx, node.decorators.length > 0 ? node.decorators.at(-1)!.end : start, node.body.start),
    docBefore(cx, landing?.docAt ?? docAt),
  );
  const outerAmbient = cx.ambient;
  cx.ambient ||= node.declare === true;
  const superClass = node.superClass === null ? null : cx.expression(cx, node.superClass, null);
  const isNamed = node.type === "ClassExpression" && node.id !== null;
  const around = isNamed ? openScope(cx, "block", cx.symbol, node.start) : cx.scope;
  let scope = -1;
  within(cx, around, () => {
    scope = openScope(cx, "class", symbol, node.start);
  });
  // A class expression's own name is known inside it alone.
  if (isNamed) cx.scopes[around]!.bindings.push({ n: node.id!.name, v: ["k", scope], at: node.start, r: cx.region });
  if (isNamed) cx.names[around]!.set(node.id!.name, symbol);
  const ir = cx.scopes[scope]!;
  withTypeParameters(cx, node.typeParameters, () => {
    if (superClass !== null) ir.bases = [applied(cx, superClass, node.superTypeArguments)];
    const interfaces = node.implements ?? [];
    if (interfaces.length > 0) {
      ir.implements = interfaces.map((i) => applied(cx, cx.expression(cx, i.expression, null), i.typeArguments));
    }
    within(cx, scope, () => {
      for (const member of node.body.body) {
        switch (member.type) {
          case "MethodDefinition":
          case "TSAbstractMethodDefinition":
            lowerMethod(cx, member, scope, symbol);
            break;
          case "PropertyDefinition":
          case "TSAbstractPropertyDefinition":
          case "AccessorProperty":
          case "TSAbstractAccessorProperty":
            lowerField(cx, member, scope, symbol);
            break;
          case "StaticBlock": {
            const block = openScope(cx, "function", symbol, member.start);
            cx.scopes[block]!.bound = "static";
            within(cx, block, () => cx.statements(cx, member.body));
            addCall(cx, ["f", block], [], member.start, "implicit");
            break;
          }
          default:
            lowerAnnotation(cx, member.typeAnnotation);
        }
      }
    });
  });
  cx.ambient = outerAmbient;
  return decorate(cx, node.decorators, ["k", scope]);
}

function visibilityOf(member: { accessibility?: SymbolIr["visibility"] | null }, name: string): SymbolIr["visibility"] {
  return member.accessibility ?? (name.startsWith("#") ? "private" : "public");
}

function memberStart(member: { start: number; decorators: readonly Decorator[] }): number {
  return Math.min(member.start, member.decorators[0]?.start ?? member.start);
}

function memberLandingOf(
  cx: Context,
  member: MethodDefinition | PropertyDefinition | AccessorProperty,
  name: string,
  symbol: number,
  flags: string[],
): Landing {
  const path = memberPath(cx, symbol, name);
  const start = memberStart(member);
  const visibility = visibilityOf(member, name);
  return {
    name,
    path,
    prefix: `${path}.`,
    parent: symbol,
    kind: "Method",
    start,
    docAt: start,
    exported: cx.symbols[symbol]!.exported && visibility !== "private",
    visibility,
    flags,
    self: null,
    receiver: null,
  };
}

function lowerMethod(cx: Context, member: MethodDefinition, classScope: number, symbol: number): void {
  if (member.computed && keyName(cx, member.key, true) === null) cx.expression(cx, member.key as Expression, null);
  const name = keyName(cx, member.key, member.computed) ?? computedName(cx, member.key);
  const abstract = member.type === "TSAbstractMethodDefinition";
  const names = cx.names[classScope]!;
  if (member.value.body === null) {
    // Overloads: the first without a body stands for them where no implementation follows (declarations, abstract).
    const known = names.get(name);
    if (known !== undefined && known !== LOCAL && !isAccessor(member)) return;
    if (!abstract && !cx.ambient) return;
  }
  const flags: string[] = [];
  if (member.static) flags.push("static");
  if (abstract) flags.push("abstract");
  if (member.kind === "constructor") flags.push("constructor");
  else if (member.kind === "get") flags.push("getter");
  else if (member.kind === "set") flags.push("setter");
  const landing = memberLandingOf(cx, member, name, symbol, flags);
  const bound =
    member.kind === "get" ? "getter" : member.kind === "set" ? "setter" : member.static ? "static" : "instance";
  const before = cx.symbols.length;
  const shape = member.kind === "constructor" ? { bound, classScope } : { bound };
  const scope = lowerFunction(cx, member.value, landing, shape as Parameters<typeof lowerFunction>[3]);
  const value = decorate(cx, member.decorators, ["f", scope], [["s", name]]);
  declare(cx, classScope, { n: name, v: value, at: member.end, r: 0 }, before);
  if (bound === "setter") {
    declare(cx, classScope, { n: setterName(name), v: ["f", scope], at: member.end, r: 0 }, before);
  }
}

function isAccessor(member: MethodDefinition): boolean {
  return member.kind === "get" || member.kind === "set";
}

function isFunctionValue(node: Expression | null): boolean {
  return node !== null && (node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression");
}

function lowerField(
  cx: Context,
  member: PropertyDefinition | AccessorProperty,
  classScope: number,
  symbol: number,
): void {
  if (member.computed && keyName(cx, member.key, true) === null) cx.expression(cx, member.key as Expression, null);
  const name = keyName(cx, member.key, member.computed) ?? computedName(cx, member.key);
  const flags: string[] = [];
  if (member.static) flags.push("static");
  if (member.readonly === true) flags.push("readonly");
  if (member.type.startsWith("TSAbstract")) flags.push("abstract");
  const landing = memberLandingOf(cx, member, name, symbol, flags);
  const rawDoc = rawDocBefore(cx, landing.docAt);
  const t =
    lowerAnnotation(cx, member.typeAnnotation) ??
    (cx.javascript && rawDoc !== undefined ? readDocTypes(cx, rawDoc)?.type : undefined);
  let v: Expr = UNKNOWN;
  let own = cx.symbols.length;
  let initializer = classScope;
  if (isFunctionValue(member.value)) {
    v = cx.expression(cx, member.value!, landing);
    // An arrow in a field sees the instance (or the class), as a method does.
    if (v[0] === "f") cx.scopes[v[1]]!.bound = member.static ? "static" : "instance";
  } else {
    own = addSymbol(
      cx,
      {
        kind: "Variable",
        name,
        path: landing.path,
        parent: symbol,
        visibility: landing.visibility,
        exported: landing.exported,
        flags,
      },
      landing.start,
      member.end,
      oneLine(cx, member.decorators.length > 0 ? member.decorators.at(-1)!.end : member.start, member.end, 200),
      rawDoc === undefined ? undefined : cleanDoc(rawDoc),
    );
    if (member.value !== null) {
      const self: Expr = member.static ? ["a", ["k", classScope], name] : ["a", ["this"], name];
      const before = cx.scopes.length;
      v = lowerInitializer(cx, member, symbol, { ...landing, parent: own, kind: "Function", flags: [], self });
      const first = cx.scopes[before];
      if (first?.kind === "function" && first.symbol === symbol && first.parent === classScope) initializer = before;
    }
  }
  v = decorate(cx, member.decorators, v, [["s", name]]);
  const binding: BindingIr = { n: name, v, at: member.end, r: 0 };
  if (t !== undefined) {
    binding.t = t;
    binding.v = withStatedType(v, t);
  }
  if (initializer !== classScope && !isScopeFree(v)) binding.s = initializer;
  declare(cx, classScope, binding, own);
}

/** A field's value, in a function of its own where it may speak of `this`: that is what runs when an instance is made. */
function lowerInitializer(
  cx: Context,
  member: PropertyDefinition | AccessorProperty,
  symbol: number,
  landing: Landing,
): Expr {
  const value = member.value!;
  const text = cx.source.slice(value.start, value.end);
  if (!text.includes("this")) return cx.expression(cx, value, landing);
  const scope = openScope(cx, "function", symbol, value.start);
  cx.scopes[scope]!.bound = member.static ? "static" : "instance";
  let v: Expr = UNKNOWN;
  within(cx, scope, () => {
    v = cx.expression(cx, value, landing);
  });
  return v;
}

export function lowerClassDeclaration(cx: Context, node: Class, docAt: number, exported: boolean): void {
  const before = cx.symbols.length;
  const value = lowerClass(cx, node, null, docAt, exported);
  if (node.id === null) return;
  declare(cx, cx.scope, { n: node.id.name, v: value, at: node.end, r: cx.region }, before);
}
