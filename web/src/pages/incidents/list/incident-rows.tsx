// The rows of the list: only those in view are in the document, however many there are.
import type { Incident } from "@opentrace/contract/incidents.ts";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { classes } from "../../../ui/classes.ts";
import { Time } from "../../../ui/time.tsx";
import { plural } from "../../../ui/time-text.ts";
import { SeverityBadge, StatusBadge } from "../marks.tsx";

interface Props {
  rows: readonly Incident[];
  /** Reference of the row that the keyboard is at. */
  at: string | null;
  marked: ReadonlySet<string>;
  /** Null: who looks may not change them. */
  onMark: ((id: string) => void) | null;
  /** Near the end: load more. */
  onEnd: () => void;
  /** The rows are still those of the question before. */
  dimmed: boolean;
  /** The keyboard or a click has reached it: this is where one comes back to. */
  onReach: (incident: Incident) => void;
}

export function IncidentRows({ rows, at, marked, onMark, onEnd, dimmed, onReach }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 64,
    overscan: 10,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd();
  }, [onEnd, last, rows.length]);
  const current = rows.findIndex(({ reference }) => reference === at);
  useEffect(() => {
    if (current < 0) return;
    virtual.scrollToIndex(current);
    // The row may only come into the document by the scrolling.
    const frame = requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row="${current}"] a`)?.focus({ preventScroll: true }),
    );
    return () => cancelAnimationFrame(frame);
  }, [current, virtual]);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto border-t border-line bg-surface">
      <ul
        aria-label="Incidents"
        className={classes("relative", dimmed && "opacity-60")}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map((item) => {
          const incident = rows[item.index];
          if (incident === undefined) return null;
          const on = marked.has(incident.id);
          return (
            <li
              key={item.key}
              data-row={item.index}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              className={classes(
                "absolute right-0 left-0 grid grid-cols-[1rem_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-4 sm:px-6",
                on ? "bg-accent-soft" : "hover:bg-sunken",
              )}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {onMark ? (
                <input
                  type="checkbox"
                  aria-label={`Mark ${incident.reference}`}
                  checked={on}
                  onChange={() => onMark(incident.id)}
                  className="relative z-1 size-4 accent-[var(--accent)]"
                />
              ) : (
                <span />
              )}
              <span className="flex min-w-0 flex-col">
                <Link
                  to="/incidents/$id"
                  params={{ id: incident.reference }}
                  onFocus={() => onReach(incident)}
                  className="truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent-text"
                >
                  {incident.title}
                </Link>
                <About incident={incident} />
              </span>
              <span className="flex flex-col items-end gap-1 sm:flex-row sm:items-center sm:gap-3">
                <span className="hidden text-right text-sm text-muted md:inline">
                  <Time at={incident.created_at} />
                </span>
                <span className="sm:w-16">
                  <SeverityBadge severity={incident.severity} />
                </span>
                <span className="sm:w-28">
                  <StatusBadge status={incident.status} />
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function About({ incident }: { incident: Incident }) {
  const { reference, owner, affected_services: services, tags, evidence_count: evidence } = incident;
  const parts = [
    reference,
    owner,
    services.length > 0 ? services.join(", ") : null,
    evidence > 0 ? `${plural(evidence, "piece")} of evidence` : null,
    incident.merged_into === null ? null : "merged into another",
  ].filter((part) => part !== null);
  return (
    <span className="flex min-w-0 items-center gap-2 text-sm text-muted">
      <span className="truncate">{parts.join(" · ")}</span>
      {tags.slice(0, 3).map((tag) => (
        <span key={tag} className="hidden max-w-32 truncate rounded-sm bg-sunken px-1 text-xs leading-5 lg:inline">
          {tag}
        </span>
      ))}
    </span>
  );
}
