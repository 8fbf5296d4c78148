// Figures of a screen with what they belong to, and its panels: what stands large in a card, charts by their axes, tables by their headings.
import type { ReadValue, TextFindings } from "@opentrace/contract/screenshots.ts";
import type { TextLine } from "./assemble-lines.ts";
import { aligned, besideX, bottomOf, type Card, endOf, type Layout } from "./layout.ts";
import { type Axis, axesOf } from "./read-axes.ts";
import { hasWords, isTime, type Quantity, quantitiesIn, wholeQuantity } from "./read-quantities.ts";
import { tableCells } from "./read-tables.ts";
import { timeRangeOf } from "./read-times.ts";

const most = { values: 80, panels: 40, text: 400, title: 80 } as const;

export interface Figures {
  values: ReadValue[];
  panels: TextFindings["panels"];
  axes: Axis[];
}

export const short = (text: string): string => (text.length > most.text ? `${text.slice(0, most.text - 1)}…` : text);

/** What may name a figure: words that hold no figure themselves. */
const names = ({ text }: TextLine): boolean =>
  (hasWords(text) || /^p\d{2,3}$/.test(text)) &&
  text.length <= most.title &&
  quantitiesIn(text).every(({ unit }) => unit === null) &&
  timeRangeOf([text]) === null;

interface Neighbour {
  line: TextLine;
  gap: number;
}

/** The nearest name directly over or under a figure. */
function neighbour(figure: TextLine, lines: readonly TextLine[], side: "above" | "below"): Neighbour | null {
  const near = lines.flatMap((line): Neighbour[] => {
    if (line === figure || !names(line) || line.height > 1.2 * figure.height) return [];
    const gap = side === "above" ? figure.y - bottomOf(line) : line.y - bottomOf(figure);
    const most =
      side === "above"
        ? Math.max(2.5 * figure.height, 5 * line.height)
        : Math.max(1.2 * figure.height, 2.5 * line.height);
    return gap >= -0.35 * line.height && gap < most && (besideX(line, figure) || aligned(line, figure))
      ? [{ line, gap }]
      : [];
  });
  return near.toSorted((a, b) => a.gap - b.gap)[0] ?? null;
}

/** A title at the left of its card for a figure at the right, where nothing shows where the card ends: over it, and the nearest that begins before it. */
function beforeAbove(figure: TextLine, lines: readonly TextLine[]): Neighbour | null {
  const over = lines.filter(
    (line) =>
      names(line) &&
      line.x <= figure.x + figure.height / 2 &&
      line.height < figure.height &&
      figure.y - bottomOf(line) >= -0.35 * line.height &&
      figure.y - bottomOf(line) < 2.5 * figure.height,
  );
  const away = (line: TextLine): number => figure.x - line.x + 3 * (figure.y - bottomOf(line));
  const last = over.toSorted((a, b) => away(a) - away(b))[0];
  return last === undefined ? null : { line: last, gap: figure.y - bottomOf(last) };
}

/** In a card that has no name over or under its figure, its first line: a title at the left of a figure at the right. */
function titleIn({ area, rows }: Card, figure: TextLine): TextLine | null {
  if (area === null) return null;
  const title = rows[0]?.find(names);
  return title !== undefined && bottomOf(title) <= figure.y + 0.5 * title.height && rows.length <= 8 ? title : null;
}

/** Whether the large figures of a row have their names above or below: all of them alike. */
function sideOf(row: readonly TextLine[], { cardOf }: Layout, all: readonly TextLine[]): "above" | "below" {
  let [above, below] = [0, 0];
  for (const figure of row) {
    const card = cardOf(figure);
    const lines = card.area === null ? all : card.rows.flat();
    const [over, under] = [neighbour(figure, lines, "above"), neighbour(figure, lines, "below")];
    const close = (one: Neighbour | null): boolean => one !== null && aligned(one.line, figure);
    if (close(over) && !(close(under) && (under?.gap ?? 0) < 0.6 * (over?.gap ?? 0))) above++;
    else if (close(under)) below++;
    else if (over !== null || titleIn(card, figure) !== null) above++;
  }
  return below > above ? "below" : "above";
}

/** The first words of a row name its figures where nothing else does. */
function leftOf(figure: TextLine, lines: readonly TextLine[]): TextLine | null {
  const inRow = lines.filter(
    (line) => line.row === figure.row && endOf(line) <= figure.x + 0.5 * figure.height && hasWords(line.text),
  );
  return inRow.toSorted((a, b) => a.x - b.x)[0] ?? null;
}

