// Simple statements: those that hold no block.
import { type ImportedName, N, Node, noNodes, type Statement } from "./ast.ts";
import { expect, expectName, unexpected } from "./expectations.ts";
import { parseExpressions, parseStarred, parseTargets, parseTest } from "./parse-expression.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { T } from "./tokens.ts";

/** Statements divided by semicolons, up to the end of their line. */
export function parseSimpleStatements(t: Tokenizer, out: Statement[]): void {
  for (;;) {
    parseSimple(t, out);
    if (t.kind === T.Newline) {
      t.next();
      return;
    }
    if (t.kind !== T.Semicolon) {
      if (t.kind === T.End) return;
      unexpected(t);
    }
    t.next();
    if (t.kind === T.Newline) {
      t.next();
      return;
    }
  }
}

function parseSimple(t: Tokenizer, out: Statement[]): void {
  const { start, line } = t;
  switch (t.kind) {
    case T.Pass:
    case T.Break:
    case T.Continue:
      t.next();
      return;
    case T.Return: {
      t.next();
      const value = endsSimple(t) ? null : parseExpressions(t);
      out.push({ kind: "return", start, end: t.previousEnd, line, value });
      return;
    }
    case T.Raise:
      parseRaise(t, out);
      return;
    case T.Assert: {
      t.next();
      const values = [parseTest(t)];
      if (t.kind === T.Comma) {
        t.next();
        values.push(parseTest(t));
      }
      out.push({ kind: "expression", start, end: t.previousEnd, line, values });
      return;
    }
    case T.Del: {
      t.next();
      const target = parseTargets(t);
      out.push({ kind: "delete", start, end: t.previousEnd, line, targets: [target] });
      return;
    }
    case T.Global:
    case T.Nonlocal: {
      const kind = t.kind === T.Global ? "global" : "nonlocal";
      t.next();
      const names = [expectName(t)];
      while (t.kind === T.Comma) {
        t.next();
        names.push(expectName(t));
      }
      out.push({ kind, start, end: t.previousEnd, line, names });
      return;
    }
    case T.Import:
      parseImport(t, out);
      return;
    case T.From:
      parseFromImport(t, out);
      return;
    case T.Name:
      if (t.text === "type" && parseTypeAlias(t, out)) return;
      if ((t.text === "print" || t.text === "exec") && parsePython2Statement(t, out)) return;
      parseExpressionStatement(t, out);
      return;
    default:
      parseExpressionStatement(t, out);
  }
}

function endsSimple(t: Tokenizer): boolean {
  return t.kind === T.Newline || t.kind === T.Semicolon || t.kind === T.End;
}

function parseRaise(t: Tokenizer, out: Statement[]): void {
  const { start, line } = t;
  t.next();
  const values: Node[] = [];
  if (!endsSimple(t)) {
    values.push(parseTest(t));
    if (t.kind === T.From) {
      t.next();
      values.push(parseTest(t));
    } else if (t.kind === T.Comma) {
      t.problem(line, "a Python 2 `raise` with commas");
      while (t.kind === T.Comma) {
        t.next();
        values.push(parseTest(t));
      }
    }
  }
  out.push({ kind: "raise", start, end: t.previousEnd, line, values });
}

function dottedName(t: Tokenizer): string {
  let name = expectName(t);
  while (t.kind === T.Dot) {
    t.next();
    name += `.${expectName(t)}`;
  }
  return name;
}

function alias(t: Tokenizer): string | null {
  if (t.kind !== T.As) return null;
  t.next();
  return expectName(t);
}

function parseImport(t: Tokenizer, out: Statement[]): void {
  const { start, line } = t;
  const names: ImportedName[] = [];
  do {
    t.next();
    const { line: nameLine } = t;
    names.push({ name: dottedName(t), as: alias(t), line: nameLine });
  } while (t.kind === T.Comma);
  out.push({ kind: "import", start, end: t.previousEnd, line, from: null, names });
}

