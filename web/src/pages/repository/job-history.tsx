// The last jobs of a repository: what they did, how long they took, how they ended.
import type { Job } from "@opentrace/contract/repositories.ts";
import { useQuery } from "@tanstack/react-query";
import { repositories } from "../../api/queries.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { Duration, FullTime } from "../../ui/time.tsx";
import { count } from "../../ui/time-text.ts";

const tones: Record<Job["state"], Tone> = {
  queued: "neutral",
  running: "accent",
  succeeded: "ok",
  failed: "bad",
  cancelled: "warn",
};
const kinds: Record<string, string> = { "repository.index": "Index", "repository.remove": "Remove" };

export function JobHistory({ repositoryId }: { repositoryId: string }) {
  const { data, error, refetch } = useQuery(repositories.jobs(repositoryId));
  return (
    <Section title="History">
      <Card className="divide-y divide-line">
        {error ? (
          <div className="p-3">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows rows={3} />
        ) : data.jobs.length === 0 ? (
          <EmptyState title="No job has run yet" />
        ) : (
          data.jobs.map((job) => (
            <div
              key={job.id}
              className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[5.5rem_4rem_minmax(0,1fr)_auto_4.5rem]"
            >
              <span>
                <Badge tone={tones[job.state]} dot>
                  {job.state}
                </Badge>
              </span>
              <span>{kinds[job.kind] ?? job.kind}</span>
              <span className="col-span-full text-sm text-muted sm:col-span-1">
                {job.error ? <span className="text-bad">{job.error.message}</span> : outcome(job)}
              </span>
              <span className="text-sm text-muted">
                <FullTime at={job.createdAt} />
              </span>
              <span className="text-right text-sm text-muted">
                {job.startedAt && job.finishedAt ? <Duration from={job.startedAt} to={job.finishedAt} /> : null}
              </span>
            </div>
          ))
        )}
      </Card>
    </Section>
  );
}

function outcome({ result, state, attempts }: Job): string {
  if (state !== "succeeded" || result === null) return attempts > 1 ? `attempt ${attempts}` : "";
  const number = (name: string): number | null => (typeof result[name] === "number" ? result[name] : null);
  const [files, changed] = [number("files"), number("changed")];
  if (files === null) return "";
  return changed === 0 ? "nothing had changed" : `${count(changed ?? files)} of ${count(files)} files read`;
}
