// What runs without being written as a call, where the file itself declares it: overloaded operators, and setters of properties.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { implicitCall, type Lowering } from "./lowering.ts";

/** What a file may run in this way: nothing is asked of the operators of a file that overloads none. */
export interface Overloads {
  /** `__add__`, `__getitem__` … */
  readonly methods: ReadonlySet<string>;
  /** Properties with a setter. */
  readonly setters: ReadonlySet<string>;
}

export function overloadsOf(source: string): Overloads {
  return {
    methods: new Set(Array.from(source.matchAll(/def (__\w+__)/g), ([, name = ""]) => name)),
    setters: new Set(Array.from(source.matchAll(/@(\w+)\.setter/g), ([, name = ""]) => name)),
  };
}

/** The name under which a class keeps the setter of a property: no other name looks so. */
export const setterName = (property: string): string => `${property}=`;

const methodOf: Readonly<Record<string, string>> = {
  "+": "__add__",
  "-": "__sub__",
  "*": "__mul__",
  "@": "__matmul__",
  "/": "__truediv__",
  "//": "__floordiv__",
  "%": "__mod__",
  "**": "__pow__",
  "<<": "__lshift__",
  ">>": "__rshift__",
  "&": "__and__",
  "^": "__xor__",
  "|": "__or__",
  "==": "__eq__",
  "!=": "__ne__",
  "<": "__lt__",
  "<=": "__le__",
  ">": "__gt__",
  ">=": "__ge__",
};
const comparisons = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** The operator, if nothing else stands there. */
function operatorIn(s: Lowering, from: number, to: number): string {
  return to - from > 12 ? "" : s.source.slice(from, to).trim();
}

/** `value` of an operation whose operands have these values; the literals among them were left out. Null: nothing of the file's runs. */
export function overloaded(s: Lowering, node: Node, values: readonly Expr[]): Expr | null {
  if (s.overloads.methods.size === 0) return null;
  const { items } = node;
  const [first, second] = items;
  if (first === undefined || items.length > 2) return null;
  if (second === undefined) {
    // The other operand is a literal: `1 in a`, `a + 1`.
    if (node.start === first.start) {
      const [, operator = ""] =
        /^\s*([^\s\w"'()[\]{}~.]{1,2})\s*[\w"'.]+$/.exec(s.source.slice(first.end, node.end)) ?? [];
      return operate(s, node, operator, values[0], []);
    }
    return /^[\w"'.]+\s+in\s+$/.test(s.source.slice(node.start, first.start))
      ? contained(s, node, values[0], [])
      : null;
  }
  if (node.start !== first.start || node.end !== second.end) return null;
  const operator = operatorIn(s, first.end, second.start);
  if (operator === "in" || operator === "not in") return contained(s, node, values[1], [values[0]!]);
  return operate(s, node, operator, values[0], [values[1]!]);
}

function operate(s: Lowering, node: Node, operator: string, object: Expr | undefined, given: Expr[]): Expr | null {
  const method = methodOf[operator];
  if (method === undefined || object === undefined || object[0] === "?" || !s.overloads.methods.has(method))
    return null;
  const call = implicitCall(s, ["a", object, method], given, node.line, node.end);
  return comparisons.has(operator) ? ["?"] : ["c", call];
}

function contained(s: Lowering, node: Node, object: Expr | undefined, given: Expr[]): Expr | null {
  if (object === undefined || object[0] === "?" || !s.overloads.methods.has("__contains__")) return null;
  implicitCall(s, ["a", object, "__contains__"], given, node.line, node.end);
  return ["?"];
}

/** `object[key]` that is read, or given a value. */
export function subscripted(s: Lowering, object: Expr, given: Expr[], node: Node): void {
  const method = given.length > 1 ? "__setitem__" : "__getitem__";
  if (object[0] === "?" || !s.overloads.methods.has(method)) return;
  implicitCall(s, ["a", object, method], given, node.line, node.end);
}

/** `object.name = value` runs the property's setter. */
export function assigned(s: Lowering, object: Expr, target: Node, value: Expr, at: number): void {
  if (target.kind !== N.Attribute || !s.overloads.setters.has(target.name)) return;
  implicitCall(s, ["a", object, setterName(target.name)], [value], target.line, at);
}
