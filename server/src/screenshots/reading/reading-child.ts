// Entry of the process that reads the text of pictures.
import { serve } from "../child-side.ts";
import { createTextReader, type TextReader, type TextReading } from "./read-text.ts";

let reader: Promise<TextReader> | null = null;

serve(async (image: Uint8Array): Promise<TextReading> => {
  reader ??= createTextReader();
  return await (await reader).read(image);
});
