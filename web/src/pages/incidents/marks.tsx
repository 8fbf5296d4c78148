// Small parts of the incident screens: severity and status as words with a colour, and the way back to the list.
import type { IncidentSeverity, IncidentStatus } from "@opentrace/contract/incidents.ts";
import { Link } from "@tanstack/react-router";
import { Badge } from "../../ui/badge.tsx";
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
  <nav aria-label="Breadcrumb" className="text-sm text-muted">
    <ol className="flex flex-wrap items-center gap-1.5">
      <li>
        <Link to="/incidents" className="rounded-sm underline-offset-2 hover:text-text hover:underline">
          Incidents
        </Link>
      </li>
      {children ? (
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="text-faint">
            ›
          </span>
          <span aria-current="page">{children}</span>
        </li>
      ) : null}
    </ol>
  </nav>
);
