// Every read about integrations. What is asked of the vendor has a key of its own: an event must not ask the vendor again.
import {
  type AvailableIntegration,
  DisconnectPreview,
  Integration,
  type IntegrationLogLine,
  IntegrationTest,
  ScopeChoices,
  ScopeCount,
  type SyncRun,
  type WebhookDelivery,
} from "@opentrace/contract/integrations.ts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";
import {
  AvailableList,
  DeliveryList,
  IntegrationList,
  LogLines,
  RunList,
  SelectedScopeList,
  SignInState,
} from "./shapes.ts";

export const at = (id: string): string => `/integrations/${encodeURIComponent(id)}`;

const integrationsKey = "integrations";
const vendorKey = "vendor";

export type LogLevel = IntegrationLogLine["level"];
export type RunState = SyncRun["state"];
export type DeliveryState = WebhookDelivery["state"];
export interface ChoicesQuestion {
  kind: string;
  search: string;
}

export const integrations = {
  key: [integrationsKey] as const,
  available: queryOptions({
    queryKey: [integrationsKey, "available"],
    queryFn: ({ signal }) => call("/integrations/available", AvailableList, {}, signal),
  }),
  all: queryOptions({
    queryKey: [integrationsKey, "list"],
    queryFn: ({ signal }) => call("/integrations", IntegrationList, {}, signal),
  }),
  one: (id: string) =>
    queryOptions({
      queryKey: [integrationsKey, "one", id],
      queryFn: ({ signal }) => call(at(id), Integration, {}, signal),
    }),
  /** All that is known of one integration, for invalidation. */
  keyOf: (id: string) => [integrationsKey, "one", id] as const,
  /** How the latest sign-in at the vendor's page went. */
  signIn: (id: string) =>
    queryOptions({
      queryKey: [integrationsKey, "one", id, "sign-in"],
      queryFn: ({ signal }) => call(`${at(id)}/sign-in`, SignInState, {}, signal),
    }),
  scopes: (id: string, search: string) =>
    infiniteQueryOptions({
      queryKey: [integrationsKey, "one", id, "scopes", search],
      queryFn: ({ signal, pageParam }) =>
        call(`${at(id)}/scopes`, SelectedScopeList, { query: { search, limit: 50, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  runs: (id: string, state: RunState | null) =>
    infiniteQueryOptions({
      queryKey: [integrationsKey, "one", id, "runs", state],
      queryFn: ({ signal, pageParam }) =>
        call(`${at(id)}/runs`, RunList, { query: { state, limit: 30, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  log: (id: string, level: LogLevel, search: string) =>
    infiniteQueryOptions({
      queryKey: [integrationsKey, "one", id, "log", level, search],
      queryFn: ({ signal, pageParam }) =>
        call(`${at(id)}/log`, LogLines, { query: { level, search, limit: 100, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  deliveries: (id: string, state: DeliveryState | null) =>
    infiniteQueryOptions({
      queryKey: [integrationsKey, "one", id, "deliveries", state],
      queryFn: ({ signal, pageParam }) =>
        call(`${at(id)}/deliveries`, DeliveryList, { query: { state, limit: 50, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  disconnectPreview: (id: string) =>
    queryOptions({
      queryKey: [integrationsKey, "one", id, "disconnect"],
      queryFn: ({ signal }) => call(`${at(id)}/disconnect`, DisconnectPreview, {}, signal),
      staleTime: 0,
    }),
};

/** These cost requests at the vendor: asked when a person wants to see them, and kept while the page is open. */
export const vendor = {
  test: (id: string) =>
    queryOptions({
      queryKey: [vendorKey, id, "test"],
      queryFn: ({ signal }) => call(`/integrations/test/${encodeURIComponent(id)}`, IntegrationTest, {}, signal),
      staleTime: 5 * 60_000,
      refetchOnWindowFocus: false,
    }),
  choices: (id: string, { kind, search }: ChoicesQuestion) =>
    infiniteQueryOptions({
      queryKey: [vendorKey, id, "choices", kind, search],
      queryFn: ({ signal, pageParam }) =>
        call(`${at(id)}/choices`, ScopeChoices, { query: { kind, search, limit: 50, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      refetchOnWindowFocus: false,
      staleTime: 60_000,
    }),
  count: (id: string) =>
    queryOptions({
      queryKey: [vendorKey, id, "count"],
      queryFn: ({ signal }) =>
        call(
          `${at(id)}/count`,
          z.object({ counts: z.array(ScopeCount), scopes: z.int(), truncated: z.boolean() }),
          { method: "POST", body: {} },
          signal,
        ),
      refetchOnWindowFocus: false,
      staleTime: 0,
    }),
};

/** The one that an address names. */
export const findAvailable = (
  list: z.infer<typeof AvailableList> | undefined,
  connector: string,
): AvailableIntegration | undefined => list?.integrations.find((each) => each.id === connector);
