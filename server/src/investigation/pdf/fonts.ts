// Fonts of exported documents: DejaVu for what it has, GNU Unifont for all other characters, so that no text is lost.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";

export type FontName = "regular" | "bold" | "italic" | "mono" | "fallback";

const require = createRequire(import.meta.url);
const dejavu = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
const unifont = join(dirname(require.resolve("@fontsource/unifontex/package.json")), "files");

const files: Readonly<Record<Exclude<FontName, "fallback">, string>> = {
  regular: "DejaVuSans.ttf",
  bold: "DejaVuSans-Bold.ttf",
  italic: "DejaVuSans-Oblique.ttf",
  mono: "DejaVuSansMono.ttf",
};

/** What pdfkit registers: a path, or the font itself. */
export const fontSource = (name: FontName): string | Buffer =>
  name === "fallback"
    ? unpackWoff(readFileSync(join(unifont, "unifontex-latin-400-normal.woff")))
    : join(dejavu, files[name]);

/**
 * WOFF 1.0 → the font inside it (www.w3.org/TR/WOFF). fontkit would inflate the table of all outlines again for each glyph, which takes
 * half a minute for a few words.
 */
function unpackWoff(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, at) => {
    const entry = 44 + at * 20;
    const [offset, packed, length] = [
      woff.readUInt32BE(entry + 4),
      woff.readUInt32BE(entry + 8),
      woff.readUInt32BE(entry + 12),
    ];
    const bytes = woff.subarray(offset, offset + packed);
    const data = packed < length ? inflateSync(bytes, { maxOutputLength: length }) : bytes;
    return { tag: woff.subarray(entry, entry + 4), checksum: woff.readUInt32BE(entry + 16), data };
  });
  const header = Buffer.alloc(12 + count * 16);
  header.writeUInt32BE(woff.readUInt32BE(4), 0);
  header.writeUInt16BE(count, 4);
  const power = Math.floor(Math.log2(count));
  header.writeUInt16BE(2 ** power * 16, 6);
  header.writeUInt16BE(power, 8);
  header.writeUInt16BE(count * 16 - 2 ** power * 16, 10);
  const parts: Buffer[] = [header];
  let offset = header.length;
  for (const [at, { tag, checksum, data }] of tables.entries()) {
    const entry = 12 + at * 16;
    tag.copy(header, entry);
    header.writeUInt32BE(checksum, entry + 4);
    header.writeUInt32BE(offset, entry + 8);
    header.writeUInt32BE(data.length, entry + 12);
    const padding = Buffer.alloc((4 - (data.length % 4)) % 4);
    parts.push(data, padding);
    offset += data.length + padding.length;
  }
  return Buffer.concat(parts);
}
