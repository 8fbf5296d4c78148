// How deeply a source may be nested, estimated without parsing: oxc recurses on the native stack, and overflowing that kills the process.
//
// Measured with oxc 0.158 on a 4 MiB stack: 2,300 nested namespaces, 1,800 classes or 3,500 arrows are too many. A main thread has 8.

/** Above this a file is refused: no stack that we parse on is sure to hold it. */
const maxNesting = 1500;
/** Tags need less stack each, and those that are never closed (type parameters look like tags) add up. */
const maxTags = 6000;
/** Above this a file had better be parsed where a crash costs nothing else. */
const suspiciousNesting = 400;

export interface Nesting {
  /** Brackets, plus what nests without brackets: prefix operators, arrows, `else if`, `a ? b :`, generics, dotted names. */
  depth: number;
  /**
   * What the estimate may have missed where it took code for text or text for code: brackets inside strings, comments, templates and
   * regular expressions, slashes that may divide or begin a regular expression, and open tags.
   */
  doubt: number;
  /** Most tags open at once. */
  tags: number;
  /** All that may begin a tag, wherever it stands. */
  tagsSeen: number;
}

/** Nested too deeply, or with too many open tags, for any stack we parse on. */
export function isTooDeep(source: string): boolean {
  if (source.length <= maxNesting) return false;
  const { depth, tags } = estimateNesting(source);
  return depth > maxNesting || tags > maxTags;
}

/** Worth a process of its own: linear in the source, a few milliseconds per megabyte. */
export function isSuspicious(source: string): boolean {
  if (source.length <= suspiciousNesting) return false;
  const { depth, doubt, tagsSeen } = estimateNesting(source);
  return depth > suspiciousNesting || doubt > suspiciousNesting || tagsSeen > maxTags;
}

/** Words that what follows is nested in (`else if`, `typeof typeof`, `if (a) if (b)`), or that cannot end a statement. */
const nestingWords = new Set(
  (
    "if else for while do with typeof void delete await new yield keyof infer unique readonly extends asserts is class async " +
    "import export"
  ).split(" "),
);
const openWords = new Set([
  "in",
  "of",
  "instanceof",
  "as",
  "satisfies",
  "return",
  "throw",
  "case",
  "implements",
  "const",
]);
const continuing = new Set([
  "else",
  "while",
  "catch",
  "finally",
  "in",
  "of",
  "instanceof",
  "as",
  "satisfies",
  "extends",
  "is",
]);
const headWords = new Set(["if", "for", "while", "with"]);

/** What stands before: it decides whether a slash divides and whether a new line begins a statement. */
const after = { none: 0, operand: 1, operator: 2, word: 3, closeHead: 4, closeBrace: 5, angle: 6 } as const;

/** 1 = part of a name, 2 = white space, 0 = anything else (ASCII). */
const kinds = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  if ((c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 36 || c === 95) kinds[c] = 1;
  else if (c === 32 || (c >= 9 && c <= 13)) kinds[c] = 2;
}

