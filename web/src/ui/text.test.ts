import fc from "fast-check";
import { expect, test } from "vitest";
import { csvField } from "../pages/explore/impact-export.ts";
import { outlineOf } from "../pages/source/outline.ts";
import { highlight } from "./highlight.ts";
import { blocksOf, inlineOf } from "./markdown-blocks.ts";
import { bytesText, durationText, plural, relativeTime } from "./time-text.ts";

test("colouring source never loses or changes a character", () => {
  const language = fc.constantFrom("typescript", "python", "go", "cobol", null);
  const line = fc.oneof(fc.string(), fc.stringMatching(/^["'`/*#a-z\\ 0-9]{0,40}$/));
  fc.assert(
    fc.property(fc.array(line), language, (lines, of) => {
      expect(highlight(lines, of).map((tokens) => tokens.map((token) => token.text).join(""))).toEqual(lines);
    }),
  );
});

test("comments and strings go on over lines until they end", () => {
  const kinds = highlight(["/* one", "two */ const x = 1"], "typescript").map((tokens) =>
    tokens.map(({ kind }) => kind),
  );
  expect(kinds[0]).toEqual(["comment"]);
  expect(kinds[1]).toEqual(["comment", "plain", "keyword", "plain", "number"]);
  expect(
    highlight(['"""doc', 'end"""'], "python")
      .flat()
      .map(({ kind }) => kind),
  ).toEqual(["string", "string"]);
});

test("answers in Markdown become paragraphs, lists and code", () => {
  expect(blocksOf("# Title\n\nOne\ntwo\n\n- a\n- `b`\n  1. c\n\n```\nx\n```").map((block) => block.is)).toEqual([
    "heading",
    "paragraph",
    "list",
    "code",
  ]);
  expect(inlineOf("**a** `b_c_d` [x](/explore?q=1) \\*")).toEqual([
    { is: "strong", text: "a" },
    { is: "text", text: " " },
    { is: "code", text: "b_c_d" },
    { is: "text", text: " " },
    { is: "link", text: "x", href: "/explore?q=1" },
    { is: "text", text: " *" },
  ]);
});

test("a link in an answer goes to the web or to this site, never to a script", () => {
  for (const href of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x"])
    expect(inlineOf(`[x](${href})`).some((part) => part.is === "link")).toBe(false);
});

test("what is escaped inside bold text and links is shown as it is meant", () => {
  expect(inlineOf("**A.test\\_more\\_\\*** [my\\_node](/x)")).toEqual([
    { is: "strong", text: "A.test_more_*" },
    { is: "text", text: " " },
    { is: "link", text: "my_node", href: "/x" },
  ]);
});

test("names with underscores stay as they are", () => {
  expect(inlineOf("load_all_files of my_module")).toEqual([{ is: "text", text: "load_all_files of my_module" }]);
});

test("times and amounts read as people say them", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const at = (text: string): string => relativeTime(Date.parse(text), now);
  expect(at("2026-11-21T11:59:57Z")).toBe("just now");
  expect(at("2026-11-21T11:58:00Z")).toBe("2 minutes ago");
  expect(at("2026-11-20T12:00:00Z")).toBe("yesterday");
  expect(at("2026-11-23T12:00:00Z")).toBe("in 2 days");
  expect([0.44, 12, 200, 7500].map(durationText)).toEqual(["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]);
  expect([plural(1, "node"), plural(2500, "node"), plural(0, "repository", "repositories")]).toEqual([
    "1 node",
    "2,500 nodes",
    "0 repositories",
  ]);
});

test("sizes read as file managers say them", () => {
  expect([0, 999, 1000, 3249, 14_400_000, 2e13].map(bytesText)).toEqual([
    "0 B",
    "999 B",
    "1 KB",
    "3.2 KB",
    "14 MB",
    "20 TB",
  ]);
});

test("a CSV field is quoted where it must be, and never a formula", () => {
  expect(csvField('say "a, b"')).toBe('"say ""a, b"""');
  expect(csvField("=HYPERLINK(1)")).toBe("'=HYPERLINK(1)");
  expect(csvField("@scope/name")).toBe("'@scope/name");
  expect(csvField(-1)).toBe("-1");
});

test("the outline nests symbols by their lines", () => {
  const symbol = (name: string, startLine: number, endLine: number) => ({
    id: name,
    key: name,
    type: "Function" as const,
    name,
    props: { range: { startLine, endLine } },
  });
  const outline = outlineOf([
    symbol("after", 12, 14),
    symbol("method", 3, 5),
    symbol("Class", 2, 10),
    symbol("constant", 1, 1),
  ]);
  expect(outline.map(({ node, depth }) => [node.name, depth])).toEqual([
    ["constant", 0],
    ["Class", 0],
    ["method", 1],
    ["after", 0],
  ]);
});
