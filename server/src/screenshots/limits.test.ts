// Pictures at the limits of what is taken: what is kept of them, and that reading them stays within its memory.
import { readdirSync, readFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppError } from "@opentrace/contract/errors.ts";
import { createImages, type Images } from "./images.ts";
import { createTextReader, type TextReader } from "./text-reader.ts";
import { corpusImage } from "./testing/corpus.ts";

const never = new AbortController().signal;
const metadata = async (bytes: Uint8Array) => await sharp(bytes).metadata();

/** The most memory that any child of this process has had, in MB. */
function peakOfChildren(): number {
  const kids = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  const peaks = kids.map((pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0));
  expect(peaks.length).toBeGreaterThan(0);
  return Math.max(...peaks) / 1024;
}

/** As many rows of text as fit. */
async function page(width: number, height: number, size: number): Promise<Buffer> {
  const rows = Array.from({ length: Math.floor(height / (size * 1.5)) }, (_, row) => {
    const words = `2026-11-21 10:${String(row % 60).padStart(2, "0")}:00 ERROR checkout connection refused `;
    return `<text x="10" y="${(row + 1) * size * 1.5}" font-size="${size}" font-family="DejaVu Sans Mono">${words.repeat(Math.ceil(width / (words.length * size * 0.6)))}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${rows.join("")}</svg>`;
  return await sharp(Buffer.from(svg), { unlimited: true }).png().toBuffer();
}

/** An animated PNG: one picture more than a still one says. */
function animated(png: Buffer): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const control = (sequence: number): Buffer => {
    const data = Buffer.alloc(26);
    data.writeUInt32BE(sequence, 0);
    data.writeUInt32BE(width, 4);
    data.writeUInt32BE(height, 8);
    return chunk("fcTL", data);
  };
  const count = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
  const second = Buffer.concat([Buffer.from([0, 0, 0, 2]), deflateSync(Buffer.alloc((width * 3 + 1) * height, 7))]);
  const end = png.length - 12;
  return Buffer.concat([png.subarray(0, 33), chunk("acTL", count), control(0), png.subarray(33, end), control(1), chunk("fdAT", second), png.subarray(end)]); // prettier-ignore
}

describe("an image that is taken in", () => {
  let images: Images;
  beforeAll(() => void (images = createImages()));
  afterAll(() => images.close());
  const still = async () =>
    await sharp({ create: { width: 120, height: 40, channels: 3, background: "#336699" } }).png().toBuffer(); // prettier-ignore

  it("is turned upright by its EXIF and forgets it", async () => {
    const turned = await sharp(await still())
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const clean = await images.clean(turned, never);
    expect({ width: clean.width, height: clean.height }).toEqual({ width: 40, height: 120 });
    expect((await metadata(clean.bytes)).orientation).toBeUndefined();
  });

  it("has eight bits a channel and screen colours, whatever it came with", async () => {
    const deep = await sharp(await still())
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    expect((await metadata(deep)).depth).toBe("ushort");
    const print = await sharp(await still())
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    expect((await metadata(print)).space).toBe("cmyk");
    for (const file of [deep, print])
      expect(await metadata((await images.clean(file, never)).bytes)).toMatchObject({ depth: "uchar", space: "srgb" });
  });

  it("is the first picture of an animation", async () => {
    const frames = [
      await still(),
      await sharp(await still())
        .negate()
        .png()
        .toBuffer(),
    ];
    const webp = await sharp(frames, { join: { animated: true } })
      .webp({ loop: 0 })
      .toBuffer();
    expect((await metadata(webp)).pages).toBe(2);
    for (const file of [webp, animated(frames[0] as Buffer)]) {
      const clean = await images.clean(file, never);
      expect({ width: clean.width, height: clean.height }).toEqual({ width: 120, height: 40 });
      expect((await metadata(clean.bytes)).pages ?? 1).toBe(1);
      const { data } = await sharp(clean.bytes).raw().toBuffer({ resolveWithObject: true });
      expect(Math.abs((data[0] ?? 0) - 0x33)).toBeLessThan(4);
    }
  });

  it("of 25 million pixels is decoded within 600 MB, and one pixel row more is refused", async () => {
    const plain = async (height: number): Promise<Buffer> =>
      await sharp({ create: { width: 5000, height, channels: 3, background: "#112233", noise: { type: "gaussian", mean: 120, sigma: 40 } } }) // prettier-ignore
        .jpeg({ quality: 40 })
        .toBuffer();
    const clean = await images.clean(await plain(5000), never);
    expect(clean.width * clean.height).toBe(25_000_000);
    expect(peakOfChildren()).toBeLessThan(600);
    await expect(images.clean(await plain(5001), never)).rejects.toMatchObject({ code: "too_large" });
  });
});

describe("the reading process", () => {
  let reader: TextReader;
  beforeAll(() => void (reader = createTextReader()));
  afterAll(() => reader.close());
  const blank = async (width: number, height: number): Promise<Buffer> =>
    await sharp({ create: { width, height, channels: 3, background: "#fff" } }).png().toBuffer(); // prettier-ignore

  it("finds nothing on an empty picture, and says it with no confidence", async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 4000],
      [4000, 1],
      [1920, 1080],
    ] as const)
      // prettier-ignore
      expect(await reader.read(await blank(width, height), never)).toMatchObject({
        text: "",
        lines: 0,
        confidence: 0,
        findings: { kind: "unknown", values: [], panels: [], error_texts: [] },
      });
  });

  it("reads a strip that is much wider than tesseract takes", async () => {
    const strip = await sharp({ create: { width: 60_000, height: 60, channels: 3, background: "#fff" } })
      .composite([
        { input: await sharp(corpusImage("http-error-1.png")).resize({ height: 60 }).toBuffer(), left: 0, top: 0 },
      ]) // prettier-ignore
      .png()
      .toBuffer();
    expect((await reader.read(strip, never)).lines).toBeGreaterThanOrEqual(0);
    const wide = await page(20_000, 60, 24);
    expect((await reader.read(wide, never)).text).toContain("connection refused");
  });

  it("stays under its memory on 25 million pixels with text, and is there again after 25 million of noise", async () => {
    const patient = createTextReader({ timeoutMs: 240_000 });
    const large = await sharp({ create: { width: 5000, height: 5000, channels: 3, background: "#fff" } })
      .composite([{ input: await page(5000, 1200, 60), left: 0, top: 400 }])
      .png()
      .toBuffer();
    expect((await patient.read(large, never)).text).toContain("connection refused");
    expect(peakOfChildren()).toBeLessThan(800);
    await patient.close();
    const noise =
      await sharp({ create: { width: 5000, height: 5000, channels: 3, background: "#fff", noise: { type: "gaussian", mean: 128, sigma: 60 } } }) // prettier-ignore
        .png({ compressionLevel: 1 })
        .toBuffer();
    const hasty = createTextReader({ timeoutMs: 10_000 });
    const outcome = await hasty.read(noise, never).catch((error: unknown) => error);
    if (outcome instanceof Error) expect((outcome as AppError).code).toMatch(/^(?:timeout|unavailable)$/);
    await hasty.close();
  });

  it("is ended when it is over its memory, with the reason, and the next one is read by a new process", async () => {
    const small = createTextReader({ memoryMb: 120 });
    try {
      await expect(small.read(corpusImage("grafana-1.png"), never)).rejects.toThrow(/more than 120 MB of memory/);
      await expect(small.read(corpusImage("grafana-1.png"), never)).rejects.toThrow(/more than 120 MB of memory/);
    } finally {
      await small.close();
    }
  });

  it("is ended when it takes too long, with the reason", async () => {
    const hasty = createTextReader({ timeoutMs: 5 });
    await expect(hasty.read(corpusImage("grafana-1.png"), never)).rejects.toMatchObject({ code: "timeout" });
    await hasty.close();
  });
});
