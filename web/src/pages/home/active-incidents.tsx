// What is wrong now, worst first: on the overview, and only when something is.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidents } from "../../api/incident-queries.ts";
import { Card, Section } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";
import { count } from "../../ui/time-text.ts";
import { SeverityBadge, StatusBadge } from "../incidents/marks.tsx";

export function ActiveIncidents() {
  const { data } = useQuery(incidents.active);
  if (!data || data.items.length === 0) return null;
  const total = data.total ?? data.items.length;
  return (
    <Section
      title="Active incidents"
      aside={
        <Link to="/incidents" className="rounded-sm text-sm text-accent-text hover:underline">
          {total > data.items.length ? `All ${count(total)}` : "All incidents"}
        </Link>
      }
    >
      <Card>
        <ul className="divide-y divide-line">
          {data.items.map((incident) => (
            <li
              key={incident.id}
              className="relative flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-sunken"
            >
              <Link
                to="/incidents/$id"
                params={{ id: incident.reference }}
                className="min-w-0 flex-1 basis-60 truncate font-medium after:absolute after:inset-0"
              >
                {incident.title}
              </Link>
              <span className="text-sm text-muted">{incident.owner ?? "nobody has it"}</span>
              <span className="text-sm text-muted">
                <Time at={incident.started_at} />
              </span>
              <SeverityBadge severity={incident.severity} />
              <StatusBadge status={incident.status} />
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  );
}
