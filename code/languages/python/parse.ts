// Statements: Python source → syntax tree. A syntax error costs its statement and is listed; everything around it stands.
import { type ModuleTree, N, Node, noNodes, type Statement, type TryStatement } from "./ast.ts";
import { describe, expect, expectName, fail, Unreadable } from "./expectations.ts";
import { parseClass, parseDecorated, parseFunction } from "./parse-definition.ts";
import { parseExpressions, parseNamed, parseTargets, parseTest } from "./parse-expression.ts";
import { parsePattern } from "./parse-pattern.ts";
import { parseSimpleStatements } from "./parse-simple-statement.ts";
import { parenthesisedItems, plainItems } from "./parse-with-items.ts";
import { Tokenizer } from "./tokenizer.ts";
import { T } from "./tokens.ts";

/** CPython's own limit on indentation levels. */
const maxBlocks = 100;

interface Parser {
  t: Tokenizer;
  blocks: number;
  /** `parseBlock` of this file, for the definitions that blocks hold and that hold blocks. */
  readBody: () => Statement[];
}

export function parseModule(source: string): ModuleTree {
  const t = new Tokenizer(source);
  const p: Parser = { t, blocks: 0, readBody: () => parseBlock(p) };
  const body: Statement[] = [];
  t.next();
  while (t.kind !== T.End) {
    if (t.kind === T.Dedent) t.next();
    else parseStatement(p, body);
  }
  return { body, lineStarts: t.lineStarts, problems: t.problems };
}

