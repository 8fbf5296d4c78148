// Every write about integrations: connect, sign in, choose, sync, pause, rotate, disconnect.
import {
  type AuthKind,
  Integration,
  IntegrationTest,
  Redirect,
  SelectedScope,
  type SyncMode,
} from "@opentrace/contract/integrations.ts";
import { Job } from "@opentrace/contract/repositories.ts";
import { z } from "zod";
import { call } from "./http.ts";
import { at } from "./integration-queries.ts";

export type FieldValues = Record<string, string | number | boolean | string[]>;

const never = (): AbortSignal => new AbortController().signal;
const Connected = z.object({ integration: Integration, test: IntegrationTest.nullable() });
const SignInPage = z.object({ redirect: Redirect, url: z.string(), expiresAt: z.iso.datetime() });

export interface ConnectBody {
  connector: string;
  auth: AuthKind;
  credential: FieldValues;
  config: FieldValues;
}
export const connectIntegration = (body: ConnectBody): Promise<z.infer<typeof Connected>> =>
  call("/integrations", Connected, { method: "POST", body }, never());

/** The address of a page of this server that leads to the vendor's, and in the end to `returnTo`. */
export const beginSignIn = (id: string, returnTo: string): Promise<z.infer<typeof SignInPage>> =>
  call(`${at(id)}/sign-in`, SignInPage, { method: "POST", body: { returnTo } }, never());

export interface Selection {
  select?: { id: string; codeBranch?: string }[];
  selectAll?: { kind: string; search?: string };
  deselect?: string[];
  sync: boolean;
}
const Selected = z.object({ integration: Integration, selected: z.int(), deselected: z.int() });
export const selectScopes = (id: string, body: Selection): Promise<z.infer<typeof Selected>> =>
  call(`${at(id)}/scopes`, Selected, { method: "POST", body }, never());

export const changeScope = (
  id: string,
  scope: string,
  body: { codeBranch: string; confirm: string },
): Promise<SelectedScope> =>
  call(`${at(id)}/scopes/${encodeURIComponent(scope)}`, SelectedScope, { method: "PATCH", body }, never());

const Syncing = z.object({ integration: Integration, queued: z.int() });
export const syncIntegration = (
  id: string,
  body: { scopes?: string[]; mode?: SyncMode } = {},
): Promise<z.infer<typeof Syncing>> => call(`${at(id)}/sync`, Syncing, { method: "POST", body }, never());
export const cancelSync = (id: string): Promise<{ cancelled: number }> =>
  call(`${at(id)}/sync/cancel`, z.object({ cancelled: z.int() }), { method: "POST", body: {} }, never());

export const changeIntegration = (id: string, body: { name?: string; config?: FieldValues }): Promise<Integration> =>
  call(at(id), Integration, { method: "PATCH", body }, never());
export const rotateCredential = (
  id: string,
  body: { auth: AuthKind; credential: FieldValues },
): Promise<z.infer<typeof Connected>> => call(`${at(id)}/rotate`, Connected, { method: "POST", body }, never());
/** Asks the vendor for webhook deliveries that did not arrive. */
export const recoverDeliveries = (id: string): Promise<Job> =>
  call(`${at(id)}/deliveries/recover`, Job, { method: "POST", body: {} }, never());
export const pauseIntegration = (id: string): Promise<Integration> =>
  call(`${at(id)}/pause`, Integration, { method: "POST" }, never());
export const resumeIntegration = (id: string): Promise<Integration> =>
  call(`${at(id)}/resume`, Integration, { method: "POST" }, never());
export const disconnectIntegration = (id: string, confirm: string): Promise<{ job: Job }> =>
  call(at(id), z.object({ job: Job }), { method: "DELETE", query: { confirm } }, never());
