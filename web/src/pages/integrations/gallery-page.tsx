// Integrations: what is connected and how it is doing, and what can be connected, by category.
import { type AvailableIntegration, ConnectorCategory } from "@opentrace/contract/integrations.ts";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useRef } from "react";
import { integrations } from "../../api/integration-queries.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { Segments } from "../../ui/segments.tsx";
import { EmptyState, ErrorNote, Skeleton } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import { ConnectedList } from "./connected-list.tsx";
import { ConnectorIcon } from "./marks.tsx";
import { type GalleryState, gallerySearch, parseGallery } from "./url.ts";
import { authWords, categoryWords } from "./words.ts";

export function GalleryPage() {
  usePageTitle("Integrations");
  const available = useQuery(integrations.available);
  const connected = useQuery(integrations.all);
  return (
    <PageFrame title="Integrations" lead="What the graph is fed from, besides repositories that you add by hand.">
      {connected.data && connected.data.integrations.length > 0 ? (
        <Section
          title="Connected"
          aside={<span className="text-sm text-faint">{count(connected.data.integrations.length)}</span>}
        >
          <ConnectedList list={connected.data.integrations} available={available.data?.integrations ?? []} />
        </Section>
      ) : connected.error ? (
        <ErrorNote error={connected.error} onRetry={() => void connected.refetch()} />
      ) : null}
      <Section title="Available">
        {available.data ? (
          <Gallery list={available.data.integrations} />
        ) : available.error ? (
          <ErrorNote error={available.error} onRetry={() => void available.refetch()} />
        ) : (
          <div role="status" aria-label="Loading" className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
            <Skeleton className="h-40" />
            <Skeleton className="h-40" />
            <Skeleton className="h-40" />
          </div>
        )}
      </Section>
    </PageFrame>
  );
}

const textOf = ({ name, summary, provides, category }: AvailableIntegration): string =>
  [name, summary, ...provides, categoryWords[category]].join(" ").toLowerCase();

function Gallery({ list }: { list: AvailableIntegration[] }) {
  const state = parseGallery(useSearch({ from: "/integrations" }));
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const change = (next: Partial<GalleryState>): void =>
    void navigate({ to: "/integrations", search: gallerySearch({ ...state, ...next }), replace: true });
  const focusSearch = (): void => box.current?.querySelector("input")?.focus();
  useShortcuts({ "/": focusSearch });
  const categories = ConnectorCategory.options.filter((each) => list.some(({ category }) => category === each));
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = list.filter(
    (each) =>
      (state.category === null || each.category === state.category) &&
      words.every((word) => textOf(each).includes(word)),
  );
  if (list.length === 0)
    return <EmptyState title="This server has no connectors">Its installation is not complete.</EmptyState>;
  return (
    <>
      <div ref={box} className="flex flex-wrap items-end gap-3">
        <Field
          label="Search integrations"
          type="search"
          value={state.q}
          onChange={(event) => change({ q: event.target.value })}
          placeholder="GitHub, pull requests, logs…"
          autoComplete="off"
          className="min-w-0 flex-1 basis-60"
        />
        {categories.length > 1 ? (
          <Segments
            label="Category"
            value={state.category ?? "all"}
            options={[
              { value: "all", label: "All" },
              ...categories.map((value) => ({ value, label: categoryWords[value] })),
            ]}
            onChange={(value) => change({ category: ConnectorCategory.options.find((each) => each === value) ?? null })}
          />
        ) : null}
      </div>
      <p role="status" className="sr-only">
        {found.length} of {list.length} integrations
      </p>
      {found.length === 0 ? (
        <EmptyState title={`No integration fits “${state.q}”`} icon={<SearchX size={20} aria-hidden />}>
          <Button onClick={() => change({ q: "", category: null })}>Show all {count(list.length)}</Button>
        </EmptyState>
      ) : (
        categories
          .filter((category) => found.some((each) => each.category === category))
          .map((category) => (
            <div key={category} className="flex flex-col gap-2">
              <h3 className="text-sm font-medium text-muted">{categoryWords[category]}</h3>
              <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
                {found
                  .filter((each) => each.category === category)
                  .map((each) => (
                    <GalleryCard key={each.id} integration={each} />
                  ))}
              </ul>
            </div>
          ))
      )}
    </>
  );
}

function GalleryCard({ integration }: { integration: AvailableIntegration }) {
  const { id, name, summary, provides, auth } = integration;
  const { data } = useQuery(integrations.all);
  // Those whose sign-in was never finished do not count.
  const connected =
    data?.integrations.filter(({ connector, health }) => connector === id && health.state !== "connecting").length ??
    integration.connected;
  return (
    <li className="relative flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface p-4 focus-within:border-accent-text hover:border-line-strong">
      <div className="flex items-center gap-3">
        <ConnectorIcon of={integration} />
        <div className="min-w-0 flex-1">
          <h4 className="text-base font-semibold">
            {/* The whole card is the link's. */}
            <Link
              to="/integrations/$connector"
              params={{ connector: id }}
              className="rounded-sm break-words after:absolute after:inset-0 after:rounded-lg"
            >
              {name}
            </Link>
          </h4>
          <p className="text-sm text-faint">{auth.map(({ kind }) => authWords[kind]).join(", ")}</p>
        </div>
        {connected > 0 ? <Badge tone="ok">{count(connected)} connected</Badge> : null}
      </div>
      <p className="text-muted">{summary}</p>
      <ul className="mt-auto flex flex-wrap gap-1.5">
        {provides.map((each) => (
          <li key={each} className="rounded-sm bg-sunken px-1.5 py-0.5 text-xs text-muted">
            {each}
          </li>
        ))}
      </ul>
    </li>
  );
}
