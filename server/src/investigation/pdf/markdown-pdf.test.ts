// PDFs are read back with another library than the one that writes them.
import { describe, expect, it } from "vitest";
import { extractText, getDocumentProxy } from "unpdf";
import { createMakePdf } from "./make-pdf.ts";
import { markdownToPdf } from "./markdown-pdf.ts";

const never = new AbortController().signal;
const createdAt = new Date("2026-01-02T03:04:05Z");
const pagesOf = async (bytes: Uint8Array): Promise<string[]> => {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)));
  return text.map((page) => page.replaceAll(/\s+/g, " "));
};
const read = async (markdown: string): Promise<string[]> =>
  pagesOf(await markdownToPdf({ title: "T", markdown, footer: "INC-1", createdAt }));

describe("a PDF of Markdown", () => {
  it("has every kind of block as text", async () => {
    const [page] = await read(
      "# Heading *one*\n\nA **bold** word, `code`, [a link](https://x.example/1) and &lt;b&gt; \\*.\n\n- first\n  - inner\n- [x] done\n- [ ] open\n\n1. one\n2. two\n\n> quoted\n\n```\nlet a = 1;\n```\n\n---\n\n| A | B |\n|---|---|\n| c1 | c2 |\n",
    );
    for (const part of [
      "Heading one",
      "A bold word, code, a link and <b> *.",
      "first",
      "inner",
      "☑",
      "☐",
      "done",
      "2.",
      "quoted",
      "A",
      "c2",
      "INC-1",
      "1 / 1",
    ])
      expect(page).toContain(part);
    expect(page!.replaceAll("\u00a0", " ")).toContain("let a = 1;");
  });

  it("loses no character of any script", async () => {
    const texts = [
      "Größe Żółć Ελλάδα Москва",
      "決済が失敗した",
      "결제 오류",
      "支付失败",
      "भुगतान",
      "😀🔥",
      "שלום",
      "±≤→€",
    ];
    const [page] = await read(texts.map((text) => `- ${text}`).join("\n"));
    const squeeze = (text: string): string => text.normalize("NFKC").replaceAll(/\s/g, "");
    for (const text of texts.filter((one) => !/[\u0590-\u05FF]/.test(one)))
      expect(squeeze(page!)).toContain(squeeze(text));
    // Right-to-left text may come back in either order.
    for (const letter of "שלום") expect(page).toContain(letter);
  });

  it("carries a long table over pages, with its head on each and every row once", async () => {
    const rows = Array.from(
      { length: 300 },
      (_, at) => `| 2026-01-02 03:${at} | row-${at}- ${"word ".repeat(at % 7)} | shop |`,
    );
    const pages = await read(`| Time | What | Source |\n|---|---|---|\n${rows.join("\n")}`);
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages) expect(page).toContain("Time What Source");
    const all = pages.join(" ");
    for (let at = 0; at < 300; at++) expect(all.split(`row-${at}-`)).toHaveLength(2);
  });

  it("breaks what is longer than a line or a page, and draws hostile text as text", async () => {
    const long = "x".repeat(30_000);
    const pages = await read(
      `| a | b |\n|---|---|\n| ${long} | y |\n\n${"[".repeat(500)}\n\n<script>alert(1)</script>\n\n${"> ".repeat(60)}deep\n\n![p](http://10.0.0.1/x.png)`,
    );
    expect(pages.join("").split("x").length).toBeGreaterThan(30_000);
    expect(pages.join(" ")).toContain("<script>alert(1)</script>");
    expect(pages.join(" ")).toContain("deep");
    expect(pages.join(" ")).toContain("[p: http://10.0.0.1/x.png]");
    expect(await read("")).toHaveLength(1);
  });

  it("is made in a worker, several at once, and given up when the caller goes away", async () => {
    const make = createMakePdf();
    const options = { title: "T", markdown: "# One", footer: "f", createdAt };
    const made = await Promise.all([1, 2, 3, 4].map(() => make(options, never)));
    for (const bytes of made) expect((await pagesOf(bytes))[0]).toContain("One");
    const gone = new AbortController();
    const cancelled = make({ ...options, markdown: "word ".repeat(90_000) }, gone.signal);
    gone.abort();
    await expect(cancelled).rejects.toThrow();
    expect((await pagesOf(await make(options, never)))[0]).toContain("One");
  });
});
