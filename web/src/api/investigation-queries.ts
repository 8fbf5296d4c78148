// Reads of an investigation: timeline, hypotheses and actions. All lie below the incident's key, so that its events renew them.
import {
  Hypotheses,
  IncidentActions,
  Postmortem,
  PostmortemVersions,
  RunbookSuggestions,
  Timeline,
  type TimelineKind,
} from "@opentrace/contract/investigation.ts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call } from "./http.ts";
import { atIncident, incidents } from "./incident-queries.ts";

const inIncident = (kind: string, id: string): string => `/${kind}/incident/${encodeURIComponent(id)}`;

export const investigation = {
  timeline: (id: string, kinds: readonly TimelineKind[], order: "asc" | "desc") =>
    infiniteQueryOptions({
      queryKey: [...incidents.keyOf(id), "timeline", kinds, order],
      queryFn: ({ signal, pageParam }) =>
        call(
          `${atIncident(id)}/timeline`,
          Timeline,
          { query: { kind: kinds, order, limit: 100, cursor: pageParam } },
          signal,
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.next_cursor,
      placeholderData: keepPreviousData,
    }),
  hypotheses: (id: string) =>
    queryOptions({
      queryKey: [...incidents.keyOf(id), "hypotheses"],
      queryFn: ({ signal }) => call(inIncident("hypotheses", id), Hypotheses, { query: { limit: 100 } }, signal),
    }),
  actions: (id: string) =>
    queryOptions({
      queryKey: [...incidents.keyOf(id), "actions"],
      queryFn: ({ signal }) => call(inIncident("actions", id), IncidentActions, { query: { limit: 100 } }, signal),
    }),
  /** Fails with 404 while there is none. */
  postmortem: (id: string) =>
    queryOptions({
      queryKey: [...incidents.keyOf(id), "postmortem"],
      queryFn: ({ signal }) => call(`${atIncident(id)}/postmortem`, Postmortem, {}, signal),
    }),
  postmortemVersions: (id: string) =>
    queryOptions({
      queryKey: [...incidents.keyOf(id), "postmortem", "versions"],
      queryFn: ({ signal }) =>
        call(`${atIncident(id)}/postmortem/versions`, PostmortemVersions, { query: { limit: 100 } }, signal),
    }),
  runbooks: (id: string) =>
    queryOptions({
      queryKey: [...incidents.keyOf(id), "runbooks"],
      queryFn: ({ signal }) => call(`${atIncident(id)}/runbooks`, RunbookSuggestions, {}, signal),
    }),
};
