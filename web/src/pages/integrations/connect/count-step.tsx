// Fourth step: a dry run: how much each stream would bring in, before anything is synced.
import type { AvailableIntegration, Integration, ScopeCount } from "@opentrace/contract/integrations.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, RefreshCw } from "lucide-react";
import { syncIntegration } from "../../../api/integration-actions.ts";
import { integrations, vendor } from "../../../api/integration-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/page.tsx";
import { ErrorNote, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { count } from "../../../ui/time-text.ts";
import { scopesText } from "../words.ts";

interface Props {
  connector: AvailableIntegration;
  integration: Integration;
  onBack: () => void;
  onNext: () => void;
}

export function CountStep({ connector, integration, onBack, onNext }: Props) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(vendor.count(integration.id));
  const start = useMutation({
    mutationFn: () => syncIntegration(integration.id),
    onSuccess: (answer) => {
      client.setQueryData(integrations.keyOf(integration.id), answer.integration);
      onNext();
    },
  });
  return (
    <div className="flex flex-col gap-4">
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <>
          <p role="status">
            {data.truncated
              ? `Counted ${count(data.counts.length)} of ${scopesText(connector, data.scopes)}; the rest comes on top.`
              : `${scopesText(connector, data.scopes)} would be synced. Nothing has been read yet.`}
          </p>
          <Totals connector={connector} counts={data.counts} />
          <Details connector={connector} counts={data.counts} />
          {data.scopes === 0 ? (
            <Notice tone="warn">Nothing is chosen, or what was chosen holds nothing yet. Go back and choose.</Notice>
          ) : null}
        </>
      ) : (
        <SkeletonRows rows={5} label={`Counting at ${connector.name}`} />
      )}
      {start.error ? <ErrorNote error={start.error} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={() => start.mutate()} disabled={start.isPending || data?.scopes === 0}>
          <RefreshCw size={15} aria-hidden /> {start.isPending ? "Starting…" : "Start the sync"}
        </Button>
        <Button onClick={onBack}>
          <ArrowLeft size={15} aria-hidden /> Change the choice
        </Button>
      </div>
    </div>
  );
}

/** Of each stream: what is known, and whether something is not. */
function sums(counts: readonly ScopeCount[]): Map<string, { items: number; unknown: boolean }> {
  const all = new Map<string, { items: number; unknown: boolean }>();
  for (const { streams } of counts)
    for (const { stream, items } of streams) {
      const before = all.get(stream) ?? { items: 0, unknown: false };
      all.set(stream, { items: before.items + (items ?? 0), unknown: before.unknown || items === null });
    }
  return all;
}

const sumText = ({ items, unknown }: { items: number; unknown: boolean }): string =>
  unknown ? (items === 0 ? "told by the sync" : `${count(items)} or more`) : count(items);

function Totals({ connector, counts }: { connector: AvailableIntegration; counts: ScopeCount[] }) {
  const all = sums(counts);
  const streams = connector.streams.filter(({ id }) => all.has(id));
  if (streams.length === 0) return null;
  return (
    <Card>
      <dl aria-label="What comes in" className="divide-y divide-line">
        {streams.map(({ id, name, summary }) => (
          <div key={id} className="flex items-baseline justify-between gap-4 px-4 py-2.5">
            <dt className="min-w-0">
              <span className="font-medium">{name}</span>{" "}
              <span className="text-sm text-muted max-sm:block">{summary}</span>
            </dt>
            <dd className="shrink-0 text-right tabular-nums">{sumText(all.get(id) ?? { items: 0, unknown: true })}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Details({ connector, counts }: { connector: AvailableIntegration; counts: ScopeCount[] }) {
  if (counts.length < 2) return null;
  const nameOf = (stream: string): string => connector.streams.find(({ id }) => id === stream)?.name ?? stream;
  return (
    <details>
      <summary className="w-fit rounded-sm text-sm text-muted hover:text-text">Of each one</summary>
      <ul className="mt-2 flex flex-col gap-2">
        {counts.map(({ scope, name, streams }) => (
          <li key={scope} className="min-w-0">
            <p className="font-medium wrap-anywhere">{name}</p>
            <p className="text-sm text-muted">
              {streams
                .filter(({ items }) => items !== null)
                .map(({ stream, items }) => `${nameOf(stream)} ${count(items ?? 0)}`)
                .join(" · ") || "told by the sync"}
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
