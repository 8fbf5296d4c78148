// Where lines stand to one another: which share a card (something with a ground or border of its own), which are columns of one table.
import type { Box, TextLine } from "./assemble-lines.ts";

/** Lines of one card, row by row. */
export interface Card {
  /** Null: the page itself. */
  area: Box | null;
  rows: TextLine[][];
}

export interface Layout {
  lines: readonly TextLine[];
  cards: readonly Card[];
  cardOf(line: TextLine): Card;
  /** What most of the text is written in. */
  bodyHeight: number;
}

export const endOf = ({ x, width }: Box): number => x + width;
export const bottomOf = ({ y, height }: Box): number => y + height;
const middleX = ({ x, width }: Box): number => x + width / 2;
const middleY = ({ y, height }: Box): number => y + height / 2;
const contains = (area: Box, line: TextLine): boolean =>
  middleX(line) >= area.x && middleX(line) <= endOf(area) && middleY(line) >= area.y && middleY(line) <= bottomOf(area);

export const besideX = (a: Box, b: Box): boolean => a.x < endOf(b) && b.x < endOf(a);

/** One under the other: at the left, the right, or centred. */
export function aligned(a: Box, b: Box): boolean {
  const near = 0.8 * Math.min(a.height, b.height);
  return (
    Math.abs(a.x - b.x) < near ||
    Math.abs(endOf(a) - endOf(b)) < near ||
    Math.abs(middleX(a) - middleX(b)) < Math.max(near, 0.12 * Math.max(a.width, b.width))
  );
}

function lowerMedian(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

const rowsIn = (lines: readonly TextLine[]): TextLine[][] => {
  const rows = Map.groupBy(lines, ({ row }) => row);
  return [...rows.values()]
    .map((row) => row.toSorted((a, b) => a.x - b.x))
    .toSorted((a, b) => (a[0]?.y ?? 0) - (b[0]?.y ?? 0));
};

/** `areas` are the grounds of the picture, the largest first. A button, a stripe of a table and most of a page are no cards. */
export function layOut(
  lines: readonly TextLine[],
  areas: readonly Box[],
  picture: { width: number; height: number },
): Layout {
  const whole = picture.width * picture.height;
  const inside = areas
    .filter((area) => area.width * area.height < 0.6 * whole)
    .map((area) => ({ area, lines: lines.filter((line) => contains(area, line)) }))
    .filter(({ lines: own }) => new Set(own.map(({ row }) => row)).size >= 2);
  const areaOf = new Map<TextLine, Box | null>();
  for (const line of lines) {
    const around = inside.findLast(({ area, lines: own }) => own.includes(line) && area.height > 2.2 * line.height);
    areaOf.set(line, around?.area ?? null);
  }
  const cards = [...Map.groupBy(lines, (line) => areaOf.get(line) ?? null)].map(([area, own]) => ({
    area,
    rows: rowsIn(own),
  }));
  const byArea = new Map(cards.map((card) => [card.area, card]));
  const page: Card = byArea.get(null) ?? { area: null, rows: [] };
  return {
    lines,
    cards,
    cardOf: (line) => byArea.get(areaOf.get(line) ?? null) ?? page,
    bodyHeight: lowerMedian(lines.filter(({ text }) => /\p{L}{3}/u.test(text)).map(({ height }) => height)),
  };
}
