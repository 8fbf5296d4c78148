// Kinds of tokens, as small integers: the parser compares them millions of times a second.

const kinds = {
  End: 0,
  Newline: 1,
  Indent: 2,
  Dedent: 3,
  Name: 4,
  Int: 5,
  Number: 6,
  String: 7,
  /** Opening of an f- or t-string; the parser reads on from behind the quote. */
  FString: 8,
  Bad: 9,

  // Brackets and punctuation
  LeftParen: 10,
  RightParen: 11,
  LeftBracket: 12,
  RightBracket: 13,
  LeftBrace: 14,
  RightBrace: 15,
  Comma: 16,
  Colon: 17,
  Dot: 18,
  Semicolon: 19,
  At: 20,
  Equal: 21,
  Arrow: 22,
  Walrus: 23,
  Bang: 24,
  Ellipsis: 25,
  /** `+=` and the like. */
  AugmentedAssign: 26,

  // Operators
  Star: 30,
  DoubleStar: 31,
  Plus: 32,
  Minus: 33,
  Tilde: 34,
  Pipe: 35,
  /** Any other binary operator: arithmetic, shifts, comparisons. */
  Operator: 36,

  // Keywords
  And: 40,
  As: 41,
  Assert: 42,
  Async: 43,
  Await: 44,
  Break: 45,
  Class: 46,
  Continue: 47,
  Def: 48,
  Del: 49,
  Elif: 50,
  Else: 51,
  Except: 52,
  False: 53,
  Finally: 54,
  For: 55,
  From: 56,
  Global: 57,
  If: 58,
  Import: 59,
  In: 60,
  Is: 61,
  Lambda: 62,
  None: 63,
  Nonlocal: 64,
  Not: 65,
  Or: 66,
  Pass: 67,
  Raise: 68,
  Return: 69,
  True: 70,
  Try: 71,
  While: 72,
  With: 73,
  Yield: 74,
} as const;

/** Typed as plain numbers: a token's kind changes with every `next()`, which narrowing to literals would not see. */
export const T: { readonly [K in keyof typeof kinds]: number } = kinds;

export const firstKeyword = T.And;

export const keywords: ReadonlyMap<string, number> = new Map([
  ["and", T.And],
  ["as", T.As],
  ["assert", T.Assert],
  ["async", T.Async],
  ["await", T.Await],
  ["break", T.Break],
  ["class", T.Class],
  ["continue", T.Continue],
  ["def", T.Def],
  ["del", T.Del],
  ["elif", T.Elif],
  ["else", T.Else],
  ["except", T.Except],
  ["False", T.False],
  ["finally", T.Finally],
  ["for", T.For],
  ["from", T.From],
  ["global", T.Global],
  ["if", T.If],
  ["import", T.Import],
  ["in", T.In],
  ["is", T.Is],
  ["lambda", T.Lambda],
  ["None", T.None],
  ["nonlocal", T.Nonlocal],
  ["not", T.Not],
  ["or", T.Or],
  ["pass", T.Pass],
  ["raise", T.Raise],
  ["return", T.Return],
  ["True", T.True],
  ["try", T.Try],
  ["while", T.While],
  ["with", T.With],
  ["yield", T.Yield],
]);

/** Keywords that only ever start a statement: inside brackets they show that a bracket was not closed. */
export function startsStatementOnly(kind: number): boolean {
  return (
    kind === T.Def ||
    kind === T.Class ||
    kind === T.Return ||
    kind === T.Import ||
    kind === T.Raise ||
    kind === T.Try ||
    kind === T.While ||
    kind === T.With ||
    kind === T.Pass ||
    kind === T.Global ||
    kind === T.Del
  );
}
