// What a reading finds on a screenshot: the shape of an evidence's `analysis`, whoever read it (text recognition on this machine, or a model).
import { z } from "zod";
import { NodeReference } from "./incidents.ts";

export const screenshotLimits = {
  /** Of an uploaded file. */
  bytes: 20 * 1024 * 1024,
  pixels: 25_000_000,
} as const;

export const pictureKinds = ["dashboard", "error_screen", "terminal", "unknown"] as const;

/** A number that stands on the picture. */
export const ReadValue = z.object({
  /** As it stands there: "1.2k req/s". */
  text: z.string(),
  /** The number in the unit given, thousands written out: 1200. */
  value: z.number().nullable(),
  unit: z.string().nullable(),
  /** What stands above or beside it. */
  label: z.string().nullable(),
});
export type ReadValue = z.infer<typeof ReadValue>;

export const ReadService = z.object({
  name: z.string(),
  /** Of the graph; null when it knows no service of this name. */
  node: NodeReference.nullable(),
});

export const TimeRange = z.object({
  /** As it stands there: "Last 6 hours". */
  text: z.string(),
  /** Only where the picture says dates: relative ranges have no start that could be known. */
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/** One try to read the picture; those that failed stay, with their reason. */
export const ReadingAttempt = z.object({
  /** `offline`, or the name of a model provider. */
  provider: z.string(),
  model: z.string().nullable(),
  at: z.iso.datetime(),
  milliseconds: z.int(),
  outcome: z.enum(["read", "failed"]),
  /** Why it failed, for people. */
  reason: z.string().nullable(),
});
export type ReadingAttempt = z.infer<typeof ReadingAttempt>;

/** A line of a chart. */
export const ReadCurve = z.object({
  /** Title of its panel. */
  panel: z.string().nullable(),
  /** As the legend calls it. */
  series: z.string().nullable(),
  unit: z.string().nullable(),
  points: z
    .array(
      z.object({
        at: z.number().min(0).max(1).describe("0 is where the chart's time begins, 1 where it ends"),
        value: z.number(),
      }),
    )
    .max(2_000),
  confidence: z.number().min(0).max(1),
});
export type ReadCurve = z.infer<typeof ReadCurve>;

export const ScreenshotAnalysis = z.object({
  /** `text`: recognised by tesseract.js on this machine. `model`: told by a vision model. */
  method: z.enum(["text", "model"]),
  kind: z.enum(pictureKinds),
  title: z.string().nullable(),
  /** What it shows in a few sentences. */
  summary: z.string().nullable(),
  panels: z.array(z.object({ title: z.string(), values: z.array(ReadValue) })),
  values: z.array(ReadValue),
  /** Empty where no reader of charts is there; readings of earlier versions lack it. */
  curves: z.array(ReadCurve).default([]),
  time_range: TimeRange.nullable(),
  anomalies: z.array(z.string()),
  error_texts: z.array(z.string()),
  status_codes: z.array(z.int()),
  stack_trace: z.array(z.string()),
  services: z.array(ReadService),
  /** 0–1: of the text reading, or what the model says of itself. */
  confidence: z.number().min(0).max(1),
  model: z.string().nullable(),
  attempts: z.array(ReadingAttempt),
});
export type ScreenshotAnalysis = z.infer<typeof ScreenshotAnalysis>;

/** One figure or failure on two pictures of the same thing. */
export const ReadingChange = z.object({
  label: z.string(),
  unit: z.string().nullable(),
  before: z.number(),
  after: z.number(),
});

/** Whether what was wrong is over. */
export const Verdict = z.object({
  is: z.enum(["better", "worse", "same", "unknown"]),
  /** Who judged: `readings`, or the name of a verifier. */
  by: z.string(),
  /** For people. */
  reason: z.string(),
});
export type Verdict = z.infer<typeof Verdict>;

export const ReadingComparison = z.object({
  before: z.string().describe("Id of an evidence"),
  after: z.string().describe("Id of an evidence"),
  /** Figures with one label and unit on both. */
  figures: z.array(ReadingChange),
  errors_gone: z.array(z.string()),
  errors_new: z.array(z.string()),
  verdicts: z.array(Verdict),
});
export type ReadingComparison = z.infer<typeof ReadingComparison>;

/** What can be told of a picture from its text alone. */
export type TextFindings = Pick<
  ScreenshotAnalysis,
  "kind" | "title" | "panels" | "values" | "time_range" | "error_texts" | "status_codes" | "stack_trace"
> & {
  /** Words that may be names of services, the likeliest first. */
  names: { name: string; stated: boolean }[];
};
