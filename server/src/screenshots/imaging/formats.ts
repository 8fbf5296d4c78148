// Which images are taken: by their first bytes, whatever their name says, and how large they may be.
import { screenshotLimits } from "@opentrace/contract/screenshots.ts";

export const limitInputPixels = screenshotLimits.pixels;

export type ImageType = "image/png" | "image/jpeg" | "image/webp";

interface Kind {
  /** Null: known, but not taken. */
  type: ImageType | null;
  /** With its article, for messages. */
  name: string;
  matches(this: void, head: Buffer): boolean;
}

const starts =
  (...bytes: readonly (number | null)[]) =>
  (head: Buffer): boolean =>
    head.length >= bytes.length && bytes.every((byte, index) => byte === null || head[index] === byte);
const says =
  (text: string, offset = 0) =>
  (head: Buffer): boolean =>
    head.subarray(offset, offset + text.length).toString("latin1") === text;

const kinds: readonly Kind[] = [
  { type: "image/png", name: "a PNG image", matches: starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  { type: "image/jpeg", name: "a JPEG image", matches: starts(0xff, 0xd8, 0xff) },
  { type: "image/webp", name: "a WebP image", matches: (head) => says("RIFF")(head) && says("WEBP", 8)(head) },
  { type: null, name: "a GIF image", matches: says("GIF8") },
  { type: null, name: "a PDF document", matches: says("%PDF") },
  { type: null, name: "a TIFF image", matches: (head) => says("II*\0")(head) || says("MM\0*")(head) },
  { type: null, name: "an AVIF or HEIC image", matches: says("ftyp", 4) },
  { type: null, name: "a BMP image", matches: says("BM") },
  { type: null, name: "a ZIP archive", matches: says("PK\u0003\u0004") },
  { type: null, name: "a gzip archive", matches: starts(0x1f, 0x8b) },
  {
    type: null,
    name: "an SVG or HTML document",
    matches: (head) => /^\s*(?:\ufeff|ï»¿)?\s*<(?:\?xml|!doctype|svg|html|!--)/i.test(head.toString("latin1")),
  },
];

/** `head` is the beginning of the file, 64 bytes or more where it has them. */
export function sniff(head: Buffer): Pick<Kind, "type" | "name"> {
  return kinds.find((kind) => kind.matches(head)) ?? { type: null, name: "no image that is known" };
}
