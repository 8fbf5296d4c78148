// Labels of axes: numbers one over the other whose values grow with where they stand, and times side by side.
import type { TextLine } from "./assemble-lines.ts";
import { type Card, endOf, type Layout } from "./layout.ts";
import { isTime, type Quantity, wholeQuantity } from "./read-quantities.ts";

export interface Axis {
  card: Card;
  /** From top to bottom. */
  ticks: TextLine[];
}

interface Mark {
  line: TextLine;
  quantity: Quantity;
}

/** Those that lie on one straight line from height to value, give or take a twentieth of the whole. */
function onOneScale(marks: readonly Mark[]): Mark[] {
  let best: Mark[] = [];
  for (const [at, a] of marks.entries())
    for (const b of marks.slice(at + 1)) {
      const [from, to] = [a.quantity.value ?? 0, b.quantity.value ?? 0];
      if (from <= to || b.line.y - a.line.y < a.line.height) continue;
      const slope = (to - from) / (b.line.y - a.line.y);
      const range = Math.max(from - to, 1e-9);
      const fitting = marks.filter(
        ({ line, quantity }) => Math.abs(from + slope * (line.y - a.line.y) - (quantity.value ?? 0)) < 0.05 * range,
      );
      if (fitting.length > best.length) best = fitting;
    }
  return best;
}

/** Axes of charts: most of a column on one scale. Three marks make one, or two where times stand below. `cells` are those of tables. */
export function axesOf({ lines, cardOf }: Layout, cells: ReadonlyMap<TextLine, string>): Axis[] {
  const marks = lines.flatMap((line): Mark[] => {
    const quantity = wholeQuantity(line.text);
    return quantity === null || cells.has(line) ? [] : [{ line, quantity }];
  });
  const times = lines.filter(({ text }) => isTime(text));
  const taken = new Set<TextLine>();
  const axes: Axis[] = [];
  for (const { line } of marks) {
    if (taken.has(line)) continue;
    const near = 1.1 * line.height;
    const column = marks
      .filter(({ line: other }) => Math.abs(endOf(other) - endOf(line)) < near && cardOf(other) === cardOf(line))
      .toSorted((a, b) => a.line.y - b.line.y);
    const scale = onOneScale(column);
    const last = scale.at(-1)?.line;
    const below =
      last === undefined
        ? []
        : times.filter(
            (time) =>
              time.y > last.y - last.height &&
              time.y - last.y < 4 * last.height &&
              time.x > line.x - 4 * near &&
              time.x < line.x + 60 * near,
          );
    if (scale.length < Math.max(2, 0.6 * column.length) || (scale.length < 3 && below.length < 2)) continue;
    // One that was read wrongly still stands in the column.
    const [top, bottom] = [scale[0]?.line.y ?? 0, last?.y ?? 0];
    const units = new Set(scale.map(({ quantity }) => quantity.unit));
    const ticks = column.filter(
      ({ line: one, quantity }) =>
        scale.some((mark) => mark.line === one) ||
        (one.y > top - 3 * near && one.y < bottom + 3 * near && units.has(quantity.unit)),
    );
    for (const tick of ticks) taken.add(tick.line);
    axes.push({ card: cardOf(line), ticks: ticks.map((tick) => tick.line) });
  }
  return axes;
}
