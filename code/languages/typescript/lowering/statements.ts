// Statements: scopes of blocks, regions of branches and loops. Declarations are lowered by declarations.ts and variables.ts.
import type { Function as FunctionNode, ForStatementLeft, IfStatement, Statement, SwitchStatement } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { type Context, inRegion, newGroup, openScope, PLAIN, within } from "./context.ts";
import { defaultLanding, docStart, lowerDeclaration, lowerExportDefault, lowerNamed } from "./declarations.ts";
import { lowerTried, noteThrown } from "./errors.ts";
import { assignTo } from "./assignments.ts";
import { narrowedBy } from "./expressions.ts";
import { runIterator } from "./implicit-members.ts";
import { lowerExportAll, lowerImport } from "./modules.ts";
import { bindPattern } from "./patterns.ts";
import { bindDeclared, lowerVariables } from "./variables.ts";

export function lowerStatements(cx: Context, body: readonly Statement[]): void {
  for (let i = 0; i < body.length; i++) {
    const node = body[i]!;
    // Overloads without a body before their implementation say nothing more.
    if (isOverload(node, body[i + 1])) continue;
    lowerStatement(cx, node);
  }
}

function functionOf(node: Statement | undefined): FunctionNode | null {
  const inner =
    node?.type === "ExportNamedDeclaration" || node?.type === "ExportDefaultDeclaration" ? node.declaration : node;
  return inner?.type === "FunctionDeclaration" || inner?.type === "TSDeclareFunction" ? inner : null;
}

function isOverload(node: Statement, next: Statement | undefined): boolean {
  const head = functionOf(node);
  if (head === null || head.type !== "TSDeclareFunction") return false;
  return functionOf(next)?.id?.name === head.id?.name && next !== undefined && functionOf(next) !== null;
}

/** Does a block declare names of its own? */
function isLexical(cx: Context, body: readonly Statement[]): boolean {
  return body.some(
    (node) =>
      (node.type === "VariableDeclaration" && node.kind !== "var") ||
      node.type === "ClassDeclaration" ||
      (node.type === "FunctionDeclaration" && !cx.script) ||
      node.type === "TSEnumDeclaration" ||
      node.type === "TSInterfaceDeclaration" ||
      node.type === "TSTypeAliasDeclaration",
  );
}

function lowerBlock(cx: Context, body: readonly Statement[], start: number): void {
  if (!isLexical(cx, body)) {
    lowerStatements(cx, body);
    return;
  }
  within(cx, openScope(cx, "block", cx.symbol, start), () => lowerStatements(cx, body));
}

/** A branch or body: its own region, and its own scope when it declares. */
function lowerBranch(cx: Context, node: Statement, group: number): void {
  inRegion(cx, group, () => lowerStatement(cx, node));
}

function lowerIf(cx: Context, node: IfStatement): void {
  const group = newGroup(cx);
  let at: Statement | null = node;
  // A chain of else-ifs is one choice, however long it is.
  while (at !== null && at.type === "IfStatement") {
    cx.expression(cx, at.test, null);
    const { consequent } = at;
    narrowedBy(cx, at.test, () => lowerBranch(cx, consequent, group));
    at = at.alternate;
  }
  if (at !== null) lowerBranch(cx, at, group);
}

function leaves(body: readonly Statement[]): boolean {
  const last = body.at(-1);
  if (last === undefined) return false;
  if (last.type === "BlockStatement") return leaves(last.body);
  return (
    last.type === "BreakStatement" ||
    last.type === "ReturnStatement" ||
    last.type === "ThrowStatement" ||
    last.type === "ContinueStatement"
  );
}

function lowerSwitch(cx: Context, node: SwitchStatement): void {
  cx.expression(cx, node.discriminant, null);
  const group = newGroup(cx);
  const cases = node.cases;
  const exclusive = cases.every((c, i) => i === cases.length - 1 || c.consequent.length === 0 || leaves(c.consequent));
  const all = cases.flatMap((c) => c.consequent);
  const lowerCases = (): void => {
    for (const c of cases) {
      if (c.test !== null) cx.expression(cx, c.test, null);
      inRegion(cx, exclusive ? group : newGroup(cx), () => lowerStatements(cx, c.consequent));
    }
  };
  if (isLexical(cx, all)) within(cx, openScope(cx, "block", cx.symbol, node.start), lowerCases);
  else lowerCases();
}

/** `for (const x of xs)`: the head's names live in a block around the body; both run again and again. */
function lowerForEach(cx: Context, left: ForStatementLeft, value: Expr, body: Statement, start: number): void {
  const run = (): void => {
    inRegion(cx, -1, () => {
      if (left.type === "VariableDeclaration") {
        const declarator = left.declarations[0];
        if (declarator !== undefined) bindDeclared(cx, left.kind, declarator.id, value, declarator.end, undefined);
      } else if (left.type === "ObjectPattern" || left.type === "ArrayPattern") {
        bindPattern(cx, left, value, {
          name: (name, v) => assignTo(cx, { type: "Identifier", name, start, end: start }, v, left.end),
          target: (target, v) => assignTo(cx, target, v, left.end),
        });
      } else assignTo(cx, left, value, left.end);
      lowerStatement(cx, body);
    });
  };
  if (left.type === "VariableDeclaration" && left.kind !== "var") {
    within(cx, openScope(cx, "block", cx.symbol, start), run);
  } else run();
}