function parseFromImport(t: Tokenizer, out: Statement[]): void {
  const { start, line } = t;
  t.next();
  let from = "";
  while (t.kind === T.Dot || t.kind === T.Ellipsis) {
    from += t.kind === T.Dot ? "." : "...";
    t.next();
  }
  if (from === "" || t.kind === T.Name) from += dottedName(t);
  expect(t, T.Import, "`import`");
  const names: ImportedName[] = [];
  if (t.kind === T.Star) {
    names.push({ name: "*", as: null, line: t.line });
    t.next();
  } else {
    const bracketed = t.kind === T.LeftParen;
    if (bracketed) t.next();
    while (t.kind !== T.RightParen) {
      const { line: nameLine } = t;
      names.push({ name: expectName(t), as: alias(t), line: nameLine });
      if (t.kind !== T.Comma) break;
      t.next();
    }
    if (bracketed) expect(t, T.RightParen, "`)`");
  }
  out.push({ kind: "import", start, end: t.previousEnd, line, from, names });
}

/** `type X[T] = …`; false, and nothing read, where `type` is a name. */
function parseTypeAlias(t: Tokenizer, out: Statement[]): boolean {
  const { start, line } = t;
  const mark = t.mark();
  t.next();
  if (t.kind !== T.Name) {
    t.reset(mark, "type");
    return false;
  }
  const name = expectName(t);
  const typeParameters = parseTypeParameters(t);
  expect(t, T.Equal, "`=`");
  const value = parseTest(t);
  out.push({ kind: "type", start, end: t.previousEnd, line, name, typeParameters, value });
  return true;
}

/** `print x, y` and `exec code in scope`: a problem, but the calls in them count. */
function parsePython2Statement(t: Tokenizer, out: Statement[]): boolean {
  const { start, line, text } = t;
  const mark = t.mark();
  t.next();
  const written =
    t.kind === T.Name || t.kind === T.String || t.kind === T.Int || t.kind === T.Number || t.kind === T.None;
  if (!written) {
    t.reset(mark, text);
    return false;
  }
  t.problem(line, `a Python 2 \`${text}\` statement`);
  const values = [parseExpressions(t)];
  if (t.kind === T.In) {
    t.next();
    values.push(parseExpressions(t));
  }
  out.push({ kind: "expression", start, end: t.previousEnd, line, values });
  return true;
}

function parseExpressionStatement(t: Tokenizer, out: Statement[]): void {
  const { start, line } = t;
  const first = parseExpressions(t);
  if (t.kind === T.Equal) {
    const targets = [first];
    let value: Node = first;
    while (t.kind === T.Equal) {
      t.next();
      value = parseExpressions(t);
      targets.push(value);
    }
    targets.pop();
    out.push({ kind: "assign", start, end: t.previousEnd, line, targets, value, annotation: null });
  } else if (t.kind === T.Colon) {
    t.next();
    const annotation = parseTest(t);
    let value: Node | null = null;
    if (t.kind === T.Equal) {
      t.next();
      value = parseExpressions(t);
    }
    out.push({ kind: "assign", start, end: t.previousEnd, line, targets: [first], value, annotation });
  } else if (t.kind === T.AugmentedAssign) {
    const sign = t.source.charCodeAt(t.start);
    // `+=` and `|=`.
    const adds = sign === 43 || sign === 124;
    t.next();
    const value = parseExpressions(t);
    out.push({ kind: "augmented", start, end: t.previousEnd, line, target: first, adds, value });
  } else out.push({ kind: "expression", start, end: t.previousEnd, line, values: [first] });
}

/** `[T: bound = default, *Ts, **P]`, where there is one. */
export function parseTypeParameters(t: Tokenizer): readonly Node[] {
  if (t.kind !== T.LeftBracket) return noNodes;
  t.next();
  const parameters: Node[] = [];
  while (t.kind !== T.RightBracket) {
    const { start, line } = t;
    if (t.kind === T.Star || t.kind === T.DoubleStar) t.next();
    const name = expectName(t);
    let bound: Node | null = null;
    let value: Node | null = null;
    if (t.kind === T.Colon) {
      t.next();
      bound = parseTest(t);
    }
    if (t.kind === T.Equal) {
      t.next();
      value = parseStarred(t);
    }
    parameters.push(new Node(N.TypeParameter, start, t.previousEnd, line, name, bound, value, noNodes));
    if (t.kind !== T.Comma) break;
    t.next();
  }
  expect(t, T.RightBracket, "`]`");
  return parameters;
}
