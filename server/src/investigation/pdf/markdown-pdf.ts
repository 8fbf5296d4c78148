// Markdown → PDF: headings, lists, tables over many pages with their head repeated, code, quotes; nothing is fetched, no HTML is drawn.
import { lexer, type Token, type Tokens } from "marked";
import Pdf from "pdfkit";
import { type FontName, fontSource } from "./fonts.ts";
import { type Run, runsOf, withoutEntities } from "./inline-runs.ts";
import { layOut, type Line, type Measure } from "./lay-out.ts";

export interface PdfOptions {
  title: string;
  markdown: string;
  /** At the foot of every page. */
  footer: string;
  createdAt: Date;
}

const margin = 54;
const footerRoom = 24;
const bodySize = 10;
const tableSize = 8.5;
const leading = 1.35;
const headingSizes = [20, 15, 12.5, 11, 10.5, 10] as const;
const ink = "#1c2024";
const faint = "#60646c";
const line = "#d9d9e0";
const shade = "#f4f4f7";
const linkInk = "#0b5fb0";
const mostDepth = 8;

export async function markdownToPdf({ title, markdown, footer, createdAt }: PdfOptions): Promise<Uint8Array> {
  const doc = new Pdf({
    size: "A4",
    margin,
    bufferPages: true,
    lang: "en",
    displayTitle: true,
    info: { Title: title, Creator: "OpenTrace", CreationDate: createdAt },
  });
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    doc.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
    doc.on("end", resolve);
    doc.on("error", reject);
  });
  const measure = createMeasure(doc);
  createPage(doc, measure).blocks(lexer(markdown), 0, 0);
  numberPages(doc, footer, measure);
  doc.end();
  await ended;
  return Buffer.concat(chunks);
}

type Document = InstanceType<typeof Pdf>;

/** Where a line begins that has so much room from `x` on. */
const startOf = ({ direction, width }: Line, x: number, room: number): number =>
  direction === "rtl" ? x + Math.max(0, room - width) : x;

/** What pdfkit's fonts are underneath; asked for only this. */
interface OpenedFont {
  font?: { hasGlyphForCodePoint?(codePoint: number): boolean };
}

function createMeasure(doc: Document): Measure {
  const opened = new Map<FontName, OpenedFont>();
  const known = new Map<FontName, Map<number, boolean>>();
  const open = (font: FontName): OpenedFont => {
    let found = opened.get(font);
    if (found === undefined) {
      doc.registerFont(font, fontSource(font));
      doc.font(font);
      // The one reach behind pdfkit's types: its open font says which characters it has.
      found = (doc as unknown as { _font: OpenedFont })._font;
      opened.set(font, found);
    }
    return found;
  };
  return {
    width(text, font, size) {
      open(font);
      return doc.font(font).fontSize(size).widthOfString(text);
    },
    has(font, codePoint) {
      const glyphs = known.get(font) ?? new Map<number, boolean>();
      known.set(font, glyphs);
      let has = glyphs.get(codePoint);
      if (has === undefined) glyphs.set(codePoint, (has = open(font).font?.hasGlyphForCodePoint?.(codePoint) ?? false));
      return has;
    },
  };
}