/** Could iterating run a `[Symbol.iterator]` of the program's own? Not over literals and what built-ins of objects give. */
function mayIterateOwn(iterable: Expr): boolean {
  return iterable[0] === "n" || iterable[0] === "a" || iterable[0] === "c" || iterable[0] === "this";
}

function lowerStatement(cx: Context, node: Statement): void {
  switch (node.type) {
    case "ExpressionStatement":
      cx.expression(cx, node.expression, null);
      return;
    case "VariableDeclaration":
      lowerVariables(cx, node, node.start, false);
      return;
    case "ReturnStatement":
      if (node.argument !== null) {
        const value = cx.expression(cx, node.argument, null);
        if (value !== PLAIN) (cx.scopes[cx.owner]!.returns ??= []).push(value);
      }
      return;
    case "IfStatement":
      lowerIf(cx, node);
      return;
    case "BlockStatement":
      lowerBlock(cx, node.body, node.start);
      return;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
    case "TSImportEqualsDeclaration":
      lowerDeclaration(cx, node, docStart(node), false);
      return;
    case "ForStatement": {
      const head = node.init;
      const run = (): void => {
        if (head?.type === "VariableDeclaration") lowerVariables(cx, head, head.start, false);
        else if (head != null) cx.expression(cx, head, null);
        inRegion(cx, -1, () => {
          if (node.test !== null) cx.expression(cx, node.test, null);
          lowerStatement(cx, node.body);
          if (node.update !== null) cx.expression(cx, node.update, null);
        });
      };
      if (head?.type === "VariableDeclaration" && head.kind !== "var") {
        within(cx, openScope(cx, "block", cx.symbol, node.start), run);
      } else run();
      return;
    }
    case "ForOfStatement": {
      const iterable = cx.expression(cx, node.right, null);
      if (mayIterateOwn(iterable)) runIterator(cx, iterable, node.await, node.right.start);
      const element: Expr = iterable === PLAIN ? PLAIN : ["e", iterable];
      lowerForEach(cx, node.left, node.await && element !== PLAIN ? ["w", element] : element, node.body, node.start);
      return;
    }
    case "ForInStatement":
      cx.expression(cx, node.right, null);
      lowerForEach(cx, node.left, PLAIN, node.body, node.start);
      return;
    case "WhileStatement":
      inRegion(cx, -1, () => {
        cx.expression(cx, node.test, null);
        lowerStatement(cx, node.body);
      });
      return;
    case "DoWhileStatement":
      inRegion(cx, -1, () => {
        lowerStatement(cx, node.body);
        cx.expression(cx, node.test, null);
      });
      return;
    case "TryStatement": {
      const caught = lowerTried(cx, node, () => lowerBranch(cx, node.block, newGroup(cx)));
      if (node.handler !== null) {
        const { param, body } = node.handler;
        inRegion(cx, newGroup(cx), () => {
          within(cx, openScope(cx, "block", cx.symbol, node.handler!.start), () => {
            if (param !== null) bindDeclared(cx, "let", param, caught, param.end, undefined);
            lowerStatements(cx, body.body);
          });
        });
      }
      if (node.finalizer !== null) lowerBlock(cx, node.finalizer.body, node.finalizer.start);
      return;
    }
    case "SwitchStatement":
      lowerSwitch(cx, node);
      return;
    case "ThrowStatement":
      noteThrown(cx, node.argument, cx.expression(cx, node.argument, null), node.end);
      return;
    case "LabeledStatement":
      lowerStatement(cx, node.body);
      return;
    case "WithStatement":
      cx.expression(cx, node.object, null);
      lowerStatement(cx, node.body);
      return;
    case "ImportDeclaration":
      lowerImport(cx, node);
      return;
    case "ExportNamedDeclaration":
      if (node.declaration === null) lowerNamed(cx, node);
      else lowerDeclaration(cx, node.declaration, docStart(node), true);
      return;
    case "ExportAllDeclaration":
      lowerExportAll(cx, node);
      return;
    case "ExportDefaultDeclaration":
      lowerExportDefault(cx, node.declaration, docStart(node), node.end);
      return;
    case "TSExportAssignment": {
      const v = cx.expression(cx, node.expression, defaultLanding(node.start, "module.exports"));
      if (v[0] === "n") cx.exportedNames.add(v[1]);
      cx.exports.push({ name: "=", v, at: node.end });
      return;
    }
    default:
  }
}
