import { describe, expect, it } from "vitest";
import { parseUnifiedDiff } from "./unified-diff.ts";

describe("reading a unified diff", () => {
  it("tells the old lines that are changed and where lines are inserted", () => {
    const diff = `diff --git a/src/pay.ts b/src/pay.ts
index 1..2 100644
--- a/src/pay.ts
+++ b/src/pay.ts
@@ -10,6 +10,7 @@ class PayService {
 ten
-eleven
-twelve
+new eleven
 thirteen
 fourteen
+inserted
+inserted too
 fifteen
@@ -40,0 +42 @@
+appended after forty
`;
    expect(parseUnifiedDiff(diff)).toEqual([
      { oldPath: "src/pay.ts", newPath: "src/pay.ts", changed: [[11, 12]], inserted: [14, 40] },
    ]);
  });

  it("takes blank lines that come or go for no change", () => {
    const diff = `--- a/src/pay.ts
+++ b/src/pay.ts
@@ -10,5 +10,6 @@
 ten
-
+
+  \t
 twelve
-thirteen
-
+new thirteen
 fifteen
`;
    expect(parseUnifiedDiff(diff)).toMatchObject([{ changed: [[13, 13]], inserted: [] }]);
  });

  it("knows new, removed and renamed files", () => {
    const diff = `diff --git a/new.ts b/new.ts
--- /dev/null
+++ b/new.ts
@@ -0,0 +1 @@
+x
diff --git a/gone.ts b/gone.ts
--- a/gone.ts
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/old.ts b/moved.ts
similarity index 100%
rename from old.ts
rename to moved.ts
`;
    expect(parseUnifiedDiff(diff).map(({ oldPath, newPath }) => [oldPath, newPath])).toEqual([
      [null, "new.ts"],
      ["gone.ts", null],
      ["old.ts", "moved.ts"],
    ]);
  });

  it("does not take removed lines that look like headers for files", () => {
    const diff = `--- a/a.sql
+++ b/a.sql
@@ -1,3 +1,1 @@
--- a comment
--- another
 select 1
`;
    expect(parseUnifiedDiff(diff)).toEqual([{ oldPath: "a.sql", newPath: "a.sql", changed: [[1, 2]], inserted: [] }]);
  });

  it("finds nothing in what is no diff", () => {
    expect(parseUnifiedDiff("hello\nworld")).toEqual([]);
  });
});
