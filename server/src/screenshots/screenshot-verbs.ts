// The verbs on screenshots: upload, image, thumbnail (with doors of their own, which are not JSON), and reading one again.
import { z } from "zod";
import { Evidence, NewEvidence } from "@opentrace/contract/incidents.ts";
import { ReadingComparison } from "@opentrace/contract/screenshots.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { Screenshots, StoredImage } from "./screenshots.ts";

export interface ScreenshotVerbsDeps {
  screenshots: Screenshots;
}

const id = z.string().min(1).max(100).describe("Id of an evidence");
const imageBytes = z.custom<StoredImage>((value) => typeof value === "object" && value !== null);

/** What may come with the file. */
export const ScreenshotFields = NewEvidence.pick({
  title: true,
  source: true,
  source_url: true,
  starts_at: true,
  ends_at: true,
  services: true,
  nodes: true,
});

/** Called by the door that takes the file apart. */
export const uploadVerb = ({ screenshots }: ScreenshotVerbsDeps): Verb =>
  defineVerb({
    name: "evidence.uploadScreenshot",
    summary: "Upload a screenshot",
    description: "Adds a screenshot to an incident; it is read by a job.",
    permission: "incidents:report",
    input: ScreenshotFields.extend({
      incident_id: z.string().min(1).max(100),
      name: z.string().max(1000).nullable(),
      file: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
    }),
    output: Evidence,
    writes: true,
    run: (ctx, { incident_id, name, file, ...more }) => screenshots.add(ctx, incident_id, { bytes: file, name }, more),
  });

export const imageVerb = ({ screenshots }: ScreenshotVerbsDeps): Verb =>
  defineVerb({
    name: "evidence.image",
    summary: "The image of a screenshot",
    description: "The image as it is kept: decoded and encoded anew, without metadata.",
    permission: "incidents:read",
    input: z.strictObject({ id, size: z.enum(["full", "thumbnail"]) }),
    output: imageBytes,
    run: (ctx, input) =>
      input.size === "full" ? screenshots.image(ctx, input.id) : screenshots.thumbnail(ctx, input.id),
  });

export function screenshotVerbs({ screenshots }: ScreenshotVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "evidence.analyze",
      summary: "Read a screenshot again",
      description:
        "Queues the reading of a screenshot again: after it failed, or when a model was set up since. The answer is the evidence with reading pending; " +
        "what was read before stays until there is something new.",
      permission: "incidents:write",
      input: z.strictObject({ id }),
      output: Evidence,
      http: { method: "POST", path: "/evidence/{id}/analyze", status: 202 },
      writes: true,
      run: (ctx, input) => screenshots.analyze(ctx, input.id),
    }),
    defineVerb({
      name: "evidence.compare",
      summary: "Compare two screenshots",
      description:
        "What the readings of two screenshots, one before and one after, have in common and not: figures that are on both with both numbers, failures " +
        "that went and that came, and who takes the second for better. Figures alone judge nothing: their numbers don't say what is good.",
      permission: "incidents:read",
      input: z.strictObject({
        id: id.describe("Id of the evidence before"),
        after: id.describe("Id of the evidence after"),
      }),
      output: ReadingComparison,
      http: { method: "GET", path: "/evidence/{id}/compare" },
      run: (ctx, input) => screenshots.compare(ctx, input.id, input.after),
    }),
  ];
}
