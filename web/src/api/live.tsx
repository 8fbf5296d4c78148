// Keeps what is on the screen current: server events update or invalidate cached answers; a lost stream is shown as "stale".
import { ServerEvent } from "@opentrace/contract/events.ts";
import type { Integration, SyncProgress } from "@opentrace/contract/integrations.ts";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { z } from "zod";
import { readStream, type StreamState } from "./event-stream.ts";
import { apiUrl, authHeaders } from "./http.ts";
import { integrations } from "./integration-queries.ts";
import { graph, repositories } from "./queries.ts";
import { runbooks } from "./runbooks.ts";
import { session } from "./session.ts";
import type { IntegrationList, JobList, RepositoryList } from "./shapes.ts";

export interface Live {
  state: StreamState;
  /** When the stream was lost; null while it is not. */
  since: number | null;
}

const LiveContext = createContext<Live>({ state: "connecting", since: null });
export const useLive = (): Live => useContext(LiveContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const generation = useSyncExternalStore(session.subscribe, session.generation);
  const [live, setLive] = useState<Live>({ state: "connecting", since: null });
  useEffect(() => {
    const stop = new AbortController();
    let lost = false;
    const settle = {
      graph: createSettler(client, graph.key, 2000),
      integrations: createSettler(client, integrations.key, 1000),
      incidents: createSettler(client, ["incidents", "list"], 500),
      incident: createSettler(client, ["incidents", "one"], 200),
    };
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
  }, [client, generation]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Answers that many events are about are asked for again at most once in this time while an index or a sync runs. */
function createSettler(client: QueryClient, queryKey: readonly string[], ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void client.invalidateQueries({ queryKey });
    }, ms);
  };
}

function applyEvent(
  client: QueryClient,
  event: ServerEvent,
  {
    graph: graphChanged,
    integrations: integrationsChanged,
    incidents: incidentsChanged,
    incident: incidentChanged,
  }: Record<"graph" | "integrations" | "incidents" | "incident", () => void>,
): void {
  if (event.type === "job.updated" && event.job.kind.startsWith("integration.")) {
    // Its progress comes as an event of its own; its end only as this one.
    if (event.job.finishedAt !== null) {
      endSync(client, event.job);
      integrationsChanged();
    }
  } else if (event.type === "job.updated") {
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
  } else if (event.type === "integration.progress") {
    takeIntegration(client, event.integrationId, (integration) => ({
      ...integration,
      syncing: withProgress(integration.syncing, event.progress),
    }));
  } else if (event.type === "integration.changed") {
    takeIntegration(client, event.integrationId, (integration) => ({ ...integration, health: event.health }));
    integrationsChanged();
  } else if (event.type === "integration.removed") {
    // Its page says that it is gone; asking for it again would only say that it is not found.
    client.setQueryData<z.infer<typeof IntegrationList>>(integrations.all.queryKey, (list) =>
      list ? { integrations: list.integrations.filter((each) => each.id !== event.integrationId) } : list,
    );
    integrationsChanged();
    graphChanged();
  } else if (event.type === "incident.changed" || event.type === "evidence.changed") {
    // An open page may know the incident by its reference: whichever is on the screen asks again, the list when things are quiet.
    incidentChanged();
    if (event.type === "evidence.changed")
      void client.invalidateQueries({ queryKey: ["incidents", "evidence", event.evidenceId] });
    incidentsChanged();
  } else if (event.type === "investigation.changed") incidentChanged();
  else if (event.type === "runbook.changed") void client.invalidateQueries({ queryKey: runbooks.key });
  else {
    void client.invalidateQueries({ queryKey: repositories.all.queryKey });
    // Its commits may have moved on: how fresh it is is said there.
    void client.invalidateQueries({ queryKey: graph.stats.queryKey });
  }
}

function takeIntegration(client: QueryClient, id: string, change: (integration: Integration) => Integration): void {
  client.setQueryData<Integration>(integrations.keyOf(id), (integration) =>
    integration ? change(integration) : integration,
  );
  client.setQueryData<z.infer<typeof IntegrationList>>(integrations.all.queryKey, (list) =>
    list ? { integrations: list.integrations.map((each) => (each.id === id ? change(each) : each)) } : list,
  );
}

/**
 * A sync's resource is `integration/scope`. The last one stays until the server is asked again: others may run that nothing was said of
 * yet, and a page must not show the end before it has come.
 */
function endSync(client: QueryClient, { resource }: Job): void {
  const [id = "", scope = ""] = resource.split(/\/(.*)/s);
  takeIntegration(client, id, (integration) => {
    const others = integration.syncing.filter((each) => each.scope !== scope);
    return others.length === 0 ? integration : { ...integration, syncing: others };
  });
}

const withProgress = (syncing: readonly SyncProgress[], progress: SyncProgress): SyncProgress[] =>
  syncing.some(({ scope }) => scope === progress.scope)
    ? syncing.map((each) => (each.scope === progress.scope ? progress : each))
    : [...syncing, progress];

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
