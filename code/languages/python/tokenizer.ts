// Python source → tokens, one at a time: indentation, line joining, strings of every prefix. One pass, no look-behind.
// One file, as one loop over one position reads them all: strings, indentation and open brackets share its state.
import { keywords, T } from "./tokens.ts";

const TAB = 9;
const LF = 10;
const FORM_FEED = 12;
const CR = 13;
const SPACE = 32;
const HASH = 35;
const BACKSLASH = 92;

/** What a character may start or continue. */
const LETTER = 1;
const DIGIT = 2;
const characterClass = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  if ((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95) characterClass[c] = LETTER;
  else if (c >= 48 && c <= 57) characterClass[c] = DIGIT;
}

const stringPrefix = /^(?:[rbuft]|br|rb|fr|rf|tr|rt|ur)$/i;
const asyncFollower = /[ \t]+(?:def|with|for)\b/y;
const simpleOperators = new Map<string, number>([
  ["(", T.LeftParen],
  [")", T.RightParen],
  ["[", T.LeftBracket],
  ["]", T.RightBracket],
  ["{", T.LeftBrace],
  ["}", T.RightBrace],
  [",", T.Comma],
  [":", T.Colon],
  [";", T.Semicolon],
  ["@", T.At],
  ["=", T.Equal],
  ["+", T.Plus],
  ["-", T.Minus],
  ["*", T.Star],
  ["~", T.Tilde],
  ["|", T.Pipe],
  ["/", T.Operator],
  ["%", T.Operator],
  ["&", T.Operator],
  ["^", T.Operator],
  ["<", T.Operator],
  [">", T.Operator],
  ["!", T.Bang],
]);
const operatorKind = new Uint8Array(128).fill(T.Bad);
for (const [text, kind] of simpleOperators) operatorKind[text.charCodeAt(0)] = kind;

/** How a stretch of an f-string's literal text ended. */
export type FStringStop = "end" | "field" | "close" | "unclosed";

/** The current token is in `kind`, `start`, `end`, `line` (and `text` for names); `next()` moves on by one. */
export class Tokenizer {
  readonly source: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: number[] = [0];
  readonly problems: [number, string][] = [];
  /** Current token. */
  kind: number = T.Newline;
  start = 0;
  end = 0;
  line = 1;
  text = "";
  /** End of the token before, line breaks and indentation not counted. */
  previousEnd = 0;
  previousLine = 1;
  /** Open brackets. */
  depth = 0;
  /** Bracket depth at which a colon starts a format specification; -1 outside of f-strings. */
  fieldDepth = -1;
  /** Levels of expression nesting the parser is in. */
  nesting = 0;
  /** For a String or FString token: the quote, whether it is tripled, raw, bytes. */
  quote = 0;
  tripled = false;
  raw = false;
  bytes = false;
  /** Offset of the text behind prefix and quotes. */
  contentStart = 0;
  /** Indentation of the line the current token stands on, where it is a statement's first. */
  indent = 0;

  #at = 0;
  #line = 1;
  #atLineStart = true;
  readonly #indents: number[] = [0];
  #dedents = 0;
  #blank = true;
  #reread = 0;

