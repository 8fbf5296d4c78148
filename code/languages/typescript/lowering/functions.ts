// Functions and methods: their symbol, parameters and body.
import type { ParamPattern } from "oxc-parser";
import type { Expr, ParamIr, ScopeIr } from "../../../ir.ts";
import {
  addCall,
  addSymbol,
  anonymousName,
  type AnyFunction,
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
  store,
  THIS,
  UNKNOWN,
  union,
  within,
} from "./context.ts";
import { cleanDoc, rawDocBefore } from "./docs.ts";
import { bindArguments } from "./idioms.ts";
import { type DocTypes, readDocTypes } from "./jsdoc.ts";
import { bindPattern } from "./patterns.ts";
import { lowerAnnotation, lowerType, typeNameExpr, withTypeParameters } from "./types.ts";

export interface FunctionShape {
  bound?: NonNullable<ScopeIr["bound"]>;
  flags?: readonly string[];
  /** Members of the class scope that parameter properties add to. */
  classScope?: number;
}

function functionFlags(node: AnyFunction, shape: FunctionShape, landing: Landing | null, anonymous: boolean): string[] {
  const flags = [...(landing?.flags ?? []), ...(shape.flags ?? [])];
  if (node.async) flags.push("async");
  if (node.generator) flags.push("generator");
  if (anonymous) flags.push("anonymous");
  return flags;
}

/** Adds the symbol (unless it has one) and the scope of a function, and lowers its inside. Returns the scope. */
export function lowerFunction(cx: Context, node: AnyFunction, landing: Landing | null, shape: FunctionShape): number {
  const own = node.type === "ArrowFunctionExpression" ? null : node.id;
  const anonymous = landing === null && own === null;
  const parent = landing === null ? cx.symbol : landing.parent;
  const name = landing?.name ?? own?.name ?? anonymousName(cx, parent);
  const start = landing?.start ?? node.start;
  const rawDoc = rawDocBefore(cx, landing?.docAt ?? node.start);
  const symbol = addSymbol(
    cx,
    {
      kind: landing?.kind ?? "Function",
      name,
      path: landing?.path ?? memberPath(cx, parent, name),
      parent,
      visibility: landing?.visibility ?? "public",
      exported: landing?.exported ?? false,
      flags: functionFlags(node, shape, landing, anonymous),
    },
    start,
    node.end,
    oneLine(cx, start, node.body === null ? node.end : node.body.start),
    rawDoc === undefined ? undefined : cleanDoc(rawDoc),
  );
  const docs = cx.javascript && rawDoc !== undefined ? readDocTypes(cx, rawDoc) : null;
  const scope = openScope(cx, "function", symbol, node.body === null ? node.start : node.body.start);
  const ir = cx.scopes[scope]!;
  if (node.type === "ArrowFunctionExpression") ir.bound = "arrow";
  else if (shape.bound !== undefined) ir.bound = shape.bound;
  if (node.async) ir.async = true;
  within(cx, scope, () => {
    withTypeParameters(cx, node.typeParameters, () => {
      if (node.type !== "ArrowFunctionExpression" && landing?.receiver != null && shape.bound === undefined) {
        declare(cx, scope, { n: "this", v: landing.receiver, at: node.start, r: 0 }, LOCAL);
      }
      if (own !== null && node.type === "FunctionExpression") {
        declare(cx, scope, { n: own.name, v: ["f", scope], at: node.start, r: 0 }, symbol);
      }
      ir.params = lowerParameters(cx, node.params, docs, shape.classScope);
      lowerReturnType(cx, node, ir, docs);
      if (node.body === null) return;
      if (node.body.type === "BlockStatement") cx.statements(cx, node.body.body);
      else (ir.returns ??= []).push(cx.expression(cx, node.body, null));
      if (cx.takesArguments.has(scope)) bindArguments(ir, node.start);
    });
  });
  return scope;
}

function lowerReturnType(cx: Context, node: AnyFunction, ir: ScopeIr, docs: DocTypes | null): void {
  const annotation = node.returnType?.typeAnnotation;
  if (annotation === undefined) {
    if (docs?.returns !== undefined) ir.returnType = docs.returns;
    return;
  }
  // `: typeof f` is a value, not an instance.
  const t = lowerType(cx, annotation);
  if (t === undefined) return;
  if (annotation.type === "TSTypeQuery" && annotation.exprName.type !== "TSImportType") {
    (ir.returns ??= []).push(typeNameExpr(cx, annotation.exprName));
  } else ir.returnType = t;
}

