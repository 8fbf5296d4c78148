// How an index job goes: phase, files, nodes, edges, remaining time, and a way to stop it.
import type { Job, JobPhase } from "@opentrace/contract/repositories.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelJob } from "../../api/actions.ts";
import { Button } from "../../ui/button.tsx";
import { May } from "../../ui/may.tsx";
import { Progress } from "../../ui/progress.tsx";
import { ErrorNote } from "../../ui/states.tsx";
import { count, durationText } from "../../ui/time-text.ts";

export const phaseWords: Record<JobPhase, string> = {
  queued: "Waiting for its turn",
  fetching: "Fetching from the remote",
  listing: "Listing files",
  reading: "Reading files",
  resolving: "Resolving imports and calls",
  writing: "Writing to the graph",
  history: "Reading history",
  finishing: "Finishing",
  done: "Done",
};

export const isActive = (job: Job | null): boolean =>
  job !== null && (job.state === "queued" || job.state === "running");

export function JobProgress({ job, what }: { job: Job; what: string }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["repositories"] }),
  });
  const { phase, filesDone, filesTotal, nodes, edges, etaSeconds } = job.progress;
  const numbers: [string, string][] = [
    ["Files", filesTotal > 0 ? `${count(filesDone)} / ${count(filesTotal)}` : "…"],
    ["Nodes", count(nodes)],
    ["Edges", count(edges)],
    ["Time left", etaSeconds === null ? "estimating…" : `about ${durationText(Math.max(1, Math.round(etaSeconds)))}`],
  ];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex h-7 items-center justify-between gap-4">
        <p role="status" className="font-medium">
          {job.state === "queued" ? phaseWords.queued : phaseWords[phase]}…
        </p>
        <May permission="jobs:write">
          {" "}
          <Button small look="quiet" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
            {cancel.isPending ? "Cancelling…" : "Cancel"}
          </Button>
        </May>
      </div>
      <Progress done={filesDone} total={filesTotal} label={`Indexing ${what}`} />
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-4">
        {numbers.map(([name, value]) => (
          <div key={name}>
            <dt className="text-sm text-faint">{name}</dt>
            <dd className="tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {cancel.error ? <ErrorNote error={cancel.error} /> : null}
    </div>
  );
}
