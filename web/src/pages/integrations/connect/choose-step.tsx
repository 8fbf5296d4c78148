// Third step: which repositories, organizations, projects are synced, and which branch of each; the choice is kept on the server.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowRight, SearchX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { selectScopes } from "../../../api/integration-actions.ts";
import { integrations, vendor } from "../../../api/integration-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { Card } from "../../../ui/page.tsx";
import { Segments } from "../../../ui/segments.tsx";
import { EmptyState, ErrorNote, Notice } from "../../../ui/states.tsx";
import { WhenLoaded } from "../../../ui/when-loaded.tsx";
import { count } from "../../../ui/time-text.ts";
import { ChoiceRow } from "./choice-row.tsx";
import { changesText, isSelected, noChanges, select, selectAll, setBranch, toSelections } from "./selection.ts";

interface Props {
  connector: AvailableIntegration;
  integration: Integration;
  kind: string;
  search: string;
  onLook: (look: { kind?: string; q?: string }) => void;
  onNext: () => void;
}

export function ChooseStep({ connector, integration, kind: wanted, search, onLook, onNext }: Props) {
  const client = useQueryClient();
  const [changes, setChanges] = useState(noChanges);
  const kinds = connector.scopeKinds;
  // What is chosen one by one comes first for most people; a whole organization is the other way.
  const kind = kinds.find(({ id }) => id === wanted) ?? kinds.find(({ contains }) => contains === null) ?? kinds[0];
  const asked = useDeferredValue(search.trim());
  const question = { kind: kind?.id ?? "", search: asked };
  const query = useInfiniteQuery(vendor.choices(integration.id, question));
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isFetching } = query;
  const save = useMutation({
    mutationFn: async () => {
      for (const body of toSelections(changes)) await selectScopes(integration.id, body);
    },
    onSuccess: async () => {
      client.removeQueries({ queryKey: vendor.choices(integration.id, question).queryKey.slice(0, 3) });
      await client.invalidateQueries({ queryKey: integrations.keyOf(integration.id) });
      onNext();
    },
  });
  if (kind === undefined) return <p>{connector.name} has nothing to choose from.</p>;
  const choices = data?.pages.flatMap((page) => page.scopes) ?? [];
  const total = data?.pages[0]?.page.total ?? null;
  const isAll = changes.all?.kind === kind.id && changes.all.search === asked;
  const nothing = integration.counts.scopes === 0 && toSelections(changes).length === 0;
  const plural = kind.plural.toLowerCase();
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        {kinds.length > 1 ? (
          <Segments
            label="What to choose"
            value={kind.id}
            options={kinds.map(({ id, plural: label }) => ({ value: id, label }))}
            onChange={(next) => onLook({ kind: next })}
          />
        ) : null}
        <Field
          label={`Search ${plural}`}
          type="search"
          value={search}
          onChange={(event) => onLook({ q: event.target.value })}
          autoComplete="off"
          className="min-w-0 flex-1 basis-56"
        />
      </div>
      {kind.contains !== null ? (
        <Notice tone="neutral">
          Choosing one means everything in it, now and later: what is added there is synced by itself.
        </Notice>
      ) : null}
      <Card>
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2">
          <p role="status" className="text-sm text-muted">
            {changesText(changes, integration.counts.scopes, plural)}
            {changes.all === null && total !== null && asked === "" ? ` of ${count(total)}` : ""}
            {isFetching && data ? " · asking again…" : ""}
          </p>
          <span className="flex gap-2">
            {choices.length > 0 && !isAll ? (
              <Button small onClick={() => setChanges(selectAll(changes, kind.id, asked))}>
                {asked === ""
                  ? `Select all${total === null ? "" : ` ${count(total)}`} ${plural}`
                  : `Select all with “${asked}”`}
              </Button>
            ) : null}
            {toSelections(changes).length > 0 ? (
              <Button small look="quiet" onClick={() => setChanges(noChanges)}>
                Undo my changes
              </Button>
            ) : null}
          </span>
        </div>
        <WhenLoaded query={query} rows={6} label={`Asking ${connector.name}`}>
          {() =>
            choices.length === 0 ? (
              <EmptyState
                title={
                  asked === ""
                    ? `${connector.name} shows no ${plural} to this credential`
                    : `Nothing has “${asked}” in its name`
                }
                icon={<SearchX size={20} aria-hidden />}
              >
                {asked === "" ? "Give the credential access to them at the vendor, then come back." : null}
              </EmptyState>
            ) : (
              <ul aria-label={kind.plural} className="max-h-[32rem] divide-y divide-line overflow-y-auto">
                {choices.map((choice) => (
                  <ChoiceRow
                    key={choice.id}
                    choice={choice}
                    kind={kind}
                    changes={changes}
                    selected={isSelected(changes, choice)}
                    onSelect={(selected) => setChanges(select(changes, choice, selected))}
                    onBranch={(branch) => setChanges(setBranch(changes, choice, branch))}
                  />
                ))}
                {hasNextPage ? (
                  <li className="p-2 text-center">
                    <Button small disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                      {isFetchingNextPage ? "Loading…" : `Show more${total === null ? "" : ` of ${count(total)}`}`}
                    </Button>
                  </li>
                ) : null}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
      {save.error ? <ErrorNote error={save.error} /> : null}
      <div>
        <Button look="primary" disabled={nothing || save.isPending} onClick={() => save.mutate()}>
          {save.isPending ? "Keeping the choice…" : "Count what comes in"} <ArrowRight size={15} aria-hidden />
        </Button>
      </div>
    </div>
  );
}
