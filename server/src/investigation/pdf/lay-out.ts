// Runs of text → lines of a width: breaks at spaces, between characters of scripts without spaces, and inside words that are too long.
import type { FontName } from "./fonts.ts";
import type { Run } from "./inline-runs.ts";
import { type Direction, directionOf, inReadingOrder } from "./reading-order.ts";

export interface Piece {
  text: string;
  font: FontName;
  width: number;
  link: string | null;
}

export interface Line {
  /** From left to right, as they are seen. */
  pieces: Piece[];
  width: number;
  /** Of the paragraph that it belongs to: a line of right-to-left text begins at the right. */
  direction: Direction;
}

export interface Measure {
  width(text: string, font: FontName, size: number): number;
  has(font: FontName, codePoint: number): boolean;
}

const withoutSpaces = /[\u1100-\u11FF\u2E80-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF\uFF00-\uFFEF\u{20000}-\u{3FFFF}]/u;
const mostPieces = 200_000;

const fontOf = ({ mono, bold, italic }: Run): FontName =>
  mono ? "mono" : bold ? "bold" : italic ? "italic" : "regular";

/** Characters that are seen as one stay together. */
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Stretches of text that one font can draw. */
function byFont(text: string, wanted: FontName, measure: Measure): { text: string; font: FontName }[] {
  const parts: { text: string; font: FontName }[] = [];
  for (const { segment } of graphemes.segment(text)) {
    const drawn = (font: FontName): boolean =>
      Array.from(segment).every((one) => isInvisible(one) || measure.has(font, one.codePointAt(0)!));
    const font = drawn(wanted) ? wanted : drawn("regular") ? "regular" : "fallback";
    const last = parts.at(-1);
    if (last?.font === font) last.text += segment;
    else parts.push({ text: segment, font });
  }
  return parts;
}

const isInvisible = (character: string): boolean => /[\p{Cc}\p{Cf}\p{Mn}\uFE0F]/u.test(character);

/** Control characters have no glyph in any font. */
const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]|\p{Cf}|\uFE0F/gu, "");

export function layOut(runs: readonly Run[], size: number, width: number, measure: Measure): Line[] {
  // Code reads from left to right, whatever it holds.
  const direction = runs.every((run) => run.mono) ? "ltr" : directionOf(runs.map((run) => run.text).join(""));
  return inLines(runs, size, width, measure).map((line) =>
    inReadingOrder({ ...line, direction }, (piece) => measure.width(piece.text, piece.font, size)),
  );
}

type LogicalLine = Omit<Line, "direction">;

function inLines(runs: readonly Run[], size: number, width: number, measure: Measure): LogicalLine[] {
  const lines: LogicalLine[] = [{ pieces: [], width: 0 }];
  let made = 0;
  const put = (piece: Piece): void => {
    const line = lines.at(-1)!;
    const last = line.pieces.at(-1);
    line.width += piece.width;
    if (last !== undefined && last.font === piece.font && last.link === piece.link) {
      last.text += piece.text;
      last.width += piece.width;
    } else line.pieces.push(piece);
  };
  const wrap = (): void => void lines.push({ pieces: [], width: 0 });
  const word = (text: string, run: Run): void => {
    const parts = byFont(text, fontOf(run), measure).map((part): Piece => ({
      ...part,
      link: run.link,
      width: measure.width(part.text, part.font, size),
    }));
    const whole = parts.reduce((sum, part) => sum + part.width, 0);
    const line = lines.at(-1)!;
    if (line.width > 0 && line.width + whole > width) wrap();
    for (const part of parts) {
      if (lines.at(-1)!.width + part.width <= width) put(part);
      else inPieces(part);
    }
  };
  /** Longer than a line: as much as fits, again and again. */
  const inPieces = (part: Piece): void => {
    for (const { segment } of graphemes.segment(part.text)) {
      const own = measure.width(segment, part.font, size);
      if (lines.at(-1)!.width > 0 && lines.at(-1)!.width + own > width) wrap();
      put({ ...part, text: segment, width: own });
    }
  };
  for (const run of runs) {
    for (const token of printable(run.text).match(/\n|[^\S\n]+|[^\s]+/g) ?? []) {
      if (++made > mostPieces) return lines;
      if (token === "\n") wrap();
      else if (/^\s/.test(token)) {
        const space = measure.width(" ", fontOf(run), size);
        const line = lines.at(-1)!;
        if (line.width > 0 && line.width + space <= width)
          put({ text: " ", font: fontOf(run), width: space, link: run.link });
      } else for (const part of breakable(token)) word(part, run);
    }
  }
  return lines;
}

function breakable(token: string): string[] {
  if (!withoutSpaces.test(token)) return [token];
  const parts: string[] = [];
  let open = "";
  for (const { segment } of graphemes.segment(token)) {
    if (!withoutSpaces.test(segment)) {
      open += segment;
      continue;
    }
    if (open !== "") parts.push(open);
    open = "";
    parts.push(segment);
  }
  return open === "" ? parts : [...parts, open];
}
