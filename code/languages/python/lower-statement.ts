// Statements → bindings, stores, symbols, regions.
import type { Expr, ImportIr, SymbolIr } from "../../ir.ts";
import {
  type AssignStatement,
  type AugmentedAssignStatement,
  type ClassStatement,
  type FunctionStatement,
  type ImportStatement,
  N,
  type Node,
  type RaiseStatement,
  type ScopeStatement,
  type Statement,
  type TryStatement,
  type WithStatement,
} from "./ast.ts";
import {
  assign,
  constantKey,
  iterate,
  lowerParameters,
  lowerPrimary,
  lowerValue,
  setParameters,
} from "./lower-expression.ts";
import { lowerPattern } from "./lower-pattern.ts";
import { lowerType } from "./lower-type.ts";
import {
  addCall,
  anyOf,
  bind,
  type ClassFrame,
  closeScope,
  declare,
  type Frame,
  implicitCall,
  inRegion,
  type Lowering,
  newGroup,
  oneLine,
  openScope,
  store,
  unknown,
} from "./lowering.ts";
import { setterName } from "./overloads.ts";
import { typeFixtures } from "./pytest-fixtures.ts";
import { addRecordConstructor } from "./records.ts";
import { cleanDoc } from "./string-literal.ts";

/** Names of a module's or class's own body: those that `def`, `class` and `import` bind, and all. */
export interface OwnNames {
  declared: Set<string>;
  all: Set<string>;
}

export function lowerBody(s: Lowering, body: readonly Statement[], own: OwnNames | null): void {
  for (const statement of body) lowerStatement(s, statement, own);
}

function lowerStatement(s: Lowering, statement: Statement, own: OwnNames | null): void {
  switch (statement.kind) {
    case "expression":
      for (const value of statement.values) lowerValue(s, value);
      return;
    case "assign":
      lowerAssign(s, statement, own);
      return;
    case "augmented":
      lowerAugmented(s, statement);
      return;
    case "return": {
      const value = statement.value === null ? unknown : lowerValue(s, statement.value);
      if (value[0] !== "?") (s.frame.scope.returns ??= []).push(value);
      return;
    }
    case "raise":
      lowerRaise(s, statement);
      return;
    case "delete":
      for (const target of statement.targets) lowerDeleted(s, target);
      return;
    case "global":
    case "nonlocal":
      lowerScopeStatement(s, statement);
      return;
    case "import":
      lowerImport(s, statement);
      return;
    case "if":
      lowerIf(s, statement.branches, own);
      return;
    case "while":
      inRegion(s, -1, () => {
        lowerValue(s, statement.test);
        lowerBody(s, statement.body, own);
      });
      lowerConditionally(s, statement.otherwise, own);
      return;
    case "for": {
      const element = iterate(s, lowerValue(s, statement.iterable), statement.iterable, statement.async);
      inRegion(s, -1, () => {
        assign(s, statement.target, element, statement.iterable.end);
        lowerBody(s, statement.body, own);
      });
      lowerConditionally(s, statement.otherwise, own);
      return;
    }
    case "with":
      lowerWith(s, statement, own);
      return;
    case "try":
      lowerTry(s, statement, own);
      return;
    case "match": {
      const subject = lowerValue(s, statement.subject);
      const group = newGroup(s);
      for (const { pattern, guard, body } of statement.cases) {
        inRegion(s, group, () => {
          lowerPattern(s, pattern, subject);
          if (guard !== null) lowerValue(s, guard);
          lowerBody(s, body, own);
        });
      }
      return;
    }
    case "function":
      lowerFunction(s, statement);
      return;
    case "class":
      lowerClass(s, statement);
      return;
    case "type": {
      const type = lowerType(s, statement.value);
      bind(s, statement.name, type, statement.end);
      if (own !== null) declareVariable(s, own, statement.name, statement, ["type"]);
      return;
    }
  }
}

function lowerConditionally(s: Lowering, body: readonly Statement[], own: OwnNames | null): void {
  if (body.length > 0) inRegion(s, 0, () => lowerBody(s, body, own));
}

function lowerIf(
  s: Lowering,
  branches: readonly { test: Node | null; body: readonly Statement[] }[],
  own: OwnNames | null,
): void {
  const group = branches.length > 1 ? newGroup(s) : 0;
  for (const { test, body } of branches) {
    if (test !== null) lowerValue(s, test);
    const { typesOnly } = s;
    if (test !== null && test.name === "TYPE_CHECKING") s.typesOnly = true;
    inRegion(s, group, () => lowerBody(s, body, own));
    s.typesOnly = typesOnly;
  }
}

