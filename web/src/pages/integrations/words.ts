// What the integrations screens call things.
import type {
  AuthKind,
  AvailableIntegration,
  ConnectorCategory,
  HealthState,
  PermissionCheck,
  StreamState,
  SyncRun,
  WebhookDelivery,
} from "@opentrace/contract/integrations.ts";
import type { Tone } from "../../ui/badge.tsx";
import { plural } from "../../ui/time-text.ts";

export const categoryWords: Record<ConnectorCategory, string> = {
  code: "Code",
  infrastructure: "Infrastructure",
  observability: "Observability",
  communication: "Communication",
  incidents: "Incidents",
};

export const authWords: Record<AuthKind, string> = {
  oauth2: "OAuth",
  app: "App",
  token: "Token",
  iam_role: "IAM role",
  headers: "Headers",
};

export const healthWords: Record<HealthState, [word: string, tone: Tone]> = {
  connecting: ["Not connected yet", "neutral"],
  ok: ["Healthy", "ok"],
  degraded: ["Degraded", "warn"],
  failing: ["Failing", "bad"],
  unauthorized: ["Unauthorized", "bad"],
  paused: ["Paused", "neutral"],
};

export const permissionWords: Record<PermissionCheck["state"], [word: string, tone: Tone]> = {
  granted: ["Granted", "ok"],
  missing: ["Missing", "bad"],
  unknown: ["Not tried", "neutral"],
};

export const streamTones: Record<StreamState["state"], Tone> = {
  waiting: "neutral",
  syncing: "accent",
  ok: "ok",
  failing: "bad",
  off: "neutral",
};

export const runTones: Record<SyncRun["state"], Tone> = {
  running: "accent",
  succeeded: "ok",
  partial: "warn",
  failed: "bad",
  cancelled: "neutral",
};

export const triggerWords: Record<SyncRun["trigger"], string> = {
  connect: "after connecting",
  manual: "asked for",
  schedule: "on schedule",
  webhook: "by webhook",
  configure: "after a change",
};

export const deliveryTones: Record<WebhookDelivery["state"], Tone> = {
  received: "accent",
  done: "ok",
  ignored: "neutral",
  failed: "bad",
};

/** “12 repositories”, in the connector's own word for what it syncs one by one. */
export function scopesText(connector: Pick<AvailableIntegration, "scopeKinds"> | undefined, amount: number): string {
  const kinds = connector?.scopeKinds ?? [];
  const kind = kinds.find(({ contains }) => contains === null) ?? kinds[0];
  return kind ? plural(amount, kind.name.toLowerCase(), kind.plural.toLowerCase()) : plural(amount, "scope");
}
