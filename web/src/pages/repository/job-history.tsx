// The jobs of a repository: what they did, how long they took, how they ended; each opens to all that it counted.
import type { Job } from "@opentrace/contract/repositories.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { repositories } from "../../api/queries.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";
import { Duration, FullTime, Time } from "../../ui/time.tsx";
import { bytesText, count, durationText } from "../../ui/time-text.ts";

const tones: Record<Job["state"], Tone> = {
  queued: "neutral",
  running: "accent",
  succeeded: "ok",
  failed: "bad",
  cancelled: "warn",
};
const kinds: Record<string, string> = { "repository.index": "Index", "repository.remove": "Remove" };

export function JobHistory({ repositoryId }: { repositoryId: string }) {
  const query = useInfiniteQuery(repositories.jobs(repositoryId));
  const { data } = query;
  const jobs = data?.pages.flatMap((page) => page.jobs) ?? [];
  return (
    <Section title="History">
      <Card className="divide-y divide-line">
        <WhenLoaded query={query} rows={3}>
          {() =>
            jobs.length === 0 ? (
              <EmptyState title="No job has run yet" />
            ) : (
              jobs.map((job) => <JobEntry key={job.id} job={job} />)
            )
          }
        </WhenLoaded>
      </Card>
      <ShowMore query={query} label="Show earlier jobs" />
    </Section>
  );
}

function JobEntry({ job }: { job: Job }) {
  return (
    <details className="group">
      <summary
        data-focus-inset
        className="grid list-none grid-cols-[1rem_5.5rem_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-hover sm:grid-cols-[1rem_5.5rem_4rem_minmax(0,1fr)_auto_4.5rem]"
      >
        <ChevronRight size={14} aria-hidden className="text-faint group-open:rotate-90" />
        <span>
          <Badge tone={tones[job.state]} dot>
            {job.state}
          </Badge>
        </span>
        <span>{kinds[job.kind] ?? job.kind}</span>
        <span className="order-last col-span-full text-sm text-muted sm:order-none sm:col-span-1">
          {job.error ? <span className="text-bad">{job.error.message}</span> : outcome(job)}
        </span>
        <span className="text-sm text-muted">
          <Time at={job.createdAt} />
        </span>
        <span className="hidden text-right text-sm text-muted sm:block">
          {job.startedAt && job.finishedAt ? <Duration from={job.startedAt} to={job.finishedAt} /> : null}
        </span>
      </summary>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 bg-bg px-4 py-3 text-sm sm:grid-cols-4">
        {factsOf(job).map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-faint">{name}</dt>
            <dd className="break-words tabular-nums">{value}</dd>
          </div>
        ))}
        <div className="col-span-full">
          <dt className="text-faint">Asked for</dt>
          <dd>
            <FullTime at={job.createdAt} /> <span className="font-mono text-faint">{job.id}</span>
          </dd>
        </div>
      </dl>
    </details>
  );
}

function outcome({ result, state, attempts }: Job): string {
  if (state !== "succeeded" || result === null) return attempts > 1 ? `attempt ${attempts}` : "";
  const [files, changed] = [numberIn(result, "files"), numberIn(result, "changed")];
  if (files === null) return "";
  return changed === 0 ? "nothing had changed" : `${count(changed ?? files)} of ${count(files)} files read`;
}

const numberIn = (from: unknown, name: string): number | null => {
  const value: unknown =
    typeof from === "object" && from !== null ? Object.entries(from).find(([key]) => key === name)?.[1] : null;
  return typeof value === "number" ? value : null;
};

/** What an index job counted; what a job of another kind or an unfinished one did not count is left out. */
function factsOf({ result, attempts, startedAt, createdAt }: Job): [string, string][] {
  const wait = startedAt === null ? null : Math.max(0, (Date.parse(startedAt) - Date.parse(createdAt)) / 1000);
  // A run that found nothing changed wrote nothing: noughts would look as if the graph were empty.
  const written = numberIn(result, "changed") === 0 ? null : result;
  const facts: [string, number | null, ((value: number) => string)?][] = [
    ["Files", numberIn(result, "files")],
    ["Changed", numberIn(result, "changed")],
    ["Skipped", numberIn(result, "skipped")],
    ["Source", numberIn(result, "bytes"), bytesText],
    ["Nodes written", numberIn(written, "nodes")],
    ["Edges written", numberIn(written, "edges")],
    ["Calls resolved", numberIn(written?.calls, "resolved")],
    ["Calls to outside", numberIn(written?.calls, "external")],
    ["Calls unresolved", numberIn(written?.calls, "unresolved")],
    ["CPU", numberIn(result?.cpuSeconds, "total"), durationText],
    ["Peak memory", numberIn(result, "peakMemoryMb"), (megabytes) => bytesText(megabytes * 1e6)],
    ["Waited", wait !== null && wait >= 1 ? wait : null, durationText],
    ["Attempts", attempts > 1 ? attempts : null],
  ];
  const commit = typeof result?.commit === "string" ? [["Commit", result.commit.slice(0, 12)] as [string, string]] : [];
  return [
    ...commit,
    ...facts.flatMap(([name, value, text = count]): [string, string][] =>
      value === null ? [] : [[name, text(value)]],
    ),
  ];
}
