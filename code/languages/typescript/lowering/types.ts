// Type annotations → declared types (Expr), and the members of interfaces and object types.
import type {
  BindingPattern,
  ParamPattern,
  PropertyKey,
  TSSignature,
  TSType,
  TSTypeAnnotation,
  TSTypeName,
  TSTypeParameterDeclaration,
  TSTypeParameterInstantiation,
} from "oxc-parser";
import type { Expr, ImportIr, ParamIr } from "../../../ir.ts";
import {
  addRef,
  addSymbol,
  constantOf,
  type Context,
  declare,
  LOCAL,
  memberPath,
  nameExpr,
  oneLine,
  openScope,
  UNKNOWN,
  within,
} from "./context.ts";
import { docBefore } from "./docs.ts";

/** Library types that keep the shape of their (first) argument. */
const transparent = new Set([
  "Partial",
  "Required",
  "Readonly",
  "NonNullable",
  "Omit",
  "Pick",
  "Awaited",
  "DeepPartial",
  "NoInfer",
]);
const arrays = new Set(["Array", "ReadonlyArray"]);

function arrayOf(element: Expr): Expr {
  return ["g", ["n", "[]"], [element]];
}

/** Runs `body` where type parameters stand for their constraints (nothing, when they have none). */
export function withTypeParameters<T>(
  cx: Context,
  node: TSTypeParameterDeclaration | null | undefined,
  body: () => T,
): T {
  if (node == null) return body();
  const outer = cx.typeParameters;
  const inner = new Map(outer);
  cx.typeParameters = inner;
  for (const parameter of node.params) inner.set(parameter.name.name, null);
  for (const parameter of node.params) {
    const constraint = parameter.constraint === null ? undefined : lowerType(cx, parameter.constraint);
    if (constraint !== undefined) inner.set(parameter.name.name, constraint);
    if (parameter.default !== null) lowerType(cx, parameter.default);
  }
  const result = body();
  cx.typeParameters = outer;
  return result;
}

export function lowerAnnotation(cx: Context, node: TSTypeAnnotation | null | undefined): Expr | undefined {
  return node == null ? undefined : lowerType(cx, node.typeAnnotation);
}

/** The value a type query or a qualified name stands for: `ns.Foo`. */
export function typeNameExpr(cx: Context, node: TSTypeName): Expr {
  switch (node.type) {
    case "Identifier":
      return nameExpr(cx, node.name);
    case "TSQualifiedName":
      return ["a", typeNameExpr(cx, node.left), node.right.name];
    default:
      return ["this"];
  }
}

export function typeArguments(cx: Context, node: TSTypeParameterInstantiation | null | undefined): Expr[] | null {
  if (node == null) return null;
  let known = false;
  const args = node.params.map((param) => {
    const t = lowerType(cx, param);
    if (t !== undefined) known = true;
    return t ?? UNKNOWN;
  });
  return known ? args : null;
}

function lowerAll(cx: Context, nodes: readonly TSType[]): Expr | undefined {
  const options: Expr[] = [];
  for (const node of nodes) {
    const t = lowerType(cx, node);
    if (t === undefined) continue;
    for (const o of t[0] === "u" ? t[1] : [t]) if (!options.includes(o)) options.push(o);
  }
  return options.length === 0 ? undefined : options.length === 1 ? options[0]! : ["u", options];
}

function lowerReference(
  cx: Context,
  name: TSTypeName,
  args: TSTypeParameterInstantiation | null,
  start: number,
): Expr | undefined {
  if (name.type === "Identifier") {
    if (cx.typeParameters.has(name.name)) return cx.typeParameters.get(name.name) ?? undefined;
    if (args !== null) {
      if (transparent.has(name.name)) {
        for (const other of args.params.slice(1)) lowerType(cx, other);
        return lowerType(cx, args.params[0]!);
      }
      if (arrays.has(name.name)) return arrayOf(lowerType(cx, args.params[0]!) ?? UNKNOWN);
      if (name.name === "Record" && args.params.length === 2) {
        const value = lowerType(cx, args.params[1]!);
        return value === undefined
          ? undefined
          : ["g", ["n", "map"], [lowerType(cx, args.params[0]!) ?? UNKNOWN, value]];
      }
      if (name.name === "InstanceType") {
        const inner = lowerType(cx, args.params[0]!);
        return inner !== undefined && inner[0] === "g" && inner[1][0] === "n" && inner[1][1] === "typeof"
          ? inner[2][0]
          : undefined;
      }
    }
  }
  const base = typeNameExpr(cx, name);
  addRef(cx, base, start);
  const given = typeArguments(cx, args);
  return given === null ? base : ["g", base, given];
}

