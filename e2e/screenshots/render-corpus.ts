// Renders the corpus that the offline reading is measured on: images and what is really written on them, from the browser's own layout.
// `node e2e/screenshots/render-corpus.ts` writes server/src/screenshots/testing/corpus/.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { launchBrowser } from "../testing/browser.ts";
import { contentOf } from "./invented-content.ts";
import { type Look, templates } from "./invented-screens.ts";

const folder = join(import.meta.dirname, "..", "..", "server", "src", "screenshots", "testing", "corpus");

const fonts = ["'Liberation Sans',sans-serif", "'DejaVu Sans',sans-serif", "'Liberation Sans Narrow',sans-serif", "'DejaVu Sans Condensed',sans-serif"]; // prettier-ignore
const monos = ["'DejaVu Sans Mono',monospace", "'Liberation Mono',monospace"];
const accents = ["#2563eb", "#d97706", "#059669", "#7c3aed"];
const sizes: readonly [width: number, height: number][] = [
  [1280, 720],
  [1920, 1080],
  [1024, 768],
  [1440, 900],
];
const zooms = [1, 0.75, 1.25, 2, 1.5];

/** Runs in the page: each line of text that shows, top to bottom. */
const linesOfPage = `(() => {
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("style,script")) continue;
    const words = [...node.data.matchAll(/\\S+/g)];
    for (const word of words) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      // A word broken over two lines is two words on the picture.
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
      if (rects.length !== 1) continue;
      const [rect] = rects;
      if (rect.left < 0 || rect.top < 0 || rect.right > innerWidth || rect.bottom > innerHeight) continue;
      lines.push({ text: word[0], x: Math.round(rect.left), y: Math.round(rect.top) });
    }
  }
  return lines;
})()`;

interface PlacedWord {
  text: string;
  x: number;
  y: number;
}

const browser = await launchBrowser();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const truth: Record<string, object> = {};
let seed = 0;
for (const [name, template] of Object.entries(templates))
  for (let variant = 0; variant < 4; variant++) {
    seed++;
    const content = contentOf(seed);
    const look: Look = {
      dark: variant % 2 === 0,
      font: fonts[(seed + variant) % fonts.length] ?? "sans-serif",
      mono: monos[seed % monos.length] ?? "monospace",
      size: 12 + ((seed * 5 + variant) % 5),
      accent: accents[seed % accents.length] ?? "#000",
    };
    const [width, height] = sizes[(seed + variant) % sizes.length] ?? [1280, 720];
    const zoom = zooms[(seed + variant) % zooms.length] ?? 1;
    const screen = template(content, look);
    const context = await browser.newContext({
      viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
      deviceScaleFactor: zoom,
    });
    const page = await context.newPage();
    await page.setContent(screen.html);
    const words = (await page.evaluate(linesOfPage)) as PlacedWord[];
    const png = await page.screenshot({ type: "png" });
    await context.close();
    const format = seed % 6 === 0 ? "jpg" : seed % 11 === 0 ? "webp" : "png";
    const file = `${name}-${variant + 1}.${format}`;
    const image = sharp(png);
    const bytes =
      format === "jpg"
        ? await image.jpeg({ quality: 60 + (seed % 3) * 10 }).toBuffer()
        : format === "webp"
          ? await image.webp({ quality: 75 }).toBuffer()
          : await image.png({ palette: true, effort: 10, compressionLevel: 9 }).toBuffer();
    writeFileSync(join(folder, file), bytes);
    truth[file] = {
      look: { dark: look.dark, fontPx: look.size * zoom, zoom, width, height },
      kind: screen.kind,
      title: screen.title,
      panels: screen.panels,
      values: screen.values,
      errors: screen.errors,
      services: [...new Set(screen.services)],
      words: words.map(({ text }) => text),
    };
  }
await browser.close();
writeFileSync(join(folder, "truth.json"), `${JSON.stringify(truth, null, 1)}\n`);
const total = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
console.log(`${Object.keys(truth).length} images, ${(total / 1e6).toFixed(2)} MB with their truth`);
