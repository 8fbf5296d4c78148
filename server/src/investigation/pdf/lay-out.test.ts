// Lines as they are drawn: pieces from left to right, whatever direction their scripts have.
import { describe, expect, it } from "vitest";
import type { Run } from "./inline-runs.ts";
import { layOut, type Measure } from "./lay-out.ts";

const run = (text: string, more: Partial<Run> = {}): Run => ({
  text,
  bold: false,
  italic: false,
  mono: false,
  link: null,
  ...more,
});
/** Each character is one wide; Arabic is in two of the fonts, Syriac in none but the last. */
const measure: Measure = {
  width: (text) => Array.from(text).length,
  has: (font, codePoint) =>
    font === "fallback" || codePoint < 0x600 || (codePoint < 0x700 && (font === "regular" || font === "bold")),
};
const lines = (runs: Run[], width = 200) => layOut(runs, 1, width, measure);
const seen = (runs: Run[], width?: number): string[] =>
  lines(runs, width).map(({ pieces }) => pieces.map(({ text }) => text).join(""));

describe("a line of text", () => {
  it("is left alone where everything reads from left to right", () => {
    const [line] = lines([run("It fails at "), run("src/pay.ts", { mono: true }), run(" since noon (10:00)")]);
    expect(line?.pieces.map(({ text }) => text)).toEqual(["It fails at ", "src/pay.ts", " since noon (10:00)"]);
    expect(line?.direction).toBe("ltr");
  });

  // Within a word the shaping of the font turns the letters round: the pieces hold them as they are written.
  it("has right-to-left words in their order, numbers and other words from left to right, brackets mirrored", () => {
    expect(seen([run("שלום עולם (כאן) 42 abc def")])).toEqual(["abc def 42 )כאן( עולם שלום"]);
    expect(seen([run("The note says שלום עולם to all")])).toEqual(["The note says עולם שלום to all"]);
    expect(seen([run("مرحبا بالعالم 404")])).toEqual(["404 بالعالم مرحبا"]);
    expect(lines([run("שלום abc")])[0]?.direction).toBe("rtl");
    expect(lines([run("abc שלום")])[0]?.direction).toBe("ltr");
  });

  it("is broken before it is turned: the first words stand on the first line", () => {
    expect(seen([run("אחת שתיים שלוש ארבע")], 10)).toEqual([" שתיים אחת", "ארבע שלוש"]);
    expect(lines([run("אחת שתיים שלוש ארבע")], 10).every(({ direction }) => direction === "rtl")).toBe(true);
  });

  it("keeps runs in their own fonts and links", () => {
    const [line] = lines([run("ראה "), run("כאן", { bold: true, link: "https://x.example/" }), run(" עכשיו")]);
    expect(line?.pieces.map(({ text, font, link }) => [text, font, link])).toEqual([
      ["עכשיו", "regular", null],
      [" ", "regular", null],
      ["כאן", "bold", "https://x.example/"],
      [" ", "regular", null],
      ["ראה", "regular", null],
    ]);
  });

  it("takes the upright font where the slanted one lacks a script, and turns letters round where no font shapes them", () => {
    const [arabic] = lines([run("مرحبا", { italic: true })]);
    expect(arabic?.pieces.map(({ text, font }) => [text, font])).toEqual([["مرحبا", "regular"]]);
    const [syriac] = lines([run("\u0710\u0712\u0713")]);
    expect(syriac?.pieces.map(({ text, font }) => [text, font])).toEqual([["\u0713\u0712\u0710", "fallback"]]);
  });

  it("reads code from left to right, with the right-to-left words in it in their order", () => {
    const [line] = lines([run("let a = 'שלום עולם';", { mono: true })]);
    expect(line?.direction).toBe("ltr");
    expect(line?.pieces.map(({ text }) => text).join("")).toBe("let a = 'עולם שלום';");
  });
});
