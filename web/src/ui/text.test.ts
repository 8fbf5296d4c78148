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

test("a runbook in Markdown keeps its steps, code inside of them, tables, quotes and tasks", () => {
  const blocks = blocksOf(
    '## Check\n\n1. Look at\n   the queue\n   ```sh\n   kubectl get pods\n     -n shop\n   ```\n2. Then this\n\n> Careful:\n> it pages\n\n| Host | Load |\n|---|--:|\n| a \\| b | **9** |\n\n- [x] seen\n- [ ] told\n\n---\n#### Deep\nSee https://example.com/a_b. ~~no~~ ![graph](https://example.com/g.png "t")',
  );
  expect(blocks.map(({ is }) => is)).toEqual([
    "heading",
    "list",
    "code",
    "list",
    "quote",
    "table",
    "list",
    "rule",
    "heading",
    "paragraph",
  ]);
  expect(blocks[1]).toMatchObject({ start: 1, items: [{ inline: [{ text: "Look at the queue" }] }] });
  expect(blocks[2]).toEqual({ is: "code", text: "kubectl get pods\n  -n shop" });
  expect(blocks[3]).toMatchObject({ start: 2 });
  expect(blocks[4]).toMatchObject({ blocks: [{ inline: [{ text: "Careful: it pages" }] }] });
  expect(blocks[5]).toMatchObject({ rows: [[[{ text: "a | b" }], [{ is: "strong", text: "9" }]]] });
  expect(blocks[6]).toMatchObject({ items: [{ done: true }, { done: false }] });
  expect([blocks[0], blocks[8]]).toMatchObject([{ level: 1 }, { level: 2 }]);
  expect(blocks[9]).toMatchObject({
    inline: [
      { text: "See " },
      { is: "link", href: "https://example.com/a_b" },
      { text: ". " },
      { is: "struck", text: "no" },
      { text: " " },
      { is: "link", text: "graph", href: "https://example.com/g.png" },
    ],
  });
});

test("no text in Markdown, however broken, throws or keeps a reader waiting", () => {
  const piece = fc.constantFrom(
    "```",
    "|",
    "|-",
    "> ",
    "- ",
    "1. ",
    "**",
    "[",
    "](",
    "#",
    "~~",
    "\n",
    " ",
    "x",
    "http://",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      blocksOf(pieces.join(""));
    }),
  );
  expect(blocksOf(">".repeat(5000)).length).toBe(1);
  expect(blocksOf(`${"[".repeat(20_000)}${"*".repeat(20_000)}`).length).toBe(1);
});
