// How the kinds of timeline entries are said.
import type { TimelineKind } from "@opentrace/contract/investigation.ts";

export const kindWords: Record<TimelineKind, string> = {
  incident: "Incident",
  status: "Status",
  comment: "Comment",
  evidence: "Evidence",
  alert: "Alert",
  deployment: "Deployment",
  release: "Release",
  pull_request: "Pull request",
  commit: "Commit",
  config: "Configuration",
  pipeline: "Pipeline",
  topology: "Topology",
  action: "Action",
  note: "Note",
};
