// Entry of the process that reads the text of pictures. What it makes of the text it does here too: the text is as hostile as the picture.
import { serve } from "../child-side.ts";
import { createWordFinder, type WordFinder } from "./read-text.ts";
import { type OfflineReading, understand } from "./understand.ts";

let finder: Promise<WordFinder> | null = null;

serve(async (image: Uint8Array): Promise<OfflineReading> => {
  finder ??= createWordFinder();
  return understand(await (await finder).find(image));
});
