// Uploaded images: judged by their first bytes, decoded and encoded anew in a process of their own, kept by the hash of what was encoded.
import { AppError } from "@opentrace/contract/errors.ts";
import { screenshotLimits } from "@opentrace/contract/screenshots.ts";
import { openBlob } from "../incidents/blobs.ts";
import type { Store } from "../store/store.ts";
import type { CleanImage } from "./imaging/clean-image.ts";
import { type ImageType, sniff } from "./imaging/formats.ts";
import type { AskedOfImaging, ImagingAnswer } from "./imaging/imaging-child.ts";
import { createWarmChild } from "./warm-child.ts";

export interface Images {
  /** Throws `bad_request`, `unprocessable` or `too_large` with what is wrong with the file. */
  clean(file: Uint8Array, signal: AbortSignal): Promise<CleanImage & { type: ImageType }>;
  /** WebP. */
  thumbnail(image: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function createImages(): Images {
  const child = createWarmChild<AskedOfImaging, ImagingAnswer>({
    module: new URL("./imaging/imaging-child.ts", import.meta.url),
    what: "Decoding the image",
    timeoutMs: 60_000,
    memoryMb: 600,
  });
  return {
    async clean(file, signal) {
      if (file.length === 0)
        throw new AppError("bad_request", "The file is empty. Send a screenshot as PNG, JPEG or WebP.");
      const { type, name } = sniff(Buffer.from(file.buffer, file.byteOffset, Math.min(512, file.length)));
      if (type === null)
        throw new AppError(
          "unprocessable",
          `The file is ${name}, whatever its name says. Send a screenshot as PNG, JPEG or WebP.`,
        );
      if (file.length > screenshotLimits.bytes) throw tooLarge();
      const cleaned = await child.ask({ is: "clean", bytes: file, type }, signal);
      return { ...(cleaned as CleanImage), type };
    },
    async thumbnail(image, signal) {
      return (await child.ask({ is: "thumbnail", bytes: image }, signal)).bytes;
    },
    close: () => child.close(),
  };
}

export const tooLarge = (): AppError =>
  new AppError(
    "too_large",
    `The file is larger than ${screenshotLimits.bytes / 1024 / 1024} MB. Send a smaller part of the screen, or save it with more compression.`,
  );

/** The whole of a stored image. Throws `not_found`. */
export async function readImage(store: Pick<Store, "app">, sha256: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await openBlob(store, sha256)).chunks(signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
