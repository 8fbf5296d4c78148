// What was found in a picture: kind, figures, errors, services, how sure of it; and which tries failed before.
import type { ReadingAttempt, ReadValue, ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Badge } from "../../../ui/badge.tsx";
import { NodeMark } from "../../../ui/node-mark.tsx";
import { Notice } from "../../../ui/states.tsx";
import { durationText } from "../../../ui/time-text.ts";
import { exploreSearch } from "../../explore/url.ts";

const pictureWords: Record<ScreenshotAnalysis["kind"], string> = {
  dashboard: "Dashboard",
  error_screen: "Error",
  terminal: "Terminal",
  unknown: "Picture",
};

export function Findings({ analysis }: { analysis: ScreenshotAnalysis }) {
  const { method, kind, title, summary, panels, values, anomalies, error_texts, services, confidence } = analysis;
  const last = analysis.attempts.at(-1);
  return (
    <>
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <Badge>{pictureWords[kind]}</Badge>
        <Badge tone={confidence >= 0.8 ? "ok" : confidence >= 0.5 ? "accent" : "warn"}>
          {Math.round(confidence * 100)} % sure
        </Badge>
        <span className="text-muted">
          {method === "text"
            ? "Text recognised on this server, without a model."
            : `Read by ${analysis.model ?? last?.provider ?? "a model"}.`}
        </span>
      </p>
      {title ? <p className="font-medium wrap-anywhere">{title}</p> : null}
      {summary ? <p className="whitespace-pre-line wrap-anywhere">{summary}</p> : null}
      <Texts title="Errors" tone="bad" texts={error_texts} />
      <Texts title="Out of the ordinary" tone="warn" texts={anomalies} />
      {analysis.status_codes.length > 0 ? (
        <Part title="Status codes">
          <p className="tabular-nums">{analysis.status_codes.join(", ")}</p>
        </Part>
      ) : null}
      {panels.length > 0 ? (
        <Part title="Panels">
          <ul className="flex flex-col gap-1">
            {panels.map((panel, index) => (
              <li key={`${panel.title} ${index}`} className="wrap-anywhere">
                {panel.title}
                {panel.values.length > 0 ? ": " : ""}
                <Values values={panel.values} />
              </li>
            ))}
          </ul>
        </Part>
      ) : values.length > 0 ? (
        <Part title="Figures">
          <p className="wrap-anywhere">
            <Values values={values} />
          </p>
        </Part>
      ) : null}
      {analysis.time_range ? (
        <Part title="Time range">
          <p>{analysis.time_range.text}</p>
        </Part>
      ) : null}
      {analysis.stack_trace.length > 0 ? (
        <Part title="Stack trace">
          <pre
            tabIndex={0}
            aria-label="Stack trace that was read"
            className="max-h-48 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs"
          >
            {analysis.stack_trace.join("\n")}
          </pre>
        </Part>
      ) : null}
      {services.length > 0 ? (
        <Part title="Services">
          <ul className="flex flex-wrap gap-x-4 gap-y-1">
            {services.map(({ name, node }) => (
              <li key={name}>
                {node ? (
                  <Link
                    to="/explore"
                    search={exploreSearch({ open: [{ id: node.id, count: 12 }], select: node.id })}
                    className="inline-flex items-center gap-1.5 rounded-sm hover:underline"
                  >
                    <NodeMark type={node.type} size={12} /> {name}
                  </Link>
                ) : (
                  name
                )}
              </li>
            ))}
          </ul>
        </Part>
      ) : null}
    </>
  );
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="flex min-w-0 flex-col gap-1 text-sm">
    <h3 className="text-faint">{title}</h3>
    {children}
  </div>
);

const Texts = ({ title, tone, texts }: { title: string; tone: "bad" | "warn"; texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <Part title={title}>
      <ul className="flex flex-col gap-1">
        {texts.map((text, index) => (
          <li
            key={`${text} ${index}`}
            className={
              tone === "bad"
                ? "rounded-md bg-bad-soft px-2 py-1 wrap-anywhere text-bad"
                : "rounded-md bg-warn-soft px-2 py-1 wrap-anywhere text-warn"
            }
          >
            {text}
          </li>
        ))}
      </ul>
    </Part>
  );

const Values = ({ values }: { values: readonly ReadValue[] }) =>
  values.map(({ text, label }, index) => (
    <span key={`${text} ${index}`}>
      {index > 0 ? ", " : ""}
      {label ? <span className="text-muted">{label} </span> : null}
      <span className="font-medium tabular-nums">{text}</span>
    </span>
  ));

/** A model that failed stays to be seen beside the reading that came instead. */
export function Attempts({ attempts }: { attempts: readonly ReadingAttempt[] }) {
  if (attempts.length === 0) return null;
  const failed = attempts.filter(({ outcome }) => outcome === "failed");
  return (
    <div className="flex flex-col gap-1 text-sm">
      {failed.length > 0 ? (
        <Notice tone="warn">
          {failed.map(({ provider, model, reason }, index) => (
            <span key={`${provider} ${index}`} className="block wrap-anywhere">
              {provider === "offline" ? "The text recognition" : `${provider}${model ? ` (${model})` : ""}`} could not
              read it: {reason ?? "it did not say why"}
            </span>
          ))}
          {attempts.some(({ outcome }) => outcome === "read") ? "What is shown was read after that." : null}
        </Notice>
      ) : null}
      <p className="text-faint">
        {attempts.map(
          ({ provider, milliseconds, outcome }, index) =>
            `${index > 0 ? ", " : ""}${provider === "offline" ? "offline" : provider} ${outcome === "read" ? "read it" : "failed"} in ${durationText(milliseconds / 1000)}`,
        )}
      </p>
    </div>
  );
}
