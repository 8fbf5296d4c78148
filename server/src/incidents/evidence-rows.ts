// Rows → evidence, as doors show it.
import type { Selectable } from "kysely";
import { type Evidence, incidentLimits } from "@opentrace/contract/incidents.ts";
import type { EvidenceTable } from "../store/incident-tables.ts";
import { timeOrNull, timeText } from "./incident-rows.ts";

export type EvidenceRow = Selectable<EvidenceTable>;

/** The image of a screenshot, kept beside its blob's hash. */
export interface EvidenceImage {
  media_type: string;
  bytes: number;
  width: number;
  height: number;
  name: string | null;
}

export function toEvidence(row: EvidenceRow): Evidence {
  return {
    id: row.id,
    incident_id: row.incident,
    evidence_type: row.evidence_type,
    title: row.title,
    content: row.content,
    content_bytes: row.content_bytes,
    content_truncated: row.content_blob !== null,
    content_url: row.content === null ? null : `/api/v1/evidence/${row.id}/content`,
    source: row.source,
    source_url: row.source_url,
    services: JSON.parse(row.services) as string[],
    nodes: JSON.parse(row.nodes) as Evidence["nodes"],
    starts_at: timeOrNull(row.starts_at),
    ends_at: timeOrNull(row.ends_at),
    evidence_metadata: JSON.parse(row.metadata) as Evidence["evidence_metadata"],
    analysis: row.analysis === null ? null : (JSON.parse(row.analysis) as Evidence["analysis"]),
    reading: row.reading,
    image:
      row.image === null
        ? null
        : { ...(JSON.parse(row.image) as EvidenceImage), url: `/api/v1/evidence/${row.id}/image` },
    moved_from: row.moved_from,
    version: row.version,
    created_by: row.created_by,
    created_by_name: row.created_by_name,
    created_at: timeText(row.created_at),
    updated_at: timeText(row.updated_at),
  };
}

/** The longest beginning of `text` that is at most so many bytes of UTF-8 and cuts no character. */
export function beginningOf(text: string, bytes: number = incidentLimits.shownContent): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = Buffer.from(text.slice(0, bytes), "utf8");
  if (encoded.length <= bytes) return text.slice(0, bytes);
  let end = bytes;
  // A byte 10xxxxxx goes on with a character.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.toString("utf8", 0, end);
}
