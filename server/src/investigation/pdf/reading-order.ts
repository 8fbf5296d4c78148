// The order in which a line is drawn: right-to-left text by the Unicode Bidirectional Algorithm (UAX #9), a word at a time.
import createBidi from "bidi-js";
import type { Line, Piece } from "./lay-out.ts";

/** Its types describe an ES module; what Node loads is the function itself. */
const bidi = (createBidi as unknown as typeof createBidi.default)();
// Scripts beyond the first plane (Phoenician, Adlam) are not known to the library, and stay from left to right.
const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]/u;
const strong = /\p{L}/u;

export type Direction = "ltr" | "rtl";

/** That of the first letter. */
export function directionOf(text: string): Direction {
  if (!rightToLeft.test(text)) return "ltr";
  const first = strong.exec(text)?.[0] ?? "";
  return rightToLeft.test(first) ? "rtl" : "ltr";
}

interface Atom extends Piece {
  level: number;
}

/** The same line with its pieces from left to right as they are seen. `widthOf` measures a part of a piece. */
export function inReadingOrder(line: Line, widthOf: (piece: Piece) => number): Line {
  const { direction } = line;
  const text = line.pieces.map((piece) => piece.text).join("");
  if (direction === "ltr" && !rightToLeft.test(text)) return line;
  const { levels } = bidi.getEmbeddingLevels(text, direction);
  const mirrored = bidi.getMirroredCharactersMap(text, levels);
  const atoms: Atom[] = [];
  let at = 0;
  for (const piece of line.pieces) {
    let open: Atom | null = null;
    for (const character of piece.text) {
      const level = levels[at] ?? 0;
      const shown = mirrored.get(at) ?? character;
      const isOdd = level % 2 === 1;
      // Shaping turns a word round by itself, not the order of words.
      if (open !== null && open.level === level && !(isOdd && (character === " " || open.text === " ")))
        open.text += shown;
      else atoms.push((open = { ...piece, text: shown, level }));
      at += character.length;
    }
  }
  const pieces = atoms.map(({ level, ...piece }): Piece => {
    // The fallback font has no rules of shaping, and so is not turned round.
    const turned = level % 2 === 1 && piece.font === "fallback" ? { ...piece, text: reversed(piece.text) } : piece;
    return { ...turned, width: widthOf(turned) };
  });
  const order = pieces.map((piece, index) => ({ piece, level: atoms[index]?.level ?? 0 }));
  const highest = Math.max(0, ...order.map(({ level }) => level));
  for (let level = highest; level > 0; level--)
    for (let from = 0; from < order.length; from++) {
      let to = from;
      while (to < order.length && (order[to]?.level ?? 0) >= level) to++;
      if (to - from > 1) order.splice(from, to - from, ...order.slice(from, to).toReversed());
      from = Math.max(from, to - 1);
    }
  const shown = order.map(({ piece }) => piece);
  return { pieces: shown, width: shown.reduce((sum, { width }) => sum + width, 0), direction };
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const reversed = (text: string): string =>
  Array.from(graphemes.segment(text), ({ segment }) => segment)
    .toReversed()
    .join("");
