// What the SSE stream `/api/v1/events` carries: every change that a user may be waiting for.
import { z } from "zod";
import { IntegrationHealth, SyncProgress } from "./integrations.ts";
import { Job } from "./repositories.ts";

export const ServerEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("job.updated"), job: Job }),
  z.object({ type: z.literal("repository.changed"), repositoryId: z.string() }),
  z.object({ type: z.literal("repository.removed"), repositoryId: z.string() }),
  /** Its health, scopes or settings changed: ask for it again. */
  z.object({ type: z.literal("integration.changed"), integrationId: z.string(), health: IntegrationHealth }),
  z.object({ type: z.literal("integration.progress"), integrationId: z.string(), progress: SyncProgress }),
  z.object({ type: z.literal("integration.removed"), integrationId: z.string() }),
  z.object({ type: z.literal("graph.changed"), version: z.int() }),
  /** `change`: created, changed, merged, commented …; ask for it again. */
  z.object({ type: z.literal("incident.changed"), incidentId: z.string(), change: z.string() }),
  z.object({
    type: z.literal("evidence.changed"),
    evidenceId: z.string(),
    incidentId: z.string(),
    change: z.string(),
  }),
  /** A part of an incident's investigation changed: ask for it again. */
  z.object({
    type: z.literal("investigation.changed"),
    incidentId: z.string(),
    part: z.enum(["timeline", "hypotheses", "actions", "postmortem"]),
  }),
  z.object({ type: z.literal("runbook.changed"), runbookId: z.string() }),
]);
export type ServerEvent = z.infer<typeof ServerEvent>;
