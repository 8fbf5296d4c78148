// What a failure means for an integration, in words that a user can act on.
import { AppError } from "@opentrace/contract/errors.ts";
import type { ScopeRow } from "./integrations.ts";
import type { StreamRow } from "./sync-state.ts";

export interface Health {
  state: "ok" | "degraded" | "failing" | "unauthorized";
  reason: string | null;
  action: string | null;
}

export const isCredentialRefused = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === "upstream_auth" && error.details?.["reason"] === "credential";

export const isPermissionMissing = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === "upstream_auth" && error.details?.["reason"] !== "credential";

export function unauthorized(error: AppError): Health {
  return {
    state: "unauthorized",
    reason: error.message,
    action: "Connect again or rotate the credential on this page. What was synced is kept.",
  };
}

/** From the streams of all scopes that are synced: nothing failing is ok, everything failing is failing; and what the vendor does not show. */
export function healthOfScopes(
  streams: readonly StreamRow[],
  scopes: readonly Pick<ScopeRow, "scope" | "name" | "state">[],
): Health {
  const scopeNames = new Map(scopes.filter((one) => one.state === "active").map((one) => [one.scope, one.name]));
  const lost = scopes.filter((one) => one.state === "lost").map((one) => one.name);
  const known = streams.filter((stream) => scopeNames.has(stream.scope) && stream.state !== "waiting");
  const bad = known.filter((stream) => stream.error !== null && stream.state !== "syncing");
  if (bad.length === 0 && lost.length > 0)
    return {
      state: "degraded",
      reason: `Not to be seen at the vendor any more: ${lost.slice(0, 3).join(", ")}${lost.length > 3 ? ` (and ${lost.length - 3} more)` : ""}.`,
      action:
        "It was deleted, or the credential lost its access. Give the access back, or take it out of the selection.",
    };
  if (bad.length === 0) return { state: "ok", reason: null, action: null };
  const first = bad[0];
  const where =
    first === undefined ? "" : `${scopeNames.get(first.scope) ?? first.scope}, ${first.stream}: ${first.error ?? ""}`;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : "";
  const off = bad.every((stream) => stream.state === "off");
  return {
    state: bad.length === known.length ? "failing" : "degraded",
    reason: `${where}${more}`,
    action: off
      ? "Grant the missing permission at the vendor, then test the connection. The rest goes on syncing."
      : "It is tried again with the next sync. Sync now to try at once; the log has the details.",
  };
}
