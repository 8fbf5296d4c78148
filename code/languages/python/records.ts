// Classes whose constructor Python writes itself, from the fields that their body declares: dataclasses, attrs, named tuples, models.
import type { Expr, ParamIr } from "../../ir.ts";
import { type ClassStatement, N, type Node } from "./ast.ts";
import { lowerPrimary } from "./lower-expression.ts";
import { addCall, closeScope, type Frame, type Lowering, openScope, store, unknown } from "./lowering.ts";

const decoratorNames = new Set(["dataclass", "define", "frozen", "mutable"]);
const fieldNames = new Set(["field", "Field"]);
/** Bases that declare no fields. */
const plainBases = new Set(["object", "ABC", "Generic", "Protocol", "NamedTuple"]);

const calleeOf = (node: Node): Node => (node.kind === N.Call && node.left !== null ? node.left : node);

function keyword(call: Node, name: string): Node | null {
  return call.items.find((item) => item.kind === N.Keyword && item.name === name)?.left ?? null;
}

const isFalse = (s: Lowering, node: Node | null): boolean =>
  node !== null && s.source.slice(node.start, node.end) === "False";

/** By position as by name, or by name alone; null: the class has a constructor of its own. */
function kindOf(s: Lowering, statement: ClassStatement): ParamIr["kind"] | null {
  if (statement.body.some((one) => one.kind === "function" && one.name === "__init__")) return null;
  for (const decorator of statement.decorators) {
    if (!decoratorNames.has(calleeOf(decorator).name)) continue;
    return isFalse(s, keyword(decorator, "init")) ? null : "positional";
  }
  for (const { kind, name } of statement.arguments) {
    if (kind !== N.Name && kind !== N.Attribute) continue;
    if (name === "NamedTuple") return "positional";
    if (name === "BaseModel") return "keyword";
  }
  return null;
}

/** A field's default: what `field(…)` says, or the value itself. */
function defaultOf(s: Lowering, frame: Frame, name: string, value: Node): Expr {
  if (value.kind === N.Call && fieldNames.has(calleeOf(value).name)) {
    const factory = keyword(value, "default_factory") ?? keyword(value, "factory");
    if (factory !== null && (factory.kind === N.Name || factory.kind === N.Attribute)) {
      const f = lowerPrimary(s, factory, true);
      return ["c", addCall(s, { f, a: [], l: factory.line, at: factory.end, implicit: true })];
    }
    const plain = keyword(value, "default");
    return plain !== null && (plain.kind === N.Name || plain.kind === N.Attribute)
      ? lowerPrimary(s, plain, true)
      : unknown;
  }
  return frame.scope.bindings.findLast((binding) => binding.n === name)?.v ?? unknown;
}

/** Gives the class that is open the constructor it gets from its fields. It has no symbol but the class. */
export function addRecordConstructor(s: Lowering, statement: ClassStatement, frame: Frame): void {
  let kind = kindOf(s, statement);
  if (kind === null) return;
  const params: ParamIr[] = [];
  for (const base of statement.arguments) {
    if (
      base.kind === N.Keyword ||
      plainBases.has(calleeOf(base.kind === N.Subscript ? (base.left ?? base) : base).name)
    )
      continue;
    const inherited = base.kind === N.Name ? s.records.get(base.name) : undefined;
    // Fields of a base that the file does not show come first: places can't be told.
    if (inherited === undefined) kind = "keyword";
    else params.push(...inherited);
  }
  for (const one of statement.body) {
    if (one.kind !== "assign" || one.annotation === null) continue;
    const [target] = one.targets;
    if (target?.kind !== N.Name || /\bClassVar\b/.test(s.source.slice(one.annotation.start, one.annotation.end)))
      continue;
    if (one.value?.kind === N.Call && isFalse(s, keyword(one.value, "init"))) continue;
    const v = one.value === null ? unknown : defaultOf(s, frame, target.name, one.value);
    const known = params.findIndex(({ n }) => n === target.name);
    const param: ParamIr = { n: target.name, kind: known < 0 ? kind : params[known]!.kind };
    if (v[0] !== "?") param.v = v;
    if (known < 0) params.push(param);
    else params[known] = param;
  }
  if (params.length === 0) return;
  s.records.set(statement.name, params);
  const made = openScope(s, "function", frame.symbol, null);
  made.scope.bound = "instance";
  made.scope.params = [{ n: "self", kind: "positional" }, ...params];
  for (const { n } of params) store(s, ["n", "self"], n, ["n", n], statement.end, statement.body[0]?.line ?? 1);
  closeScope(s, frame);
  frame.scope.bindings.push({ n: "__init__", v: ["f", made.index], at: statement.end, r: 0 });
}
