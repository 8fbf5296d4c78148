// What the parser does where it finds something else than it has to: it gives the statement up, or passes over what is nested too deep.
import { type Node, noNodes, opaque } from "./ast.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { startsStatementOnly, T } from "./tokens.ts";

export const maxNesting = 200;

/** Thrown by the parser and caught by the statement it costs. One instance a throw, without a stack: it is control flow. */
export class Unreadable {
  readonly line: number;
  readonly what: string;
  constructor(line: number, what: string) {
    this.line = line;
    this.what = what;
  }
}

export function fail(t: Tokenizer, what: string): never {
  throw new Unreadable(t.line, what);
}

export function describe(t: Tokenizer): string {
  if (t.kind === T.Newline) return "end of line";
  if (t.kind === T.End) return "end of file";
  if (t.kind === T.Indent || t.kind === T.Dedent) return "indentation";
  return `\`${t.source.slice(t.start, Math.min(t.end, t.start + 30))}\``;
}

export function unexpected(t: Tokenizer): never {
  return fail(t, `unexpected ${describe(t)}`);
}

export function expect(t: Tokenizer, kind: number, what: string): void {
  if (t.kind !== kind) fail(t, `expected ${what} before ${describe(t)}`);
  t.next();
}

export function expectName(t: Tokenizer): string {
  if (t.kind !== T.Name) fail(t, `expected a name before ${describe(t)}`);
  const { text } = t;
  t.next();
  return text;
}

export function enter(t: Tokenizer): void {
  if (t.nesting >= maxNesting) fail(t, `nested deeper than ${maxNesting} levels`);
  t.nesting++;
}

export function tooDeep(t: Tokenizer): boolean {
  return t.nesting >= maxNesting;
}

/** Passes over everything up to the bracket that closes the current one. */
export function skipBrackets(t: Tokenizer, start: number, line: number): Node {
  t.problem(t.line, `nested deeper than ${maxNesting} levels: the inner part is not read`);
  const outer = t.depth - 1;
  t.next();
  while (t.depth > outer) {
    if (t.kind === T.End || t.kind === T.Newline || startsStatementOnly(t.kind)) fail(t, "a bracket is not closed");
    t.next();
  }
  const { end } = t;
  t.next();
  return opaque(start, end, line, noNodes);
}
