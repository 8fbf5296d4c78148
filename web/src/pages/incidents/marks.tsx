// Small parts of the incident screens: severity and status as words with a colour, and the way back to the list.
import type { IncidentSeverity, IncidentStatus } from "@opentrace/contract/incidents.ts";
import { Badge } from "../../ui/badge.tsx";
import { Trail as PathTrail } from "../../ui/trail.tsx";
import { severityWords, statusWords } from "./words.ts";

export function SeverityBadge({ severity }: { severity: IncidentSeverity }) {
  const [word, tone] = severityWords[severity];
  return (
    <Badge tone={tone}>
      <span className="sr-only">Severity </span>
      {word}
    </Badge>
  );
}

export function StatusBadge({ status }: { status: IncidentStatus }) {
  const [word, tone] = statusWords[status];
  return (
    <Badge tone={tone} dot>
      {word}
    </Badge>
  );
}

/** “Incidents › INC-42”. */
export const Trail = ({ children }: { children?: string }) => (
  <PathTrail steps={[{ label: "Incidents", link: { to: "/incidents" } }]} here={children} />
);