function createPage(doc: Document, measure: Measure) {
  const left = margin;
  const right = doc.page.width - margin;
  const bottom = doc.page.height - margin - footerRoom;
  let y = margin;

  const newPage = (): void => {
    doc.addPage();
    y = margin;
  };
  const need = (height: number): void => {
    if (y + height > bottom && y > margin) newPage();
  };

  function drawLine(one: Line, x: number, top: number, size: number, color: string): void {
    let at = x;
    for (const piece of one.pieces) {
      doc
        .font(piece.font)
        .fontSize(size)
        .fillColor(piece.link === null ? color : linkInk);
      doc.text(piece.text, at, top, {
        lineBreak: false,
        ...(piece.link === null ? {} : { link: piece.link, underline: true }),
      });
      at += piece.width;
    }
  }

  function text(runs: readonly Run[], x: number, size = bodySize, color = ink): void {
    for (const one of layOut(runs, size, right - x, measure)) {
      need(size * leading);
      drawLine(one, startOf(one, x, right - x), y, size, color);
      y += size * leading;
    }
  }

  function table({ header, rows }: Tokens.Table, x: number): void {
    const isHeadless = header.every((cell) => cell.text.trim() === "");
    const head = isHeadless ? null : header.map((cell) => runsOf(cell.tokens).map((run) => ({ ...run, bold: true })));
    const body = rows.map((row) => row.map((cell) => runsOf(cell.tokens)));
    const widths = columnWidths(head === null ? body : [head, ...body], right - x, measure);
    const pad = 4;
    const height = tableSize * leading;
    const lay = (row: readonly Run[][]): Line[][] =>
      row.map((cell, at) => layOut(cell, tableSize, (widths[at] ?? 0) - 2 * pad, measure));
    /** Rows taller than a page go on on the next. */
    const draw = (cells: readonly Line[][], isHead: boolean): void => {
      const total = Math.max(1, ...cells.map((cell) => cell.length));
      for (let from = 0; from < total;) {
        const room = Math.floor((bottom - y - 2 * pad) / height);
        const fits = Math.min(total - from, Math.max(room, 0));
        const isWhole = total - from <= 12;
        if (fits === 0 || (isWhole && fits < total - from && y > margin)) {
          newPage();
          if (!isHead && headLines !== null) draw(headLines, true);
          continue;
        }
        const rowHeight = fits * height + 2 * pad;
        if (isHead) doc.rect(x, y, right - x, rowHeight).fill(shade);
        let at = x;
        for (const [column, cell] of cells.entries()) {
          for (const [index, one] of cell.slice(from, from + fits).entries())
            drawLine(
              one,
              startOf(one, at + pad, (widths[column] ?? 0) - 2 * pad),
              y + pad + index * height,
              tableSize,
              ink,
            );
          at += widths[column] ?? 0;
        }
        y += rowHeight;
        doc.moveTo(x, y).lineTo(right, y).lineWidth(0.5).strokeColor(line).stroke();
        from += fits;
      }
    };
    const headLines = head === null ? null : lay(head);
    if (headLines !== null) draw(headLines, true);
    for (const row of body) draw(lay(row), false);
    y += 6;
  }

  function code(content: string, x: number): void {
    const height = tableSize * leading;
    for (const row of content.split("\n")) {
      for (const one of layOut(
        [
          {
            text: row.replaceAll("\t", "  ").replaceAll(" ", "\u00a0"),
            bold: false,
            italic: false,
            mono: true,
            link: null,
          },
        ],
        tableSize,
        right - x - 12,
        measure,
      )) {
        need(height);
        doc.rect(x, y, right - x, height).fill(shade);
        drawLine(one, x + 6, y + 1, tableSize, ink);
        y += height;
      }
    }
    y += 6;
  }

  function list({ items, ordered, start }: Tokens.List, x: number, depth: number): void {
    const first = typeof start === "number" ? start : 1;
    for (const [at, item] of items.entries()) {
      const mark = item.task ? (item.checked === true ? "☑" : "☐") : ordered ? `${first + at}.` : "•";
      need(bodySize * leading);
      const [marked] = layOut(
        [{ text: mark, bold: false, italic: false, mono: false, link: null }],
        bodySize,
        40,
        measure,
      );
      if (marked !== undefined) drawLine(marked, x, y, bodySize, faint);
      const before = y;
      blocks(item.tokens, x + 18, depth + 1, true);
      if (y === before) y += bodySize * leading;
    }
    y += 4;
  }

  function blocks(tokens: readonly Token[], indent: number, depth: number, isTight = false): void {
    const x = left + Math.min(indent - (indent >= left ? left : 0), 160);
    if (depth > mostDepth)
      return text(
        [{ text: tokens.map((token) => token.raw).join(""), bold: false, italic: false, mono: false, link: null }],
        x,
      );
    for (const token of tokens) {
      switch (token.type) {
        case "space":
          break;
        case "heading": {
          const { depth: level, tokens: inner } = token as Tokens.Heading;
          const size = headingSizes[level - 1] ?? bodySize;
          y += y === margin ? 0 : size * 0.6;
          // A heading alone at the foot of a page belongs to the next.
          need(size * leading + 3 * bodySize * leading);
          text(
            runsOf(inner).map((run) => ({ ...run, bold: true })),
            x,
            size,
          );
          y += size * 0.25;
          break;
        }
        case "list":
          list(token as Tokens.List, x, depth);
          break;
        case "table":
          table(token as Tokens.Table, x);
          break;
        case "code":
          code((token as Tokens.Code).text, x);
          break;
        case "blockquote": {
          const from = y;
          const page = doc.bufferedPageRange().count;
          blocks((token as Tokens.Blockquote).tokens, x + 12, depth + 1);
          if (page === doc.bufferedPageRange().count) doc.rect(x + 2, from, 2, Math.max(0, y - from - 4)).fill(line);
          break;
        }
        case "hr":
          need(12);
          doc
            .moveTo(x, y + 4)
            .lineTo(right, y + 4)
            .lineWidth(0.5)
            .strokeColor(line)
            .stroke();
          y += 12;
          break;
        case "html":
          text([{ text: withoutEntities(token.raw.trim()), bold: false, italic: false, mono: false, link: null }], x);
          break;
        default: {
          const { tokens: inner, raw } = token as { tokens?: Token[]; raw: string };
          text(
            inner === undefined
              ? [{ text: withoutEntities(raw.trim()), bold: false, italic: false, mono: false, link: null }]
              : runsOf(inner),
            x,
          );
          y += isTight ? 1 : 6;
        }
      }
    }
  }
  return { blocks };
}

