// `class`: a symbol and a scope, bases, metaclass, members of enumerations, constructors of records.
import type { Expr } from "../../ir.ts";
import { type ClassStatement, N, type Node } from "./ast.ts";
import { decorate, lowerDecorators } from "./decorators.ts";
import { describeSymbol } from "./describe-symbol.ts";
import { lowerPrimary, lowerValue } from "./lower-expression.ts";
import { lowerType } from "./lower-type.ts";
import { anyOf, bind, type ClassFrame, closeScope, declare, type Frame, type Lowering, openScope } from "./lowering.ts";
import { ownNames } from "./own-names.ts";
import { addRecordConstructor } from "./records.ts";
import { lowerTypeParameters } from "./type-parameters.ts";

export function lowerClass(s: Lowering, statement: ClassStatement): void {
  const outer = s.frame;
  const decorators = lowerDecorators(s, statement.decorators);
  const index = declare(s, { kind: "Class", name: statement.name, start: statement.start, end: statement.end });
  const bases: Expr[] = [];
  let metaclass: Expr | undefined;
  let isEnum = false;
  for (const argument of statement.arguments) {
    if (argument.kind === N.Keyword && argument.name === "metaclass" && argument.left !== null) {
      metaclass = lowerPrimary(s, argument.left, true);
    } else if (argument.kind === N.Keyword || argument.kind === N.Star || argument.kind === N.DoubleStar) {
      lowerValue(s, argument);
    } else {
      bases.push(lowerBase(s, argument));
      isEnum ||= /(?:Enum|Flag)$/.test(argument.name);
    }
  }
  const own = ownNames(statement.body);
  const owner: ClassFrame = { name: statement.name, symbol: index, members: own.all };
  const frame = openScope(s, "class", index, owner);
  if (bases.length > 0) frame.scope.bases = bases;
  if (metaclass !== undefined) frame.scope.metaclass = metaclass;
  lowerTypeParameters(s, frame, statement.typeParameters);
  s.body(s, statement.body, own);
  addRecordConstructor(s, statement, frame);
  if (isEnum) makeMembers(frame);
  closeScope(s, outer);
  describeSymbol(s, index, statement, isEnum ? ["enum"] : []);
  bind(s, statement.name, decorate(s, decorators, ["k", frame.index], statement.end), statement.end);
}

/** `RED = 1` in an enumeration: `Color.RED` is a Color. */
function makeMembers(frame: Frame): void {
  for (const binding of frame.scope.bindings) {
    if (binding.n.startsWith("_") || binding.t !== undefined) continue;
    const kind = binding.v[0];
    if (kind !== "f" && kind !== "k" && kind !== "d") binding.v = anyOf([["I", ["k", frame.index]], binding.v]);
  }
}

function lowerBase(s: Lowering, node: Node): Expr {
  if (node.kind !== N.Subscript || node.left === null || node.right === null) return lowerPrimary(s, node, true);
  const args = node.right.kind === N.Tuple ? node.right.items : [node.right];
  return ["g", lowerPrimary(s, node.left, true), args.map((arg) => lowerType(s, arg))];
}