function lowerParameters(
  cx: Context,
  params: readonly ParamPattern[],
  docs: DocTypes | null,
  classScope: number | undefined,
): ParamIr[] {
  const irs: ParamIr[] = [];
  for (const param of params) {
    if (param.type === "TSParameterProperty") {
      const ir = lowerParameter(cx, param.parameter, irs.length, docs);
      irs.push(ir);
      lowerDecorators(cx, param.decorators);
      if (classScope !== undefined) lowerParameterProperty(cx, param, ir, classScope);
      continue;
    }
    if (param.decorators !== undefined) lowerDecorators(cx, param.decorators);
    if (param.type === "Identifier" && param.name === "this") {
      const t = lowerAnnotation(cx, param.typeAnnotation);
      if (t !== undefined) declare(cx, cx.scope, { n: "this", v: UNKNOWN, at: param.start, r: 0, t }, LOCAL);
      continue;
    }
    irs.push(lowerParameter(cx, param, irs.length, docs));
  }
  return irs;
}

function lowerDecorators(
  cx: Context,
  decorators: readonly { expression: Parameters<Context["expression"]>[1] }[],
): void {
  for (const decorator of decorators) {
    const f = cx.expression(cx, decorator.expression, null);
    addCall(cx, f, [], decorator.expression.start, "implicit");
  }
}

function lowerParameter(
  cx: Context,
  param: Exclude<ParamPattern, { type: "TSParameterProperty" }>,
  index: number,
  docs: DocTypes | null,
): ParamIr {
  const rest = param.type === "RestElement";
  const pattern = rest ? param.argument : param;
  const target = pattern.type === "AssignmentPattern" ? pattern.left : pattern;
  const annotated = target.typeAnnotation ?? param.typeAnnotation;
  const name = target.type === "Identifier" ? target.name : `{${index}}`;
  const ir: ParamIr = { n: name, kind: rest ? "rest" : target.type === "Identifier" ? "positional" : "pattern" };
  cx.names[cx.scope]!.set(name, LOCAL);
  const t = lowerAnnotation(cx, annotated) ?? docs?.params.get(target.type === "Identifier" ? name : `#${index}`);
  if (pattern.type === "AssignmentPattern") ir.v = cx.expression(cx, pattern.right, null);
  const query = annotated?.typeAnnotation;
  if (query?.type === "TSTypeQuery" && query.exprName.type !== "TSImportType") {
    const value = typeNameExpr(cx, query.exprName);
    ir.v = ir.v === undefined ? value : union([ir.v, value]);
  } else if (t !== undefined) ir.t = t;
  if (target.type !== "Identifier") {
    bindPattern(cx, target, nameExpr(cx, name), {
      name: (n, v, at) => declare(cx, cx.scope, { n, v, at: at.start, r: 0 }, LOCAL),
      target: () => {},
    });
  }
  return ir;
}

function lowerParameterProperty(
  cx: Context,
  param: Extract<ParamPattern, { type: "TSParameterProperty" }>,
  ir: ParamIr,
  classScope: number,
): void {
  const owner = cx.scopes[classScope]!.symbol;
  const flags = param.readonly ? ["readonly"] : [];
  const symbol = addSymbol(
    cx,
    {
      kind: "Variable",
      name: ir.n,
      path: memberPath(cx, owner, ir.n),
      parent: owner,
      visibility: param.accessibility ?? "public",
      exported: cx.symbols[owner]!.exported && param.accessibility !== "private",
      flags,
    },
    param.start,
    param.end,
    oneLine(cx, param.start, param.end),
    undefined,
  );
  const binding = { n: ir.n, v: UNKNOWN, at: param.end, r: 0 };
  declare(cx, classScope, ir.t === undefined ? binding : { ...binding, t: ir.t }, symbol);
  store(cx, THIS, ir.n, nameExpr(cx, ir.n), param.end, param.start);
}

/** Runs a branch of an expression as a region of its own, if it may assign. */
export function branch(cx: Context, node: { type: string }, body: () => Expr): Expr {
  if (node.type !== "AssignmentExpression" && node.type !== "SequenceExpression") return body();
  let e: Expr = UNKNOWN;
  inRegion(cx, newGroup(cx), () => {
    e = body();
  });
  return e;
}
