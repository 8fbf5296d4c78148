// GET /test/vlm/status and POST /test/vlm of the integration guide: whether and how screenshots are read, and a try of it.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { VlmStatus, VlmTest } from "@opentrace/contract/models.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import type { Images } from "./images.ts";
import type { ScreenshotReading } from "./read-screenshot.ts";

export interface VlmVerbsDeps {
  images: Images;
  /** The vision models that are asked, in their order. */
  visionModels(this: void, workspace: string): Promise<VlmStatus["models"]>;
  modelsOff: boolean;
  readScreenshot(
    this: void,
    ctx: VerbContext,
    picture: { image: Uint8Array; mediaType: string },
  ): Promise<ScreenshotReading>;
}

const sample = new URL("./sample.png", import.meta.url);

function messageOf(models: VlmStatus["models"], off: boolean): string {
  const offline = "Without an answer of a model screenshots are read offline: text recognition on this server.";
  if (off) return `Models are switched off (OPENTRACE_MODELS=off). ${offline}`;
  const [first] = models;
  return first === undefined
    ? `No vision model is set up: add a provider with POST /api/v1/model-providers or a key in secrets.env. ${offline}`
    : `Screenshots are read by ${first.model} (${first.provider}). ${offline}`;
}

export function vlmVerbs({ images, visionModels, modelsOff, readScreenshot }: VlmVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "vlm.status",
      summary: "How screenshots are read",
      description:
        "Which vision models are asked, and that the offline reading is there without any. Nothing is sent to a model for this answer.",
      permission: "incidents:read",
      input: z.strictObject({}),
      output: VlmStatus,
      http: { method: "GET", path: "/test/vlm/status" },
      async run({ workspace }) {
        const models = await visionModels(workspace);
        return {
          available: true,
          reader: models.length === 0 ? ("offline" as const) : ("model" as const),
          models,
          offline: { available: true, engine: "tesseract.js" },
          switched_off: modelsOff,
          message: messageOf(models, modelsOff),
        };
      },
    }),
    defineVerb({
      name: "vlm.test",
      summary: "Try the reading of screenshots",
      description:
        "Reads a dashboard that comes with the server, or an image given in base64 (PNG, JPEG, WebP; larger ones are uploaded to an incident), as a " +
        "screenshot of an incident is read. The image is not kept. Where a vision model is set up it is asked.",
      permission: "incidents:write",
      input: z.strictObject({ image: z.base64().min(1).max(1_000_000).optional().describe("An image in base64") }),
      output: VlmTest,
      http: { method: "POST", path: "/test/vlm" },
      writes: true,
      async run(ctx, { image }) {
        const file = image === undefined ? readFileSync(sample) : Buffer.from(image, "base64");
        const { bytes, type } = await images.clean(file, ctx.signal);
        const started = performance.now();
        const reading = await readScreenshot(ctx, { image: bytes, mediaType: type }).catch((error: unknown) => {
          // The attempts tell of models and of this server, and are meant to be seen.
          if (error instanceof AppError) throw new AppError("unavailable", error.message, { cause: error });
          throw error;
        });
        return { ...reading, milliseconds: Math.round(performance.now() - started) };
      },
    }),
  ];
}
