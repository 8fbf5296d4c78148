// Texts → words for the search, the same on both engines: lower case without accents, and the parts of camelCase names beside the whole.
import type { TextQuery } from "./engine.ts";

const longestWord = 100;

function baseWords(text: string): string[] {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** `NullPointerException` is found by itself and by `pointer`. The parts follow all words, so that neighbours stay neighbours. */
export function searchWords(text: string): string[] {
  const words = baseWords(text);
  const parts = new Map<string, string[]>();
  for (const word of words) if (!parts.has(word)) parts.set(word, camelParts(word));
  return [...words.map((word) => word.slice(0, longestWord).toLowerCase()), ...[...parts.values()].flat()];
}

/** Empty for a word that has none. */
function camelParts(word: string): string[] {
  if (word.length > longestWord || !/[\p{Ll}\p{N}]\p{Lu}/u.test(word)) return [];
  const parts = word.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|\p{L}/gu) ?? [];
  return parts.filter((part) => part.length > 1).map((part) => part.toLowerCase());
}

/** Words in quotes, and what hangs together (`payment-service`), stand one after the other; the last word may be a beginning. */
export function toTextQuery(text: string): TextQuery {
  const parts: { words: string[]; isPrefix: boolean }[] = [];
  for (const match of text.matchAll(/"([^"]*)"|[^\s"]+/g)) {
    let words: string[] = [];
    for (const word of baseWords(match[1] ?? match[0])) {
      const camel = camelParts(word);
      if (camel.length === 0) {
        words.push(word.slice(0, longestWord).toLowerCase());
        continue;
      }
      // The whole stands between it and its neighbours.
      parts.push({ words, isPrefix: false }, { words: camel, isPrefix: false });
      words = [];
    }
    parts.push({ words, isPrefix: false });
  }
  const found = parts.filter((part) => part.words.length > 0);
  const last = found.at(-1);
  if (last !== undefined && /[\p{L}\p{N}]$/u.test(text.normalize("NFKD")) && (last.words.at(-1) ?? "").length >= 3)
    last.isPrefix = true;
  return found;
}
