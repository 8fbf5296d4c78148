// The reading of one screenshot: its text on this machine always, a vision model where one is set up; what failed stays visible.
import { AppError } from "@opentrace/contract/errors.ts";
import type { ReadCurve, ReadingAttempt, ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";
import type { GraphNodes } from "../incidents/graph-nodes.ts";
import type { VerbContext } from "../verb.ts";
import { describeReading } from "./describe-reading.ts";
import type { ChartReader } from "./extensions.ts";
import type { OfflineReading } from "./reading/understand.ts";
import type { TextReader } from "./text-reader.ts";

/** What a vision model tells of a picture. */
type ModelFindings = Pick<
  ScreenshotAnalysis,
  "kind" | "title" | "summary" | "panels" | "values" | "time_range" | "anomalies" | "error_texts" | "confidence"
> & { services: string[] };

/** Asks the vision models in turn; every try is told, the last one is the answer when it read. Never throws but for the abort. */
export type AskModels = (
  picture: { workspace: string; image: Uint8Array; mediaType: string; text: string },
  signal: AbortSignal,
) => Promise<{ attempts: ReadingAttempt[]; findings: ModelFindings | null; model: string | null }>;

export interface ReadScreenshotDeps {
  textReader: TextReader;
  graphNodes: Pick<GraphNodes, "services">;
  /** Null: no model is set up, or models are switched off. */
  askModels: AskModels | null;
  chartReaders: readonly ChartReader[];
}

export interface ScreenshotReading {
  content: string;
  analysis: ScreenshotAnalysis;
}

const mostServices = 20;
const mostCurves = 60;

function attemptOf(
  by: Pick<ReadingAttempt, "provider" | "model">,
  started: Date,
  now: Date,
  error: unknown,
): ReadingAttempt {
  return {
    ...by,
    at: started.toISOString(),
    milliseconds: now.getTime() - started.getTime(),
    outcome: error === null ? "read" : "failed",
    reason:
      error === null ? null : error instanceof AppError ? error.message : "It broke down; the server's log says how.",
  };
}

/** Every reader of charts in turn; one that fails is told of and takes nothing from the others. */
async function readCurves(
  chartReaders: readonly ChartReader[],
  ctx: Pick<VerbContext, "signal" | "now" | "log">,
  picture: Parameters<ChartReader["read"]>[0],
): Promise<{ curves: ReadCurve[]; attempts: ReadingAttempt[] }> {
  const curves: ReadCurve[] = [];
  const attempts: ReadingAttempt[] = [];
  for (const reader of picture.analysis.kind === "dashboard" ? chartReaders : []) {
    const started = ctx.now();
    let failure: unknown = null;
    try {
      curves.push(...(await reader.read(picture, ctx.signal)));
    } catch (error) {
      ctx.signal.throwIfAborted();
      ctx.log.warn({ err: error, reader: reader.name }, "curves not read");
      failure = error;
    }
    attempts.push(attemptOf({ provider: reader.name, model: null }, started, ctx.now(), failure));
  }
  return { curves: curves.slice(0, mostCurves), attempts };
}

/** Throws only when neither a model nor the text recognition could read it: `details.attempts` says what was tried. */
export async function readScreenshot(
  { textReader, graphNodes, askModels, chartReaders }: ReadScreenshotDeps,
  ctx: Pick<VerbContext, "workspace" | "signal" | "now" | "log">,
  picture: { image: Uint8Array; mediaType: string },
): Promise<ScreenshotReading> {
  const attempts: ReadingAttempt[] = [];
  let offline: OfflineReading | null = null;
  let failure: unknown = null;
  const started = ctx.now();
  try {
    offline = await textReader.read(picture.image, ctx.signal);
  } catch (error) {
    ctx.signal.throwIfAborted();
    failure = error;
    ctx.log.warn({ err: error }, "screenshot not read offline");
  }
  const own = attemptOf({ provider: "offline", model: "tesseract.js" }, started, ctx.now(), failure);
  const asked =
    askModels === null
      ? null
      : await askModels({ ...picture, workspace: ctx.workspace, text: offline?.text ?? "" }, ctx.signal);
  // In the order in which they count: the models were asked first of all, the text recognition is what is left.
  attempts.push(...(asked?.attempts ?? []), own);
  const told = asked?.findings ?? null;
  if (offline === null && told === null)
    throw new AppError(
      failure instanceof AppError && failure.code === "timeout" ? "timeout" : "unavailable",
      `The screenshot could not be read: ${attempts.map(({ provider, reason }) => `${provider}: ${reason ?? ""}`).join("; ")}`,
      { cause: failure, details: { attempts } },
    );

  const findings = offline?.findings ?? null;
  const stated = new Set(findings?.names.filter((name) => name.stated).map(({ name }) => name));
  const names = [...new Set([...(told?.services ?? []), ...(findings?.names.map(({ name }) => name) ?? [])])];
  const nodes = await graphNodes.services(ctx, names);
  const services = names
    .map((name) => ({ name, node: nodes.get(name) ?? null }))
    // A word of the picture is a service only when the graph knows it, or the picture itself says that it is one.
    .filter(({ name, node }) => node !== null || stated.has(name) || told?.services.includes(name) === true)
    .slice(0, mostServices);
  const found: Omit<ScreenshotAnalysis, "curves" | "attempts"> = {
    method: told === null ? "text" : "model",
    kind: told?.kind ?? findings?.kind ?? "unknown",
    title: told?.title ?? findings?.title ?? null,
    summary: told?.summary ?? null,
    panels: told?.panels ?? findings?.panels ?? [],
    values: told?.values ?? findings?.values ?? [],
    time_range: told?.time_range ?? findings?.time_range ?? null,
    anomalies: told?.anomalies ?? [],
    error_texts: [...new Set([...(told?.error_texts ?? []), ...(findings?.error_texts ?? [])])].slice(0, 40),
    status_codes: findings?.status_codes ?? [],
    stack_trace: findings?.stack_trace ?? [],
    services,
    confidence: Math.round((told?.confidence ?? offline?.confidence ?? 0) * 100) / 100,
    model: told === null ? null : (asked?.model ?? null),
  };
  const charts = await readCurves(chartReaders, ctx, { ...picture, analysis: found });
  const analysis: ScreenshotAnalysis = { ...found, curves: charts.curves, attempts: [...charts.attempts, ...attempts] };
  return { analysis, content: describeReading(analysis, offline?.text ?? "") };
}
