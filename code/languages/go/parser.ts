// The state that the grammar's functions share: scanner, builder, depth and the recovery from syntax errors.
import type { SourceRange } from "@opentrace/contract/graph.ts";
import type { Expr } from "../../ir.ts";
import { FileBuilder, type FunctionState, type Region } from "./builder.ts";
import { GoScanner } from "./scanner.ts";
import * as t from "./tokens.ts";

const maxDepth = 200;

/** What a failing rule throws; caught where reading goes on. One object for all: its problem is already written down. */
export const failure = new Error("syntax error");

export interface RecoveryPoint {
  readonly depth: number;
  readonly headerLevel: number;
  readonly literalDepth: number;
  readonly fn: FunctionState;
  readonly region: Region;
  readonly blocks: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The rules that rules below them need too: a type has a length, an expression has a body, a body has declarations. */
export interface Grammar {
  readExpression(this: void, p: GoParser): Expr;
  /** Goes on with an expression whose first name has been read. */
  readExpressionFrom(this: void, p: GoParser, name: string, line: number): Expr;
  readBody(this: void, p: GoParser): void;
  readLocalDeclaration(this: void, p: GoParser): void;
}

export class GoParser extends GoScanner {
  readonly grammar: Grammar;
  readonly builder = new FileBuilder();
  depth = 0;
  /** Negative in the header of if, for and switch, where `T {` is not a literal. */
  headerLevel = 0;
  literalDepth = 0;
  /** What the last expression may be: 2 a type by its form (`[]T`), 1 a name that may be a type, 0 a value. */
  form: 0 | 1 | 2 = 0;
  /** In `new(…)` and `make(…)`, where `List[Foo]` is a type. */
  typeExpected = false;
  ownBuiltins: ReadonlySet<string> = new Set();
  /** Set by `x.(type)`. */
  sawTypeSwitch = false;

  constructor(source: string, grammar: Grammar) {
    super(source);
    this.grammar = grammar;
  }

  /** Writes the problem down and gives what to throw. */
  fail(expected: string): Error {
    this.problem(this.line, `expected ${expected}, found ${t.describe(this.tok, this.text())}`);
    return failure;
  }

  expect(token: number, what: string): void {
    if (this.tok !== token) throw this.fail(what);
    this.next();
  }

  /** Reads an identifier. */
  identifier(): string {
    if (this.tok !== t.IDENT) throw this.fail("a name");
    const name = this.word;
    this.next();
    return name;
  }

  rangeFrom(start: Position): SourceRange {
    return {
      startLine: start.line,
      startColumn: start.column,
      endLine: this.prevEndLine,
      endColumn: this.prevEndColumn,
    };
  }

  /** Source from an offset to the end of the last token, on one line of at most 300 characters. */
  head(from: number): string {
    const text = this.source.slice(from, Math.min(this.prevEnd, from + 2000));
    const line =
      text.includes("\n") || text.includes("\t") ? text.replace(/\/\/[^\n]*\n/g, " ").replace(/\s+/g, " ") : text;
    return line.length > 300 ? `${line.slice(0, 299)}…` : line;
  }

  /** True when one may go a level deeper; otherwise what stands here is to be skipped. */
  enter(): boolean {
    if (this.depth >= maxDepth) {
      this.problem(this.line, `nested deeper than ${maxDepth} levels; what is inside is left out`);
      return false;
    }
    this.depth++;
    return true;
  }

  leave(): void {
    this.depth--;
  }

  /** Passes over what stands up to a `,` `;` or closing bracket of the level around; brackets are balanced. */
  skipNested(): void {
    let nest = 0;
    while (this.tok !== t.EOF) {
      const tok = this.tok;
      if (tok === t.LPAREN || tok === t.LBRACK || tok === t.LBRACE) nest++;
      else if (tok === t.RPAREN || tok === t.RBRACK || tok === t.RBRACE) {
        if (nest === 0) return;
        nest--;
      } else if (nest === 0 && (tok === t.COMMA || tok === t.SEMI)) return;
      this.next();
    }
  }

  /** Passes over a bracket and all up to its closing one, which is passed too. */
  skipBrackets(): void {
    let nest = 0;
    do {
      const tok = this.tok;
      if (tok === t.LPAREN || tok === t.LBRACK || tok === t.LBRACE) nest++;
      else if (tok === t.RPAREN || tok === t.RBRACK || tok === t.RBRACE) nest--;
      this.next();
    } while (nest > 0 && this.tok !== t.EOF);
  }

  recoveryPoint(): RecoveryPoint {
    const { depth, headerLevel, literalDepth, builder } = this;
    return { depth, headerLevel, literalDepth, fn: builder.fn, region: builder.fn.region, blocks: builder.blockDepth };
  }

  rewind(to: RecoveryPoint): void {
    this.depth = to.depth;
    this.headerLevel = to.headerLevel;
    this.literalDepth = to.literalDepth;
    this.builder.rewind(to.fn, to.region, to.blocks);
  }

  /** After an error in a statement, a field or an element: on to the next `;` (passed) or `}` (left) of this level. */
  skipToStatementEnd(): void {
    let nest = 0;
    while (this.tok !== t.EOF) {
      const tok = this.tok;
      if (this.startsDeclaration()) return;
      if (tok === t.LBRACE) nest++;
      else if (tok === t.RBRACE) {
        if (nest === 0) return;
        nest--;
      } else if (tok === t.SEMI && nest === 0) {
        this.next();
        return;
      }
      this.next();
    }
  }

  /** A named function or method at the start of a line: inside a body it means that a `}` is missing before it. */
  startsDeclaration(): boolean {
    if (this.tok !== t.FUNC || this.column !== 0) return false;
    const mark = this.mark();
    this.next();
    let found = this.tok === t.IDENT;
    if (this.tok === t.LPAREN) {
      for (let steps = 0; steps < 12 && this.tok !== t.RPAREN && this.tok !== t.EOF; steps++) this.next();
      if (this.tok === t.RPAREN) {
        this.next();
        if (this.tok === t.IDENT) {
          this.next();
          found = this.tok === t.LPAREN;
        }
      }
    }
    this.reset(mark);
    return found;
  }
}
