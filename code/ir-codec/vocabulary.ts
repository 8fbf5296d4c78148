// The closed word lists of the IR, numbered by their place here, and what else both directions agree on.
import type { ImportIr, ParamIr, ScopeIr, SymbolIr } from "../ir.ts";

export const symbolKinds = [
  "Module",
  "Class",
  "Interface",
  "Function",
  "Method",
  "Variable",
] as const satisfies readonly SymbolIr["kind"][];
export const visibilities = ["public", "protected", "private"] as const satisfies readonly SymbolIr["visibility"][];
export const scopeKinds = ["module", "function", "class", "block"] as const satisfies readonly ScopeIr["kind"][];
/** undefined: not bound. */
export const bounds = [
  undefined,
  "instance",
  "class",
  "static",
  "getter",
  "setter",
  "arrow",
] as const satisfies readonly ScopeIr["bound"][];
export const paramKinds = [
  "positional",
  "keyword",
  "rest",
  "named-rest",
  "pattern",
] as const satisfies readonly ParamIr["kind"][];
export const importKinds = [
  "module",
  "member",
  "star",
  "side-effect",
  "dynamic",
] as const satisfies readonly ImportIr["kind"][];
/** `whole` = a number of up to 52 bits, `float` = any other. */
export const exprTags = {
  n: 0,
  this: 1,
  super: 2,
  a: 3,
  i: 4,
  e: 5,
  w: 6,
  "*": 7,
  c: 8,
  d: 9,
  f: 10,
  k: 11,
  o: 12,
  l: 13,
  s: 14,
  whole: 15,
  u: 16,
  m: 17,
  I: 18,
  g: 19,
  "?": 20,
  float: 21,
  "+": 22,
  t: 23,
} as const;
