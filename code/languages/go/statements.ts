// Go's statements: what they declare, assign, return and call, and which stretches may not run.
import type { Expr } from "../../ir.ts";
import { assign, bindRange, define, readTargets, type Target } from "./assignments.ts";
import { readExpression, readExpressions } from "./expressions.ts";
import { failure, type GoParser } from "./parser.ts";
import * as t from "./tokens.ts";
import { readType } from "./types.ts";
import { instance, isPlainType, isTrivial, unknown } from "./values.ts";

/** `{ … }` with a block of names of its own. Stands at the brace. */
function readBlock(p: GoParser): void {
  p.expect(t.LBRACE, "`{`");
  if (!p.enter()) {
    skipBlock(p);
    return;
  }
  p.builder.openBlock();
  readStatements(p);
  p.builder.closeBlock();
  p.leave();
  closeBrace(p);
}

/** A function's `{ … }`: its parameters are of the same block. */
export function readBody(p: GoParser): void {
  p.expect(t.LBRACE, "`{`");
  if (!p.enter()) {
    skipBlock(p);
    return;
  }
  readStatements(p);
  p.leave();
  closeBrace(p);
}

/** A missing brace is told once and taken as written, so that what was read of the body stands. */
function closeBrace(p: GoParser): void {
  if (p.tok === t.RBRACE) p.next();
  else p.problem(p.line, `expected \`}\`, found ${t.describe(p.tok, p.text())}`);
}

function skipBlock(p: GoParser): void {
  let nest = 1;
  while (p.tok !== t.EOF && nest > 0) {
    if (p.tok === t.LBRACE) nest++;
    else if (p.tok === t.RBRACE) nest--;
    p.next();
  }
}

/** Statements up to `}`, `case`, `default`, the end, or a declaration that shows a missing brace. */
function readStatements(p: GoParser): void {
  const point = p.recoveryPoint();
  for (;;) {
    const tok = p.tok;
    if (tok === t.RBRACE || tok === t.EOF || tok === t.CASE || tok === t.DEFAULT) return;
    if (tok === t.FUNC && p.column === 0 && p.startsDeclaration()) return;
    try {
      readStatement(p);
      const after: number = p.tok;
      if (after === t.SEMI) p.next();
      else if (after !== t.RBRACE && after !== t.CASE && after !== t.DEFAULT && after !== t.EOF)
        throw p.fail("end of line");
    } catch (error) {
      if (error !== failure) throw error;
      p.rewind(point);
      p.skipToStatementEnd();
    }
  }
}

function readStatement(p: GoParser): void {
  switch (p.tok) {
    case t.SEMI:
      return;
    case t.LBRACE:
      readBlock(p);
      return;
    case t.VAR:
    case t.CONST:
    case t.TYPE:
      p.grammar.readLocalDeclaration(p);
      return;
    case t.IF:
      readIf(p);
      return;
    case t.FOR:
      readFor(p);
      return;
    case t.SWITCH:
      readSwitch(p);
      return;
    case t.SELECT:
      readSelect(p);
      return;
    case t.RETURN:
      readReturn(p);
      return;
    case t.GO:
    case t.DEFER:
      p.next();
      readExpression(p);
      return;
    case t.BREAK:
    case t.CONTINUE:
    case t.GOTO:
      p.next();
      if (p.tok === t.IDENT) p.next();
      return;
    case t.FALLTHROUGH:
      p.next();
      return;
    default:
      readSimpleStatement(p, "statement");
  }
}

