// Signatures and predeclared composite types as IR types: `func(…)`, `[]T`, `map[K]V`, `chan T`.
import type { Expr, ParamIr } from "../../ir.ts";
import { unknown } from "./values.ts";

const slice: Expr = ["n", "[]"];

const map: Expr = ["n", "map"];

export const chan: Expr = ["n", "chan"];

const func: Expr = ["n", "func"];

export const sliceOf = (elementType: Expr): Expr => ["g", slice, [elementType]];

export const mapOf = (key: Expr, value: Expr): Expr => ["g", map, [key, value]];

const compositeHeads = new Set(["[]", "map", "chan", "func"]);

/** The head of a predeclared composite type (`[]`, `map`, `chan`, `func`), null for any other type. */
export function compositeHead(type: Expr): string | null {
  if (type[0] !== "g" || type[1][0] !== "n") return null;
  const head = type[1][1];
  // `map`, `chan` and `func` are keywords, so no declared type has one of these names.
  return compositeHeads.has(head) ? head : null;
}

export interface Parameter {
  /** "" when the list has types only. */
  name: string;
  type: Expr;
  rest: boolean;
}

export interface Signature {
  parameters: Parameter[];
  results: Parameter[];
}

export function resultType(results: readonly Parameter[]): Expr | undefined {
  if (results.length === 0) return undefined;
  if (results.length === 1) return results[0]?.type;
  return ["l", results.map((result) => result.type)];
}

export const parameterIr = (parameter: Parameter): ParamIr => ({
  n: parameter.name,
  kind: parameter.rest ? "rest" : "positional",
  t: parameter.type,
});

export const functionType = (signature: Signature): Expr => [
  "g",
  func,
  [resultType(signature.results) ?? unknown, ...signature.parameters.map((parameter) => parameter.type)],
];
