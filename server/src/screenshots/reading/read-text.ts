// Reads the text of a picture with tesseract.js, whose program and language data are on the disk: nothing is fetched.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { createWorker, OEM, PSM, type Worker } from "tesseract.js";
import { limitInputPixels } from "../imaging/formats.ts";
import { assembleLines, type FoundWord, type TextLine } from "./assemble-lines.ts";
import { separateInk } from "./separate-ink.ts";

export interface TextReading {
  /** Of the picture, in pixels. */
  width: number;
  height: number;
  lines: TextLine[];
}

export interface TextReader {
  read(image: Uint8Array): Promise<TextReading>;
  close(): Promise<void>;
}

/** Larger pictures are made smaller first: this bounds memory and time. 4K fits. */
const mostPixels = 8_500_000;
/** Twice the size reads best for the 9 to 20 px of screens; very large ones have letters that are large enough. */
const mostScaledPixels = 9_500_000;

const languageFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve("@tesseract.js-data/eng/package.json")), "4.0.0_best_int");

interface Found {
  words: FoundWord[];
}

async function recognize(worker: Worker, image: Buffer, scale: number, firstPiece: number): Promise<Found> {
  const { data } = await worker.recognize(image, {}, { text: false, blocks: true });
  const words: FoundWord[] = [];
  let piece = firstPiece;
  for (const block of data.blocks ?? [])
    for (const paragraph of block.paragraphs)
      for (const line of paragraph.lines) {
        piece++;
        for (const { text, confidence, bbox } of line.words)
          words.push({
            text,
            confidence: confidence / 100,
            piece,
            x: bbox.x0 / scale,
            y: bbox.y0 / scale,
            width: (bbox.x1 - bbox.x0) / scale,
            height: (bbox.y1 - bbox.y0) / scale,
          });
      }
  return { words };
}

const overlaps = (a: FoundWord, b: FoundWord): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export async function createTextReader(): Promise<TextReader> {
  const worker = await createWorker("eng", OEM.LSTM_ONLY, {
    langPath: languageFolder(),
    gzip: true,
    cacheMethod: "none",
  });
  await worker.setParameters({
    tessedit_pageseg_mode: PSM.SPARSE_TEXT,
    // The ink is dark already: no second try with colours turned round.
    tessedit_do_invert: "0",
    user_defined_dpi: "192",
    debug_file: "/dev/null",
  } as Parameters<Worker["setParameters"]>[0]);
  return {
    async read(image) {
      const { width: fullWidth, height: fullHeight } = await sharp(image, { limitInputPixels }).metadata();
      const fit = Math.min(1, Math.sqrt(mostPixels / (fullWidth * fullHeight)));
      const { data: grey, info } = await sharp(image, { limitInputPixels })
        .flatten({ background: "#ffffff" })
        .greyscale()
        .resize(Math.max(1, Math.round(fullWidth * fit)), Math.max(1, Math.round(fullHeight * fit)), { fit: "fill" })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { width, height } = info;
      const ink = separateInk(grey, width, height);
      const scaled = async (pixels: Buffer, scale: number): Promise<Buffer> =>
        sharp(pixels, { raw: { width, height, channels: 1 } })
          .resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), { fit: "fill" })
          .toColourspace("b-w")
          .png({ compressionLevel: 1 })
          .toBuffer();
      const scale = Math.min(2, Math.max(1, Math.sqrt(mostScaledPixels / (width * height))));
      const { words } = await recognize(worker, await scaled(ink.pixels, scale), scale, 0);
      if (ink.large !== null) {
        const small = Math.min(1, 32 / ink.large.letterHeight);
        const large = await recognize(worker, await scaled(ink.large.pixels, small), small, 1_000_000);
        for (const word of large.words) {
          const other = words.filter((known) => overlaps(known, word));
          if (other.some((known) => known.confidence >= word.confidence)) continue;
          for (const known of other) words.splice(words.indexOf(known), 1);
          words.push(word);
        }
      }
      return { width, height, lines: assembleLines(words) };
    },
    async close() {
      await worker.terminate();
    },
  };
}