export function estimateNesting(source: string): Nesting {
  const length = source.length;
  // Per open bracket: the chain and the tags around it, and whether it is the head of an `if (…)` or a template's `${`.
  const chains: number[] = [];
  const outerTags: number[] = [];
  const marks: number[] = [];
  let chain = 0;
  let base = 0;
  let angles = 0;
  let tags = 0;
  let baseTags = 0;
  let dots = 0;
  let depth = 0;
  let hidden = 0;
  let peak = 0;
  let ambiguous = 0;
  let mostTags = 0;
  let tagsSeen = 0;
  let previous: number = after.none;
  let previousWord = "";
  let newline = false;
  let i = 0;

  const see = (): void => {
    const now = base + chain + chains.length + angles;
    if (now > depth) depth = now;
  };
  const open = (mark: number): void => {
    chains.push(chain);
    outerTags.push(tags);
    baseTags += tags;
    tags = 0;
    marks.push(mark);
    base += chain;
    chain = 0;
    previous = after.operator;
    see();
  };
  /** Passes over text; brackets in it are kept in mind, as it may be code. */
  const hide = (from: number, to: number): void => {
    let level = 0;
    for (let at = from; at < to; at++) {
      const c = source.charCodeAt(at);
      if (c === 40 || c === 91 || c === 123) {
        if (++level > peak) peak = level;
      } else if ((c === 41 || c === 93 || c === 125) && level > 0) level--;
      else if (c === 60) tagsSeen++;
    }
    hidden += level;
  };
  /** Text of a template up to its end or the next `${`. */
  const template = (): void => {
    const start = i;
    for (; i < length; i++) {
      const c = source.charCodeAt(i);
      if (c === 92) i++;
      else if (c === 96) {
        hide(start, i++);
        previous = after.operand;
        return;
      } else if (c === 36 && source.charCodeAt(i + 1) === 123) {
        hide(start, i);
        i += 2;
        open(2);
        return;
      }
    }
    hide(start, length);
  };
  const quoted = (quote: number): void => {
    const start = ++i;
    for (; i < length; i++) {
      const c = source.charCodeAt(i);
      if (c === 92) i++;
      else if (c === quote) {
        hide(start, i++);
        previous = after.operand;
        return;
      } else if (c === 10) break;
    }
    // No string after all (an apostrophe in JSX text): what follows it is code.
    i = start;
  };
  const slash = (): void => {
    const next = source.charCodeAt(i + 1);
    if (next === 47 || next === 42) {
      const start = i + 2;
      const end = next === 47 ? source.indexOf("\n", start) : source.indexOf("*/", start);
      i = end < 0 ? length : next === 47 ? end : end + 2;
      hide(start, i);
      return;
    }
    if (next === 62 && tags > 0) {
      tags--;
      i += 2;
      previous = after.operator;
      return;
    }
    if (previous !== after.operand && previous !== after.operator) ambiguous++;
    if (previous !== after.operand && previous !== after.angle) {
      for (let end = i + 1, inClass = false; end < length; end++) {
        const c = source.charCodeAt(end);
        if (c === 10) break;
        if (c === 92) end++;
        else if (c === 91) inClass = true;
        else if (c === 93) inClass = false;
        else if (c === 47 && !inClass) {
          hide(i + 1, end);
          i = end + 1;
          previous = after.operand;
          return;
        }
      }
    }
    previous = after.operator;
    i++;
  };
  const word = (start: number, end: number): void => {
    const text = end - start <= 10 && source.charCodeAt(start) >= 97 ? source.slice(start, end) : "";
    if (((newline && previous === after.operand) || previous === after.closeBrace) && !continuing.has(text)) {
      chain = 0;
      angles = 0;
    }
    if (text !== "" && nestingWords.has(text)) {
      chain++;
      see();
      previous = after.word;
    } else if (text !== "" && openWords.has(text)) {
      if (text === "case") chain = 0;
      previous = after.word;
    } else previous = after.operand;
    previousWord = text;
    newline = false;
  };

  while (i < length) {
    const c = source.charCodeAt(i);
    const kind = c < 128 ? kinds[c]! : 1;
    if (kind === 2) {
      if (c === 10) newline = true;
      i++;
      continue;
    }
    if (kind === 1) {
      const start = i;
      let end = i + 1;
      for (; end < length; end++) {
        const d = source.charCodeAt(end);
        if (d < 128 && kinds[d] !== 1) break;
      }
      i = end;
      word(start, end);
      continue;
    }
    if (c !== 46) dots = 0;
    switch (c) {
      case 34: // " and '
      case 39:
        // No string begins right after a name: `don't` between tags.
        if (tags > 0 && previous === after.operand && !newline && kinds[source.charCodeAt(i - 1)] === 1) i++;
        else quoted(c);
        break;
      case 96: // `
        i++;
        template();
        break;
      case 47:
        slash();
        break;
      case 40: // ( [ {
      case 91:
      case 123:
        open(c === 40 && previous === after.word && headWords.has(previousWord) ? 1 : 0);
        i++;
        break;
      case 41: // ) ] }
      case 93:
      case 125: {
        const mark = marks.pop();
        if (mark !== undefined) {
          chain = chains.pop()!;
          tags = outerTags.pop()!;
          baseTags -= tags;
          base -= chain;
        }
        i++;
        if (mark === 2 && c === 125) template();
        else previous = mark === 1 ? after.closeHead : c === 125 ? after.closeBrace : after.operand;
        break;
      }
      case 59: // ;
        chain = 0;
        angles = 0;
        previous = after.operator;
        i++;
        break;
      case 44: // ,
        chain = 0;
        previous = after.operator;
        i++;
        break;
      case 60: {
        // <
        const next = source.charCodeAt(++i);
        tagsSeen++;
        if (next === 47) {
          if (tags > 0) tags--;
          i++;
        } else if ((previous !== after.operand || tags > 0) && (next === 62 || (next < 128 && kinds[next] === 1))) {
          if (baseTags + ++tags > mostTags) mostTags = baseTags + tags;
        } else {
          angles++;
          see();
        }
        previous = after.operator;
        break;
      }
      case 62: // >
        previous = angles > 0 ? after.angle : after.operator;
        if (angles > 0) angles--;
        i++;
        break;
      case 61: // =
        i++;
        if (source.charCodeAt(i) === 61) i++;
        else {
          if (source.charCodeAt(i) === 62) i++;
          chain++;
          see();
        }
        previous = after.operator;
        break;
      case 33: // ! ? : ~
      case 63:
      case 58:
      case 126:
        chain++;
        see();
        previous = after.operator;
        i++;
        break;
      case 42: // * + -
      case 43:
      case 45: {
        const double = source.charCodeAt(i + 1) === c;
        if (double && c !== 42 && previous === after.operand) i++;
        else {
          if (double || previous !== after.operand) {
            chain++;
            see();
          }
          previous = after.operator;
        }
        i++;
        break;
      }
      case 46: // .
        if (++dots > depth) depth = dots;
        previous = after.operator;
        i++;
        break;
      default:
        previous = after.operator;
        i++;
    }
    newline = false;
  }
  return { depth, doubt: Math.max(hidden, peak, ambiguous, mostTags), tags: mostTags, tagsSeen };
}
