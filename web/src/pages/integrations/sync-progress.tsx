// What is being synced at this moment: scope, stream, items, time left, how much waits, and a way to stop it. Lives on server events.
import type { AvailableIntegration, Integration, SyncProgress } from "@opentrace/contract/integrations.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { cancelSync } from "../../api/integration-actions.ts";
import { integrations } from "../../api/integration-queries.ts";
import { Button } from "../../ui/button.tsx";
import { May } from "../../ui/may.tsx";
import { Progress } from "../../ui/progress.tsx";
import { ErrorNote } from "../../ui/states.tsx";
import { count, durationText } from "../../ui/time-text.ts";

const fewShown = 6;

export const isSyncing = ({ syncing, waiting }: Pick<Integration, "syncing" | "waiting">): boolean =>
  syncing.length > 0 || waiting > 0;

export function SyncProgressList({
  integration,
  connector,
}: {
  integration: Integration;
  connector: AvailableIntegration | undefined;
}) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelSync(integration.id),
    onSettled: () => client.invalidateQueries({ queryKey: integrations.keyOf(integration.id) }),
  });
  const { syncing, waiting } = integration;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p role="status" className="font-medium">
          {syncing.length > 0 ? `Syncing ${count(syncing.length)}` : "Waiting for its turn"}
          {waiting > 0 ? <span className="font-normal text-muted"> · {count(waiting)} waiting</span> : null}
        </p>
        <May permission="integrations:write">
          {" "}
          <Button small look="quiet" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
            {cancel.isPending ? "Cancelling…" : "Cancel"}
          </Button>
        </May>
      </div>
      <ul className="flex flex-col gap-3">
        {syncing.slice(0, fewShown).map((progress) => (
          <One
            key={progress.scope}
            progress={progress}
            stream={connector?.streams.find(({ id }) => id === progress.stream)?.name ?? progress.stream}
          />
        ))}
      </ul>
      {syncing.length > fewShown ? (
        <p className="text-sm text-muted">and {count(syncing.length - fewShown)} more</p>
      ) : null}
      {cancel.error ? <ErrorNote error={cancel.error} /> : null}
    </div>
  );
}

function One({ progress, stream }: { progress: SyncProgress; stream: string }) {
  const { name, done, total } = progress;
  const left = useTimeLeft(progress);
  return (
    <li className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <span className="min-w-0 wrap-anywhere">
          {name} <span className="text-muted">{stream === "" ? "starting" : stream.toLowerCase()}</span>
        </span>
        <span className="text-muted tabular-nums">
          {count(done)}
          {total === null ? " so far" : ` of ${count(total)}`}
          {left === null ? "" : `, about ${durationText(Math.max(1, Math.round(left)))} left`}
        </span>
      </div>
      <Progress done={done} total={total ?? 0} label={`Syncing ${name}`} />
    </li>
  );
}

/** Seconds left at the pace since this page first saw the stream; null until there is a pace. */
function useTimeLeft({ stream, done, total }: SyncProgress): number | null {
  const first = useRef({ stream, done, at: Date.now() });
  if (first.current.stream !== stream || done < first.current.done) first.current = { stream, done, at: Date.now() };
  const gone = (Date.now() - first.current.at) / 1000;
  const since = done - first.current.done;
  return total === null || gone < 3 || since <= 0 ? null : ((total - done) * gone) / since;
}
