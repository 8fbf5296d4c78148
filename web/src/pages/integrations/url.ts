// Addresses of the integrations screens: what is searched in the gallery, where the wizard is, which part of an integration is shown.
import type { IntegrationLogLine, SyncRun, WebhookDelivery } from "@opentrace/contract/integrations.ts";
import { AuthKind, ConnectorCategory } from "@opentrace/contract/integrations.ts";
import { oneOf, type SearchStrings } from "../../app/search-strings.ts";

export interface GalleryState {
  q: string;
  category: ConnectorCategory | null;
}
export const parseGallery = (search: SearchStrings): GalleryState => ({
  q: search.q ?? "",
  category: ConnectorCategory.options.find((each) => each === search.category) ?? null,
});
export const gallerySearch = ({ q, category }: GalleryState): SearchStrings => ({
  q: q || undefined,
  category: category ?? undefined,
});

export const steps = ["authenticate", "permissions", "choose", "count", "sync"] as const;
export type Step = (typeof steps)[number];
export interface ConnectState {
  step: Step;
  /** The way of authenticating that is shown. */
  auth: AuthKind | null;
  /** The integration that was made; from the second step on. */
  integration: string | null;
  kind: string;
  q: string;
}
export function parseConnect(search: SearchStrings): ConnectState {
  const integration = search.integration ?? null;
  return {
    // Without an integration there is nothing but to authenticate.
    step: integration === null ? "authenticate" : oneOf(search.step, steps, "permissions"),
    auth: AuthKind.options.find((each) => each === search.auth) ?? null,
    integration,
    kind: search.kind ?? "",
    q: search.q ?? "",
  };
}
export const connectSearch = ({ step, auth, integration, kind, q }: Partial<ConnectState>): SearchStrings => ({
  step: step === "authenticate" ? undefined : step,
  auth: auth ?? undefined,
  integration: integration ?? undefined,
  kind: kind || undefined,
  q: q || undefined,
});

/** Where the wizard goes on with an integration, for those who come from elsewhere. */
export const wizardPath = (connector: string, integration: string): string =>
  `/integrations/${encodeURIComponent(connector)}/connect?integration=${encodeURIComponent(integration)}`;

export const parts = ["overview", "scopes", "history", "log", "webhooks", "settings"] as const;
export type Part = (typeof parts)[number];
export const runStates = [
  "running",
  "succeeded",
  "partial",
  "failed",
  "cancelled",
] as const satisfies SyncRun["state"][];
export const deliveryStates = ["received", "done", "ignored", "failed"] as const satisfies WebhookDelivery["state"][];
export const levels = ["debug", "info", "warn", "error"] as const satisfies IntegrationLogLine["level"][];
export interface ManageState {
  part: Part;
  q: string;
  state: string;
  level: IntegrationLogLine["level"];
}
export const parseManage = (search: SearchStrings): ManageState => ({
  part: oneOf(search.part, parts, "overview"),
  q: search.q ?? "",
  state: search.state ?? "",
  level: oneOf(search.level, levels, "info"),
});
export const manageSearch = ({ part, q, state, level }: Partial<ManageState>): SearchStrings => ({
  part: part === "overview" ? undefined : part,
  q: q || undefined,
  state: state || undefined,
  level: level === "info" ? undefined : level,
});
export const runStateOf = (text: string): SyncRun["state"] | null => runStates.find((each) => each === text) ?? null;
export const deliveryStateOf = (text: string): WebhookDelivery["state"] | null =>
  deliveryStates.find((each) => each === text) ?? null;
