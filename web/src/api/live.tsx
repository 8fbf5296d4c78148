// Keeps what is on the screen current: server events update or invalidate cached answers; a lost stream is shown as "stale".
import { ServerEvent } from "@opentrace/contract/events.ts";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { z } from "zod";
import { readStream, type StreamState } from "./event-stream.ts";
import { apiUrl, authHeaders } from "./http.ts";
import { graph, repositories } from "./queries.ts";
import { session } from "./session.ts";
import type { JobList, RepositoryList } from "./shapes.ts";

export interface Live {
  state: StreamState;
  /** When the stream was lost; null while it is not. */
  since: number | null;
}

const LiveContext = createContext<Live>({ state: "connecting", since: null });
export const useLive = (): Live => useContext(LiveContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const signedIn = useSyncExternalStore(session.subscribe, session.signedIn);
  const [live, setLive] = useState<Live>({ state: "connecting", since: null });
  useEffect(() => {
    const stop = new AbortController();
    let lost = false;
    const settle = createSettler(client);
    void readStream(
      {
        url: apiUrl("/events"),
        headers: authHeaders,
        silenceMs: 60_000,
        onMessage: (message) => {
          // The server no longer has all that happened meanwhile.
          if (message.event === "reset") void client.invalidateQueries();
          const event = ServerEvent.safeParse(parseJson(message.data));
          if (event.success) applyEvent(client, event.data, settle);
        },
        onState: (state) => {
          setLive((before) => ({ state, since: state === "lost" ? (before.since ?? Date.now()) : null }));
          // What changed meanwhile may be beyond the server's replay: ask again for what is on the screen.
          if (state === "live" && lost) void client.invalidateQueries();
          lost = state === "lost";
        },
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [client, signedIn]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Graph answers are asked for again at most every two seconds while an index runs. */
function createSettler(client: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void client.invalidateQueries({ queryKey: graph.key });
    }, 2000);
  };
}

function applyEvent(client: QueryClient, event: ServerEvent, graphChanged: () => void): void {
  if (event.type === "job.updated") {
    takeJob(client, event.job);
    if (event.job.finishedAt !== null) {
      void client.invalidateQueries({ queryKey: repositories.all.queryKey });
      graphChanged();
    }
  } else if (event.type === "graph.changed") graphChanged();
  else if (event.type === "repository.removed") {
    client.removeQueries({ queryKey: ["repositories", event.repositoryId] });
    void client.invalidateQueries({ queryKey: repositories.all.queryKey });
    graphChanged();
  } else {
    void client.invalidateQueries({ queryKey: repositories.all.queryKey });
    // Its commits may have moved on: how fresh it is is said there.
    void client.invalidateQueries({ queryKey: graph.stats.queryKey });
  }
}

/** Progress goes straight into the cached answers: no request for each step. */
function takeJob(client: QueryClient, job: Job): void {
  const withJob = (repository: Repository): Repository =>
    repository.id === job.resource ? { ...repository, job } : repository;
  client.setQueryData<z.infer<typeof RepositoryList>>(repositories.all.queryKey, (list) =>
    list ? { ...list, repositories: list.repositories.map(withJob) } : list,
  );
  client.setQueryData<Repository>(["repositories", job.resource], (repository) =>
    repository ? withJob(repository) : repository,
  );
  client.setQueryData<InfiniteData<z.infer<typeof JobList>>>(["repositories", job.resource, "jobs"], (list) =>
    list ? { ...list, pages: withJobIn(list.pages, job) } : list,
  );
}

/** Where it is listed, else before all others: a job that is told of for the first time is new. */
function withJobIn(pages: z.infer<typeof JobList>[], job: Job): z.infer<typeof JobList>[] {
  const known = pages.some((page) => page.jobs.some((each) => each.id === job.id));
  return pages.map((page, index) =>
    known || index > 0
      ? { ...page, jobs: page.jobs.map((each) => (each.id === job.id ? job : each)) }
      : { ...page, jobs: [job, ...page.jobs] },
  );
}
