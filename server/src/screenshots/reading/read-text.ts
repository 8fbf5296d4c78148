// Finds the words of a picture with tesseract.js, whose program and language data are on the disk: nothing is fetched.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { createWorker, OEM, PSM } from "tesseract.js";
import { limitInputPixels } from "../imaging/formats.ts";
import type { Box, FoundWord } from "./assemble-lines.ts";
import { brokenRows } from "./broken-rows.ts";
import { separateInk } from "./separate-ink.ts";

export interface FoundText {
  /** In pixels: of the picture, made smaller where it was very large. */
  width: number;
  height: number;
  words: FoundWord[];
  /** What has a ground of its own: panels, cards, buttons. The largest first. */
  areas: Box[];
}

export interface WordFinder {
  find(image: Uint8Array): Promise<FoundText>;
  close(): Promise<void>;
}

/** Larger pictures are made smaller first: this bounds memory and time. 4K fits. */
const mostPixels = 8_500_000;
/** Twice the size reads best for the 9 to 20 px of screens; very large ones have letters that are large enough. */
const mostScaledPixels = 9_500_000;
/** Tesseract takes no side longer than 32,767 pixels. */
const longestSide = 32_000;
/** What has cost so much is not read a second time. Of this process, so that a busy machine reads the same as an idle one. */
const dearCpuMs = 8_000;

const languageFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve("@tesseract.js-data/eng/package.json")), "4.0.0_best_int");

interface Grey {
  pixels: Buffer;
  width: number;
  height: number;
}

async function greyOf(image: Uint8Array): Promise<Grey> {
  const { width: fullWidth, height: fullHeight } = await sharp(image, { limitInputPixels }).metadata();
  const fit = Math.min(
    1,
    Math.sqrt(mostPixels / (fullWidth * fullHeight)),
    longestSide / Math.max(fullWidth, fullHeight),
  );
  const { data: pixels, info } = await sharp(image, { limitInputPixels })
    .flatten({ background: "#ffffff" })
    .greyscale()
    .resize(Math.max(1, Math.round(fullWidth * fit)), Math.max(1, Math.round(fullHeight * fit)), { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels, width: info.width, height: info.height };
}

const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const meanConfidence = (words: readonly FoundWord[]): number =>
  words.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, words.length);

/** How much of `inner` lies in `outer`, 0–1. */
function shareIn(inner: Box, outer: Box): number {
  const wide = Math.min(inner.x + inner.width, outer.x + outer.width) - Math.max(inner.x, outer.x);
  const tall = Math.min(inner.y + inner.height, outer.y + outer.height) - Math.max(inner.y, outer.y);
  return wide <= 0 || tall <= 0 ? 0 : (wide * tall) / Math.max(1, inner.width * inner.height);
}

/** Large words take the place of those they lie over, where they are surer; a piece of a small one that came with them does not. */
function prefer(words: readonly FoundWord[], others: readonly FoundWord[], letterHeight: number): FoundWord[] {
  const kept = [...words];
  for (const other of others) {
    if (other.height < 0.75 * letterHeight && !/^[.,:%-]+$/.test(other.text)) continue;
    const under = kept.filter((known) => overlaps(known, other));
    if (under.some((known) => known.confidence >= other.confidence || shareIn(known, other) < 0.7)) continue;
    for (const known of under) kept.splice(kept.indexOf(known), 1);
    kept.push(other);
  }
  return kept;
}

export async function createWordFinder(): Promise<WordFinder> {
  const worker = await createWorker("eng", OEM.LSTM_ONLY, {
    langPath: languageFolder(),
    gzip: true,
    cacheMethod: "none",
  });
  let piece = 0;

  async function recognize({ pixels, width, height }: Grey, part: Box, scale: number, mode: PSM): Promise<FoundWord[]> {
    await worker.setParameters({
      tessedit_pageseg_mode: mode,
      // The ink is dark already: no second try with colours turned round.
      tessedit_do_invert: "0",
      user_defined_dpi: "192",
      debug_file: "/dev/null",
    });
    const scaled = (length: number): number => Math.max(1, Math.round(length * scale));
    const png = await sharp(pixels, { raw: { width, height, channels: 1 } })
      .extract({ left: part.x, top: part.y, width: part.width, height: part.height })
      .resize(scaled(part.width), scaled(part.height), { fit: "fill" })
      .toColourspace("b-w")
      .png({ compressionLevel: 1 })
      .toBuffer();
    const { data } = await worker.recognize(png, {}, { text: false, blocks: true });
    const words: FoundWord[] = [];
    for (const line of (data.blocks ?? []).flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines))) {
      piece++;
      for (const { text, confidence, bbox } of line.words)
        words.push({
          text,
          confidence: confidence / 100,
          piece,
          x: part.x + bbox.x0 / scale,
          y: part.y + bbox.y0 / scale,
          width: (bbox.x1 - bbox.x0) / scale,
          height: (bbox.y1 - bbox.y0) / scale,
        });
    }
    return words;
  }

  return {
    async find(image) {
      piece = 0;
      const before = process.cpuUsage();
      const isDear = (): boolean => {
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000 > dearCpuMs;
      };
      const grey = await greyOf(image);
      const { width, height } = grey;
      const ink = separateInk(grey.pixels, width, height);
      const all: Box = { x: 0, y: 0, width, height };
      const scale = Math.min(
        2,
        Math.max(1, Math.sqrt(mostScaledPixels / (width * height))),
        longestSide / Math.max(width, height),
      );
      let words = await recognize({ ...grey, pixels: ink.pixels }, all, scale, PSM.SPARSE_TEXT);
      for (const { pixels, letterHeight } of ink.large) {
        if (isDear()) break;
        words = prefer(
          words,
          await recognize({ ...grey, pixels }, all, Math.min(1, 32 / letterHeight), PSM.SPARSE_TEXT),
          letterHeight,
        );
      }
      const part = isDear() ? null : brokenRows(words, ink.areas, all);
      if (part !== null) {
        const again = await recognize({ ...grey, pixels: ink.pixels }, part, scale, PSM.SINGLE_BLOCK);
        const inPart = words.filter((word) => overlaps(word, part));
        if (meanConfidence(again) > meanConfidence(inPart) - 0.1)
          words = [...words.filter((word) => !inPart.includes(word)), ...again];
      }
      return { width, height, words, areas: ink.areas };
    },
    async close() {
      await worker.terminate();
    },
  };
}
