// Words of names and texts, and how far apart two of them are.

/** `parseHTTPRequest_v2` → parse, http, request, v2 (lower case). */
export function wordsOfName(name: string): string[] {
  const words = name.match(/\p{Lu}+(?!\p{Ll})\d*|\p{Lu}?[\p{Ll}\p{Lo}]+\d*|\d+/gu) ?? [];
  return words.map((word) => word.toLowerCase());
}

/** Distinct words of at least two letters, lower case, at most 120: a node costs the index a kilobyte at most. */
export function wordsOfText(text: string): Set<string> {
  const words = new Set<string>();
  for (const match of text.matchAll(/[\p{L}\p{N}_]{2,40}/gu)) {
    words.add(match[0].toLowerCase());
    if (words.size === 120) break;
  }
  return words;
}

const other = 0;
const lower = 1;
const upper = 2;
const digit = 3;

function kindOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) {
    if (code >= 97 && code <= 122) return lower;
    if (code >= 65 && code <= 90) return upper;
    return code >= 48 && code <= 57 ? digit : other;
  }
  const letter = text[at] ?? "";
  if (/\p{Lu}/u.test(letter)) return upper;
  return /\p{L}/u.test(letter) ? lower : other;
}

/** Does a word of `name` begin at `at`? `parseHTTPRequest` has words at 0, 5 and 9. */
export function startsWord(name: string, at: number): boolean {
  if (at === 0) return true;
  const before = kindOf(name, at - 1);
  if (before === other) return true;
  const here = kindOf(name, at);
  if (here === upper) return before !== upper || (at + 1 < name.length && kindOf(name, at + 1) === lower);
  return here === digit && before !== digit;
}

/** Typing mistakes that a word of this length may have. */
export const tolerance = (length: number): number => (length < 3 ? 0 : length < 6 ? 1 : 2);

/** Optimal string alignment distance (insert, delete, replace, swap neighbours); `limit + 1` when it is more than `limit`. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped =
        i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
      if (cost < best) best = cost;
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length]!, limit + 1);
}

/** One bit a letter: words whose masks differ in more bits than 2 × distance can't be that close. */
export function letterMask(word: string): number {
  let mask = 0;
  for (let at = 0; at < word.length; at++) mask |= 1 << (word.charCodeAt(at) & 31);
  return mask;
}

export function bitCount(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
