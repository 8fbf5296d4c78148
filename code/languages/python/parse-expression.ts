// Expressions, by recursive descent. Precedence among operators is not kept: all of `a + b < c` is one opaque value whose parts
// may hold calls. Chains are read in loops, so only brackets and lambdas nest, at most `maxNesting` deep.
// One file, as each kind of expression may hold every other: apart they would import one another in a circle.
import { isInert, opaque, N, Node, noNodes } from "./ast.ts";
import { describe, enter, expect, expectName, fail, skipBrackets, tooDeep, unexpected } from "./expectations.ts";
import { parseStrings } from "./parse-strings.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { firstKeyword, startsStatementOnly, T } from "./tokens.ts";

/** One expression or, with commas, a tuple of them; stars and walruses allowed. */
export function parseExpressions(t: Tokenizer): Node {
  const first = parseStarred(t);
  if (t.kind !== T.Comma) return first;
  const items = [first];
  while (t.kind === T.Comma) {
    t.next();
    if (endsList(t.kind)) break;
    items.push(parseStarred(t));
  }
  return new Node(N.Tuple, first.start, t.previousEnd, first.line, "", null, null, items);
}

function endsList(kind: number): boolean {
  return (
    kind === T.Newline ||
    kind === T.Equal ||
    kind === T.Colon ||
    kind === T.Semicolon ||
    kind === T.RightParen ||
    kind === T.RightBracket ||
    kind === T.RightBrace ||
    kind === T.AugmentedAssign ||
    kind === T.Bang ||
    kind === T.In ||
    kind === T.End
  );
}

export function parseStarred(t: Tokenizer): Node {
  if (t.kind === T.Star) {
    const { start, line } = t;
    t.next();
    const inner = parseOperands(t, true);
    return new Node(N.Star, start, inner.end, line, "", inner, null, noNodes);
  }
  return parseNamed(t);
}

/** With `:=`. */
export function parseNamed(t: Tokenizer): Node {
  const value = parseTest(t);
  if (t.kind !== T.Walrus) return value;
  t.next();
  const right = parseTest(t);
  return new Node(N.Walrus, value.start, right.end, value.line, "", value, right, noNodes);
}

/** A whole expression but for `:=`, stars and commas. */
export function parseTest(t: Tokenizer): Node {
  if (t.kind === T.Lambda) return parseLambda(t);
  if (t.kind === T.Yield) return parseYield(t);
  const value = parseChoice(t);
  if (t.kind !== T.If) return value;
  const items: Node[] = [];
  let condition: Node | null = null;
  do {
    t.next();
    const test = parseChoice(t);
    if (condition === null) condition = test;
    else items.push(test);
    expect(t, T.Else, "`else`");
    items.push(t.kind === T.Lambda ? parseLambda(t) : parseChoice(t));
  } while (t.kind === T.If);
  return new Node(N.Conditional, value.start, t.previousEnd, value.line, "", value, condition, items);
}

/** `a and b or c`, flat. */
function parseChoice(t: Tokenizer): Node {
  const first = parseOperands(t, true);
  if (t.kind !== T.And && t.kind !== T.Or) return first;
  const items = [first];
  while (t.kind === T.And || t.kind === T.Or) {
    t.next();
    items.push(t.kind === T.Lambda ? parseLambda(t) : parseOperands(t, true));
  }
  return new Node(N.Choice, first.start, t.previousEnd, first.line, "", null, null, items);
}

/** Unary and binary operators, comparisons, `not`. Without `in` where a loop's target is read. */
function parseOperands(t: Tokenizer, withIn: boolean): Node {
  const { start, line } = t;
  const negative = t.kind === T.Minus;
  let unary = skipUnary(t);
  const first = parsePrimary(t);
  let kind = t.kind;
  // `xs[-1]`: a place in a list.
  if (negative && first.kind === N.Int && first.start === start + 1 && !isBinary(kind, withIn))
    return new Node(N.Int, start, first.end, line, "", null, null, noNodes);
  if (!isBinary(kind, withIn))
    return unary ? opaque(start, first.end, line, isInert(first) ? noNodes : [first]) : first;
  let pipes = true;
  let sums = true;
  const items: Node[] = [];
  if (!isInert(first)) items.push(first);
  do {
    if (kind !== T.Pipe) pipes = false;
    if (kind !== T.Plus) sums = false;
    t.next();
    if (kind === T.Not) expect(t, T.In, "`in`");
    if (skipUnary(t)) unary = true;
    const operand = parsePrimary(t);
    if (!isInert(operand) || pipes) items.push(operand);
    kind = t.kind;
  } while (isBinary(kind, withIn));
  if (unary || !(pipes || sums)) return opaque(start, t.previousEnd, line, items);
  // Types: `None | Foo` and `"Foo" | None` keep their literals.
  if (pipes && isInert(first)) items.unshift(first);
  return new Node(pipes ? N.BitOr : N.Sum, start, t.previousEnd, line, "", null, null, items);
}

