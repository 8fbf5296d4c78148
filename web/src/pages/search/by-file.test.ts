import { expect, test } from "vitest";
import type { SourceMatch } from "@opentrace/contract/graph-answers.ts";
import { byFile, pieces } from "./by-file.ts";

const match = (repository: string, path: string, line: number): SourceMatch => ({
  repository,
  path,
  line,
  column: 0,
  text: "x",
  mark: { start: 0, end: 1 },
  node: null,
});

test("matches are grouped by file, also when the same path is in two repositories or a file goes on over two pages", () => {
  const files = byFile([match("a", "x.ts", 1), match("a", "x.ts", 9), match("b", "x.ts", 1), match("b", "y.ts", 2)]);
  expect(files.map(({ repository, path, matches }) => [repository, path, matches.length])).toEqual([
    ["a", "x.ts", 2],
    ["b", "x.ts", 1],
    ["b", "y.ts", 1],
  ]);
});

test("a line loses its indentation, never a part of the match", () => {
  const cut = (text: string, start: number, end: number) =>
    pieces({ text, mark: { start, end } }).map((piece) => (piece.marked ? `[${piece.text}]` : piece.text));
  expect(cut("    return charge;", 11, 17)).toEqual(["return ", "[charge]", ";"]);
  expect(cut("    return charge;", 2, 6)).toEqual(["[  re]", "turn charge;"]);
  expect(cut("abc", 0, 3)).toEqual(["[abc]"]);
});
