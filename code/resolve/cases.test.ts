// Tiny sources by category, each with the exact set of CALLS edges it must give: nothing missing, nothing extra.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { callLines } from "./testing/tiny-repository.ts";

interface Case {
  title: string;
  sources: Record<string, string>;
  expected: string[];
}

/** `# title`, source of `main`, further files after `--- path`, and `-> edge | edge` at the end. */
function readCases(name: string, extension: string): Case[] {
  const text = readFileSync(new URL(`./cases/${name}.txt`, import.meta.url), "utf8");
  return text
    .split(/^# (?=[\w ]+: )/m)
    .slice(1)
    .map((block) => {
      const lines = block.trimEnd().split("\n");
      const title = lines[0]!;
      const last = lines.findLastIndex((line) => line.startsWith("->"));
      const sources: Record<string, string> = {};
      let path = `main${extension}`;
      for (const line of lines.slice(1, last)) {
        const file = /^--- (\S+)$/.exec(line);
        if (file !== null) {
          path = file[1]!;
          sources[path] = "";
        } else sources[path] = `${sources[path] ?? ""}${line}\n`;
      }
      const expected = lines[last]!.slice(2)
        .split("|")
        .map((edge) => edge.trim())
        .filter((edge) => edge !== "");
      return { title, sources, expected: [...new Set(expected)].sort() };
    });
}

for (const [name, extension, least] of [
  ["python", ".py", 100],
  ["python-moves", ".py", 70],
  ["python-attributes", ".py", 10],
  ["javascript", ".js", 100],
  ["javascript-moves", ".js", 60],
  ["typescript", ".ts", 20],
  ["go", ".go", 30],
] as const) {
  describe(name, () => {
    const cases = readCases(name, extension);
    test("there are enough cases to say something", () => {
      expect(cases.length).toBeGreaterThanOrEqual(least);
    });
    for (const one of cases) {
      // What is known to be missed is written down; it is told when it is missed no more.
      const run = one.title.startsWith("open: ") ? test.fails : test;
      run(one.title, () => {
        expect(callLines(one.sources)).toEqual(one.expected);
      });
    }
  });
}
