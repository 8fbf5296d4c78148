import fc from "fast-check";
import { expect, test } from "vitest";
import { diffOf, diffStat, diffToken } from "./diff-token.ts";

test("a diff comes back from its name in the address as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 2000, unit: "grapheme" }), async (text) => {
      const token = await diffToken(text);
      expect(token).toMatch(/^z[\w-]*$/);
      expect(await diffOf(token)).toBe(text);
    }),
  );
});

test("a name that somebody made up leads to no diff, and no harm", async () => {
  for (const token of ["z", "z!!", "zAAAA", "znonsense", "x"]) expect(await diffOf(token)).toBeNull();
});

test("a diff's files and lines are counted, headers and renames are no lines", () => {
  const diff = [
    "diff --git a/one.ts b/one.ts",
    "--- a/one.ts",
    "+++ b/one.ts",
    "@@ -1,3 +1,3 @@",
    " same",
    "-old",
    "+new",
    "+more",
    "diff --git a/two.ts b/three.ts",
    "similarity index 100%",
    "rename from two.ts",
    "rename to three.ts",
  ].join("\n");
  expect(diffStat(diff)).toEqual({ files: 2, added: 2, removed: 1 });
  expect(diffStat("no diff at all\n--- nor this")).toMatchObject({ files: 0 });
});
