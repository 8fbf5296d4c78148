// An analysis as plain text, for people and for clients that only read `content`: what it is, what stands out, then the text itself.
import type { ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";

const kinds: Readonly<Record<ScreenshotAnalysis["kind"], string>> = {
  dashboard: "a dashboard",
  error_screen: "an error screen",
  terminal: "a terminal or log",
  unknown: "a screen of no kind that is known",
};

const list = (heading: string, items: readonly string[], most = 12): string[] =>
  items.length === 0
    ? []
    : [
        `${heading}:`,
        ...items.slice(0, most).map((item) => `- ${item}`),
        ...(items.length > most ? [`- … and ${items.length - most} more`] : []),
      ];

export function describeReading(analysis: ScreenshotAnalysis, text: string): string {
  const sure = analysis.confidence.toFixed(2).replace(/^0/, "");
  const failed = analysis.attempts.filter(({ outcome }) => outcome === "failed");
  const values = analysis.values.map(({ label, text: value }) => (label === null ? value : `${label}: ${value}`));
  return [
    analysis.method === "text"
      ? `Text reading, confidence ${sure}: read by text recognition on this server, without a model.`
      : `Read by the model ${analysis.model ?? ""}, confidence ${sure} by its own account.`,
    ...(analysis.method === "text"
      ? failed.map(({ provider, reason }) => `${provider} could not read it: ${reason ?? ""}`)
      : []),
    "",
    `It shows ${kinds[analysis.kind]}${analysis.title === null ? "" : `: ${analysis.title}`}.`,
    ...(analysis.summary === null ? [] : [analysis.summary]),
    ...(analysis.time_range === null ? [] : [`Time range: ${analysis.time_range.text}`]),
    ...list("Errors", analysis.error_texts),
    ...list("Stands out", analysis.anomalies),
    ...list("Values", values, 20),
    ...list(
      "Services",
      analysis.services.map(({ name, node }) => (node === null ? `${name} (not in the graph)` : name)),
    ),
    "",
    text === "" ? "No text was found on it." : `Text:\n${text}`,
  ].join("\n");
}
