// String literals: adjacent ones are one, and the fields of formatted ones are expressions.
import { isInert, N, Node, noNodes } from "./ast.ts";
import { enter, expectName, fail, unexpected, Unreadable } from "./expectations.ts";
import { decodeString } from "./string-literal.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { T } from "./tokens.ts";

/** Reads the expression of a field: handed in, as expressions hold strings and strings hold expressions. */
type ParseField = (t: Tokenizer) => Node;

/** Adjacent string literals are one. */
export function parseStrings(t: Tokenizer, parseField: ParseField): Node {
  const { start, line } = t;
  let text = "";
  let isText = true;
  let items: Node[] | null = null;
  do {
    if (t.kind === T.String) {
      if (t.bytes) isText = false;
      else text += decodeString(t.source, t.contentStart, t.end, t.tripled, t.raw);
    } else {
      isText = false;
      items ??= [];
      parseFString(t, items, parseField);
    }
    t.next();
  } while (t.kind === T.String || t.kind === T.FString);
  if (isText) return new Node(N.String, start, t.previousEnd, line, text, null, null, noNodes);
  return new Node(N.Formatted, start, t.previousEnd, line, "", null, null, items ?? noNodes);
}

/** Leaves the closing quote as the current token's end. A field that cannot be read costs the string's rest, not the statement. */
function parseFString(t: Tokenizer, items: Node[], parseField: ParseField): void {
  const { quote, tripled, raw, line, contentStart } = t;
  const { depth, fieldDepth, nesting } = t;
  try {
    enter(t);
    if (parseFStringText(t, quote, tripled, raw, false, items, parseField) === "unclosed") {
      t.problem(line, "the string that starts here is not closed");
    }
  } catch (error) {
    // Inside of another formatted string, it costs that one: else each level would be read again for every level around it.
    if (!(error instanceof Unreadable) || fieldDepth >= 0) throw error;
    t.problem(error.line, `${error.what} in a formatted string`);
    t.rereadAsText(contentStart, line, quote, tripled);
  }
  t.kind = T.FString;
  t.depth = depth;
  t.fieldDepth = fieldDepth;
  t.nesting = nesting;
}

function parseFStringText(
  t: Tokenizer,
  quote: number,
  tripled: boolean,
  raw: boolean,
  inSpecification: boolean,
  items: Node[],
  parseField: ParseField,
): string {
  for (;;) {
    const stop = t.fstringText(quote, tripled, raw, inSpecification);
    if (stop !== "field") {
      if (inSpecification && stop !== "close") fail(t, "a field is not closed");
      return stop;
    }
    const { depth, fieldDepth } = t;
    enter(t);
    t.depth = t.fieldDepth = depth + 1;
    t.next();
    const value = parseField(t);
    if (!isInert(value)) items.push(value);
    if (t.kind === T.Equal) t.next();
    if (t.kind === T.Bang) {
      t.next();
      expectName(t);
    }
    if (t.kind === T.Colon) parseFStringText(t, quote, tripled, raw, true, items, parseField);
    else if (t.kind !== T.RightBrace) unexpected(t);
    t.depth = depth;
    t.fieldDepth = fieldDepth;
    t.nesting--;
  }
}