function skipUnary(t: Tokenizer): boolean {
  let found = false;
  while (t.kind === T.Not || t.kind === T.Minus || t.kind === T.Plus || t.kind === T.Tilde) {
    found = true;
    t.next();
  }
  return found;
}

function isBinary(kind: number, withIn: boolean): boolean {
  if (kind < T.Star) return kind === T.At;
  if (kind <= T.Operator) return kind !== T.Tilde;
  return withIn ? kind === T.In || kind === T.Is || kind === T.Not : kind === T.Is;
}

function parseYield(t: Tokenizer): Node {
  const { start, line } = t;
  enter(t);
  t.next();
  if (t.kind === T.From) {
    t.next();
    const value = parseTest(t);
    t.nesting--;
    return new Node(N.YieldFrom, start, value.end, line, "", value, null, noNodes);
  }
  const value = endsList(t.kind) || t.kind === T.Comma ? null : parseExpressions(t);
  t.nesting--;
  return new Node(N.Yield, start, t.previousEnd, line, "", value, null, noNodes);
}

function parseLambda(t: Tokenizer): Node {
  const { start, line } = t;
  enter(t);
  t.next();
  const parameters = t.kind === T.Colon ? noNodes : parseParameters(t, T.Colon, false);
  expect(t, T.Colon, "`:`");
  const body = parseTest(t);
  t.nesting--;
  return new Node(N.Lambda, start, body.end, line, "", body, null, parameters);
}

/** Parameters up to (not including) the token that closes them. */
export function parseParameters(t: Tokenizer, close: number, annotated: boolean): Node[] {
  const parameters: Node[] = [];
  let named = false;
  while (t.kind !== close) {
    const { start, line } = t;
    if (t.kind === T.Operator) {
      // The `/` behind positional-only parameters.
      if (t.source.charCodeAt(t.start) !== 47 || t.end - t.start !== 1) unexpected(t);
      t.next();
    } else if (t.kind === T.Star) {
      t.next();
      named = true;
      if (t.kind === T.Name) parameters.push(parseParameter(t, N.RestParameter, start, line, annotated));
    } else if (t.kind === T.DoubleStar) {
      t.next();
      parameters.push(parseParameter(t, N.NamedRestParameter, start, line, annotated));
    } else {
      parameters.push(parseParameter(t, named ? N.KeywordParameter : N.Parameter, start, line, annotated));
    }
    if (t.kind !== T.Comma) break;
    t.next();
  }
  return parameters;
}

function parseParameter(t: Tokenizer, kind: number, start: number, line: number, annotated: boolean): Node {
  const name = expectName(t);
  let annotation: Node | null = null;
  let value: Node | null = null;
  if (annotated && t.kind === T.Colon) {
    t.next();
    annotation = t.kind === T.Star ? parseStarred(t) : parseTest(t);
  }
  if (t.kind === T.Equal) {
    t.next();
    value = parseTest(t);
  }
  return new Node(kind, start, t.previousEnd, line, name, annotation, value, noNodes);
}

/** An atom with its trailers: `.name`, `(…)`, `[…]`. */
export function parsePrimary(t: Tokenizer): Node {
  if (t.kind === T.Await) return parseAwait(t);
  let node = parseAtom(t);
  for (;;) {
    const { kind } = t;
    if (kind === T.Dot) {
      t.next();
      // A keyword is taken too: older Pythons had fewer of them (`asyncio.async`).
      if (t.kind !== T.Name && t.kind < firstKeyword) fail(t, `expected a name before ${describe(t)}`);
      node = new Node(N.Attribute, node.start, t.end, t.line, t.text, node, null, noNodes);
      t.next();
    } else if (kind === T.LeftParen) {
      // In parentheses, a callee's last token is not the one before the bracket.
      const line = node.kind === N.Name || node.kind === N.Attribute ? node.line : t.previousLine;
      if (tooDeep(t)) node = skipBrackets(t, node.start, line);
      else {
        t.nesting++;
        t.next();
        const items = t.kind === T.RightParen ? noNodes : parseArguments(t);
        const { end } = t;
        expect(t, T.RightParen, "`)`");
        t.nesting--;
        node = new Node(N.Call, node.start, end, line, "", node, null, items);
      }
    } else if (kind === T.LeftBracket) {
      if (tooDeep(t)) node = skipBrackets(t, node.start, t.line);
      else {
        t.nesting++;
        const { line } = t;
        t.next();
        const index = parseSubscript(t);
        const { end } = t;
        expect(t, T.RightBracket, "`]`");
        t.nesting--;
        node = new Node(N.Subscript, node.start, end, line, "", node, index, noNodes);
      }
    } else return node;
  }
}

