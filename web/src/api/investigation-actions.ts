// Every write about an investigation: timeline entries, hypotheses, actions.
import {
  type ActionChange,
  Hypotheses,
  Hypothesis,
  type HypothesisChange,
  IncidentAction,
  type NewAction,
  type NewHypothesis,
  type NewTimelineEntry,
  Postmortem,
  type PostmortemChange,
  TimelineBuilt,
  TimelineEntry,
  type TimelineEntryChange,
} from "@opentrace/contract/investigation.ts";
import { z } from "zod";
import { call } from "./http.ts";
import { atIncident } from "./incident-queries.ts";

const never = (): AbortSignal => new AbortController().signal;
const at = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`;

export const buildTimeline = (incident: string): Promise<TimelineBuilt> =>
  call(`${atIncident(incident)}/generate-timeline`, TimelineBuilt, { method: "POST", body: {} }, never());
export const addEntry = (incident: string, body: z.input<typeof NewTimelineEntry>): Promise<TimelineEntry> =>
  call(`${atIncident(incident)}/timeline`, TimelineEntry, { method: "POST", body }, never());
export const changeEntry = (
  incident: string,
  entry: string,
  body: z.input<typeof TimelineEntryChange>,
): Promise<TimelineEntry> =>
  call(at(`${atIncident(incident)}/timeline`, entry), TimelineEntry, { method: "PATCH", body }, never());
/** Of what was found by itself: hides it for good. */
export const removeEntry = (incident: string, entry: string): Promise<unknown> =>
  call(at(`${atIncident(incident)}/timeline`, entry), z.unknown(), { method: "DELETE" }, never());

export const findHypotheses = (incident: string): Promise<Hypotheses> =>
  call(`${atIncident(incident)}/generate-hypotheses`, Hypotheses, { method: "POST", body: {} }, never());
export const addHypothesis = (incident: string, body: z.input<typeof NewHypothesis>): Promise<Hypothesis> =>
  call(at("/hypotheses/incident", incident), Hypothesis, { method: "POST", body }, never());
export const changeHypothesis = (id: string, body: z.input<typeof HypothesisChange>): Promise<Hypothesis> =>
  call(at("/hypotheses", id), Hypothesis, { method: "PATCH", body }, never());

export const addAction = (incident: string, body: z.input<typeof NewAction>): Promise<IncidentAction> =>
  call(at("/actions/incident", incident), IncidentAction, { method: "POST", body }, never());
export const changeAction = (id: string, body: z.input<typeof ActionChange>): Promise<IncidentAction> =>
  call(at("/actions", id), IncidentAction, { method: "PATCH", body }, never());

/** A new version, from what is recorded now. */
export const draftPostmortem = (incident: string): Promise<Postmortem> =>
  call(`${atIncident(incident)}/generate-postmortem`, Postmortem, { method: "POST", body: {} }, never());
export const changePostmortem = (incident: string, body: z.input<typeof PostmortemChange>): Promise<Postmortem> =>
  call(`${atIncident(incident)}/postmortem`, Postmortem, { method: "PATCH", body }, never());
export const restorePostmortem = (incident: string, version: number): Promise<Postmortem> =>
  call(
    `${atIncident(incident)}/postmortem/versions/${String(version)}/restore`,
    Postmortem,
    { method: "POST", body: {} },
    never(),
  );
