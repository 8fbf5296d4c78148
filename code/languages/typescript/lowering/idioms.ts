// Calls that stand for syntax: what compilers to CommonJS write, and how functions passed arguments on before `...`.
import type { Expr, ScopeIr } from "../../../ir.ts";
import type { Context } from "./context.ts";
import { isExports, noteExport } from "./modules.ts";

/** What compilers wrap a `require` into where the source says `import`. */
const interop = new Set([
  "__importDefault",
  "__importStar",
  "__toESM",
  "_interopRequireDefault",
  "_interopRequireWildcard",
]);

/** The value of a call that stands for something else; null of any other call. */
export function idiom(cx: Context, f: Expr, a: readonly Expr[], at: number): Expr | null {
  const first = a[0];
  if (first === undefined) return null;
  // The module as it is, and the object whose `default` it becomes when it was not compiled.
  if (f[0] === "n" && interop.has(f[1]) && first[0] === "m") return ["u", [first, ["o", [["default", first]]]]];
  if (f[0] !== "a") return null;
  if (f[2] === "call" && isArraySlice(f[1])) return ["l", [["*", first]]];
  if (f[1][0] === "n" && f[1][1] === "Object" && isExports(first)) {
    if (f[2] === "assign") exportEntries(cx, first, a.slice(1), at);
    if (f[2] === "defineProperty") exportProperty(cx, first, a, at);
  }
  return null;
}

/** `Array.prototype.slice`, `[].slice`. */
function isArraySlice(e: Expr): boolean {
  if (e[0] !== "a" || e[2] !== "slice") return false;
  const of = e[1];
  if (of[0] === "l") return of[1].length === 0;
  return of[0] === "a" && of[2] === "prototype" && of[1][0] === "n" && of[1][1] === "Array";
}

function exportEntries(cx: Context, object: Expr, sources: readonly Expr[], at: number): void {
  for (const source of sources) {
    if (source[0] !== "o") continue;
    for (const [key, value] of source[1]) if (key !== null) noteExport(cx, object, key, value, at);
  }
}

/** `Object.defineProperty(exports, "a", { get: function () { return lib_1.a; } })` exports what the getter gives. */
function exportProperty(cx: Context, object: Expr, a: readonly Expr[], at: number): void {
  const [, key, descriptor] = a;
  if (key?.[0] !== "s" || key[1] === "__esModule" || descriptor?.[0] !== "o") return;
  for (const [name, value] of descriptor[1]) {
    if (name === "value") noteExport(cx, object, key[1], value, at);
    if (name !== "get" || value[0] !== "f") continue;
    const returns = cx.scopes[value[1]]?.returns;
    if (returns?.length === 1 && (returns[0]![0] === "n" || returns[0]![0] === "a")) {
      noteExport(cx, object, key[1], returns[0], at);
    }
  }
}

/** Notes that the function around reads `arguments`. */
export function noteArguments(cx: Context): void {
  for (let s = cx.scope; s >= 0; s = cx.scopes[s]!.parent) {
    const scope = cx.scopes[s]!;
    if (scope.kind !== "function" || scope.bound === "arrow") continue;
    cx.takesArguments.add(s);
    return;
  }
}

/** `arguments`: the parameters, and a rest parameter for what is given beyond them. */
export function bindArguments(ir: ScopeIr, at: number): void {
  const params = (ir.params ??= []);
  let rest = params.at(-1);
  if (rest?.kind !== "rest") params.push((rest = { n: "{rest}", kind: "rest" }));
  const named = params.slice(0, -1).map((param): Expr => ["n", param.n]);
  const others: Expr = ["n", rest.n];
  ir.bindings.push({ n: "arguments", v: named.length === 0 ? others : ["l", [...named, ["*", others]]], at, r: 0 });
}