function parseAwait(t: Tokenizer): Node {
  const { start, line } = t;
  t.next();
  let count = 1;
  while (t.kind === T.Await) {
    t.next();
    count++;
  }
  // Once a plain name.
  if (t.kind < T.Name || t.kind === T.Equal || t.kind === T.Dot || t.kind === T.Comma || t.kind === T.RightParen) {
    return new Node(N.Name, start, start + 5, line, "await", null, null, noNodes);
  }
  let node = parsePrimary(t);
  for (let i = Math.min(count, 2); i > 0; i--) node = new Node(N.Await, start, node.end, line, "", node, null, noNodes);
  return node;
}

function parseSubscript(t: Tokenizer): Node {
  const first = parseSubscriptItem(t);
  if (t.kind !== T.Comma) return first;
  const items = [first];
  while (t.kind === T.Comma) {
    t.next();
    if (t.kind === T.RightBracket) break;
    items.push(parseSubscriptItem(t));
  }
  return new Node(N.Tuple, first.start, t.previousEnd, first.line, "", null, null, items);
}

function parseSubscriptItem(t: Tokenizer): Node {
  const { start, line } = t;
  const items: Node[] = [];
  let slices = false;
  for (;;) {
    if (t.kind === T.Colon) {
      slices = true;
      t.next();
    } else if (t.kind === T.Comma || t.kind === T.RightBracket) break;
    else {
      const value = parseStarred(t);
      if (!slices && t.kind !== T.Colon) return value;
      items.push(value);
      if (t.kind !== T.Colon) break;
    }
  }
  if (!slices) unexpected(t);
  const kept = items.filter((item) => !isInert(item));
  return new Node(N.Opaque, start, t.previousEnd, line, "slice", null, null, kept);
}

export function parseArguments(t: Tokenizer): Node[] {
  const items: Node[] = [];
  while (t.kind !== T.RightParen) {
    const { start, line } = t;
    if (t.kind === T.Star) {
      t.next();
      const value = parseTest(t);
      items.push(new Node(N.Star, start, value.end, line, "", value, null, noNodes));
    } else if (t.kind === T.DoubleStar) {
      t.next();
      const value = parseTest(t);
      items.push(new Node(N.DoubleStar, start, value.end, line, "", value, null, noNodes));
    } else {
      if (startsStatementOnly(t.kind)) fail(t, "a bracket is not closed");
      const value = parseNamed(t);
      if (t.kind === T.Equal) {
        if (value.kind !== N.Name && value.kind !== N.Constant) unexpected(t);
        t.next();
        const right = parseTest(t);
        items.push(new Node(N.Keyword, start, right.end, line, value.name, right, null, noNodes));
      } else if (t.kind === T.For || t.kind === T.Async) {
        const clauses = parseClauses(t);
        items.push(new Node(N.Generator, start, t.previousEnd, line, "", value, null, clauses));
      } else items.push(value);
    }
    if (t.kind !== T.Comma) break;
    t.next();
  }
  return items;
}

function parseClauses(t: Tokenizer): Node[] {
  const clauses: Node[] = [];
  while (t.kind === T.For || t.kind === T.Async) {
    const { start, line } = t;
    const asynchronous = t.kind === T.Async;
    if (asynchronous) t.next();
    expect(t, T.For, "`for`");
    const target = parseTargets(t);
    expect(t, T.In, "`in`");
    // Python 2 also had `for x in a, b`.
    const iterable = t.kind === T.Lambda ? parseLambda(t) : parseChoice(t);
    const conditions: Node[] = [];
    while (t.kind === T.If) {
      t.next();
      const condition = t.kind === T.Lambda ? parseLambda(t) : parseChoice(t);
      if (t.kind === T.Walrus) {
        t.next();
        const right = parseChoice(t);
        conditions.push(new Node(N.Walrus, condition.start, right.end, condition.line, "", condition, right, noNodes));
      } else conditions.push(condition);
    }
    clauses.push(
      new Node(N.Clause, start, t.previousEnd, line, asynchronous ? "async" : "", target, iterable, conditions),
    );
  }
  return clauses;
}

/** The target of `for`: no `in` in it. */
export function parseTargets(t: Tokenizer): Node {
  const first = parseTarget(t);
  if (t.kind !== T.Comma) return first;
  const items = [first];
  while (t.kind === T.Comma) {
    t.next();
    if (endsList(t.kind)) break;
    items.push(parseTarget(t));
  }
  return new Node(N.Tuple, first.start, t.previousEnd, first.line, "", null, null, items);
}

function parseTarget(t: Tokenizer): Node {
  if (t.kind !== T.Star) return parseOperands(t, false);
  const { start, line } = t;
  t.next();
  const inner = parseOperands(t, false);
  return new Node(N.Star, start, inner.end, line, "", inner, null, noNodes);
}