  constructor(source: string) {
    this.source = source;
    if (source.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  problem(line: number, what: string): void {
    if (this.problems.length < 100) this.problems.push([line, what]);
  }

  /** State to come back to after a try; only valid outside of f-strings and within one logical line. */
  mark(): readonly number[] {
    return [
      this.kind,
      this.start,
      this.end,
      this.line,
      this.previousEnd,
      this.previousLine,
      this.depth,
      this.#at,
      this.#line,
      this.lineStarts.length,
      this.problems.length,
    ];
  }

  reset(mark: readonly number[], text: string): void {
    [
      this.kind,
      this.start,
      this.end,
      this.line,
      this.previousEnd,
      this.previousLine,
      this.depth,
      this.#at,
      this.#line,
    ] = mark as [number, number, number, number, number, number, number, number, number];
    this.lineStarts.length = mark[9] ?? 1;
    this.problems.length = mark[10] ?? 0;
    this.text = text;
    this.fieldDepth = -1;
    this.#atLineStart = false;
    this.#dedents = 0;
  }

  /** Forget open brackets and go on with the line that the current token starts, indentation and all. */
  restartLine(): void {
    this.depth = 0;
    this.fieldDepth = -1;
    this.#at = this.lineStarts[this.#line - 1] ?? this.start;
    this.#atLineStart = true;
    this.#dedents = 0;
    this.kind = T.Newline;
    this.next();
  }

  /** Go on behind the current physical line, whatever is open. */
  skipLine(): void {
    const { source } = this;
    let at = this.#at;
    while (at < source.length && source.charCodeAt(at) !== LF && source.charCodeAt(at) !== CR) at++;
    this.#at = at;
    this.depth = 0;
    this.fieldDepth = -1;
  }

  /** Is the current token the first of its line? */
  startsLine(): boolean {
    let at = this.start - 1;
    const from = this.lineStarts[this.line - 1] ?? 0;
    while (at >= from) {
      const c = this.source.charCodeAt(at);
      if (c !== SPACE && c !== TAB && c !== FORM_FEED) return false;
      at--;
    }
    return true;
  }

  column(): number {
    return this.start - (this.lineStarts[this.line - 1] ?? 0);
  }

  next(): void {
    if (this.kind > T.Dedent) {
      this.previousEnd = this.end;
      this.previousLine = this.#line;
    }
    if (this.#dedents > 0) {
      this.#dedents--;
      this.#emit(T.Dedent, this.#at);
      return;
    }
    if (this.#atLineStart && this.#indentation()) return;
    const { source } = this;
    const { length } = source;
    for (;;) {
      const at = this.#at;
      if (at >= length) {
        this.#endOfSource();
        return;
      }
      const c = source.charCodeAt(at);
      if (c === SPACE || c === TAB || c === FORM_FEED) {
        this.#at++;
      } else if (c === LF || c === CR) {
        this.#lineBreak(c);
        if (this.depth > 0) continue;
        this.#atLineStart = true;
        this.kind = T.Newline;
        this.start = this.end = at;
        this.line = this.#line - 1;
        return;
      } else if (c === HASH) {
        this.#skipComment();
      } else if (c === BACKSLASH && this.#joinsLines(at + 1)) {
        this.#at++;
        this.#lineBreak(source.charCodeAt(at + 1));
      } else {
        this.#blank = false;
        this.start = at;
        this.line = this.#line;
        this.#token(c);
        return;
      }
    }
  }

  /** Behind the colon of a format specification, or behind `}`: literal text up to the next field or the closing quote. */
  fstringText(quote: number, tripled: boolean, raw: boolean, inSpecification: boolean): FStringStop {
    const { source } = this;
    const { length } = source;
    let at = this.#at;
    for (;;) {
      if (at >= length) {
        this.#at = this.end = length;
        return "unclosed";
      }
      const c = source.charCodeAt(at);
      if (c === BACKSLASH) {
        const escaped = source.charCodeAt(at + 1);
        if (!raw && escaped === 78 && source.charCodeAt(at + 2) === 123) {
          at += 3;
          while (at < length && /[A-Za-z0-9 -]/.test(source.charAt(at))) at++;
          if (source.charCodeAt(at) === 125) at++;
        } else if (escaped === LF || escaped === CR) {
          this.#at = at + 1;
          this.#lineBreak(escaped);
          at = this.#at;
        } else at += escaped === 123 || escaped === 125 ? 1 : 2;
      } else if (c === quote) {
        if (!tripled) {
          this.#at = this.end = at + 1;
          return "end";
        }
        if (source.charCodeAt(at + 1) === quote && source.charCodeAt(at + 2) === quote) {
          this.#at = this.end = at + 3;
          return "end";
        }
        at++;
      } else if (c === 123) {
        if (source.charCodeAt(at + 1) === 123 && !inSpecification) at += 2;
        else {
          this.#at = at + 1;
          return "field";
        }
      } else if (c === 125) {
        at++;
        if (inSpecification) {
          this.#at = at;
          return "close";
        }
      } else if (c === LF || c === CR) {
        if (!tripled) {
          this.#at = this.end = at;
          return "unclosed";
        }
        this.#at = at;
        this.#lineBreak(c);
        at = this.#at;
      } else at++;
    }
  }

  /**
   * After a failed field: reads the string again as if it were plain text, up to its closing quote. All such reading again is
   * bounded by the source's length; beyond that, the string ends where its field failed.
   */
  rereadAsText(contentStart: number, line: number, quote: number, tripled: boolean): void {
    this.#reread += this.#at - contentStart;
    if (this.#reread <= this.source.length + 1000) {
      this.#at = contentStart;
      this.#line = line;
      this.lineStarts.length = line;
    }
    this.#scanString(quote, tripled);
    this.end = this.#at;
  }

  #emit(kind: number, at: number): void {
    this.kind = kind;
    this.start = this.end = at;
    this.line = this.#line;
  }

  #endOfSource(): void {
    if (!this.#blank) {
      this.#blank = true;
      this.depth = 0;
      this.#emit(T.Newline, this.#at);
      return;
    }
    if (this.#indents.length > 1) {
      this.#indents.pop();
      this.#emit(T.Dedent, this.#at);
      return;
    }
    this.#emit(T.End, this.#at);
  }

  #lineBreak(c: number): void {
    this.#at++;
    if (c === CR && this.source.charCodeAt(this.#at) === LF) this.#at++;
    this.#line++;
    this.lineStarts.push(this.#at);
  }

  #joinsLines(at: number): boolean {
    const c = this.source.charCodeAt(at);
    return c === LF || c === CR;
  }

  #skipComment(): void {
    const { source } = this;
    let at = this.#at + 1;
    for (; at < source.length; at++) {
      const c = source.charCodeAt(at);
      if (c === LF || c === CR) break;
    }
    this.#at = at;
  }

  /** At the start of a logical line: measures it, passes over blank ones; true when it made a token. */
  #indentation(): boolean {
    const { source } = this;
    const { length } = source;
    let column = 0;
    for (;;) {
      if (this.#at >= length) {
        this.#atLineStart = false;
        this.#blank = true;
        return false;
      }
      const c = source.charCodeAt(this.#at);
      if (c === SPACE) {
        column++;
        this.#at++;
      } else if (c === TAB) {
        column = (column & ~7) + 8;
        this.#at++;
      } else if (c === FORM_FEED) {
        column = 0;
        this.#at++;
      } else if (c === HASH) {
        this.#skipComment();
      } else if (c === LF || c === CR) {
        this.#lineBreak(c);
        column = 0;
      } else if (c === BACKSLASH && this.#joinsLines(this.#at + 1)) {
        this.#at++;
        this.#lineBreak(source.charCodeAt(this.#at));
      } else break;
    }
    this.#atLineStart = false;
    this.#blank = false;
    this.indent = column;
    const indents = this.#indents;
    let top = indents[indents.length - 1] ?? 0;
    if (column > top) {
      indents.push(column);
      this.#emit(T.Indent, this.#at);
      return true;
    }
    if (column === top) return false;
    let count = 0;
    while (column < top) {
      indents.pop();
      count++;
      top = indents[indents.length - 1] ?? 0;
    }
    if (column !== top) {
      this.problem(this.#line, "the indentation matches no outer level");
      indents[indents.length - 1] = indents.length > 1 ? column : 0;
    }
    this.#dedents = count - 1;
    this.#emit(T.Dedent, this.#at);
    return true;
  }

  #token(c: number): void {
    if (c >= 128 || characterClass[c] === LETTER) this.#name();
    else if (characterClass[c] === DIGIT) this.#number(c);
    else if (c === 34 || c === 39) this.#string(c, this.start);
    else this.#operator(c);
  }

  #name(): void {
    const { source, start } = this;
    const { length } = source;
    let at = start + 1;
    let ascii = source.charCodeAt(start) < 128;
    for (; at < length; at++) {
      const c = source.charCodeAt(at);
      if (c >= 128) ascii = false;
      else if (characterClass[c] === 0) break;
    }
    if (at - start <= 2) {
      const quote = source.charCodeAt(at);
      if ((quote === 34 || quote === 39) && stringPrefix.test(source.slice(start, at))) {
        this.#string(quote, at);
        return;
      }
    }
    const text = source.slice(start, at);
    this.#at = this.end = at;
    this.text = ascii ? text : text.normalize("NFKC");
    let kind: number = T.Name;
    if (at - start <= 8) {
      const keyword = keywords.get(text);
      if (keyword !== undefined) {
        kind = keyword;
        if (keyword === T.Async) {
          asyncFollower.lastIndex = at;
          if (!asyncFollower.test(source)) kind = T.Name;
        }
      }
    }
    this.kind = kind;
  }

