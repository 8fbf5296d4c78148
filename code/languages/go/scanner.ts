// Go source → tokens, one at a time, with automatic semicolons, line positions and the comment group before each token.
// One file, as one loop over one position reads them all: whether a line's end is a token depends on the token before.
import * as t from "./tokens.ts";

/** Letters, digits and `_`; everything beyond ASCII counts as a letter. */
const wordCharacters = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95)
    wordCharacters[code] = 1;
}

const maxProblems = 50;

export class GoScanner {
  readonly source: string;
  readonly problems: [number, string][] = [];
  /** `//go:` directives in order: [line, text after `//go:`]. */
  readonly directives: [number, string][] = [];

  // The current token.
  tok = t.SEMI;
  pos = 0;
  end = 0;
  /** Line and column where it starts. */
  line = 1;
  column = 0;
  /** Spelling of identifiers and keywords. */
  word = "";
  /** Counts tokens; tells which comments stand right before the current one. */
  serial = 0;

  // The token before it.
  prevEnd = 0;
  prevEndLine = 1;
  prevEndColumn = 0;

  // Where scanning stands, after the current token.
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #needSemicolon = false;
  #tokenEndLine = 0;

  // The last comment group that does not trail a token.
  #groupStart = 0;
  #groupEnd = 0;
  #groupEndLine = -2;
  #groupSerial = -1;