function lowerTry(s: Lowering, statement: TryStatement, own: OwnNames | null): void {
  const { body, handlers, otherwise, final } = statement;
  inRegion(s, 0, () => lowerBody(s, body, own));
  // Of the handlers and `else`, one runs at most.
  const group = handlers.length + Math.min(otherwise.length, 1) > 1 ? newGroup(s) : 0;
  for (const handler of handlers) {
    inRegion(s, group, () => {
      const types = handler.type === null ? [] : handler.type.kind === N.Tuple ? handler.type.items : [handler.type];
      const caught = types.map((type) => lowerValue(s, type));
      if (handler.name !== null) {
        bind(s, handler.name, anyOf(caught.map((type): Expr => (type[0] === "?" ? unknown : ["I", type]))), handler.at);
      }
      lowerBody(s, handler.body, own);
    });
  }
  if (otherwise.length > 0) inRegion(s, group, () => lowerBody(s, otherwise, own));
  lowerBody(s, final, own);
}

function lowerWith(s: Lowering, statement: WithStatement, own: OwnNames | null): void {
  const { async } = statement;
  const contexts: { value: Expr; line: number }[] = [];
  for (const { context, target } of statement.items) {
    const value = lowerValue(s, context);
    let entered: Expr = unknown;
    if (value[0] !== "?") {
      const call = implicitCall(s, ["a", value, async ? "__aenter__" : "__enter__"], [], context.line, context.end);
      entered = async ? ["w", ["c", call]] : ["c", call];
      contexts.push({ value, line: context.line });
    }
    if (target !== null) assign(s, target, entered, target.end);
  }
  lowerBody(s, statement.body, own);
  for (const { value, line } of contexts.toReversed()) {
    implicitCall(s, ["a", value, async ? "__aexit__" : "__exit__"], [], line, statement.end);
  }
}

/** `raise Name` makes an instance as `raise Name()` does. */
function lowerRaise(s: Lowering, statement: RaiseStatement): void {
  for (const value of statement.values) {
    if ((value.kind === N.Name || value.kind === N.Attribute) && /^_*[A-Z]/.test(value.name)) {
      const callee = lowerPrimary(s, value, true);
      addCall(s, { f: callee, a: [], l: value.line, at: value.end, implicit: true });
    } else lowerValue(s, value);
  }
}

function lowerDeleted(s: Lowering, target: Node): void {
  if (target.kind === N.Tuple || target.kind === N.List) for (const item of target.items) lowerDeleted(s, item);
  else if (target.kind !== N.Name) lowerValue(s, target);
}

function lowerScopeStatement(s: Lowering, statement: ScopeStatement): void {
  const { frame } = s;
  for (const name of statement.names) {
    const target = statement.kind === "global" ? s.frames[0] : enclosingFunction(frame, name);
    if (target !== undefined && target !== frame) (frame.elsewhere ??= new Map()).set(name, target);
  }
}

/** The nearest function around that binds the name; the nearest of all if none does yet. */
function enclosingFunction(frame: Frame, name: string): Frame | undefined {
  let nearest: Frame | undefined;
  for (let f = frame.outer; f !== null; f = f.outer) {
    if (f.scope.kind !== "function") continue;
    const further = f.elsewhere?.get(name);
    if (further !== undefined) return further;
    if (f.names.has(name)) return f;
    nearest ??= f;
  }
  return nearest;
}

function lowerImport(s: Lowering, statement: ImportStatement): void {
  const { from } = statement;
  for (const { name, as, line } of statement.names) {
    const entry = from === null ? plainImport(name, as, line) : memberImport(from, name, as, line);
    if (s.typesOnly) entry.type = true;
    const index = s.ir.imports.push(entry) - 1;
    if (entry.kind === "star") s.hasStarImport = true;
    if (entry.alias === null) continue;
    const target = s.frame.elsewhere?.get(entry.alias) ?? s.frame;
    target.imported.add(entry.alias);
    bind(s, entry.alias, ["m", index], statement.end);
  }
}

function plainImport(name: string, as: string | null, l: number): ImportIr {
  const dot = name.lastIndexOf(".");
  if (as !== null && dot > 0 && as === name.slice(0, name.indexOf("."))) {
    // `import a.b as a` binds the submodule; written like `import a.b`, it would bind `a`.
    return { specifier: name.slice(0, dot), kind: "member", name: name.slice(dot + 1), alias: as, l };
  }
  return { specifier: name, kind: "module", name: null, alias: as ?? name.split(".", 1)[0] ?? name, l };
}

function memberImport(specifier: string, name: string, as: string | null, l: number): ImportIr {
  if (name === "*") return { specifier, kind: "star", name: null, alias: null, l };
  return { specifier, kind: "member", name, alias: as ?? name, l };
}

