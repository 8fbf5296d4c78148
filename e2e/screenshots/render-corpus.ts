// Renders the corpus that the offline reading is measured on: images and what is really written on them, from the browser's own layout.
// `node e2e/screenshots/render-corpus.ts` writes server/src/screenshots/testing/corpus/. It wants Debian's fonts-liberation, fonts-dejavu,
// fonts-inter, fonts-roboto-unhinted, fonts-open-sans, fonts-lato, fonts-firacode and fonts-jetbrains-mono, and stops without them.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { launchBrowser } from "../testing/browser.ts";
import { contentOf } from "./invented-content.ts";
import { heldOutTemplates } from "./held-out-screens.ts";
import { templates } from "./invented-screens.ts";
import type { Look, Template } from "./screen-parts.ts";
import { secondTemplates } from "./second-screens.ts";

const folder = join(import.meta.dirname, "..", "..", "server", "src", "screenshots", "testing", "corpus");

interface Looks {
  templates: Readonly<Record<string, Template>>;
  /** Of each template, in another look. */
  variants: number;
  firstSeed: number;
  fonts: readonly string[];
  monos: readonly string[];
  sizes: readonly (readonly [width: number, height: number])[];
  zooms: readonly number[];
}

const accents = ["#2563eb", "#d97706", "#059669", "#7c3aed"];
/** Rules may be made by looking at `first` and `second`; `held_out` is for measuring alone. */
const sets: Readonly<Record<"first" | "second" | "held_out", Looks>> = {
  first: {
    templates,
    variants: 4,
    firstSeed: 1,
    fonts: ["'Liberation Sans',sans-serif", "'DejaVu Sans',sans-serif", "'Liberation Sans Narrow',sans-serif", "'DejaVu Sans Condensed',sans-serif"],
    monos: ["'DejaVu Sans Mono',monospace", "'Liberation Mono',monospace"],
    sizes: [[1280, 720], [1920, 1080], [1024, 768], [1440, 900]],
    zooms: [1, 0.75, 1.25, 2, 1.5],
  },
  second: {
    templates: secondTemplates,
    variants: 2,
    firstSeed: 101,
    fonts: ["'Liberation Sans',sans-serif", "'DejaVu Sans',sans-serif", "Lato,sans-serif"],
    monos: ["'DejaVu Sans Mono',monospace", "'Fira Code',monospace"],
    sizes: [[1366, 768], [1600, 900], [1920, 1080]],
    zooms: [1, 1.25, 1.5],
  },
  held_out: {
    templates: heldOutTemplates,
    variants: 3,
    firstSeed: 201,
    fonts: ["Inter,sans-serif", "Roboto,sans-serif", "'Open Sans',sans-serif", "'Roboto Condensed',sans-serif"],
    monos: ["'JetBrains Mono',monospace", "'Liberation Mono',monospace"],
    sizes: [[1536, 864], [1920, 1080], [1280, 800], [1120, 700]],
    zooms: [1, 1.25, 0.9, 1.75],
  },
}; // prettier-ignore

/** Runs in the page: what shows of it, word by word, and what the marked texts mean. */
const truthOfPage = `(() => {
  const shows = (rect) => rect.left >= 0 && rect.top >= 0 && rect.right <= innerWidth && rect.bottom <= innerHeight;
  const words = [];
  let last = null;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("style,script")) continue;
    for (const word of node.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      // A word broken over two lines is two words on the picture.
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
      if (rects.length !== 1 || !shows(rects[0])) continue;
      const [rect] = rects;
      // One that goes on in the next element is one word.
      const goesOn = last !== null && word.index === 0 && Math.abs(rect.left - last.right) < 1 && Math.abs(rect.bottom - last.bottom) < rect.height / 2;
      if (goesOn) words[words.length - 1] += word[0];
      else words.push(word[0]);
      last = rect;
    }
  }
  const marked = [...document.querySelectorAll("[data-is]")]
    .filter((element) => [...element.getClientRects()].every(shows) && element.getClientRects().length > 0)
    .map((element) => ({ is: element.dataset.is, of: element.dataset.of ?? null, text: element.dataset.as ?? element.textContent.replaceAll(/\\s+/g, " ").trim() }));
  return { words, marked };
})()`;

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** A font that is missing would be replaced by another without a word. */
async function needFonts(browser: Browser, fonts: readonly string[]): Promise<void> {
  const page = await browser.newPage();
  for (const font of fonts) {
    const [family = ""] = font.split(",");
    const widthIn = (css: string): Promise<number> =>
      page.evaluate(
        `(() => { const c = document.createElement("canvas").getContext("2d"); c.font = ${JSON.stringify(`40px ${css}`)}; return c.measureText("mmmWWWiiill0123").width; })()`,
      );
    if (
      (await widthIn(`${family},serif`)) === (await widthIn("serif")) &&
      (await widthIn(`${family},monospace`)) === (await widthIn("monospace"))
    )
      throw new Error(`The font ${family} is not installed on this machine.`);
  }
  await page.close();
}

interface Marked {
  is: string;
  of: string | null;
  text: string;
}

const browser = await launchBrowser();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await needFonts(browser, unique(Object.values(sets).flatMap((set) => [...set.fonts, ...set.monos])));
const truth: Record<string, object> = {};
for (const [set, { templates: inSet, variants, firstSeed, fonts, monos, sizes, zooms }] of Object.entries(sets)) {
  let seed = firstSeed - 1;
  for (const [name, template] of Object.entries(inSet))
    for (let variant = 0; variant < variants; variant++) {
      seed++;
      const look: Look = {
        dark: variant % 2 === 0,
        font: fonts[(seed + variant) % fonts.length] ?? "sans-serif",
        mono: monos[seed % monos.length] ?? "monospace",
        size: 12 + ((seed * 5 + variant) % 5),
        accent: accents[seed % accents.length] ?? "#000",
      };
      const isPhone = name === "phone";
      const [width, height] = isPhone ? [1170, 2532] : (sizes[(seed + variant) % sizes.length] ?? [1280, 720]);
      const zoom = isPhone ? 3 : (zooms[(seed + variant) % zooms.length] ?? 1);
      const screen = template(contentOf(seed), look);
      const context = await browser.newContext({
        viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
        deviceScaleFactor: zoom,
      });
      const page = await context.newPage();
      await page.setContent(screen.html);
      const { words, marked } = (await page.evaluate(truthOfPage)) as { words: string[]; marked: Marked[] };
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
      const all = (what: string): string[] => marked.filter((one) => one.is === what).map(({ text }) => text);
      truth[file] = {
        set,
        look: { dark: look.dark, fontPx: look.size * zoom, zoom, width, height },
        kind: screen.kind,
        title: all("title")[0] ?? null,
        range: all("range")[0] ?? null,
        panels: all("panel"),
        values: marked.filter((one) => one.is === "value").map(({ of, text }) => ({ label: of, text })),
        ticks: unique(all("tick")),
        errors: unique(all("error")),
        services: unique(all("service")),
        words,
      };
    }
}
await browser.close();
writeFileSync(join(folder, "truth.json"), `${JSON.stringify(truth, null, 1)}\n`);
const total = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
console.log(`${Object.keys(truth).length} images, ${(total / 1e6).toFixed(2)} MB with their truth`);