  constructor(source: string) {
    this.source = source;
    if (source.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  problem(line: number, what: string): void {
    if (this.problems.length < maxProblems) this.problems.push([line, what]);
  }

  /** Number of lines read so far (of the whole source once the token is EOF). */
  get lines(): number {
    return this.#line;
  }

  text(): string {
    return this.source.slice(this.pos, this.end);
  }

  /** The doc comment right above the current token: its markers and directives removed, undefined if there is none. */
  doc(): string | undefined {
    if (this.#groupSerial !== this.serial || this.#groupEndLine + 1 < this.line) return undefined;
    return docText(this.source.slice(this.#groupStart, this.#groupEnd));
  }

  /** Goes back to where `mark` was taken; for looking ahead a bounded number of tokens. */
  mark(): readonly number[] {
    return [
      this.tok,
      this.pos,
      this.end,
      this.line,
      this.column,
      this.serial,
      this.prevEnd,
      this.prevEndLine,
      this.prevEndColumn,
      this.#at,
      this.#line,
      this.#lineStart,
      this.#needSemicolon ? 1 : 0,
      this.#tokenEndLine,
      this.#groupStart,
      this.#groupEnd,
      this.#groupEndLine,
      this.#groupSerial,
      this.directives.length,
      this.problems.length,
    ];
  }

  reset(mark: readonly number[]): void {
    this.tok = mark[0] ?? 0;
    this.pos = mark[1] ?? 0;
    this.end = mark[2] ?? 0;
    this.line = mark[3] ?? 0;
    this.column = mark[4] ?? 0;
    this.serial = mark[5] ?? 0;
    this.prevEnd = mark[6] ?? 0;
    this.prevEndLine = mark[7] ?? 0;
    this.prevEndColumn = mark[8] ?? 0;
    this.#at = mark[9] ?? 0;
    this.#line = mark[10] ?? 0;
    this.#lineStart = mark[11] ?? 0;
    this.#needSemicolon = mark[12] === 1;
    this.#tokenEndLine = mark[13] ?? 0;
    this.#groupStart = mark[14] ?? 0;
    this.#groupEnd = mark[15] ?? 0;
    this.#groupEndLine = mark[16] ?? 0;
    this.#groupSerial = mark[17] ?? 0;
    this.directives.length = mark[18] ?? 0;
    this.problems.length = mark[19] ?? 0;
    this.word = this.source.slice(this.pos, this.end);
  }

  next(): void {
    const source = this.source;
    const length = source.length;
    this.prevEnd = this.end;
    this.prevEndLine = this.#line;
    this.prevEndColumn = this.end - this.#lineStart;
    this.serial++;
    let at = this.#at;
    for (;;) {
      const code = at < length ? source.charCodeAt(at) : -1;
      if (code === 32 || code === 9 || code === 13) {
        at++;
      } else if (code === 10) {
        if (this.#needSemicolon) {
          this.#semicolon(at, at);
          return;
        }
        at++;
        this.#line++;
        this.#lineStart = at;
      } else if (code === 47 && source.charCodeAt(at + 1) === 47) {
        if (this.#needSemicolon) {
          this.#semicolon(at, at);
          return;
        }
        let stop = source.indexOf("\n", at);
        if (stop < 0) stop = length;
        this.#comment(at, stop, this.#line);
        at = stop;
      } else if (code === 47 && source.charCodeAt(at + 1) === 42) {
        let stop = source.indexOf("*/", at + 2);
        if (stop < 0) {
          this.problem(this.#line, "comment is not closed");
          stop = length;
        } else stop += 2;
        if (this.#needSemicolon && source.slice(at, stop).includes("\n")) {
          this.#semicolon(at, at);
          return;
        }
        const startLine = this.#line;
        this.#countLines(at, stop);
        this.#comment(at, stop, startLine);
        at = stop;
      } else if (code < 0) {
        if (this.#needSemicolon) {
          this.#semicolon(length, length);
          return;
        }
        this.#start(at);
        this.tok = t.EOF;
        this.end = at;
        this.#at = at;
        this.word = "";
        return;
      } else {
        this.#start(at);
        this.#scan(code, at);
        this.#needSemicolon = t.endsStatement[this.tok] === 1;
        this.#tokenEndLine = this.#line;
        return;
      }
    }
  }

  #start(at: number): void {
    this.pos = at;
    this.line = this.#line;
    this.column = at - this.#lineStart;
  }

  #semicolon(at: number, resume: number): void {
    this.#start(at);
    this.end = at;
    this.tok = t.SEMI;
    this.word = "";
    this.#at = resume;
    this.#needSemicolon = false;
  }

  /** Looks at the stretch alone: searching on for a line end would make a long line cost its square. */
  #countLines(from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.source.charCodeAt(at) !== 10) continue;
      this.#line++;
      this.#lineStart = at + 1;
    }
  }

  #comment(from: number, to: number, startLine: number): void {
    if (this.source.charCodeAt(from + 2) === 103 && this.source.startsWith("//go:", from))
      this.directives.push([startLine, this.source.slice(from + 5, to).trim()]);
    // A comment behind code on the same line belongs to that code, not to what follows.
    if (startLine === this.#tokenEndLine) return;
    if (this.#groupSerial !== this.serial || startLine > this.#groupEndLine + 1) this.#groupStart = from;
    this.#groupSerial = this.serial;
    this.#groupEnd = to;
    this.#groupEndLine = this.#line;
  }

  #scan(code: number, at: number): void {
    const source = this.source;
    if (code >= 128 || (wordCharacters[code] === 1 && (code < 48 || code > 57))) {
      let stop = at + 1;
      for (;;) {
        const next = source.charCodeAt(stop);
        if (next >= 128 || wordCharacters[next] === 1) stop++;
        else break;
      }
      this.word = source.slice(at, stop);
      this.tok = t.wordToken(this.word);
      this.end = this.#at = stop;
      return;
    }
    if (code >= 48 && code <= 57) {
      this.#number(at);
      return;
    }
    this.#operator(code, at);
  }

  #number(at: number): void {
    const source = this.source;
    let kind = t.INT;
    let stop = at;
    const second = source.charCodeAt(at + 1) | 32;
    const hex = source.charCodeAt(at) === 48 && second === 120;
    if (source.charCodeAt(at) === 48 && (hex || second === 98 || second === 111)) stop += 2;
    for (;;) {
      const next = source.charCodeAt(stop);
      if (next === 46) kind = t.FLOAT;
      else if (wordCharacters[next] === 1) {
        const lower = next | 32;
        if (lower === 105 && !hex) kind = t.FLOAT;
        if ((lower === 101 && !hex) || (lower === 112 && hex)) {
          kind = t.FLOAT;
          const sign = source.charCodeAt(stop + 1);
          if (sign === 43 || sign === 45) stop++;
        }
      } else break;
      stop++;
    }
    this.tok = kind;
    this.end = this.#at = stop;
  }

  #quoted(quote: number, at: number): void {
    const source = this.source;
    let stop = at + 1;
    for (;;) {
      const next = source.charCodeAt(stop);
      if (next === quote) {
        stop++;
        break;
      }
      if (next === 92) stop += 2;
      else if (next === 10 || stop >= source.length) {
        this.problem(this.line, quote === 39 ? "rune is not closed" : "string is not closed");
        break;
      } else stop++;
    }
    this.tok = quote === 39 ? t.CHAR : t.STRING;
    this.end = this.#at = Math.min(stop, source.length);
  }

