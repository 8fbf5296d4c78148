// Reads and writes about runbooks.
import {
  type NewRunbook,
  Runbook,
  type RunbookChange,
  Runbooks,
  RunbooksImported,
} from "@opentrace/contract/investigation.ts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";

const never = (): AbortSignal => new AbortController().signal;
const at = (id: string): string => `/runbooks/${encodeURIComponent(id)}`;

export interface RunbookFilter {
  q: string;
  service: string;
  tag: string;
}

export const runbooks = {
  key: ["runbooks"] as const,
  list: ({ q, service, tag }: RunbookFilter) =>
    infiniteQueryOptions({
      queryKey: ["runbooks", "list", q.trim(), service, tag],
      queryFn: ({ signal, pageParam }) =>
        call("/runbooks", Runbooks, { query: { q: q.trim(), service, tag, limit: 50, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.next_cursor,
      placeholderData: keepPreviousData,
    }),
  one: (id: string) =>
    queryOptions({
      queryKey: ["runbooks", "one", id],
      queryFn: ({ signal }) => call(at(id), Runbook, {}, signal),
    }),
};

export const addRunbook = (body: z.input<typeof NewRunbook>): Promise<Runbook> =>
  call("/runbooks", Runbook, { method: "POST", body }, never());
export const changeRunbook = (id: string, body: z.input<typeof RunbookChange>): Promise<Runbook> =>
  call(at(id), Runbook, { method: "PATCH", body }, never());
export const removeRunbook = (id: string): Promise<undefined> =>
  call(at(id), z.undefined(), { method: "DELETE" }, never());
/** Those in folders named runbooks of all indexed repositories. */
export const readRepositories = (): Promise<RunbooksImported> =>
  call("/runbooks/import", RunbooksImported, { method: "POST", body: {} }, never());
