import { describe, expect, it } from "vitest";
import { changedLines } from "./patch-lines.ts";

const patch = (...lines: string[]): string => lines.join("\n");

describe("changed lines", () => {
  const replaced = patch("@@ -10,4 +10,5 @@ class A:", " one", "-two", "+zwei", "+drei", " three", " four");

  it("are the removed ones on the old side and the added ones on the new side", () => {
    expect(changedLines(replaced, "old")).toEqual([[11, 11]]);
    expect(changedLines(replaced, "new")).toEqual([[11, 12]]);
  });

  it("of an insertion are the line before it, or the one after where that only closes something", () => {
    expect(changedLines(patch("@@ -5,2 +5,3 @@", " body", "+more", " tail"), "old")).toEqual([[5, 5]]);
    expect(changedLines(patch("@@ -5,2 +5,3 @@", " }", "+more", " tail"), "old")).toEqual([[6, 6]]);
    expect(changedLines(patch("@@ -5,2 +5,3 @@", " }", "+function b() {}", " "), "old")).toEqual([[6, 6]]);
  });

  it("of a deletion on the new side are the place where it was", () => {
    expect(changedLines(patch("@@ -5,3 +5,2 @@", " body", "-gone", " tail"), "new")).toEqual([[5, 5]]);
  });

  it("are told for each hunk, and a missing newline is no line", () => {
    const two = patch(
      "@@ -1,1 +1,1 @@",
      "-a",
      "+b",
      "@@ -20,2 +20,2 @@",
      " x",
      "-y",
      "\\ No newline at end of file",
      "+z",
    );
    expect(changedLines(two, "old")).toEqual([
      [1, 1],
      [21, 21],
    ]);
    expect(changedLines(two, "new")).toEqual([
      [1, 1],
      [21, 21],
    ]);
  });

  it("of a new file are all of it on the new side and nothing on the old", () => {
    const added = patch("@@ -0,0 +1,2 @@", "+a", "+b");
    expect(changedLines(added, "new")).toEqual([[1, 2]]);
    expect(changedLines(added, "old")).toEqual([]);
  });
});
