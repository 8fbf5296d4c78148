// The patterns of `case`.
import { N, Node, noNodes } from "./ast.ts";
import { expect, expectName, fail, maxNesting, unexpected } from "./expectations.ts";
import { parsePrimary } from "./parse-expression.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { T } from "./tokens.ts";

function leaf(kind: number, start: number, end: number, line: number, name: string, left: Node | null): Node {
  return new Node(kind, start, end, line, name, left, null, noNodes);
}

/** All between `case` and `if` or `:`. */
export function parsePattern(t: Tokenizer): Node {
  const { start, line } = t;
  const first = parseStarPattern(t);
  if (t.kind !== T.Comma) return first;
  const items = [first];
  while (t.kind === T.Comma) {
    t.next();
    if (t.kind === T.Colon || t.kind === T.If) break;
    items.push(parseStarPattern(t));
  }
  return new Node(N.SequencePattern, start, t.previousEnd, line, "", null, null, items);
}

function parseStarPattern(t: Tokenizer): Node {
  if (t.kind !== T.Star) return parseAsPattern(t);
  const { start, line } = t;
  t.next();
  const name = expectName(t);
  return leaf(N.StarPattern, start, t.previousEnd, line, name, null);
}

function parseAsPattern(t: Tokenizer): Node {
  const { start, line } = t;
  if (t.nesting >= maxNesting) fail(t, `nested deeper than ${maxNesting} levels`);
  t.nesting++;
  let pattern = parseClosedPattern(t);
  if (t.kind === T.Pipe) {
    const items = [pattern];
    while (t.kind === T.Pipe) {
      t.next();
      items.push(parseClosedPattern(t));
    }
    pattern = new Node(N.OrPattern, start, t.previousEnd, line, "", null, null, items);
  }
  if (t.kind === T.As) {
    t.next();
    const name = expectName(t);
    pattern = leaf(N.AsPattern, start, t.previousEnd, line, name, pattern);
  }
  t.nesting--;
  return pattern;
}

function parseClosedPattern(t: Tokenizer): Node {
  const { start, line } = t;
  if (t.kind === T.LeftParen || t.kind === T.LeftBracket) {
    const close = t.kind === T.LeftParen ? T.RightParen : T.RightBracket;
    const bracket = t.kind === T.LeftBracket;
    t.next();
    const items: Node[] = [];
    let comma = false;
    while (t.kind !== close) {
      items.push(parseStarPattern(t));
      if (t.kind !== T.Comma) break;
      comma = true;
      t.next();
    }
    expect(t, close, bracket ? "`]`" : "`)`");
    const [only] = items;
    if (!bracket && !comma && only !== undefined) return only;
    return new Node(N.SequencePattern, start, t.previousEnd, line, "", null, null, items);
  }
  if (t.kind === T.LeftBrace) return parseMappingPattern(t);
  if (t.kind !== T.Name) return parseLiteralPattern(t);
  const { text } = t;
  t.next();
  if (t.kind === T.Dot || t.kind === T.LeftParen) return parseValueOrClass(t, start, line, text);
  if (text === "_") return leaf(N.Wildcard, start, t.previousEnd, line, "", null);
  return leaf(N.Capture, start, t.previousEnd, line, text, null);
}

function parseValueOrClass(t: Tokenizer, start: number, line: number, name: string): Node {
  let value = leaf(N.Name, start, t.previousEnd, line, name, null);
  while (t.kind === T.Dot) {
    t.next();
    const attribute = expectName(t);
    value = leaf(N.Attribute, start, t.previousEnd, t.previousLine, attribute, value);
  }
  if (t.kind !== T.LeftParen) return leaf(N.ValuePattern, start, t.previousEnd, line, "", value);
  t.next();
  const items: Node[] = [];
  while (t.kind !== T.RightParen) {
    const { start: from, line: itemLine } = t;
    const pattern = parseAsPattern(t);
    if (t.kind === T.Equal) {
      if (pattern.kind !== N.Capture && pattern.kind !== N.Wildcard) unexpected(t);
      t.next();
      items.push(leaf(N.Keyword, from, t.end, itemLine, pattern.name, parseAsPattern(t)));
    } else items.push(pattern);
    if (t.kind !== T.Comma) break;
    t.next();
  }
  expect(t, T.RightParen, "`)`");
  return new Node(N.ClassPattern, start, t.previousEnd, line, "", value, null, items);
}

function parseMappingPattern(t: Tokenizer): Node {
  const { start, line } = t;
  t.next();
  const items: Node[] = [];
  while (t.kind !== T.RightBrace) {
    const { start: from, line: itemLine } = t;
    if (t.kind === T.DoubleStar) {
      t.next();
      items.push(leaf(N.StarPattern, from, t.end, itemLine, expectName(t), null));
    } else {
      const key = parseLiteral(t);
      expect(t, T.Colon, "`:`");
      const pattern = parseAsPattern(t);
      items.push(new Node(N.KeyValue, from, t.previousEnd, itemLine, "", key, pattern, noNodes));
    }
    if (t.kind !== T.Comma) break;
    t.next();
  }
  expect(t, T.RightBrace, "`}`");
  return new Node(N.MappingPattern, start, t.previousEnd, line, "", null, null, items);
}

/** A number (signed, complex), a string, None, True, False or a dotted name. */
function parseLiteral(t: Tokenizer): Node {
  if (t.kind === T.Minus || t.kind === T.Plus) t.next();
  const value = parsePrimary(t);
  if (t.kind === T.Plus || t.kind === T.Minus) {
    t.next();
    parsePrimary(t);
  }
  return value;
}

function parseLiteralPattern(t: Tokenizer): Node {
  const { start, line } = t;
  const value = parseLiteral(t);
  return leaf(N.ValuePattern, start, t.previousEnd, line, "", value);
}