  #operator(code: number, at: number): void {
    const source = this.source;
    const next = source.charCodeAt(at + 1);
    let size = 1;
    let tok = t.ILLEGAL;
    switch (code) {
      case 34:
      case 39:
        this.#quoted(code, at);
        return;
      case 96: {
        let stop = source.indexOf("`", at + 1);
        if (stop < 0) {
          this.problem(this.line, "raw string is not closed");
          stop = source.length - 1;
        }
        this.#countLines(at, stop + 1);
        this.tok = t.STRING;
        this.end = this.#at = stop + 1;
        return;
      }
      case 40:
        tok = t.LPAREN;
        break;
      case 41:
        tok = t.RPAREN;
        break;
      case 91:
        tok = t.LBRACK;
        break;
      case 93:
        tok = t.RBRACK;
        break;
      case 123:
        tok = t.LBRACE;
        break;
      case 125:
        tok = t.RBRACE;
        break;
      case 44:
        tok = t.COMMA;
        break;
      case 59:
        tok = t.SEMI;
        break;
      case 126:
        tok = t.TILDE;
        break;
      case 46:
        if (next >= 48 && next <= 57) {
          this.#number(at);
          return;
        }
        if (next === 46 && source.charCodeAt(at + 2) === 46) [tok, size] = [t.ELLIPSIS, 3];
        else tok = t.DOT;
        break;
      case 58:
        if (next === 61) [tok, size] = [t.DEFINE, 2];
        else tok = t.COLON;
        break;
      case 61:
        if (next === 61) [tok, size] = [t.COMPARE, 2];
        else tok = t.ASSIGN;
        break;
      case 33:
        if (next === 61) [tok, size] = [t.COMPARE, 2];
        else tok = t.NOT;
        break;
      case 43:
        if (next === 43) [tok, size] = [t.INC, 2];
        else if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.ADD;
        break;
      case 45:
        if (next === 45) [tok, size] = [t.DEC, 2];
        else if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.SUB;
        break;
      case 42:
        if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.STAR;
        break;
      case 47:
      case 37:
        if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.MUL_OP;
        break;
      case 94:
        if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.XOR;
        break;
      case 38:
        if (next === 38) [tok, size] = [t.LAND, 2];
        else if (next === 94) [tok, size] = source.charCodeAt(at + 2) === 61 ? [t.OP_ASSIGN, 3] : [t.MUL_OP, 2];
        else if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.AND;
        break;
      case 124:
        if (next === 124) [tok, size] = [t.LOR, 2];
        else if (next === 61) [tok, size] = [t.OP_ASSIGN, 2];
        else tok = t.OR;
        break;
      case 60:
        if (next === 60) [tok, size] = source.charCodeAt(at + 2) === 61 ? [t.OP_ASSIGN, 3] : [t.MUL_OP, 2];
        else if (next === 61) [tok, size] = [t.COMPARE, 2];
        else if (next === 45) [tok, size] = [t.ARROW, 2];
        else tok = t.COMPARE;
        break;
      case 62:
        if (next === 62) [tok, size] = source.charCodeAt(at + 2) === 61 ? [t.OP_ASSIGN, 3] : [t.MUL_OP, 2];
        else [tok, size] = [t.COMPARE, next === 61 ? 2 : 1];
        break;
    }
    this.tok = tok;
    this.end = this.#at = at + size;
  }
}

/** Text of a comment group without markers, directives (`//go:embed`) and outer blank lines; undefined when nothing is left. */
function docText(comments: string): string | undefined {
  const lines: string[] = [];
  let block = false;
  for (const raw of comments.split("\n")) {
    let line = raw.trim();
    if (!block && line.startsWith("//")) {
      if (/^\/\/[a-z0-9]+:[a-z0-9]/.test(line) || line.startsWith("//export ") || line.startsWith("//line ")) continue;
      lines.push(line.charCodeAt(2) === 32 ? line.slice(3) : line.slice(2));
      continue;
    }
    if (!block && line.startsWith("/*")) {
      block = true;
      line = line.slice(2);
    }
    if (block && line.endsWith("*/")) {
      block = false;
      line = line.slice(0, -2);
    }
    lines.push(line.trim());
  }
  const text = lines.join("\n").trim();
  return text === "" ? undefined : text.slice(0, 2000);
}