function lowerAssign(s: Lowering, statement: AssignStatement, own: OwnNames | null): void {
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

/** `x += […]` adds to what x holds; nothing else is kept of augmented assignments but the calls. */
function lowerAugmented(s: Lowering, statement: AugmentedAssignStatement): void {
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

function declareVariable(
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

/** What `bound` already says: no call worth a line. */
function saysOnlyHowBound(decorator: Node): boolean {
  if (decorator.kind === N.Name) {
    return decorator.name === "property" || decorator.name === "staticmethod" || decorator.name === "classmethod";
  }
  if (decorator.kind !== N.Attribute || decorator.left?.kind !== N.Name) return false;
  return decorator.name === "setter" || decorator.name === "getter" || decorator.name === "deleter";
}

/** Runs decorators inside out around what they decorate. */
function decorate(s: Lowering, decorators: readonly { node: Node; value: Expr }[], value: Expr, at: number): Expr {
  let result = value;
  for (let i = decorators.length - 1; i >= 0; i--) {
    const decorator = decorators[i];
    if (decorator === undefined) break;
    const call = implicitCall(s, decorator.value, [result], decorator.node.line, at);
    result = ["d", call, result];
  }
  return result;
}

function lowerFunction(s: Lowering, statement: FunctionStatement): void {
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
  if (decorators.some(({ node }) => node.name === "singledispatch")) s.dispatching.add(statement.name);
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
  lowerBody(s, statement.body, null);
  closeScope(s, outer);
  if (scope.yields !== undefined) flags.push("generator");
  describeSymbol(s, index, statement, flags);
  const value = decorate(s, decorators, ["f", frame.index], statement.end);
  if (role?.binds !== false) bind(s, statement.name, value, statement.end);
  if (role?.bound === "setter" && role.binds) bind(s, setterName(statement.name), ["f", frame.index], statement.end);
  for (const { node } of decorators) registerImplementation(s, node, value, statement.end);
}

/** `@show.register(int)` above a function: calling `show` may run it (functools.singledispatch). */
function registerImplementation(s: Lowering, decorator: Node, value: Expr, at: number): void {
  const callee = decorator.kind === N.Call && decorator.left !== null ? decorator.left : decorator;
  if (callee.kind !== N.Attribute || callee.name !== "register" || callee.left?.kind !== N.Name) return;
  const { name } = callee.left;
  if (s.dispatching.has(name)) bind(s, name, ["u", [["n", name], value]], at);
}

function lowerDecorators(s: Lowering, decorators: readonly Node[]): { node: Node; value: Expr }[] {
  return decorators.map((node) => ({ node, value: lowerPrimary(s, node, true) }));
}

/** Bounds and defaults may name what is declared around; the parameters' own names are the scope's. */
function lowerTypeParameters(s: Lowering, frame: Frame, parameters: readonly Node[]): void {
  if (parameters.length === 0) return;
  frame.scope.typeParams = parameters.map(({ name, left, right }) => {
    frame.names.add(name);
    const bound = left === null ? unknown : lowerType(s, left);
    if (right !== null) lowerType(s, right);
    return bound[0] === "?" ? { n: name } : { n: name, t: bound };
  });
}

function describeSymbol(
  s: Lowering,
  index: number,
  statement: FunctionStatement | ClassStatement,
  flags: string[],
): void {
  const symbol: SymbolIr | undefined = s.ir.symbols[index];
  if (symbol === undefined) return;
  symbol.signature = oneLine(s.source, statement.headStart, statement.headEnd, 300);
  const doc = docOf(statement.body);
  if (doc !== "") symbol.doc = doc;
  if (flags.length > 0) symbol.flags = flags;
}

export function docOf(body: readonly Statement[]): string {
  const [first] = body;
  if (first?.kind !== "expression") return "";
  const [value] = first.values;
  return value?.kind === N.String ? cleanDoc(value.name) : "";
}

function lowerClass(s: Lowering, statement: ClassStatement): void {
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
  lowerBody(s, statement.body, own);
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

export function ownNames(body: readonly Statement[]): OwnNames {
  const own: OwnNames = { declared: new Set(), all: new Set() };
  collectNames(body, own);
  return own;
}

function collectNames(body: readonly Statement[], own: OwnNames): void {
  const addDeclared = (name: string) => {
    own.declared.add(name);
    own.all.add(name);
  };
  for (const statement of body) {
    switch (statement.kind) {
      case "function":
      case "class":
        addDeclared(statement.name);
        break;
      case "import":
        for (const { name, as } of statement.names) addDeclared(as ?? name.split(".", 1)[0] ?? name);
        break;
      case "assign":
        for (const target of statement.targets) collectTarget(target, own.all);
        break;
      case "if":
        for (const branch of statement.branches) collectNames(branch.body, own);
        break;
      case "for":
      case "while":
        collectNames(statement.body, own);
        collectNames(statement.otherwise, own);
        break;
      case "with":
        collectNames(statement.body, own);
        break;
      case "try":
        collectNames(statement.body, own);
        for (const handler of statement.handlers) collectNames(handler.body, own);
        collectNames(statement.otherwise, own);
        collectNames(statement.final, own);
        break;
      case "match":
        for (const { body: inner } of statement.cases) collectNames(inner, own);
        break;
      default:
    }
  }
}

function collectTarget(target: Node, names: Set<string>): void {
  if (target.kind === N.Name) names.add(target.name);
  else if (target.kind === N.Tuple || target.kind === N.List)
    for (const item of target.items) collectTarget(item, names);
  else if (target.kind === N.Star && target.left !== null) collectTarget(target.left, names);
}
