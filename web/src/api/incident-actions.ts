// Every write about incidents and evidence.
import {
  type BulkChanges,
  BulkResult,
  type CreateIncident,
  Evidence,
  type EvidenceChanges,
  Incident,
  type IncidentChanges,
  IncidentComment,
  type IncidentFilter,
  IncidentView,
  type NewEvidence,
} from "@opentrace/contract/incidents.ts";
import { z } from "zod";
import { call } from "./http.ts";
import { atIncident } from "./incident-queries.ts";
import { upload } from "./upload.ts";

const never = (): AbortSignal => new AbortController().signal;
const ofEvidence = (incident: string): string => `/evidence/incident/${encodeURIComponent(incident)}`;

/** `once`: a repeated request with the same key makes one incident. */
export const declareIncident = (body: z.input<typeof CreateIncident>, once: string): Promise<Incident> =>
  call("/incidents", Incident, { method: "POST", body, headers: { "idempotency-key": once } }, never());

/** Refused with 412 when the incident is no longer of this version. */
export const changeIncident = (id: string, version: number, body: z.input<typeof IncidentChanges>): Promise<Incident> =>
  call(atIncident(id), Incident, { method: "PATCH", body, headers: { "if-match": `"${version}"` } }, never());

export const changeMany = (ids: readonly string[], changes: BulkChanges): Promise<BulkResult> =>
  call("/incidents/bulk", BulkResult, { method: "POST", body: { ids, changes } }, never());

/** The duplicates' evidence goes to the incident; it can be undone. */
export const mergeInto = (id: string, duplicates: readonly string[]): Promise<Incident> =>
  call(`${atIncident(id)}/merge`, Incident, { method: "POST", body: { duplicates } }, never());
export const unmerge = (id: string): Promise<Incident> =>
  call(`${atIncident(id)}/unmerge`, Incident, { method: "POST", body: {} }, never());

export const addComment = (id: string, body: string): Promise<IncidentComment> =>
  call(`${atIncident(id)}/comments`, IncidentComment, { method: "POST", body: { body } }, never());

const atComment = (incident: string, comment: string): string =>
  `${atIncident(incident)}/comments/${encodeURIComponent(comment)}`;
export const changeComment = (incident: string, comment: string, body: string): Promise<IncidentComment> =>
  call(atComment(incident, comment), IncidentComment, { method: "PATCH", body: { body } }, never());
export const removeComment = (incident: string, comment: string): Promise<unknown> =>
  call(atComment(incident, comment), z.unknown(), { method: "DELETE" }, never());

export const saveView = (name: string, query: IncidentFilter): Promise<IncidentView> =>
  call("/incidents/views", IncidentView, { method: "POST", body: { name, query } }, never());
export const removeView = (id: string): Promise<{ id: string }> =>
  call(`/incidents/views/${encodeURIComponent(id)}`, z.object({ id: z.string() }), { method: "DELETE" }, never());

export const addEvidence = (incident: string, body: z.input<typeof NewEvidence>, once: string): Promise<Evidence> =>
  call(ofEvidence(incident), Evidence, { method: "POST", body, headers: { "idempotency-key": once } }, never());

/** `onProgress`: the part of the bytes that has gone, 0 to 1. */
export const uploadScreenshot = (
  incident: string,
  file: Blob,
  name: string,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Evidence> => {
  const form = new FormData();
  form.append("file", file, name);
  return upload(`${ofEvidence(incident)}/upload-screenshot`, Evidence, { form }, onProgress, signal);
};

/** A text of any length as evidence; `onProgress` as above. */
export const uploadText = (
  incident: string,
  file: Blob,
  query: { evidence_type: string; title: string; source: string },
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Evidence> => upload(`${ofEvidence(incident)}/upload`, Evidence, { file, query }, onProgress, signal);

const atEvidence = (id: string): string => `/evidence/${encodeURIComponent(id)}`;
/** Refused with 412 when it is no longer of this version. */
export const changeEvidence = (id: string, version: number, body: z.input<typeof EvidenceChanges>): Promise<Evidence> =>
  call(atEvidence(id), Evidence, { method: "PATCH", body, headers: { "if-match": `"${version}"` } }, never());
export const removeEvidence = (id: string): Promise<{ id: string }> =>
  call(atEvidence(id), z.object({ id: z.string() }), { method: "DELETE" }, never());

/** Of a screenshot: the reading before stays until the next one is there. */
export const readAgain = (evidence: string): Promise<unknown> =>
  call(`${atEvidence(evidence)}/analyze`, z.unknown(), { method: "POST", body: {} }, never());