function parseAtom(t: Tokenizer): Node {
  const { kind, start, end, line } = t;
  switch (kind) {
    case T.Name: {
      const { text } = t;
      t.next();
      return new Node(N.Name, start, end, line, text, null, null, noNodes);
    }
    case T.Int:
      t.next();
      return new Node(N.Int, start, end, line, "", null, null, noNodes);
    case T.String:
    case T.FString:
      return parseStrings(t, parseExpressions);
    case T.None:
    case T.True:
    case T.False:
      t.next();
      return new Node(N.Constant, start, end, line, kind === T.None ? "None" : "", null, null, noNodes);
    case T.Number:
    case T.Ellipsis:
      t.next();
      return new Node(N.Constant, start, end, line, "", null, null, noNodes);
    case T.LeftParen:
      return tooDeep(t) ? skipBrackets(t, start, line) : parseParenthesis(t);
    case T.LeftBracket:
      return tooDeep(t) ? skipBrackets(t, start, line) : parseList(t);
    case T.LeftBrace:
      return tooDeep(t) ? skipBrackets(t, start, line) : parseBraces(t);
    case T.Lambda:
      return parseLambda(t);
    default:
      if (t.depth > 0 && startsStatementOnly(kind)) fail(t, "a bracket is not closed");
      return unexpected(t);
  }
}

function parseParenthesis(t: Tokenizer): Node {
  const { start, line } = t;
  t.nesting++;
  t.next();
  let node: Node;
  if (t.kind === T.RightParen) node = new Node(N.Tuple, start, t.end, line, "", null, null, noNodes);
  else {
    const first = parseStarred(t);
    if (t.kind === T.For || t.kind === T.Async) {
      node = new Node(N.Generator, start, t.end, line, "", first, null, parseClauses(t));
    } else if (t.kind === T.Comma) {
      node = new Node(N.Tuple, start, t.end, line, "", null, null, restOfList(t, first, T.RightParen));
    } else {
      expect(t, T.RightParen, "`)`");
      t.nesting--;
      return first;
    }
  }
  node.end = t.end;
  expect(t, T.RightParen, "`)`");
  t.nesting--;
  return node;
}

function restOfList(t: Tokenizer, first: Node, close: number): Node[] {
  const items = [first];
  while (t.kind === T.Comma) {
    t.next();
    if (t.kind === close) break;
    items.push(parseStarred(t));
  }
  return items;
}

function parseList(t: Tokenizer): Node {
  const { start, line } = t;
  t.nesting++;
  t.next();
  let node: Node;
  if (t.kind === T.RightBracket) node = new Node(N.List, start, t.end, line, "", null, null, noNodes);
  else {
    const first = parseStarred(t);
    if (t.kind === T.For || t.kind === T.Async) {
      node = new Node(N.ListComprehension, start, t.end, line, "", first, null, parseClauses(t));
    } else node = new Node(N.List, start, t.end, line, "", null, null, restOfList(t, first, T.RightBracket));
  }
  node.end = t.end;
  expect(t, T.RightBracket, "`]`");
  t.nesting--;
  return node;
}

function parseBraces(t: Tokenizer): Node {
  const { start, line } = t;
  t.nesting++;
  t.next();
  let node: Node;
  if (t.kind === T.RightBrace) node = new Node(N.Dict, start, t.end, line, "", null, null, noNodes);
  else {
    const first = parseEntry(t);
    const isDict = first.kind === N.KeyValue || first.kind === N.DoubleStar;
    if (t.kind === T.For || t.kind === T.Async) {
      const clauses = parseClauses(t);
      node =
        first.kind === N.KeyValue
          ? new Node(N.DictComprehension, start, t.end, line, "", first.left, first.right, clauses)
          : new Node(N.SetComprehension, start, t.end, line, "", first, null, clauses);
    } else {
      const items = [first];
      while (t.kind === T.Comma) {
        t.next();
        if (t.kind === T.RightBrace) break;
        items.push(parseEntry(t));
      }
      node = new Node(isDict ? N.Dict : N.Set, start, t.end, line, "", null, null, items);
    }
  }
  node.end = t.end;
  expect(t, T.RightBrace, "`}`");
  t.nesting--;
  return node;
}

function parseEntry(t: Tokenizer): Node {
  const { start, line } = t;
  if (t.kind === T.DoubleStar) {
    t.next();
    const value = parseOperands(t, true);
    return new Node(N.DoubleStar, start, value.end, line, "", value, null, noNodes);
  }
  const key = parseStarred(t);
  if (t.kind !== T.Colon) return key;
  t.next();
  const value = parseTest(t);
  return new Node(N.KeyValue, start, value.end, line, "", key, value, noNodes);
}
