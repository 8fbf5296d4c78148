// Decodes an uploaded image and writes it anew: what is kept is pixels that this program encoded, without the metadata of the original.
import { AppError } from "@opentrace/contract/errors.ts";
import sharp, { type Sharp } from "sharp";
import { type ImageType, limitInputPixels } from "./formats.ts";

export interface CleanImage {
  bytes: Uint8Array;
  width: number;
  height: number;
}

const decodeSeconds = 30;
const thumbnailWidth = 640;

// Only these three decoders exist in this process, whatever a file claims to be.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadWebp"],
});
sharp.cache(false);
sharp.concurrency(1);

const open = (bytes: Uint8Array): Sharp =>
  sharp(bytes, { limitInputPixels, failOn: "warning" }).timeout({ seconds: decodeSeconds });

/** The first picture of an animation, upright, eight bits a channel. */
function encode(decoded: Sharp, type: ImageType): Sharp {
  const image = decoded.autoOrient().toColourspace("srgb");
  if (type === "image/png") return image.png({ compressionLevel: 6 });
  return type === "image/jpeg" ? image.jpeg({ quality: 92 }) : image.webp({ quality: 92 });
}

function refusal(error: unknown): AppError {
  const said = error instanceof Error ? error.message : "";
  if (/pixel limit/i.test(said)) return tooManyPixels(null);
  if (/timeout/i.test(said))
    return new AppError("unprocessable", "The image takes too long to decode. Save it anew and send that.");
  return new AppError(
    "unprocessable",
    "The image is damaged or ends before it is whole: it can't be decoded. Take the screenshot again, or save it anew, and send that.",
    { cause: error },
  );
}

function tooManyPixels(size: { width: number; height: number } | null): AppError {
  const has = size === null ? "" : `It is ${size.width} × ${size.height}. `;
  return new AppError(
    "too_large",
    `The image has more than ${limitInputPixels / 1e6} million pixels. ${has}Send a smaller part of the screen.`,
  );
}

/** Throws `too_large` or `unprocessable`. */
export async function cleanImage(bytes: Uint8Array, type: ImageType): Promise<CleanImage> {
  try {
    // The size is in the header: a bomb is told before anything of it is unpacked.
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (width * height > limitInputPixels) throw tooManyPixels({ width, height });
    const { data, info } = await encode(open(bytes), type).toBuffer({ resolveWithObject: true });
    return { bytes: data, width: info.width, height: info.height };
  } catch (error) {
    throw error instanceof AppError ? error : refusal(error);
  }
}

/** WebP, 640 pixels wide at most. */
export async function thumbnailOf(bytes: Uint8Array): Promise<Uint8Array> {
  return await open(bytes)
    .resize({ width: thumbnailWidth, height: thumbnailWidth * 2, fit: "inside", withoutEnlargement: true })
    .webp({ quality: 78 })
    .toBuffer();
}
