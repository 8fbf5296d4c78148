// The items of `with`: contexts with their targets, in parentheses or not.
import type { Node } from "./ast.ts";
import { expect, Unreadable } from "./expectations.ts";
import { parseNamed, parsePrimary, parseStarred } from "./parse-expression.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { T } from "./tokens.ts";

interface WithItem {
  context: Node;
  target: Node | null;
}

function withItem(t: Tokenizer): WithItem {
  const context = parseNamed(t);
  if (t.kind !== T.As) return { context, target: null };
  t.next();
  return { context, target: parseTarget(t) };
}

function parseTarget(t: Tokenizer): Node {
  return t.kind === T.Star ? parseStarred(t) : parsePrimary(t);
}

export function plainItems(t: Tokenizer): WithItem[] {
  const items = [withItem(t)];
  while (t.kind === T.Comma) {
    t.next();
    items.push(withItem(t));
  }
  return items;
}

/** `with (a as b, c as d):`; null, and nothing read, when the parenthesis is part of an expression. */
export function parenthesisedItems(t: Tokenizer): WithItem[] | null {
  const mark = t.mark();
  try {
    t.next();
    const items: WithItem[] = [];
    while (t.kind !== T.RightParen) {
      items.push(withItem(t));
      if (t.kind !== T.Comma) break;
      t.next();
    }
    expect(t, T.RightParen, "`)`");
    if (t.kind === T.Colon) return items;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  t.reset(mark, "");
  t.nesting = 0;
  return null;
}