  #number(first: number): void {
    const { source } = this;
    let at = this.start;
    let kind: number = T.Int;
    const marker = source.charCodeAt(at + 1) | 32;
    if (first === 48 && (marker === 120 || marker === 111 || marker === 98)) {
      at += 2;
      while (isHexDigit(source.charCodeAt(at))) at++;
    } else {
      at = this.#digits(at);
      if (source.charCodeAt(at) === 46) {
        kind = T.Number;
        at = this.#digits(at + 1);
      }
      if ((source.charCodeAt(at) | 32) === 101) {
        const sign = source.charCodeAt(at + 1);
        const exponent = sign === 43 || sign === 45 ? at + 2 : at + 1;
        const c = source.charCodeAt(exponent);
        if (c >= 48 && c <= 57) {
          kind = T.Number;
          at = this.#digits(exponent);
        }
      }
      if ((source.charCodeAt(at) | 32) === 106) {
        kind = T.Number;
        at++;
      }
    }
    // Python 2 wrote long integers as 10L.
    if ((source.charCodeAt(at) | 32) === 108) at++;
    this.kind = kind;
    this.#at = this.end = at;
  }

  #digits(at: number): number {
    for (;;) {
      const c = this.source.charCodeAt(at);
      if ((c >= 48 && c <= 57) || c === 95) at++;
      else return at;
    }
  }

  #string(quote: number, quoteAt: number): void {
    const { source } = this;
    this.raw = false;
    this.bytes = false;
    let kind: number = T.String;
    for (let at = this.start; at < quoteAt; at++) {
      const c = source.charCodeAt(at) | 32;
      if (c === 114) this.raw = true;
      else if (c === 98) this.bytes = true;
      else if (c === 102 || c === 116) kind = T.FString;
    }
    this.quote = quote;
    this.tripled = source.charCodeAt(quoteAt + 1) === quote && source.charCodeAt(quoteAt + 2) === quote;
    this.contentStart = this.#at = quoteAt + (this.tripled ? 3 : 1);
    this.kind = kind;
    if (kind === T.String && !this.#scanString(quote, this.tripled)) {
      this.problem(this.line, "the string that starts here is not closed");
    }
    this.end = this.#at;
  }

  /** From behind the opening quote to behind the closing one; false when there is none. */
  #scanString(quote: number, tripled: boolean): boolean {
    const { source } = this;
    const { length } = source;
    let at = this.#at;
    while (at < length) {
      const c = source.charCodeAt(at);
      if (c === quote) {
        if (!tripled) {
          this.#at = at + 1;
          return true;
        }
        if (source.charCodeAt(at + 1) === quote && source.charCodeAt(at + 2) === quote) {
          this.#at = at + 3;
          return true;
        }
        at++;
      } else if (c === BACKSLASH) {
        at++;
        const escaped = source.charCodeAt(at);
        if (escaped === LF || escaped === CR) {
          this.#at = at;
          this.#lineBreak(escaped);
          at = this.#at;
        } else at++;
      } else if (c === LF || c === CR) {
        this.#at = at;
        if (!tripled) return false;
        this.#lineBreak(c);
        at = this.#at;
      } else at++;
    }
    this.#at = length;
    return false;
  }

  #operator(c: number): void {
    const { source } = this;
    const at = this.start;
    const second = source.charCodeAt(at + 1);
    let kind = c < 128 ? (operatorKind[c] ?? T.Bad) : T.Bad;
    let width = 1;
    switch (c) {
      case 40: // ( [ {
      case 91:
      case 123:
        this.depth++;
        break;
      case 41: // ) ] }
      case 93:
      case 125:
        if (this.depth > 0) this.depth--;
        break;
      case 46: // .
        if (second >= 48 && second <= 57) {
          this.#fraction();
          return;
        }
        if (second === 46 && source.charCodeAt(at + 2) === 46) {
          kind = T.Ellipsis;
          width = 3;
        } else kind = T.Dot;
        break;
      case 58: // :
        if (second === 61 && this.depth !== this.fieldDepth) {
          kind = T.Walrus;
          width = 2;
        }
        break;
      case 61: // =
        if (second === 61) {
          kind = T.Operator;
          width = 2;
        }
        break;
      case 33: // !
        if (second === 61) {
          kind = T.Operator;
          width = 2;
        }
        break;
      case 45: // -
        if (second === 62) {
          kind = T.Arrow;
          width = 2;
        } else if (second === 61) {
          kind = T.AugmentedAssign;
          width = 2;
        }
        break;
      case 42: // * / < > are also doubled
      case 47:
      case 60:
      case 62:
        if (second === c) {
          width = 2;
          kind = c === 42 ? T.DoubleStar : T.Operator;
          if (source.charCodeAt(at + 2) === 61) {
            width = 3;
            kind = T.AugmentedAssign;
          }
        } else if (second === 61) {
          width = 2;
          kind = c === 60 || c === 62 ? T.Operator : T.AugmentedAssign;
        } else if (c === 60 && second === 62) width = 2;
        break;
      case 37: // % & + @ ^ |
      case 38:
      case 43:
      case 64:
      case 94:
      case 124:
        if (second === 61) {
          kind = T.AugmentedAssign;
          width = 2;
        }
        break;
    }
    this.kind = kind;
    this.#at = this.end = at + width;
  }

  #fraction(): void {
    let at = this.#digits(this.start + 1);
    const { source } = this;
    if ((source.charCodeAt(at) | 32) === 101) {
      const sign = source.charCodeAt(at + 1);
      const exponent = sign === 43 || sign === 45 ? at + 2 : at + 1;
      const c = source.charCodeAt(exponent);
      if (c >= 48 && c <= 57) at = this.#digits(exponent);
    }
    if ((source.charCodeAt(at) | 32) === 106) at++;
    this.kind = T.Number;
    this.#at = this.end = at;
  }
}

function isHexDigit(c: number): boolean {
  return (c >= 48 && c <= 57) || c === 95 || ((c | 32) >= 97 && (c | 32) <= 102);
}
