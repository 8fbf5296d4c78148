// What is synced: each scope with its streams, its branch, and its code in the graph.
import type { SelectedScope, StreamState } from "@opentrace/contract/integrations.ts";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink, GitBranch, RefreshCw, SearchX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { toast } from "sonner";
import { syncIntegration } from "../../../api/integration-actions.ts";
import { integrations } from "../../../api/integration-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button, buttonClasses } from "../../../ui/button.tsx";
import { ShowMore } from "../../../ui/show-more.tsx";
import { Field } from "../../../ui/field.tsx";
import { May } from "../../../ui/may.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState, errorMessage } from "../../../ui/states.tsx";
import { WhenLoaded } from "../../../ui/when-loaded.tsx";
import { Time } from "../../../ui/time.tsx";
import { count } from "../../../ui/time-text.ts";
import { connectSearch } from "../url.ts";
import { streamTones } from "../words.ts";
import { ChangeScopeBranch } from "./change-scope-branch.tsx";
import type { PartProps } from "./manage-page.tsx";

export function ScopesPart({ integration, connector, state, onChange }: PartProps) {
  const client = useQueryClient();
  const [changing, setChanging] = useState<SelectedScope | null>(null);
  const asked = useDeferredValue(state.q.trim());
  const query = useInfiniteQuery(integrations.scopes(integration.id, asked));
  const { data } = query;
  const scopes = data?.pages.flatMap((page) => page.scopes) ?? [];
  const total = data?.pages[0]?.page.total ?? null;
  const sync = useMutation({
    mutationFn: (scope: SelectedScope) => syncIntegration(integration.id, { scopes: [scope.id] }),
    onSuccess: async (answer, { name }) => {
      client.setQueryData(integrations.keyOf(integration.id), answer.integration);
      toast(`${name} is asked for what changed.`);
      await client.invalidateQueries({ queryKey: integrations.keyOf(integration.id) });
    },
    onError: (failure) => toast.error(errorMessage(failure)),
  });
  const branches = new Set(connector?.scopeKinds.filter(({ hasBranch }) => hasBranch).map(({ id }) => id));
  return (
    <Section
      title="What is synced"
      aside={
        <May permission="integrations:write">
          <Link
            to="/integrations/$connector/connect"
            params={{ connector: integration.connector }}
            search={connectSearch({ integration: integration.id, step: "choose" })}
            className={buttonClasses("plain", true)}
          >
            Change the choice
          </Link>
        </May>
      }
    >
      <Field
        label="Search by name"
        type="search"
        value={state.q}
        onChange={(event) => onChange({ q: event.target.value })}
        autoComplete="off"
        className="max-w-md"
      />
      <Card>
        <WhenLoaded query={query} rows={5}>
          {() =>
            scopes.length === 0 ? (
              <EmptyState
                title={
                  asked === "" ? "Nothing is chosen to be synced" : `Nothing that is synced has “${asked}” in its name`
                }
                icon={<SearchX size={20} aria-hidden />}
              />
            ) : (
              <ul aria-label="What is synced" className="divide-y divide-line">
                {scopes.map((scope) => (
                  <ScopeRow
                    key={scope.id}
                    scope={scope}
                    streamName={(id) => connector?.streams.find((each) => each.id === id)?.name ?? id}
                    kindName={connector?.scopeKinds.find(({ id }) => id === scope.kind)?.name ?? scope.kind}
                    {...(branches.has(scope.kind) ? { onBranch: () => setChanging(scope) } : {})}
                    onSync={() => sync.mutate(scope)}
                    syncing={sync.isPending}
                  />
                ))}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
      {data ? (
        <p role="status" className="text-sm text-faint">
          {count(scopes.length)}
          {total === null ? "" : ` of ${count(total)}`} shown
        </p>
      ) : null}
      <ShowMore query={query} />
      {changing ? (
        <ChangeScopeBranch integration={integration} scope={changing} onDone={() => setChanging(null)} />
      ) : null}
    </Section>
  );
}

/** How changes of a scope come in, where webhooks are made scope by scope. */
const hookWords = {
  made: "webhook made",
  covered: "webhook of its group",
  refused: "no webhook",
} as const;

interface RowProps {
  scope: SelectedScope;
  kindName: string;
  streamName: (id: string) => string;
  onBranch?: () => void;
  onSync: () => void;
  syncing: boolean;
}

function ScopeRow({ scope, kindName, streamName, onBranch, onSync, syncing }: RowProps) {
  const { name, url, state, via, codeBranch, defaultBranch, streams, repositoryId } = scope;
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-64 flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium wrap-anywhere">{name}</span>
          {scope.private ? <Badge>private</Badge> : null}
          {scope.archived ? <Badge tone="warn">archived</Badge> : null}
          {state === "lost" ? <Badge tone="bad">not shown by the vendor any more</Badge> : null}
          {state === "gone" ? <Badge>being removed</Badge> : null}
          {scope.webhook ? (
            <Badge tone={scope.webhook.state === "refused" ? "warn" : "neutral"}>
              {hookWords[scope.webhook.state]}
            </Badge>
          ) : null}
          {via !== null ? <span className="text-sm text-faint">chosen as a whole</span> : null}
        </div>
        <div className="flex flex-wrap gap-1">
          {url ? (
            <a
              href={url}
              target="_blank"
              rel="noreferrer"
              aria-label={`Open ${name} at the vendor`}
              className={buttonClasses("quiet", true)}
            >
              <ExternalLink size={14} aria-hidden /> Open
            </a>
          ) : null}
          <May permission="integrations:write">
            <Button
              small
              look="quiet"
              aria-label={`Sync ${name}`}
              onClick={onSync}
              disabled={syncing || state !== "active"}
            >
              <RefreshCw size={14} aria-hidden /> Sync
            </Button>
          </May>
        </div>
      </div>
      {onBranch ? (
        <p className="flex flex-wrap items-center gap-x-2 text-sm text-muted">
          <GitBranch size={14} aria-hidden />
          <span className="wrap-anywhere">
            {codeBranch === "" ? `default branch${defaultBranch ? ` (${defaultBranch})` : ""}` : codeBranch}
          </span>
          <May permission="integrations:write">
            <button
              type="button"
              aria-label={`Change the branch of ${name}`}
              onClick={onBranch}
              disabled={state !== "active"}
              className="rounded-sm text-accent-text underline underline-offset-2 disabled:opacity-50"
            >
              Change
            </button>
          </May>
          {repositoryId ? (
            <Link
              to="/repositories/$id"
              params={{ id: repositoryId }}
              aria-label={`Its code in the graph: ${name}`}
              className="rounded-sm text-accent-text underline underline-offset-2"
            >
              Its code
            </Link>
          ) : null}
        </p>
      ) : (
        <p className="text-sm text-muted">{kindName}: everything in it, now and later</p>
      )}
      {scope.webhook?.reason ? (
        <p className="text-sm break-words text-muted">
          {scope.webhook.reason} {scope.webhook.action}
        </p>
      ) : null}
      {streams.length > 0 ? (
        <ul aria-label={`Streams of ${name}`} className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {streams.map((stream) => (
            <Stream key={stream.stream} stream={stream} name={streamName(stream.stream)} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Stream({ stream, name }: { stream: StreamState; name: string }) {
  const { state, items, error, syncedAt } = stream;
  return (
    <li className={`min-w-0 ${error ? "basis-full" : ""}`}>
      <span className="inline-flex flex-wrap items-center gap-x-1.5">
        <span className="text-muted">{name}</span>
        {state === "ok" ? (
          <span className="tabular-nums">
            {count(items)}
            {syncedAt ? (
              <span className="text-faint">
                , <Time at={syncedAt} />
              </span>
            ) : null}
          </span>
        ) : (
          <Badge tone={streamTones[state]}>{state}</Badge>
        )}
      </span>
      {error ? (
        <span className={`block break-words ${state === "failing" ? "text-bad" : "text-muted"}`}>{error}</span>
      ) : null}
    </li>
  );
}
