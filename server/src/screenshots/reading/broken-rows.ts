// Rows of logs whose times fell to pieces: looking for text anywhere, the recognition takes "11:34:43.447" apart at its signs.
import type { Box, FoundWord } from "./assemble-lines.ts";

const fewest = 3;
const digits = /^[\d:.,-]*\d[\d:.,-]*$/;
/** What a time begins with when its end is lost: "14", "14:31:", "2026-11-21". */
const begins = /^\d{2}[:.]?$|^\d{1,2}:\d{2}/;

const within = (inner: Box, outer: Box): boolean => {
  const [x, y] = [inner.x + inner.width / 2, inner.y + inner.height / 2];
  return x >= outer.x && x <= outer.x + outer.width && y >= outer.y && y <= outer.y + outer.height;
};

/** Two pieces of one number: digits beside digits, closer than words stand, or one over the other. */
function isBroken(word: FoundWord, words: readonly FoundWord[]): boolean {
  if (!begins.test(word.text)) return false;
  return words.some((other) => {
    if (other === word || !digits.test(other.text) || other.x < word.x) return false;
    const sameRow = Math.abs(other.y + other.height / 2 - word.y - word.height / 2) < 0.4 * word.height;
    const gap = other.x - word.x - word.width;
    return sameRow && gap > -0.8 * word.width && gap < 1.1 * Math.max(word.height, other.height);
  });
}

/** The part of the picture to be read again as one block of text; null when its rows are whole. */
export function brokenRows(words: readonly FoundWord[], areas: readonly Box[], all: Box): Box | null {
  const numbers = words.filter(({ text }) => digits.test(text));
  const broken = numbers.filter((word) => isBroken(word, numbers));
  const rows = new Set(broken.map((word) => Math.round((word.y + word.height / 2) / Math.max(8, word.height))));
  if (rows.size < fewest) return null;
  // The smallest ground that has nearly all of them, else the whole width.
  const ground =
    areas.findLast((area) => broken.filter((word) => within(word, area)).length > 0.8 * broken.length) ?? all;
  const inGround = words.filter((word) => within(word, ground));
  const top = Math.max(0, Math.floor(Math.min(...broken.map(({ y }) => y)) - 4));
  const bottom = Math.min(all.height, Math.ceil(Math.max(...broken.map(({ y, height }) => y + height)) + 4));
  const left = Math.max(0, Math.floor(Math.min(...inGround.map(({ x }) => x)) - 4));
  const right = Math.min(all.width, Math.ceil(Math.max(...inGround.map(({ x, width }) => x + width)) + 4));
  return { x: left, y: top, width: right - left, height: bottom - top };
}
