// Statements → bindings, stores, symbols, regions.
import type { Expr } from "../../ir.ts";
import {
  N,
  type Node,
  type RaiseStatement,
  type ScopeStatement,
  type Statement,
  type TryStatement,
  type WithStatement,
} from "./ast.ts";
import { iterate } from "./iteration.ts";
import { declareVariable, lowerAssign, lowerAugmented } from "./lower-assignment.ts";
import { lowerClass } from "./lower-class.ts";
import { lowerPrimary, lowerValue } from "./lower-expression.ts";
import { lowerFunction } from "./lower-function.ts";
import { lowerImport } from "./lower-import.ts";
import { lowerPattern } from "./lower-pattern.ts";
import { assign } from "./lower-target.ts";
import { lowerType } from "./lower-type.ts";
import {
  addCall,
  anyOf,
  bind,
  type Frame,
  implicitCall,
  inRegion,
  type Lowering,
  newGroup,
  unknown,
} from "./lowering.ts";
import type { OwnNames } from "./own-names.ts";

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