/** Expression, send, `++`, assignment, definition, range clause, label. The value is that of a lone expression. */
function readSimpleStatement(
  p: GoParser,
  place: "statement" | "header" | "for" | "comm",
): { value: Expr; ranged: boolean; bound: string | null } {
  let targets: Target[];
  for (;;) {
    targets = readTargets(p);
    if (p.tok !== t.COLON || targets.length !== 1 || targets[0]?.name === null || place !== "statement") break;
    // A label.
    p.next();
    if (p.tok === t.RBRACE) return none;
    while (p.tok === t.SEMI) p.next();
    if (p.tok !== t.IDENT) {
      if (p.tok !== t.RBRACE && p.tok !== t.EOF && p.tok !== t.CASE && p.tok !== t.DEFAULT) readStatement(p);
      return none;
    }
  }
  const first = targets[0];
  switch (p.tok) {
    case t.DEFINE:
    case t.ASSIGN: {
      const defines = p.tok === t.DEFINE;
      const line = p.line;
      p.next();
      if (p.tok === t.RANGE && place === "for") {
        p.next();
        bindRange(p, targets, defines, readExpression(p));
        return { value: unknown, ranged: true, bound: null };
      }
      p.sawTypeSwitch = false;
      const values = readExpressions(p);
      if (p.sawTypeSwitch && defines && first !== undefined && first.name !== null)
        return { value: values[0] ?? unknown, ranged: false, bound: first.name };
      assign(p, targets, values, defines, line);
      return none;
    }
    case t.OP_ASSIGN:
      p.next();
      readExpression(p);
      return none;
    case t.INC:
    case t.DEC:
      p.next();
      return none;
    case t.ARROW: {
      const line = p.line;
      p.next();
      const value = readExpression(p);
      if (first !== undefined) p.builder.addStore(first.e, null, value, p.prevEnd, line);
      return none;
    }
  }
  // A list that turned out to be none of these: its names are read after all.
  for (const target of targets) {
    if (target.name === null) continue;
    target.e = p.builder.resolve(target.name);
    if (p.builder.isFree(target.e)) p.builder.addRef(target.e, target.line);
  }
  return { value: first?.e ?? unknown, ranged: false, bound: null };
}

const none = { value: unknown, ranged: false, bound: null };

function readRegion(p: GoParser, group: number): void {
  const before = p.builder.openRegion(group);
  readBlock(p);
  p.builder.fn.region = before;
}

/** A chain of `else if` is read in a loop: generated code has thousands. */
function readIf(p: GoParser): void {
  const group = p.builder.newGroup();
  const blocks = p.builder.blockDepth;
  for (;;) {
    p.next();
    p.builder.openBlock();
    const header = p.headerLevel;
    p.headerLevel = -1;
    if (p.tok === t.LBRACE) throw p.fail("a condition");
    if (p.tok !== t.SEMI) readSimpleStatement(p, "header");
    if (p.tok === t.SEMI) {
      p.next();
      readSimpleStatement(p, "header");
    }
    p.headerLevel = header;
    readRegion(p, group);
    if (p.tok !== t.ELSE) break;
    p.next();
    if (p.tok === t.IF) continue;
    readRegion(p, group);
    break;
  }
  p.builder.closeBlocksTo(blocks);
}

function readFor(p: GoParser): void {
  p.next();
  const { builder } = p;
  builder.openBlock();
  const before = builder.fn.region;
  const header = p.headerLevel;
  p.headerLevel = -1;
  let ranged = false;
  if (p.tok === t.RANGE) {
    p.next();
    readExpression(p);
    ranged = true;
  } else if (p.tok !== t.LBRACE && p.tok !== t.SEMI) ranged = readSimpleStatement(p, "for").ranged;
  builder.openRegion(-1);
  if (!ranged && p.tok === t.SEMI) {
    p.next();
    if (p.tok !== t.SEMI && p.tok !== t.LBRACE) readExpression(p);
    // `for init; cond {` is an error that the scanner's own semicolon before `{` hides; both forms are read.
    if (p.tok === t.SEMI) p.next();
    if (p.tok !== t.LBRACE) readSimpleStatement(p, "header");
  }
  p.headerLevel = header;
  readBlock(p);
  builder.fn.region = before;
  builder.closeBlock();
}