/** undefined = says nothing a call could be resolved with (primitives, literals, computed types). */
export function lowerType(cx: Context, node: TSType): Expr | undefined {
  switch (node.type) {
    case "TSTypeReference":
      return lowerReference(cx, node.typeName, node.typeArguments, node.start);
    case "TSUnionType":
    case "TSIntersectionType":
      return lowerAll(cx, node.types);
    case "TSArrayType":
      return arrayOf(lowerType(cx, node.elementType) ?? UNKNOWN);
    case "TSTupleType": {
      if (node.elementTypes.some((e) => e.type === "TSRestType")) {
        const some = lowerAll(
          cx,
          node.elementTypes.map((e) => (e.type === "TSOptionalType" || e.type === "TSRestType" ? e.typeAnnotation : e)),
        );
        return some === undefined ? undefined : arrayOf(some);
      }
      const places = node.elementTypes.map(
        (e) => lowerType(cx, e.type === "TSOptionalType" || e.type === "TSRestType" ? e.typeAnnotation : e) ?? UNKNOWN,
      );
      return places.every((t) => t === UNKNOWN) ? undefined : ["l", places];
    }
    case "TSNamedTupleMember": {
      const element = node.elementType;
      return lowerType(
        cx,
        element.type === "TSOptionalType" || element.type === "TSRestType" ? element.typeAnnotation : element,
      );
    }
    case "TSParenthesizedType":
    case "TSJSDocNullableType":
    case "TSJSDocNonNullableType":
      return lowerType(cx, node.typeAnnotation);
    case "TSTypeOperator": {
      const inner = lowerType(cx, node.typeAnnotation);
      return node.operator === "readonly" ? inner : undefined;
    }
    case "TSFunctionType":
    case "TSConstructorType":
      return withTypeParameters(cx, node.typeParameters, () => {
        for (const param of node.params) parameterType(cx, param);
        return ["g", ["n", "func"], [lowerAnnotation(cx, node.returnType) ?? UNKNOWN]];
      });
    case "TSTypeQuery": {
      if (node.exprName.type === "TSImportType") return lowerType(cx, node.exprName);
      const value = typeNameExpr(cx, node.exprName);
      addRef(cx, value, node.start);
      return ["g", ["n", "typeof"], [value]];
    }
    case "TSImportType": {
      const chain: string[] = [];
      for (let q = node.qualifier; q !== null; q = q.type === "TSQualifiedName" ? q.left : null) {
        chain.unshift(q.type === "TSQualifiedName" ? q.right.name : q.name);
      }
      const ir: ImportIr = {
        specifier: node.source.value,
        kind: chain.length === 0 ? "module" : "member",
        name: chain[0] ?? null,
        alias: null,
        type: true,
        l: cx.lines.lineOf(node.start),
      };
      let e: Expr = ["m", cx.imports.push(ir) - 1];
      for (const name of chain.slice(1)) e = ["a", e, name];
      const given = typeArguments(cx, node.typeArguments);
      return given === null ? e : ["g", e, given];
    }
    case "TSTypeLiteral":
      return lowerTypeLiteral(cx, node.members, node.start);
    case "TSIndexedAccessType":
      lowerType(cx, node.objectType);
      lowerType(cx, node.indexType);
      return undefined;
    case "TSConditionalType": {
      lowerType(cx, node.checkType);
      lowerType(cx, node.extendsType);
      lowerType(cx, node.trueType);
      lowerType(cx, node.falseType);
      return undefined;
    }
    case "TSMappedType":
      lowerType(cx, node.constraint);
      if (node.typeAnnotation !== null) lowerType(cx, node.typeAnnotation);
      return undefined;
    case "TSTypePredicate":
      lowerAnnotation(cx, node.typeAnnotation);
      return undefined;
    case "TSThisType":
      return ["this"];
    default:
      return undefined;
  }
}

function parameterType(cx: Context, param: ParamPattern): Expr | undefined {
  if (param.type === "TSParameterProperty") return parameterType(cx, param.parameter);
  if (param.type === "AssignmentPattern") return lowerAnnotation(cx, param.left.typeAnnotation);
  return lowerAnnotation(cx, param.typeAnnotation);
}

/** The parameters of a signature without a body: names and types only. */
function signatureParameters(cx: Context, params: readonly ParamPattern[]): ParamIr[] {
  return params.map((param, i) => {
    const pattern: BindingPattern | typeof param = param.type === "TSParameterProperty" ? param.parameter : param;
    const t = parameterType(cx, param);
    const rest = pattern.type === "RestElement";
    const inner = rest ? pattern.argument : pattern;
    const ir: ParamIr = {
      n: inner.type === "Identifier" ? inner.name : `{${i}}`,
      kind: rest ? "rest" : inner.type === "Identifier" ? "positional" : "pattern",
    };
    if (t !== undefined) ir.t = t;
    return ir;
  });
}