/** By what the columns hold: each gets what it needs, up to a share of the whole; what is left goes to the widest. */
function columnWidths(rows: readonly Run[][][], whole: number, measure: Measure): number[] {
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const wanted = Array.from({ length: columns }, () => 30);
  for (const row of rows.slice(0, 200))
    for (const [at, cell] of row.entries()) {
      const text = cell
        .map((run) => run.text)
        .join("")
        .slice(0, 200);
      wanted[at] = Math.max(wanted[at] ?? 0, Math.min(whole, measure.width(text, "regular", tableSize) + 12));
    }
  const sum = wanted.reduce((all, one) => all + one, 0);
  if (sum <= whole) {
    const widest = wanted.indexOf(Math.max(...wanted));
    return wanted.map((one, at) => (at === widest ? one + whole - sum : one));
  }
  const least = Math.min(60, whole / columns);
  const kept = wanted.map((one) => Math.min(one, Math.max(least, (one / sum) * whole)));
  const scale = whole / kept.reduce((all, one) => all + one, 0);
  return kept.map((one) => one * scale);
}

function numberPages(doc: Document, footer: string, measure: Measure): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    // Below the margin pdfkit would begin a new page by itself.
    doc.page.margins.bottom = 0;
    const top = doc.page.height - margin;
    const label = `${page - start + 1} / ${count}`;
    const [said] = layOut(
      [{ text: footer, bold: false, italic: false, mono: false, link: null }],
      8,
      doc.page.width - 2 * margin - 60,
      measure,
    );
    let at = margin;
    for (const piece of said?.pieces ?? []) {
      doc.font(piece.font).fontSize(8).fillColor(faint).text(piece.text, at, top, { lineBreak: false });
      at += piece.width;
    }
    doc
      .font("regular")
      .fontSize(8)
      .fillColor(faint)
      .text(label, doc.page.width - margin - doc.widthOfString(label), top, { lineBreak: false });
  }
}
