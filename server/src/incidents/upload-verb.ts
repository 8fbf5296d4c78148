// A file of text as evidence. Its door writes the file as it arrives; the verb makes the evidence of it.
import { z } from "zod";
import { Evidence, NewEvidence } from "@opentrace/contract/incidents.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { StagedBlob } from "./blobs.ts";
import type { EvidenceStore } from "./evidence.ts";
import { incidentId } from "./incident-verbs.ts";

/** What is sent beside the file. */
export const UploadFields = NewEvidence.omit({ content: true, evidence_metadata: true }).extend({
  incident_id: incidentId,
  evidence_type: NewEvidence.shape.evidence_type.default("log"),
});

/** In no list of verbs: its door is not JSON. */
export const uploadVerb = ({ evidence }: { evidence: EvidenceStore }): Verb =>
  defineVerb({
    name: "evidence.upload",
    summary: "Add a file of text as evidence",
    description: "The file was written already; what is not kept of it goes.",
    permission: "incidents:report",
    input: UploadFields.extend({ file: z.custom<StagedBlob>((value) => typeof value === "object") }),
    output: Evidence,
    writes: true,
    run: (ctx, { incident_id, file, ...input }) => evidence.add(ctx, incident_id, input, { text: file }),
  });