/** The name a property key stands for; null when it is computed at run time. Well-known symbols read `[Symbol.x]`. */
export function keyName(cx: Context, key: PropertyKey, computed: boolean): string | null {
  switch (key.type) {
    case "Identifier":
      if (!computed) return key.name;
      return constantOf(cx, key.name, "") ?? (isSymbolName(key.name) ? `[${key.name}]` : null);
    case "PrivateIdentifier":
      return `#${key.name}`;
    case "Literal":
      return typeof key.value === "string" || typeof key.value === "number" ? String(key.value) : null;
    case "TemplateLiteral":
      return key.expressions.length === 0 ? (key.quasis[0]?.value.cooked ?? null) : null;
    case "MemberExpression":
      return !key.computed && key.object.type === "Identifier" && key.property.type === "Identifier"
        ? key.object.name === "Symbol"
          ? `[Symbol.${key.property.name}]`
          : constantOf(cx, key.object.name, key.property.name)
        : null;
    default:
      return null;
  }
}

/** By convention `kState` and the like hold symbols: one and the same key wherever they are used. */
const isSymbolName = (name: string): boolean => /^(?:k[A-Z]|sym[A-Z])\w*$|Symbol$/.test(name);

/** What a member with a computed name is called: its key as written. */
export function computedName(cx: Context, key: PropertyKey): string {
  return `[${oneLine(cx, key.start, key.end, 40)}]`;
}

/** An object type in line. A scope of its own only where a member has a type worth keeping. */
function lowerTypeLiteral(cx: Context, members: readonly TSSignature[], start: number): Expr | undefined {
  const scope = openScope(cx, "class", cx.symbol, start);
  within(cx, scope, () => lowerMembers(cx, members, -1));
  if (cx.scopes[scope]!.bindings.length === 0 && scope === cx.scopes.length - 1) {
    cx.scopes.pop();
    cx.names.pop();
    cx.owners.pop();
    cx.starts.pop();
    for (let i = cx.refs.length - 1; i >= 0 && cx.refs[i]!.ref.s === scope; i--) cx.refs[i]!.ref.s = cx.scope;
    return undefined;
  }
  return ["k", scope];
}

/**
 * Members of an interface (`symbol` ≥ 0: methods become symbols) or of an object type in line (-1), declared in the current scope.
 */
export function lowerMembers(cx: Context, members: readonly TSSignature[], symbol: number): void {
  for (const member of members) {
    switch (member.type) {
      case "TSPropertySignature": {
        const name = keyName(cx, member.key, member.computed);
        const t = lowerAnnotation(cx, member.typeAnnotation);
        if (name !== null && t !== undefined) {
          declare(cx, cx.scope, { n: name, v: UNKNOWN, at: member.end, r: 0, t }, LOCAL);
        }
        break;
      }
      case "TSMethodSignature": {
        const name = keyName(cx, member.key, member.computed);
        if (name !== null) lowerMethodSignature(cx, member, name, symbol);
        break;
      }
      case "TSIndexSignature":
        lowerAnnotation(cx, member.typeAnnotation);
        break;
      case "TSCallSignatureDeclaration":
      case "TSConstructSignatureDeclaration":
        withTypeParameters(cx, member.typeParameters, () => {
          for (const param of member.params) parameterType(cx, param);
          lowerAnnotation(cx, member.returnType);
        });
        break;
      default:
        break;
    }
  }
}

function lowerMethodSignature(
  cx: Context,
  member: Extract<TSSignature, { type: "TSMethodSignature" }>,
  name: string,
  parent: number,
): void {
  // Overloads: the first stands for all, as callers cannot tell them apart by name.
  if (cx.names[cx.scope]!.has(name) && cx.names[cx.scope]!.get(name) !== LOCAL) return;
  let symbol = cx.symbol;
  if (parent >= 0) {
    const owner = cx.symbols[parent]!;
    symbol = addSymbol(
      cx,
      {
        kind: "Method",
        name,
        path: memberPath(cx, parent, name),
        parent,
        visibility: "public",
        exported: owner.exported,
        flags:
          member.kind === "get"
            ? ["abstract", "getter"]
            : member.kind === "set"
              ? ["abstract", "setter"]
              : ["abstract"],
      },
      member.start,
      member.end,
      oneLine(cx, member.start, member.end),
      docBefore(cx, member.start),
    );
  }
  const scope = openScope(cx, "function", symbol, member.start);
  const ir = cx.scopes[scope]!;
  within(cx, scope, () => {
    withTypeParameters(cx, member.typeParameters, () => {
      ir.params = signatureParameters(cx, member.params);
      const t = lowerAnnotation(cx, member.returnType);
      if (t !== undefined) ir.returnType = t;
    });
  });
  ir.bound = member.kind === "get" ? "getter" : member.kind === "set" ? "setter" : "instance";
  declare(cx, cx.scope, { n: name, v: ["f", scope], at: member.end, r: 0 }, parent >= 0 ? symbol : LOCAL);
}
