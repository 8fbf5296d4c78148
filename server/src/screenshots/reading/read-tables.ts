// Tables: a row of headings with rows below whose cells stand under them. A cell is named by its row's first cell and its heading.
import type { TextLine } from "./assemble-lines.ts";
import { besideX, type Card, endOf } from "./layout.ts";
import { hasWords, quantitiesIn } from "./read-quantities.ts";

const isHeading = ({ text }: TextLine): boolean =>
  text.length <= 32 && quantitiesIn(text).length === 0 && /\p{L}/u.test(text);

/** The heading that a cell stands under: the one that begins nearest to it, at the left or the right edge. */
function headingOf(cell: TextLine, headings: readonly TextLine[]): TextLine | null {
  const apart = (heading: TextLine): number =>
    Math.min(Math.abs(heading.x - cell.x), Math.abs(endOf(heading) - endOf(cell)));
  const nearest = headings.toSorted((a, b) => apart(a) - apart(b))[0];
  if (nearest === undefined) return null;
  return besideX(nearest, cell) || apart(nearest) < 2 * cell.height ? nearest : null;
}

/** Names of the cells that are figures. */
export function tableCells({ rows }: Card): Map<TextLine, string> {
  const names = new Map<TextLine, string>();
  let headings: readonly TextLine[] = [];
  let lastY = 0;
  for (const row of rows) {
    const [first] = row;
    if (first === undefined) continue;
    const figures = row.slice(1).filter(({ text }) => quantitiesIn(text).length > 0 || /^\d+$/.test(text.trim()));
    if (
      row.length >= 3 &&
      row.every(isHeading) &&
      figures.length === 0 &&
      (headings.length === 0 || first.y - lastY > 6 * first.height)
    ) {
      headings = row;
      lastY = first.y;
      continue;
    }
    if (headings.length === 0 || figures.length === 0 || row.length < 2) continue;
    if (first.y - lastY > 8 * first.height) {
      headings = [];
      continue;
    }
    lastY = first.y;
    if (!hasWords(first.text)) continue;
    for (const cell of figures) {
      const heading = headingOf(cell, headings.slice(1));
      if (heading !== null) names.set(cell, `${first.text} ${heading.text}`);
    }
  }
  return names;
}
