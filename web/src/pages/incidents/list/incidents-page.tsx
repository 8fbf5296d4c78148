// The list of incidents: narrowed, sorted and searched by what the address says, walked and marked by keyboard.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Siren } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { incidents } from "../../../api/incident-queries.ts";
import { useShortcuts } from "../../../app/shortcuts.ts";
import { Button, buttonClasses } from "../../../ui/button.tsx";
import { Kbd } from "../../../ui/kbd.tsx";
import { May, useMay } from "../../../ui/may.tsx";
import { usePageTitle } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { count, plural } from "../../../ui/time-text.ts";
import { emptyList, filterOf, type ListState, listSearch, narrowedBy, parseList } from "../url.ts";
import { Filters } from "./filters.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { SavedViews } from "./saved-views.tsx";
import { IncidentRows } from "./incident-rows.tsx";

export function IncidentsPage() {
  usePageTitle("Incidents");
  const search = useSearch({ from: "/incidents" });
  const state = useMemo(() => parseList(search), [search]);
  const navigate = useNavigate();
  const go = (next: Partial<ListState>): void =>
    void navigate({
      to: "/incidents",
      search: listSearch({ ...state, at: null, ...next }),
      replace: true,
      resetScroll: false,
    });
  const asked = useDeferredValue(state);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData } = useInfiniteQuery(
    incidents.list(filterOf(asked)),
  );
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const [first] = data?.pages ?? [];
  const { may } = useMay();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const searchField = useRef<HTMLInputElement>(null);
  const current = rows.findIndex(({ reference }) => reference === state.at);
  const stepTo = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row) go({ at: row.reference });
  };
  const mark = useCallback(
    (id: string): void =>
      setMarked((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  // Enter is the link's own: the row that the keys are at has the focus.
  useShortcuts({
    j: () => stepTo(current + 1),
    k: () => stepTo(current - 1),
    x: () => {
      const row = rows[current];
      if (row && may("incidents:write")) mark(row.id);
    },
    Escape: () => setMarked(new Set()),
    c: () => void navigate({ to: "/incidents/new" }),
    "/": () => searchField.current?.focus(),
  });
  useEffect(() => {
    // What is no longer listed can't be seen, so it must not be changed with the rest.
    setMarked((before) => {
      const kept = rows.filter(({ id }) => before.has(id)).map(({ id }) => id);
      return kept.length === before.size ? before : new Set(kept);
    });
  }, [rows]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 pt-5 pb-3 sm:px-6">
        <div className="flex items-baseline gap-3">
          <h1 className="text-xl font-semibold tracking-tight">Incidents</h1>
          <p role="status" className="text-sm text-muted tabular-nums">
            {data ? amountText(first?.total ?? null, rows.length, hasNextPage) : ""}
          </p>
        </div>
        <May permission="incidents:report">
          <Link to="/incidents/new" className={buttonClasses("primary")}>
            <Siren size={15} aria-hidden /> Declare incident
          </Link>
        </May>
      </header>
      <SavedViews state={state} onChoose={(view) => go(view)} />
      <Filters state={state} onChange={go} searchField={searchField} />
      {first?.truncated ? (
        <div className="px-4 pb-2 sm:px-6">
          <Notice tone="neutral">So many texts have these words that only the newest were looked at.</Notice>
        </div>
      ) : null}
      {error ? (
        <div className="px-4 sm:px-6">
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={8} />
      ) : rows.length === 0 ? (
        <Nothing state={state} onChange={go} />
      ) : (
        <IncidentRows
          rows={rows}
          at={state.at}
          marked={marked}
          onMark={may("incidents:write") ? mark : null}
          onEnd={more}
          dimmed={isPlaceholderData}
          onReach={({ reference }) => (reference === state.at ? undefined : go({ at: reference }))}
        />
      )}
      {marked.size > 0 ? (
        <BulkBar
          incidents={rows.filter(({ id }) => marked.has(id))}
          all={rows.length}
          onAll={() => setMarked(new Set(rows.map(({ id }) => id)))}
          onDone={() => setMarked(new Set())}
        />
      ) : null}
      <p className="hidden shrink-0 items-center gap-4 border-t border-line px-6 py-2 text-sm text-faint md:flex">
        <span>
          <Kbd keys="j" /> <Kbd keys="k" /> next, previous
        </span>
        {may("incidents:write") ? (
          <span>
            <Kbd keys="x" /> mark
          </span>
        ) : null}
        <span>
          <Kbd keys="Enter" /> open
        </span>
        {may("incidents:report") ? (
          <span>
            <Kbd keys="c" /> declare
          </span>
        ) : null}
      </p>
    </div>
  );
}

function amountText(total: number | null, loaded: number, more: boolean): string {
  if (total !== null) return count(total);
  return more ? `more than ${count(loaded)}` : plural(loaded, "incident");
}

function Nothing({ state, onChange }: { state: ListState; onChange: (next: Partial<ListState>) => void }) {
  const narrowed = narrowedBy(state) > 0 || state.q !== "";
  if (narrowed)
    return (
      <EmptyState title={state.q === "" ? "No incident passes these filters" : `No incident has “${state.q}”`}>
        <Button onClick={() => onChange({ ...emptyList, status: [] })}>Show all incidents</Button>
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Siren size={28} aria-hidden />}
      title={state.status.length === 0 ? "No incidents yet" : "All is quiet"}
    >
      <p>
        {state.status.length === 0
          ? "Declare one by hand, or let a monitoring tool post it to /api/v1/incidents."
          : "No incident is open or being investigated."}
      </p>
      {state.status.length === 0 ? null : (
        <Button onClick={() => onChange({ status: [] })}>Show the ended ones too</Button>
      )}
    </EmptyState>
  );
}