/** "Duration 4.2 s": what stands before a figure in its own line, back to the end of the sentence before. */
function wordsBefore(text: string, { at }: Quantity): string | null {
  const before =
    text
      .slice(0, at)
      .split(/[;|•·]|[.,!?]\s/)
      .at(-1) ?? "";
  const clean = before.replaceAll(/[\s:=~<>≥≤(]+$/g, "").replace(/^[\s)]+/, "");
  return /\p{L}{2}/u.test(clean) ? clean.slice(-most.title) : null;
}

export function figuresOf(layout: Layout): Figures {
  const { lines, cards, cardOf, bodyHeight } = layout;
  const cells = new Map(cards.flatMap((card) => [...tableCells(card)]));
  const axes = axesOf(layout, cells);
  const ticks = new Set(axes.flatMap((axis) => axis.ticks));
  const isLarge = (line: TextLine): boolean => {
    if (line.height > 1.35 * bodyHeight) return true;
    const card = cardOf(line);
    const over = neighbour(line, lines, "above") ?? neighbour(line, lines, "below");
    const title = over !== null && aligned(over.line, line) ? over.line : titleIn(card, line);
    return title !== null && line.height > 1.3 * title.height;
  };
  const large = lines.filter(
    (line) => wholeQuantity(line.text) !== null && !ticks.has(line) && !cells.has(line) && isLarge(line),
  );
  const sides = new Map(
    [...Map.groupBy(large, ({ row }) => row)].flatMap(([, row]) => {
      const side = sideOf(row, layout, lines);
      return row.map((line) => [line, side] as const);
    }),
  );

  function labelOf(line: TextLine): TextLine | null {
    const card = cardOf(line);
    const near = card.area === null ? lines : card.rows.flat();
    const side = sides.get(line);
    if (side === undefined) return leftOf(line, near) ?? neighbour(line, near, "above")?.line ?? leftOf(line, lines);
    const direct = neighbour(line, near, side);
    if (card.area !== null && direct !== null) return direct.line;
    const before = side === "above" ? beforeAbove(line, near) : null;
    if (direct !== null && (before === null || direct.gap <= before.gap + 0.3 * line.height)) return direct.line;
    return titleIn(card, line) ?? before?.line ?? leftOf(line, near);
  }

  const values: ReadValue[] = [];
  const panels = new Map<string, ReadValue[]>();
  for (const line of lines) {
    if (ticks.has(line) || isTime(line.text) || timeRangeOf([line.text]) !== null) continue;
    const whole = wholeQuantity(line.text);
    // Bare numbers are counts of tables and ticks of axes that were missed, unless they are written large.
    if (whole !== null && whole.unit === null && !sides.has(line)) continue;
    for (const { at, ...quantity } of quantitiesIn(line.text)) {
      const own = whole === null ? wordsBefore(line.text, { ...quantity, at }) : null;
      const label = own === null ? labelOf(line) : null;
      const value = { ...quantity, label: own ?? cells.get(line) ?? (label === null ? null : short(label.text)) };
      values.push(value);
      if (sides.has(line) && label !== null)
        panels.set(short(label.text), [...(panels.get(short(label.text)) ?? []), value]);
    }
  }
  for (const title of [...chartTitles(axes, lines), ...cardTitles(cards, large)])
    if (!panels.has(title)) panels.set(title, []);
  return {
    axes,
    values: values.slice(0, most.values),
    panels: [...panels].slice(0, most.panels).map(([title, own]) => ({ title, values: own })),
  };
}

/** The first line of a card that has an axis; without a card, what stands over the axis. */
function chartTitles(axes: readonly Axis[], lines: readonly TextLine[]): string[] {
  return axes.flatMap(({ card, ticks }) => {
    const [top] = ticks;
    if (top === undefined) return [];
    const first = card.area === null ? undefined : card.rows[0]?.find(names);
    if (first !== undefined && first.y < top.y) return [short(first.text)];
    const above = lines.filter(
      (line) =>
        names(line) &&
        bottomOf(line) <= top.y + 0.5 * line.height &&
        top.y - line.y < 6 * line.height &&
        line.x > top.x - 10 * top.height &&
        line.x < top.x + 25 * top.height,
    );
    const title = above.toSorted((a, b) => b.y - a.y || a.x - b.x)[0];
    return title === undefined ? [] : [short(title.text)];
  });
}

/** Cards with a line alone on top and several below: lists and tables. A tall narrow one is a menu. */
function cardTitles(cards: readonly Card[], large: readonly TextLine[]): string[] {
  return cards.flatMap(({ area, rows }) => {
    const [first, ...rest] = rows;
    const [title] = first ?? [];
    if (area === null || first?.length !== 1 || title === undefined || !names(title)) return [];
    const isMenu = area.height > 2 * area.width && rest.every((row) => row.length === 1);
    return rest.length < 2 || isMenu || rest.flat().some((line) => large.includes(line)) ? [] : [short(title.text)];
  });
}
