// What happened, in order: built from everything known, kept up to date while one looks, with what people add by hand.
import { type TimelineEntry, type TimelineKind, timelineKinds } from "@opentrace/contract/investigation.ts";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowDownUp, EyeOff, Pencil, Plus, RefreshCw } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { incidents } from "../../../api/incident-queries.ts";
import { buildTimeline, removeEntry } from "../../../api/investigation-actions.ts";
import { investigation } from "../../../api/investigation-queries.ts";
import { Badge, type Tone } from "../../../ui/badge.tsx";
import { Button, IconButton } from "../../../ui/button.tsx";
import { ShowMore } from "../../../ui/show-more.tsx";
import { May, useMay } from "../../../ui/may.tsx";
import { Card } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, errorMessage, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { count } from "../../../ui/time-text.ts";
import { Toggles } from "../../../ui/toggles.tsx";
import { VendorLink, webAddress } from "../../delivery/going-on.tsx";
import { detailSearch } from "../url.ts";
import { EntryForm } from "./entry-form.tsx";
import type { PartProps } from "./incident-page.tsx";
import { PathText } from "./path-text.tsx";
import { kindWords } from "./timeline-words.ts";

const options = timelineKinds.map((value) => ({ value, label: kindWords[value] }));
const tones: Partial<Record<TimelineKind, Tone>> = {
  alert: "bad",
  status: "accent",
  deployment: "warn",
  release: "warn",
  config: "warn",
};

export function TimelinePart({ incident, state, onChange }: PartProps) {
  const client = useQueryClient();
  const { may } = useMay();
  const [newest, setNewest] = useState(false);
  const [adding, setAdding] = useState(false);
  const kinds = timelineKinds.filter((kind) => state.kind.includes(kind));
  const query = useInfiniteQuery(investigation.timeline(incident.id, kinds, newest ? "desc" : "asc"));
  const { data, error, refetch } = query;
  const renew = () => client.invalidateQueries({ queryKey: incidents.keyOf(incident.id) });
  const build = useMutation({
    mutationFn: () => buildTimeline(incident.id),
    onSuccess: ({ added, removed }) => {
      toast(added + removed === 0 ? "The timeline is up to date." : `${added} new, ${removed} gone.`);
      return renew();
    },
    onError: (failure) => toast.error(errorMessage(failure)),
  });
  const hide = useMutation({
    mutationFn: (entry: TimelineEntry) => removeEntry(incident.id, entry.id),
    onSuccess: renew,
    onError: (failure) => toast.error(errorMessage(failure)),
  });
  const [first] = data?.pages ?? [];
  const entries = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-sm text-muted">
          {first ? `${count(first.total)} entries` : ""}
          {first?.built_at ? (
            <>
              , up to date <Time at={first.built_at} />
            </>
          ) : null}
        </p>
        <span className="flex flex-wrap gap-2">
          <Button small look="quiet" onClick={() => setNewest(!newest)}>
            <ArrowDownUp size={14} aria-hidden /> {newest ? "Newest first" : "Oldest first"}
          </Button>
          {may("incidents:write") ? (
            <>
              <Button small onClick={() => build.mutate()} disabled={build.isPending}>
                <RefreshCw size={14} aria-hidden className={build.isPending ? "animate-spin" : ""} />
                {build.isPending ? "Building…" : "Build again"}
              </Button>
              <Button small look="primary" onClick={() => setAdding(true)} disabled={adding}>
                <Plus size={14} aria-hidden /> Add entry
              </Button>
            </>
          ) : null}
        </span>
      </div>
      <Toggles label="Kinds" values={kinds} options={options} onChange={(kind) => onChange({ kind })} />
      {adding ? <EntryForm incident={incident.id} onDone={() => setAdding(false)} /> : null}
      {first?.detail ? <Notice tone="neutral">{first.detail}</Notice> : null}
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={6} />
      ) : entries.length === 0 ? (
        <Card className="border-dashed">
          <EmptyState title={kinds.length > 0 ? "Nothing of these kinds" : "Nothing is known to have happened yet"}>
            {kinds.length > 0 ? <Button onClick={() => onChange({ kind: [] })}>Show all</Button> : null}
          </EmptyState>
        </Card>
      ) : (
        <ol aria-label="Timeline" className="flex flex-col">
          {entries.map((entry, index) => (
            <Entry
              key={entry.id}
              entry={entry}
              reference={incident.reference}
              day={dayOf(entries[index - 1]?.at) === dayOf(entry.at) ? null : dayOf(entry.at)}
              onHide={() => hide.mutate(entry)}
            />
          ))}
        </ol>
      )}
      <ShowMore query={query} />
    </div>
  );
}

