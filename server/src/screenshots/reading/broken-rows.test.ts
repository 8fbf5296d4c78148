import { expect, it } from "vitest";
import type { FoundWord } from "./assemble-lines.ts";
import { brokenRows } from "./broken-rows.ts";

const word = (text: string, x: number, y: number, width: number): FoundWord => ({
  text, x, y, width, height: 12, confidence: 0.9, piece: x + y,
}); // prettier-ignore
const page = { x: 0, y: 0, width: 1000, height: 600 };
const row = (y: number): FoundWord[] => [
  word("11:34:43", 120, y, 78),
  word("447", 209, y, 28),
  word("deadlock", 300, y, 90),
];

it("finds the part of a picture whose times fell to pieces, and nothing where they are whole or few", () => {
  expect(brokenRows([...row(50), ...row(80), ...row(110)], [page], page)).toEqual({
    x: 116,
    y: 46,
    width: 278,
    height: 80,
  });
  expect(brokenRows([...row(50), ...row(80)], [page], page)).toBeNull();
  const whole = [50, 80, 110, 140].flatMap((y) => [word("11:34:43.447", 120, y, 117), word("20", 300, y, 18)]);
  expect(brokenRows(whole, [page], page)).toBeNull();
});

it("keeps to the panel that the rows stand in", () => {
  const panel = { x: 100, y: 30, width: 400, height: 200 };
  const beside = word("35 ms", 700, 80, 60);
  expect(brokenRows([...row(50), ...row(80), ...row(110), beside], [page, panel], page)?.width).toBe(278);
});
