// How current the graph is with a repository: its state now, and which commits it has shown, each for how long.
import type { Repository } from "@opentrace/contract/repositories.ts";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { graph, repositories } from "../../api/queries.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";
import { Duration, FullTime, Time } from "../../ui/time.tsx";
import { plural } from "../../ui/time-text.ts";
import { commitsShown } from "./commits-shown.ts";

const tones: Record<string, Tone> = { fresh: "ok", syncing: "accent", stale: "warn", failing: "bad" };

export function Freshness({ repository }: { repository: Repository }) {
  const { data: stats } = useQuery(graph.stats);
  const query = useInfiniteQuery(repositories.jobs(repository.id));
  const { data, hasNextPage } = query;
  const now = stats?.freshness.find(({ source }) => source === repository.key);
  const shown = commitsShown(data?.pages.flatMap((page) => page.jobs) ?? []);
  return (
    <Section
      title="Freshness"
      aside={
        now ? (
          <Badge tone={tones[now.state] ?? "neutral"} dot>
            {now.state}
          </Badge>
        ) : null
      }
    >
      {now?.detail ? <p className="text-muted">{now.detail}</p> : null}
      <Card className="divide-y divide-line">
        <WhenLoaded query={query} rows={2}>
          {() =>
            shown.length === 0 ? (
              <EmptyState title="The graph has shown no commit of it yet" />
            ) : (
              <ol aria-label="Commits shown" className="divide-y divide-line">
                {shown.map(({ commit, branch, since, until, checks, lastSeen }, index) => (
                  <li
                    key={`${commit} ${since}`}
                    className="grid grid-cols-[7rem_minmax(0,1fr)] items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5 sm:grid-cols-[7rem_minmax(0,1fr)_minmax(0,1.4fr)]"
                  >
                    <span className="font-mono text-sm" title={commit}>
                      {commit.slice(0, 12)}
                    </span>
                    <span className="truncate text-sm text-muted">{branch ?? ""}</span>
                    <span className="col-span-full text-sm text-muted sm:col-span-1 sm:text-right">
                      {until === null ? (
                        <>
                          shown since <FullTime at={since} />
                        </>
                      ) : (
                        <>
                          for <Duration from={since} to={until} />, until <FullTime at={until} />
                        </>
                      )}
                      {hasNextPage && index === shown.length - 1 ? " (or longer)" : ""}
                      {checks > 0 ? (
                        <span className="block text-faint">
                          {plural(checks, "sync", "syncs")} found it unchanged, the last <Time at={lastSeen} />
                        </span>
                      ) : null}
                    </span>
                  </li>
                ))}
              </ol>
            )
          }
        </WhenLoaded>
      </Card>
    </Section>
  );
}