const dayOf = (at: string | undefined): string | null =>
  at === undefined ? null : new Date(at).toLocaleDateString(undefined, { dateStyle: "full" });

interface EntryProps {
  entry: TimelineEntry;
  reference: string;
  /** Said where a new day begins. */
  day: string | null;
  onHide: () => void;
}

function Entry({ entry, reference, day, onHide }: EntryProps) {
  const { at, kind, title, detail, source, source_url, actor, evidence_id, relation, origin } = entry;
  const [editing, setEditing] = useState(false);
  const url = webAddress(source_url);
  if (editing)
    return (
      <li className="py-2">
        <EntryForm incident={entry.incident_id} entry={entry} onDone={() => setEditing(false)} />
      </li>
    );
  return (
    <li>
      {day === null ? null : <h2 className="pt-3 pb-2 text-sm font-medium text-muted">{day}</h2>}
      <div className="group grid grid-cols-[4.5rem_minmax(0,1fr)_2rem_2rem] gap-x-3 border-l-2 border-line py-2 pl-4 hover:border-line-strong">
        <time dateTime={at} title={new Date(at).toLocaleString()} className="text-sm text-muted tabular-nums">
          {new Date(at).toLocaleTimeString(undefined, { timeStyle: "medium", hourCycle: "h23" })}
        </time>
        <div className="flex min-w-0 flex-col gap-1">
          <p className="flex min-w-0 flex-wrap items-baseline gap-x-2 gap-y-0.5">
            <Badge tone={tones[kind] ?? "neutral"}>{kindWords[kind]}</Badge>
            <span className="min-w-0 font-medium wrap-anywhere">{title}</span>
          </p>
          {detail ? <p className="text-sm whitespace-pre-line wrap-anywhere text-muted">{detail}</p> : null}
          <p className="flex flex-wrap gap-x-2 text-sm text-faint">
            <span>{[source, actor].filter((part) => part !== null && part !== "").join(", ")}</span>
            {relation.path.length > 0 || relation.distance !== null ? <span>{relation.why}</span> : null}
            {evidence_id ? (
              <Link
                to="/incidents/$id"
                params={{ id: reference }}
                search={detailSearch({ part: "evidence", show: evidence_id })}
                className="rounded-sm text-accent-text hover:underline"
              >
                Evidence
              </Link>
            ) : null}
            {url ? <VendorLink url={url}>Source</VendorLink> : null}
          </p>
          {relation.path.length > 1 ? <PathText path={relation.path} label="Way through the graph" /> : null}
        </div>
        <May permission="incidents:write">
          {origin === "manual" ? (
            <IconButton
              label={`Change “${title}”`}
              onClick={() => setEditing(true)}
              className="opacity-60 group-hover:opacity-100 focus-visible:opacity-100"
            >
              <Pencil size={14} aria-hidden />
            </IconButton>
          ) : (
            <span />
          )}
          <IconButton
            label={origin === "manual" ? `Remove “${title}”` : `Hide “${title}”, it has nothing to do with this`}
            onClick={onHide}
            className="opacity-60 group-hover:opacity-100 focus-visible:opacity-100"
          >
            <EyeOff size={14} aria-hidden />
          </IconButton>
        </May>
      </div>
    </li>
  );
}
