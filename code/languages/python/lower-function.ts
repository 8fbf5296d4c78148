// `def`: a symbol and a scope, how a method is bound, parameters with their types, fixtures of tests.
import { type FunctionStatement, N } from "./ast.ts";
import { decorate, lowerDecorators, registerImplementation, saysOnlyHowBound } from "./decorators.ts";
import { describeSymbol } from "./describe-symbol.ts";
import { lowerParameters, setParameters } from "./lower-parameters.ts";
import { lowerType } from "./lower-type.ts";
import { bind, closeScope, declare, type Lowering, openScope, unknown } from "./lowering.ts";
import { setterName } from "./overloads.ts";
import { typeFixtures } from "./pytest-fixtures.ts";
import { lowerTypeParameters } from "./type-parameters.ts";

type Bound = "instance" | "class" | "static" | "getter" | "setter";

interface Role {
  bound: Bound;
  /** A `deleter` replaces nothing under its name. */
  binds: boolean;
  flags: string[];
}

const classBound = new Set(["__new__", "__init_subclass__", "__class_getitem__"]);

const getters = new Set(["property", "cached_property", "abstractproperty", "classproperty"]);

function roleOf(statement: FunctionStatement): Role {
  const role: Role = { bound: classBound.has(statement.name) ? "class" : "instance", binds: true, flags: [] };
  for (const { kind, name } of statement.decorators) {
    if (kind !== N.Name && kind !== N.Attribute) continue;
    if (name === "staticmethod" || name === "abstractstaticmethod") role.bound = "static";
    else if (name === "classmethod" || name === "abstractclassmethod") role.bound = "class";
    else if (getters.has(name) || (kind === N.Attribute && name === "getter")) role.bound = "getter";
    else if (kind === N.Attribute && (name === "setter" || name === "deleter")) {
      role.bound = "setter";
      role.binds = name === "setter";
    }
    if (name.startsWith("abstract")) role.flags.push("abstract");
    if (name === "overload") role.flags.push("overload");
  }
  if (role.bound === "static") role.flags.push("static");
  else if (role.bound === "class") role.flags.push("classmethod");
  else if (role.bound !== "instance") role.flags.push(role.bound);
  if (statement.name === "__init__" || statement.name === "__new__") role.flags.push("constructor");
  return role;
}

export function lowerFunction(s: Lowering, statement: FunctionStatement): void {
  const outer = s.frame;
  const inClass = outer.scope.kind === "class";
  const decorators = lowerDecorators(
    s,
    inClass ? statement.decorators.filter((d) => !saysOnlyHowBound(d)) : statement.decorators,
  );
  const params = lowerParameters(s, statement.parameters, lowerType);
  const returns = statement.returns === null ? unknown : lowerType(s, statement.returns);
  const index = declare(s, {
    kind: inClass ? "Method" : "Function",
    name: statement.name,
    start: statement.start,
    end: statement.end,
  });
  const role = inClass ? roleOf(statement) : null;
  if (decorators.some(({ node }) => node.name.startsWith("singledispatch"))) s.dispatching.add(statement.name);
  const flags = role?.flags ?? [];
  if (statement.async) flags.push("async");
  const frame = openScope(s, "function", index, inClass ? outer.owner : null);
  const { scope } = frame;
  if (role !== null) scope.bound = role.bound;
  if (statement.async) scope.async = true;
  if (returns[0] !== "?") scope.returnType = returns;
  setParameters(frame, params);
  typeFixtures(s.fixtures, statement, params);
  lowerTypeParameters(s, frame, statement.typeParameters);
  const [first] = params;
  if (role !== null && role.bound !== "static" && first?.kind === "positional") frame.self = first.n;
  s.body(s, statement.body, null);
  closeScope(s, outer);
  if (scope.yields !== undefined) flags.push("generator");
  describeSymbol(s, index, statement, flags);
  const value = decorate(s, decorators, ["f", frame.index], statement.end);
  if (role?.binds !== false) bind(s, statement.name, value, statement.end);
  if (role?.bound === "setter" && role.binds) bind(s, setterName(statement.name), ["f", frame.index], statement.end);
  for (const { node } of decorators) registerImplementation(s, node, value, statement.end);
}
