// What is added to the reading of pictures in one place, the lists of application.ts: whoever implements one of these writes a module and puts it there.
import type { ReadCurve, ScreenshotAnalysis, Verdict } from "@opentrace/contract/screenshots.ts";

/** Implemented by whatever follows the lines of a chart with its axes, in a process of its own as the text reading is, or by a model. */
export interface ChartReader {
  /** For `attempts`. */
  name: string;
  /** Asked for dashboards; what it throws becomes an attempt that failed, and the rest of the reading stays. */
  read(
    picture: { image: Uint8Array; mediaType: string; analysis: Omit<ScreenshotAnalysis, "curves" | "attempts"> },
    signal: AbortSignal,
  ): Promise<ReadCurve[]>;
}

/** Implemented for each kind of dashboard that can be asked for a picture of itself, by its integration (Grafana renders panels). */
export interface DashboardCapturer {
  name: string;
  takes(url: URL): boolean;
  /** PNG, JPEG or WebP; it is cleaned as an upload is. Throws AppError with what the user has to do. */
  capture(
    wanted: { workspace: string; url: URL; from: Date | null; to: Date | null },
    signal: AbortSignal,
  ): Promise<{ image: Uint8Array; title: string | null }>;
}

/** Implemented by whatever judges whether an incident is over from a picture before and one after: a model, or thresholds of an alert. */
export interface Verifier {
  name: string;
  judge(pictures: { before: JudgedPicture; after: JudgedPicture }, signal: AbortSignal): Promise<Omit<Verdict, "by">>;
}

export interface JudgedPicture {
  image: Uint8Array;
  mediaType: string;
  analysis: ScreenshotAnalysis;
}

export interface ScreenshotExtensions {
  chartReaders: readonly ChartReader[];
  capturers: readonly DashboardCapturer[];
  verifiers: readonly Verifier[];
}
