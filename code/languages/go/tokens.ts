// The tokens of Go as small integers, with the tables that the scanner and the parser index by them.
//
// Typed as numbers on purpose: a literal type would be narrowed by one comparison and be wrong after the next token is read.
export const EOF: number = 0;
export const ILLEGAL: number = 1;
export const IDENT: number = 2;
export const INT: number = 3;
/** Floats, hex floats and imaginary numbers: never looked up. */
export const FLOAT: number = 4;
export const CHAR: number = 5;
export const STRING: number = 6;
export const SEMI: number = 7;
export const LPAREN: number = 8;
export const RPAREN: number = 9;
export const LBRACK: number = 10;
export const RBRACK: number = 11;
export const LBRACE: number = 12;
export const RBRACE: number = 13;
export const COMMA: number = 14;
export const COLON: number = 15;
export const DOT: number = 16;
export const ELLIPSIS: number = 17;
export const DEFINE: number = 18;
export const ASSIGN: number = 19;
/** `+=` and its eleven siblings. */
export const OP_ASSIGN: number = 20;
export const INC: number = 21;
export const DEC: number = 22;
export const ARROW: number = 23;
export const STAR: number = 24;
export const AND: number = 25;
export const ADD: number = 26;
export const SUB: number = 27;
export const XOR: number = 28;
export const NOT: number = 29;
export const TILDE: number = 30;
export const OR: number = 31;
/** `/ % << >> &^` */
export const MUL_OP: number = 32;
/** `== != < <= > >=` */
export const COMPARE: number = 33;
export const LAND: number = 34;
export const LOR: number = 35;

export const BREAK: number = 40;
export const CASE: number = 41;
export const CHAN: number = 42;
export const CONST: number = 43;
export const CONTINUE: number = 44;
export const DEFAULT: number = 45;
export const DEFER: number = 46;
export const ELSE: number = 47;
export const FALLTHROUGH: number = 48;
export const FOR: number = 49;
export const FUNC: number = 50;
export const GO: number = 51;
export const GOTO: number = 52;
export const IF: number = 53;
export const IMPORT: number = 54;
export const INTERFACE: number = 55;
export const MAP: number = 56;
export const PACKAGE: number = 57;
export const RANGE: number = 58;
export const RETURN: number = 59;
export const SELECT: number = 60;
export const STRUCT: number = 61;
export const SWITCH: number = 62;
export const TYPE: number = 63;
export const VAR: number = 64;

/** Precedence of binary operators by token, 0 = not one. */
export const precedence = new Uint8Array(72);
for (const token of [STAR, AND, MUL_OP]) precedence[token] = 5;
for (const token of [ADD, SUB, OR, XOR]) precedence[token] = 4;
precedence[COMPARE] = 3;
precedence[LAND] = 2;
precedence[LOR] = 1;

/** 1 for tokens after which a line end is a semicolon. */
export const endsStatement = new Uint8Array(72);
for (const token of [IDENT, INT, FLOAT, CHAR, STRING, INC, DEC, RPAREN, RBRACK, RBRACE]) endsStatement[token] = 1;
for (const token of [BREAK, CONTINUE, FALLTHROUGH, RETURN]) endsStatement[token] = 1;

/** 1 for tokens a type can begin with. */
export const startsType = new Uint8Array(72);
for (const token of [IDENT, STAR, LPAREN, LBRACK, MAP, CHAN, ARROW, FUNC, STRUCT, INTERFACE]) startsType[token] = 1;

const words: Record<string, number> = {
  break: BREAK,
  case: CASE,
  chan: CHAN,
  const: CONST,
  continue: CONTINUE,
  default: DEFAULT,
  defer: DEFER,
  else: ELSE,
  fallthrough: FALLTHROUGH,
  for: FOR,
  func: FUNC,
  go: GO,
  goto: GOTO,
  if: IF,
  import: IMPORT,
  interface: INTERFACE,
  map: MAP,
  package: PACKAGE,
  range: RANGE,
  return: RETURN,
  select: SELECT,
  struct: STRUCT,
  switch: SWITCH,
  type: TYPE,
  var: VAR,
};

/** Keywords by first letter and length (at most three share a slot), so that most identifiers are told apart without a hash. */
const keywordSlots: (readonly (readonly [string, number])[] | undefined)[] = Array.from({ length: 26 * 16 });
for (const [word, token] of Object.entries(words)) {
  const slot = (word.charCodeAt(0) - 97) * 16 + word.length;
  keywordSlots[slot] = [...(keywordSlots[slot] ?? []), [word, token]];
}

/** IDENT, or the keyword's token. */
export function wordToken(word: string): number {
  const first = word.charCodeAt(0) - 97;
  const length = word.length;
  if (first < 0 || first > 25 || length > 11) return IDENT;
  const slot = keywordSlots[first * 16 + length];
  if (slot === undefined) return IDENT;
  for (const [keyword, token] of slot) if (keyword === word) return token;
  return IDENT;
}

export const describe = (token: number, text: string): string =>
  token === EOF
    ? "end of file"
    : token === SEMI
      ? "end of line"
      : `\`${text.length > 20 ? `${text.slice(0, 20)}…` : text}\``;
