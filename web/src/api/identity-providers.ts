// Reads and writes about where people may sign in instead of here.
import {
  type CreateIdentityProvider,
  IdentityProvider,
  type IdentityProviderChanges,
  IdentityProviderTest,
} from "@opentrace/contract/users.ts";
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";

const never = (): AbortSignal => new AbortController().signal;
const at = (id: string): string => `/auth/providers/${encodeURIComponent(id)}`;

export const identityProviders = queryOptions({
  queryKey: ["identity-providers"],
  queryFn: ({ signal }) => call("/auth/providers", z.object({ items: z.array(IdentityProvider) }), {}, signal),
});

export const addIdentityProvider = (body: z.input<typeof CreateIdentityProvider>): Promise<IdentityProvider> =>
  call("/auth/providers", IdentityProvider, { method: "POST", body }, never());
export const changeIdentityProvider = (id: string, body: IdentityProviderChanges): Promise<IdentityProvider> =>
  call(at(id), IdentityProvider, { method: "PATCH", body }, never());
export const removeIdentityProvider = (id: string): Promise<undefined> =>
  call(at(id), z.undefined(), { method: "DELETE" }, never());
/** Asks it what it tells of itself. */
export const testIdentityProvider = (id: string, signal: AbortSignal): Promise<IdentityProviderTest> =>
  call(`${at(id)}/test`, IdentityProviderTest, { method: "POST", body: {} }, signal);