function readSwitch(p: GoParser): void {
  p.next();
  const { builder } = p;
  builder.openBlock();
  const header = p.headerLevel;
  p.headerLevel = -1;
  p.sawTypeSwitch = false;
  let guard: { value: Expr; bound: string | null } = none;
  if (p.tok !== t.LBRACE) {
    if (p.tok !== t.SEMI) guard = readSimpleStatement(p, "header");
    if (p.tok === t.SEMI) {
      p.next();
      p.sawTypeSwitch = false;
      guard = none;
      if (p.tok !== t.LBRACE) guard = readSimpleStatement(p, "header");
    }
  }
  const onTypes = p.sawTypeSwitch;
  p.sawTypeSwitch = false;
  p.headerLevel = header;
  readClauses(
    p,
    () => {
      if (!onTypes) {
        readExpressions(p);
        return;
      }
      const types: Expr[] = [readCaseType(p)];
      while (p.tok === t.COMMA) {
        p.next();
        types.push(readCaseType(p));
      }
      bindGuard(p, guard.bound, types.length === 1 ? instanceOrSame(types[0] ?? unknown, guard.value) : guard.value);
    },
    () => {
      if (onTypes) bindGuard(p, guard.bound, guard.value);
    },
  );
  builder.closeBlock();
}

const instanceOrSame = (type: Expr, value: Expr): Expr => (type[0] === "?" ? value : instance(type));

function readCaseType(p: GoParser): Expr {
  if (p.tok === t.IDENT && p.word === "nil" && p.builder.local("nil") === undefined) {
    p.next();
    return unknown;
  }
  return readType(p);
}

function bindGuard(p: GoParser, name: string | null, value: Expr): void {
  if (name !== null) define(p, name, value, p.prevEnd);
}

/** The clauses of a switch or select, each a block and a stretch that excludes the others. Stands at `{`. */
function readClauses(p: GoParser, readCase: () => void, readDefault: () => void): void {
  const { builder } = p;
  p.expect(t.LBRACE, "`{`");
  if (!p.enter()) {
    skipBlock(p);
    return;
  }
  const group = builder.newGroup();
  const header = p.headerLevel;
  p.headerLevel = 0;
  while (p.tok === t.CASE || p.tok === t.DEFAULT) {
    const isCase = p.tok === t.CASE;
    const point = p.recoveryPoint();
    const before = builder.openRegion(group);
    builder.openBlock();
    try {
      p.next();
      if (isCase) readCase();
      else readDefault();
      p.expect(t.COLON, "`:`");
    } catch (error) {
      if (error !== failure) throw error;
      p.rewind(point);
      builder.openRegion(group);
      builder.openBlock();
      skipToClauseEnd(p);
    }
    readStatements(p);
    builder.closeBlock();
    builder.fn.region = before;
  }
  p.headerLevel = header;
  p.leave();
  closeBrace(p);
}

function skipToClauseEnd(p: GoParser): void {
  while (p.tok !== t.COLON && p.tok !== t.SEMI && p.tok !== t.RBRACE && p.tok !== t.EOF && !p.startsDeclaration())
    p.next();
  if (p.tok === t.COLON) p.next();
}

function readSelect(p: GoParser): void {
  p.next();
  readClauses(
    p,
    () => {
      readSimpleStatement(p, "comm");
    },
    () => undefined,
  );
}

function readReturn(p: GoParser): void {
  p.next();
  const { builder } = p;
  const { results, namedResults } = builder.fn;
  let values: Expr[];
  if (p.tok === t.SEMI || p.tok === t.RBRACE) {
    values = namedResults.map((name) => (name === "" || name === "_" ? unknown : builder.resolve(name)));
  } else values = readExpressions(p);
  // What the declared type already says in full (numbers, strings, errors) is not kept.
  const kept = values.map((value, index) => {
    const type = results[index];
    const plain = type === undefined || isPlainType(type) || (type[0] === "n" && type[1] === "error");
    return isTrivial(value) || (plain && values.length === results.length) ? unknown : value;
  });
  if (kept.every((value) => value[0] === "?")) return;
  const only = kept[0] ?? unknown;
  (builder.scope(builder.fn.scope).returns ??= []).push(kept.length === 1 ? only : ["l", kept]);
}
