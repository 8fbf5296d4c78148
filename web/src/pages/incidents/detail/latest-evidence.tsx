// The first pieces of evidence, in a line each, for the overview.
import type { IncidentDetail } from "@opentrace/contract/incidents.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidents } from "../../../api/incident-queries.ts";
import { buttonClasses } from "../../../ui/button.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { WhenLoaded } from "../../../ui/when-loaded.tsx";
import { Time } from "../../../ui/time.tsx";
import { detailSearch } from "../url.ts";
import { evidenceWord } from "../words.ts";

const few = 5;

export function LatestEvidence({ incident }: { incident: IncidentDetail }) {
  const query = useInfiniteQuery(incidents.evidence(incident.id));
  const { data } = query;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const toAll = (
    <Link
      to="/incidents/$id"
      params={{ id: incident.reference }}
      search={detailSearch({ part: "evidence" })}
      className={buttonClasses("plain", true)}
    >
      {items.length === 0 ? "Add evidence" : items.length > few ? `All ${incident.evidence_count}` : "Open evidence"}
    </Link>
  );
  return (
    <Section title="Evidence" aside={items.length > 0 ? toAll : null}>
      <Card>
        <WhenLoaded query={query} rows={2}>
          {() =>
            items.length === 0 ? (
              <EmptyState title="No evidence yet">
                <p>Logs, metrics, screenshots, links: what tells what happened.</p>
                {toAll}
              </EmptyState>
            ) : (
              <ul className="divide-y divide-line">
                {items.slice(0, few).map((evidence) => (
                  <li key={evidence.id} className="flex min-w-0 items-baseline gap-3 px-4 py-2">
                    <span className="w-24 shrink-0 truncate text-sm text-muted">
                      {evidenceWord(evidence.evidence_type)}
                    </span>
                    <Link
                      to="/incidents/$id"
                      params={{ id: incident.reference }}
                      search={detailSearch({ part: "evidence", show: evidence.id })}
                      className="min-w-0 flex-1 truncate rounded-sm hover:underline"
                    >
                      {evidence.title}
                    </Link>
                    <span className="shrink-0 text-sm text-faint">
                      <Time at={evidence.created_at} />
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
    </Section>
  );
}
