// What a file tells of its types and interfaces on its own: their methods, with types written with import paths.
import type { Expr, FileIr, ScopeIr } from "../../ir.ts";
import { compositeHead } from "./signatures.ts";
import { isPredeclaredType } from "./values.ts";

/** Method name → [types of parameters, types of results], as text with import paths. */
export type MethodTexts = Record<string, [string[], string[]]>;

interface TypeSummary {
  name: string;
  /** Symbol path; absent for methods of a type that another file declares. */
  path?: string;
  line?: number;
  interface?: true;
  methods: MethodTexts;
  /** Embedded types: import path and name, "" for the own package. */
  embeds: [string, string][];
  /** What a defined type or alias is made of, when that is a named type. */
  of?: [string, string];
  alias?: true;
}

export interface FileSummary {
  package: string;
  types: TypeSummary[];
  /** `var _ Interface = Type{}`: [interface, type, line]. */
  asserts: [[string, string], [string, string]][];
}

/** Names of types in methods' heads are compared as text: qualified by import path, or `.` for the own package. */
function typeText(ir: FileIr, type: Expr | undefined, typeParameters: ReadonlySet<string>): string {
  if (type === undefined) return "?";
  if (type[0] === "n") {
    if (typeParameters.has(type[1])) return "$";
    return isPredeclaredType(type[1]) ? (sameTypes[type[1]] ?? type[1]) : `.${type[1]}`;
  }
  if (type[0] === "a") {
    const from = type[1];
    return `${from[0] === "m" ? (ir.imports[from[1]]?.specifier ?? "?") : "?"}.${type[2]}`;
  }
  const texts = (types: readonly Expr[]): string => types.map((one) => typeText(ir, one, typeParameters)).join(",");
  if (type[0] === "g") {
    const head = compositeHead(type);
    return head === null ? `${typeText(ir, type[1], typeParameters)}[${texts(type[2])}]` : `${head}(${texts(type[2])})`;
  }
  return type[0] === "l" ? texts(type[1]) : "?";
}

const sameTypes: Record<string, string> = { byte: "uint8", rune: "int32" };

const noParameters: ReadonlySet<string> = new Set();

function methodTexts(ir: FileIr, scope: ScopeIr, outer: ReadonlySet<string>): [string[], string[]] {
  const names = scope.typeParams === undefined ? outer : new Set(scope.typeParams.map((one) => one.n));
  const results: readonly Expr[] =
    scope.returnType === undefined ? [] : scope.returnType[0] === "l" ? scope.returnType[1] : [scope.returnType];
  return [
    (scope.params ?? []).slice(1).map((param) => (param.kind === "rest" ? "..." : "") + typeText(ir, param.t, names)),
    results.map((result) => typeText(ir, result, names)),
  ];
}

/** Where a named type comes from: ["", name] of the own package, [import path, name] of another. */
function namedType(ir: FileIr, type: Expr): [string, string] | null {
  if (type[0] === "n") return isPredeclaredType(type[1]) && type[1] !== "error" ? null : ["", type[1]];
  if (type[0] === "a" && type[1][0] === "m") return [ir.imports[type[1][1]]?.specifier ?? "?", type[2]];
  return type[0] === "g" ? namedType(ir, type[1]) : null;
}

/** All of one file that method sets are made of; undefined when it declares no type and no method. */
export function summariseTypes(ir: FileIr): FileSummary | undefined {
  const types: TypeSummary[] = [];
  const partial = new Map(
    Object.entries((ir.extra?.["partialTypes"] ?? {}) as Record<string, number>).map(([name, index]) => [index, name]),
  );
  const aliases = new Set<string>();
  for (const [index, scope] of ir.scopes.entries()) {
    if (scope.kind !== "class") continue;
    const symbol = ir.symbols[scope.symbol];
    const name = symbol?.name ?? partial.get(index);
    // Types inside of functions have no methods of their own and are no package's.
    if (name === undefined || (symbol !== undefined && symbol.parent !== -1)) continue;
    const parameters = scope.typeParams === undefined ? noParameters : new Set(scope.typeParams.map((one) => one.n));
    const methods: MethodTexts = {};
    for (const binding of scope.bindings) {
      if (binding.v[0] !== "f") continue;
      const method = ir.scopes[binding.v[1]];
      if (method !== undefined) methods[binding.n] = methodTexts(ir, method, parameters);
    }
    const summary: TypeSummary = {
      name,
      methods,
      embeds: (scope.bases ?? []).map((base) => namedType(ir, base)).filter((base) => base !== null),
    };
    if (symbol !== undefined) {
      summary.path = symbol.path;
      summary.line = symbol.range.startLine;
      if (symbol.kind === "Interface") summary.interface = true;
    }
    const of = scope.underlying === undefined ? null : namedType(ir, scope.underlying);
    if (of !== null) summary.of = of;
    types.push(summary);
  }
  for (const symbol of ir.symbols) {
    if (symbol.parent !== -1 || symbol.flags?.includes("alias") !== true) continue;
    const value = ir.scopes[0]?.bindings.find((binding) => binding.n === symbol.name)?.v;
    const of = value === undefined ? null : namedType(ir, value);
    if (of === null || aliases.has(symbol.name)) continue;
    aliases.add(symbol.name);
    types.push({ name: symbol.name, methods: {}, embeds: [], of, alias: true });
  }
  const asserts = ((ir.extra?.["asserts"] ?? []) as [Expr, Expr][])
    .map(([to, from]) => [namedType(ir, to), namedType(ir, from)] as const)
    .filter((pair): pair is readonly [[string, string], [string, string]] => pair[0] !== null && pair[1] !== null)
    .map(([to, from]): [[string, string], [string, string]] => [to, from]);
  if (types.length === 0 && asserts.length === 0) return undefined;
  return { package: ir.package ?? "", types, asserts };
}
