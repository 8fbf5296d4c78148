// Reads of incidents and their evidence, as query options. Everything about one incident lies below its key, so that one event renews it.
import {
  Evidence,
  IncidentChange,
  IncidentComment,
  IncidentDetail,
  type IncidentFilter,
  IncidentList,
  IncidentView,
} from "@opentrace/contract/incidents.ts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";

const EvidenceList = z.object({ items: z.array(Evidence), next_cursor: z.string().nullable() });
const ChangeList = z.object({ items: z.array(IncidentChange), next_cursor: z.string().nullable() });

const CommentList = z.object({ items: z.array(IncidentComment), next_cursor: z.string().nullable() });

const incidentsKey = "incidents";
export const atIncident = (id: string): string => `/incidents/${encodeURIComponent(id)}`;

export const incidents = {
  key: [incidentsKey] as const,
  listKey: [incidentsKey, "list"] as const,
  keyOf: (id: string): readonly string[] => [incidentsKey, "one", id],
  list: (filter: IncidentFilter) =>
    infiniteQueryOptions({
      queryKey: [incidentsKey, "list", filter],
      queryFn: ({ signal, pageParam }) =>
        call("/incidents", IncidentList, { query: { ...filter, limit: 100, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.next_cursor,
      placeholderData: keepPreviousData,
    }),
  /** What nobody has ended yet, worst first: for the overview. */
  active: queryOptions({
    queryKey: [incidentsKey, "list", "active"],
    queryFn: ({ signal }) =>
      call(
        "/incidents",
        IncidentList,
        { query: { status: ["open", "investigating"], sort: "severity", limit: 5 } },
        signal,
      ),
  }),
  views: queryOptions({
    queryKey: [incidentsKey, "list", "views"],
    queryFn: ({ signal }) => call("/incidents/views", z.object({ items: z.array(IncidentView) }), {}, signal),
  }),
  one: (id: string) =>
    queryOptions({
      queryKey: [incidentsKey, "one", id],
      queryFn: ({ signal }) => call(atIncident(id), IncidentDetail, {}, signal),
    }),
  history: (id: string) =>
    infiniteQueryOptions({
      queryKey: [incidentsKey, "one", id, "history"],
      queryFn: ({ signal, pageParam }) =>
        call(`${atIncident(id)}/history`, ChangeList, { query: { limit: 100, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.next_cursor,
    }),
  comments: (id: string) =>
    infiniteQueryOptions({
      queryKey: [incidentsKey, "one", id, "comments"],
      queryFn: ({ signal, pageParam }) =>
        call(`${atIncident(id)}/comments`, CommentList, { query: { limit: 200, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.next_cursor,
    }),
  evidence: (id: string, types: readonly string[] = []) =>
    infiniteQueryOptions({
      queryKey: [incidentsKey, "one", id, "evidence", types],
      queryFn: ({ signal, pageParam }) =>
        call(
          `/evidence/incident/${encodeURIComponent(id)}`,
          EvidenceList,
          { query: { evidence_type: types, limit: 50, cursor: pageParam } },
          signal,
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.next_cursor,
      placeholderData: keepPreviousData,
    }),
  oneEvidence: (id: string) =>
    queryOptions({
      queryKey: [incidentsKey, "evidence", id],
      queryFn: ({ signal }) => call(`/evidence/${encodeURIComponent(id)}`, Evidence, {}, signal),
    }),
};
