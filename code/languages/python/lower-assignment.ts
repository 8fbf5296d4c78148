// Assignments: values for their targets, and the variables and attributes that they declare.
import type { Expr } from "../../ir.ts";
import { type AssignStatement, type AugmentedAssignStatement, N, type Node } from "./ast.ts";
import { constantKey, lowerValue } from "./lower-expression.ts";
import { assign } from "./lower-target.ts";
import { lowerType } from "./lower-type.ts";
import { anyOf, bind, declare, type Lowering, oneLine, store, unknown } from "./lowering.ts";
import type { OwnNames } from "./own-names.ts";

export function lowerAssign(s: Lowering, statement: AssignStatement, own: OwnNames | null): void {
  const { targets, annotation } = statement;
  const [first] = targets;
  const type = annotation === null ? unknown : lowerType(s, annotation);
  s.keepStrings = first?.kind === N.Name && first.name === "__all__";
  const value = statement.value === null ? unknown : lowerValue(s, statement.value);
  s.keepStrings = false;
  for (const target of targets) {
    declareTarget(s, target, statement, own);
    // `x: int` in a function binds nothing, but makes the name local.
    assign(s, target, value, statement.end, type[0] === "?" ? undefined : type);
  }
}

/** `x += […]` and `x |= {…}` add to what x holds; nothing else is kept of augmented assignments but the calls. */
export function lowerAugmented(s: Lowering, statement: AugmentedAssignStatement): void {
  const { target } = statement;
  s.keepStrings = target.kind === N.Name && target.name === "__all__";
  const value = lowerValue(s, statement.value);
  s.keepStrings = false;
  if (target.kind === N.Name) {
    if (!s.frame.names.has(target.name) && !s.frame.elsewhere?.has(target.name))
      bind(s, target.name, unknown, statement.end);
    if (!statement.adds || value[0] === "?" || value[0] === "#" || value[0] === "s") return;
    const added: Expr =
      value[0] === "l" ? ["l", [["*", ["n", target.name]], ...value[1]]] : anyOf([["n", target.name], value]);
    bind(s, target.name, added, statement.end);
    return;
  }
  const object = target.left === null ? unknown : lowerValue(s, target.left);
  const key = target.kind === N.Subscript && target.right !== null ? lowerValue(s, target.right) : unknown;
  if (!statement.adds || object[0] === "?" || value[0] !== "l") return;
  const name = target.kind === N.Attribute ? target.name : constantKey(key);
  store(s, object, name, value, statement.end, target.line);
}

function declareTarget(s: Lowering, target: Node, statement: AssignStatement, own: OwnNames | null): void {
  if (target.kind === N.Tuple || target.kind === N.List) {
    for (const item of target.items) declareTarget(s, item, statement, own);
  } else if (target.kind === N.Star && target.left !== null) declareTarget(s, target.left, statement, own);
  else if (target.kind === N.Name) {
    if (own !== null)
      declareVariable(s, own, target.name, statement, /^_*[A-Z][A-Z0-9_]*$/.test(target.name) ? ["const"] : null);
  } else if (target.kind === N.Attribute) declareAttribute(s, target, statement);
}

export function declareVariable(
  s: Lowering,
  own: OwnNames,
  name: string,
  where: { start: number; end: number },
  flags: string[] | null,
): void {
  if (own.declared.has(name)) return;
  own.declared.add(name);
  const index = declare(s, { kind: "Variable", name, start: where.start, end: where.end });
  const symbol = s.ir.symbols[index];
  if (symbol === undefined) return;
  symbol.signature = oneLine(s.source, where.start, where.end, 120);
  if (flags !== null) symbol.flags = flags;
}

/** `self.x = …` in a constructor declares an attribute of the instances. */
function declareAttribute(s: Lowering, target: Node, statement: AssignStatement): void {
  const { frame } = s;
  const { owner } = frame;
  if (owner === null || frame.self === null || target.left?.kind !== N.Name || target.left.name !== frame.self) return;
  if (s.ir.symbols[frame.symbol]?.name !== "__init__" || owner.members.has(target.name)) return;
  owner.members.add(target.name);
  const index = declare(s, {
    kind: "Variable",
    name: target.name,
    start: statement.start,
    end: statement.end,
    parent: owner.symbol,
  });
  const symbol = s.ir.symbols[index];
  if (symbol !== undefined) symbol.signature = oneLine(s.source, statement.start, statement.end, 120);
}
