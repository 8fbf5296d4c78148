// Syncs so far: why, how they ended, what they brought and cost.
import type { SyncRun } from "@opentrace/contract/integrations.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { integrations } from "../../../api/integration-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { ShowMore } from "../../../ui/show-more.tsx";
import { Select } from "../../../ui/field.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { WhenLoaded } from "../../../ui/when-loaded.tsx";
import { Duration, Time } from "../../../ui/time.tsx";
import { count, plural } from "../../../ui/time-text.ts";
import { runStateOf, runStates } from "../url.ts";
import { runTones, triggerWords } from "../words.ts";
import type { PartProps } from "./manage-page.tsx";

export function HistoryPart({ integration, state, onChange }: PartProps) {
  const wanted = runStateOf(state.state);
  const query = useInfiniteQuery(integrations.runs(integration.id, wanted));
  const { data } = query;
  const runs = data?.pages.flatMap((page) => page.runs) ?? [];
  return (
    <Section
      title="Sync history"
      aside={
        <Select label="State" value={wanted ?? ""} onChange={(event) => onChange({ state: event.target.value })}>
          <option value="">all</option>
          {runStates.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      }
    >
      <Card>
        <WhenLoaded query={query} rows={4}>
          {() =>
            runs.length === 0 ? (
              <EmptyState title={wanted ? `No sync has ended as ${wanted}` : "Nothing has been synced yet"} />
            ) : (
              <ul aria-label="Syncs" className="divide-y divide-line">
                {runs.map((run) => (
                  <Run key={run.id} run={run} />
                ))}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
      <ShowMore query={query} label="Show earlier syncs" />
    </Section>
  );
}

function Run({ run }: { run: SyncRun }) {
  const { scopeName, state, trigger, mode, error, startedAt, finishedAt } = run;
  return (
    <li className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-1 px-4 py-2.5 sm:grid-cols-[6rem_minmax(0,1fr)_auto]">
      <span>
        <Badge tone={runTones[state]} dot>
          {state}
        </Badge>
      </span>
      <span className="min-w-0">
        <span className="font-medium wrap-anywhere">{scopeName ?? "everything"}</span>{" "}
        <span className="text-sm text-muted">
          {triggerWords[trigger]}
          {mode === "full" ? ", everything anew" : ""}
        </span>
      </span>
      <span className="col-start-2 text-sm text-muted sm:col-start-3 sm:text-right">
        <Time at={startedAt} />
        {finishedAt ? (
          <span className="text-faint">
            , <Duration from={startedAt} to={finishedAt} />
          </span>
        ) : null}
      </span>
      <span className="col-start-2 text-sm break-words text-muted sm:col-span-2">
        {error ? <span className="block text-bad">{error}</span> : null}
        {brought(run)}
      </span>
    </li>
  );
}

function brought({ items, removed, unchanged, requests, state }: SyncRun): string {
  const parts = [
    items > 0 ? `${count(items)} new or changed` : "",
    unchanged > 0 ? `${count(unchanged)} unchanged` : "",
    removed > 0 ? `${count(removed)} removed` : "",
  ].filter(Boolean);
  const cost = requests > 0 ? plural(requests, "request") : "";
  const what = parts.length > 0 ? parts.join(", ") : state === "running" ? "" : "nothing had changed";
  return [what, cost].filter(Boolean).join(" · ");
}
