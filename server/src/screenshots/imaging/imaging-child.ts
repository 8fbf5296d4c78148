// Entry of the process that decodes what was uploaded.
import { serve } from "../child-side.ts";
import { cleanImage, type CleanImage, thumbnailOf } from "./clean-image.ts";
import type { ImageType } from "./formats.ts";

export type AskedOfImaging =
  | { is: "clean"; bytes: Uint8Array; type: ImageType }
  | { is: "thumbnail"; bytes: Uint8Array };
export type ImagingAnswer = CleanImage | { bytes: Uint8Array };

serve(async (asked: AskedOfImaging): Promise<ImagingAnswer> =>
  asked.is === "clean" ? await cleanImage(asked.bytes, asked.type) : { bytes: await thumbnailOf(asked.bytes) },
);