/** A type written as a string (`x: "list[Foo]"`); null when it is none. */
export function parseTypeText(text: string): Node | null {
  // In parentheses, as CPython reads it: line breaks inside do not matter.
  const t = new Tokenizer(`(${text})`);
  try {
    t.next();
    const node = parseTest(t);
    return t.kind === T.Newline && t.problems.length === 0 ? node : null;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

function parseStatement(p: Parser, out: Statement[]): void {
  const { t } = p;
  if (t.kind === T.Newline) {
    t.next();
    return;
  }
  if (t.kind === T.Indent) {
    t.problem(t.line, "unexpected indentation");
    parseIndented(p, out);
    return;
  }
  const { indent, line } = t;
  t.nesting = 0;
  try {
    if (!parseCompound(p, out)) parseSimpleStatements(t, out);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    t.problem(error.line, error.what);
    recover(p, out, line, indent);
  }
}

/**
 * Passes over the rest of a statement that could not be read: to the end of its logical line, or, in brackets that seem not to be
 * closed, to the next line that stands no deeper than the statement did. What is then indented deeper is its block, and kept.
 */
function recover(p: Parser, out: Statement[], statementLine: number, indent: number): void {
  const { t } = p;
  t.fieldDepth = -1;
  for (;;) {
    if (t.kind === T.End || t.kind === T.Dedent) return;
    if (t.kind === T.Indent) break;
    if (t.kind === T.Newline) {
      t.next();
      break;
    }
    if (t.line > statementLine && t.column() <= indent && !isCloser(t.kind) && t.startsLine()) {
      t.restartLine();
      break;
    }
    t.next();
  }
  if (t.kind === T.Indent) parseIndented(p, out);
}

function isCloser(kind: number): boolean {
  return kind === T.RightParen || kind === T.RightBracket || kind === T.RightBrace;
}

/** The current token is an Indent: everything up to its Dedent. */
function parseIndented(p: Parser, out: Statement[]): void {
  const { t } = p;
  if (p.blocks >= maxBlocks) {
    t.problem(t.line, `indented deeper than ${maxBlocks} levels: the inner part is not read`);
    skipIndented(t);
    return;
  }
  p.blocks++;
  t.next();
  while (t.kind !== T.Dedent && t.kind !== T.End) parseStatement(p, out);
  if (t.kind === T.Dedent) t.next();
  p.blocks--;
}

function skipIndented(t: Tokenizer): void {
  let depth = 0;
  do {
    if (t.kind === T.Indent) depth++;
    else if (t.kind === T.Dedent) depth--;
    t.next();
  } while (depth > 0 && t.kind !== T.End);
}

/** `:` and what belongs to it: an indented block, or simple statements on the same line. */
function parseBlock(p: Parser): Statement[] {
  const { t } = p;
  expect(t, T.Colon, "`:`");
  const body: Statement[] = [];
  if (t.kind !== T.Newline) {
    const { line, indent } = t;
    try {
      parseSimpleStatements(t, body);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      t.problem(error.line, error.what);
      recover(p, body, line, indent);
    }
    return body;
  }
  t.next();
  if (t.kind === T.Indent) parseIndented(p, body);
  else t.problem(t.line, "expected an indented block");
  return body;
}

function parseCompound(p: Parser, out: Statement[]): boolean {
  const { t } = p;
  switch (t.kind) {
    case T.If:
      parseIf(p, out);
      return true;
    case T.For:
      parseFor(p, out, false);
      return true;
    case T.While: {
      const { start, line } = t;
      t.next();
      const test = parseNamed(t);
      const body = parseBlock(p);
      const otherwise = parseElse(p);
      out.push({ kind: "while", start, end: t.previousEnd, line, test, body, otherwise });
      return true;
    }
    case T.Try:
      parseTry(p, out);
      return true;
    case T.With:
      parseWith(p, out, false);
      return true;
    case T.Def:
      parseFunction(t, p.readBody, out, t.start, noNodes, false);
      return true;
    case T.Class:
      parseClass(t, p.readBody, out, t.start, noNodes);
      return true;
    case T.At:
      parseDecorated(t, p.readBody, out);
      return true;
    case T.Async: {
      const { start } = t;
      t.next();
      if (t.kind === T.For) parseFor(p, out, true);
      else if (t.kind === T.With) parseWith(p, out, true);
      else parseFunction(t, p.readBody, out, start, noNodes, true);
      return true;
    }
    case T.Name:
      if (t.text === "match") return parseMatch(p, out);
      return false;
    default:
      return false;
  }
}

function parseIf(p: Parser, out: Statement[]): void {
  const { t } = p;
  const { start, line } = t;
  const branches: { test: Node | null; body: Statement[] }[] = [];
  do {
    t.next();
    const test = parseNamed(t);
    branches.push({ test, body: parseBlock(p) });
  } while (t.kind === T.Elif);
  if (t.kind === T.Else) {
    t.next();
    branches.push({ test: null, body: parseBlock(p) });
  }
  out.push({ kind: "if", start, end: t.previousEnd, line, branches });
}

function parseElse(p: Parser): Statement[] {
  if (p.t.kind !== T.Else) return [];
  p.t.next();
  return parseBlock(p);
}

function parseFor(p: Parser, out: Statement[], async: boolean): void {
  const { t } = p;
  const { start, line } = t;
  t.next();
  const target = parseTargets(t);
  expect(t, T.In, "`in`");
  const iterable = parseExpressions(t);
  const body = parseBlock(p);
  const otherwise = parseElse(p);
  out.push({ kind: "for", start, end: t.previousEnd, line, async, target, iterable, body, otherwise });
}

function parseTry(p: Parser, out: Statement[]): void {
  const { t } = p;
  const { start, line } = t;
  t.next();
  const body = parseBlock(p);
  const handlers: TryStatement["handlers"][number][] = [];
  while (t.kind === T.Except) {
    t.next();
    if (t.kind === T.Star) t.next();
    let type: Node | null = null;
    let name: string | null = null;
    if (t.kind !== T.Colon) {
      type = parseExpressions(t);
      if (t.kind === T.As) {
        t.next();
        name = expectName(t);
      }
    }
    const { start: headEnd } = t;
    handlers.push({ type, name, at: headEnd, body: parseBlock(p) });
  }
  const otherwise = parseElse(p);
  let final: Statement[] = [];
  if (t.kind === T.Finally) {
    t.next();
    final = parseBlock(p);
  }
  out.push({ kind: "try", start, end: t.previousEnd, line, body, handlers, otherwise, final });
}

function parseWith(p: Parser, out: Statement[], async: boolean): void {
  const { t } = p;
  const { start, line } = t;
  t.next();
  const items = (t.kind === T.LeftParen && parenthesisedItems(t)) || plainItems(t);
  const body = parseBlock(p);
  out.push({ kind: "with", start, end: t.previousEnd, line, async, items, body });
}

/** `match` is a keyword only where a block of cases follows; false, and nothing read, where it is a name. */
function parseMatch(p: Parser, out: Statement[]): boolean {
  const { t } = p;
  const { start, line } = t;
  const mark = t.mark();
  const problems = t.problems.length;
  let subject: Node;
  t.next();
  try {
    subject = parseExpressions(t);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return notAMatch(t, mark, problems);
  }
  if (t.kind !== T.Colon) return notAMatch(t, mark, problems);
  t.next();
  if (t.kind !== T.Newline) return notAMatch(t, mark, problems);
  t.next();
  if (t.kind !== T.Indent) fail(t, "expected an indented block");
  t.next();
  const cases: { pattern: Node; guard: Node | null; body: Statement[] }[] = [];
  p.blocks++;
  while (t.kind !== T.Dedent && t.kind !== T.End) {
    const { line: caseLine, indent } = t;
    try {
      if (t.kind !== T.Name || t.text !== "case") fail(t, `expected \`case\` before ${describe(t)}`);
      t.next();
      const pattern = parsePattern(t);
      let guard: Node | null = null;
      if (t.kind === T.If) {
        t.next();
        guard = parseNamed(t);
      }
      cases.push({ pattern, guard, body: parseBlock(p) });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      t.problem(error.line, error.what);
      const body: Statement[] = [];
      recover(p, body, caseLine, indent);
      cases.push({ pattern: new Node(N.Wildcard, start, start, line, "", null, null, noNodes), guard: null, body });
    }
  }
  if (t.kind === T.Dedent) t.next();
  p.blocks--;
  out.push({ kind: "match", start, end: t.previousEnd, line, subject, cases });
  return true;
}

function notAMatch(t: Tokenizer, mark: readonly number[], problems: number): false {
  t.reset(mark, "match");
  t.problems.length = problems;
  t.nesting = 0;
  return false;
}
