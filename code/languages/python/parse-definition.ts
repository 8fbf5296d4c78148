// `def` and `class` with their decorators, type parameters, parameters and bases.
import type { Node } from "./ast.ts";
import { type FunctionStatement, noNodes, type Statement } from "./ast.ts";
import { expect, expectName, unexpected, Unreadable } from "./expectations.ts";
import { parseArguments, parseExpressions, parseNamed, parseParameters } from "./parse-expression.ts";
import { parseTypeParameters } from "./parse-simple-statement.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { T } from "./tokens.ts";

const maxDecorators = 50;

/** Reads the colon and the block behind it: handed in, as blocks hold definitions and definitions hold blocks. */
type ReadBody = () => Statement[];

export function parseDecorated(t: Tokenizer, readBody: ReadBody, out: Statement[]): void {
  const { start } = t;
  const decorators: Node[] = [];
  while (t.kind === T.At) {
    t.next();
    const decorator = parseNamed(t);
    if (decorators.length < maxDecorators) decorators.push(decorator);
    else if (decorators.length === maxDecorators)
      t.problem(t.line, `more than ${maxDecorators} decorators: the rest is not read`);
    if (t.kind !== T.Newline) unexpected(t);
    t.next();
  }
  if (t.kind === T.Class) parseClass(t, readBody, out, start, decorators);
  else if (t.kind === T.Async) {
    t.next();
    parseFunction(t, readBody, out, start, decorators, true);
  } else parseFunction(t, readBody, out, start, decorators, false);
}

export function parseFunction(
  t: Tokenizer,
  readBody: ReadBody,
  out: Statement[],
  start: number,
  decorators: readonly Node[],
  async: boolean,
): void {
  const { line } = t;
  const headStart = decorators.length === 0 ? start : async ? t.source.lastIndexOf("async", t.start) : t.start;
  expect(t, T.Def, "`def`");
  const name = expectName(t);
  const typeParameters = parseTypeParameters(t);
  const parameters = readParameters(t);
  let returns: Node | null = null;
  if (t.kind === T.Arrow) {
    t.next();
    returns = parseExpressions(t);
  }
  const headEnd = t.previousEnd;
  const body = readBody();
  const statement: FunctionStatement = {
    kind: "function",
    start,
    end: t.previousEnd,
    line,
    name,
    async,
    headStart,
    headEnd,
    decorators,
    typeParameters,
    parameters,
    returns,
    body,
  };
  out.push(statement);
}

/** `(…)`. What cannot be read of it (tuples in Python 2) costs the parameters, not the function. */
function readParameters(t: Tokenizer): readonly Node[] {
  const { line } = t;
  const outer = t.kind === T.LeftParen ? t.depth - 1 : t.depth;
  try {
    expect(t, T.LeftParen, "`(`");
    const parameters = parseParameters(t, T.RightParen, true);
    expect(t, T.RightParen, "`)`");
    return parameters;
  } catch (error) {
    if (!(error instanceof Unreadable) || t.depth <= outer) throw error;
    while (t.depth > outer) {
      if (t.kind === T.End || t.kind === T.Newline || (t.line > line && t.kind === T.Def)) throw error;
      t.next();
    }
    t.next();
    t.problem(error.line, `${error.what} in the parameters`);
    return noNodes;
  }
}

export function parseClass(
  t: Tokenizer,
  readBody: ReadBody,
  out: Statement[],
  start: number,
  decorators: readonly Node[],
): void {
  const { line, start: headStart } = t;
  t.next();
  const name = expectName(t);
  const typeParameters = parseTypeParameters(t);
  let bases: readonly Node[] = noNodes;
  if (t.kind === T.LeftParen) {
    t.next();
    bases = parseArguments(t);
    expect(t, T.RightParen, "`)`");
  }
  const headEnd = t.previousEnd;
  const body = readBody();
  out.push({
    kind: "class",
    start,
    end: t.previousEnd,
    line,
    name,
    headStart,
    headEnd,
    decorators,
    typeParameters,
    arguments: bases,
    body,
  });
}
