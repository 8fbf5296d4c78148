// Who may do what: permissions, roles, and API keys as REST, CLI and the UI see them. A key's secret is shown once and kept nowhere.
import { z } from "zod";

export const permissions = [
  "graph:read",
  "source:read",
  "repositories:read",
  "repositories:write",
  "jobs:read",
  "jobs:write",
  "integrations:read",
  "integrations:write",
  "incidents:read",
  "incidents:report",
  "incidents:write",
  "settings:manage",
  "keys:manage",
  "users:manage",
  "audit:read",
  "system:read",
] as const;
export const Permission = z.enum(permissions);
export type Permission = z.infer<typeof Permission>;

const viewer = [
  "graph:read",
  "source:read",
  "repositories:read",
  "jobs:read",
  "integrations:read",
  "incidents:read",
] as const satisfies readonly Permission[];

/** Sets of permissions that a user or a key can be given by name. */
export const roles = {
  viewer,
  responder: [...viewer, "jobs:write", "incidents:report", "incidents:write"],
  /** For programs that only report: alerts, screenshots, logs. */
  ingest: ["incidents:report"],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>;

export const Role = z.enum(["viewer", "responder", "ingest", "admin"]);
export type Role = z.infer<typeof Role>;
export const Scope = z.union([Permission, Role]);
export type Scope = z.infer<typeof Scope>;

const time = z.iso.datetime();

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters of the key, to recognise it by. */
  prefix: z.string(),
  scopes: z.array(Scope),
  /** Requests a minute; null = the server's own limit. */
  rate_limit: z.int().nullable(),
  created_at: time,
  created_by: z.string(),
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  revoked_at: time.nullable(),
  /** Id of the key that it was rotated to; it works until expires_at. */
  replaced_by: z.string().nullable(),
  state: z.enum(["active", "expired", "revoked"]),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100).describe("What the key is for"),
  role: Role.optional().describe("viewer (if no scopes are given), responder, ingest or admin"),
  scopes: z.array(Scope).min(1).max(20).optional().describe("Permissions or roles, instead of role or beside it"),
  expires_days: z.int().min(1).max(3650).optional().describe("Days until it expires; never if absent"),
  rate_limit: z.int().min(1).max(1_000_000).optional().describe("Requests a minute; the server's own limit if absent"),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** `key` is the secret, `otk_` and 43 URL-safe characters; it cannot be shown again. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

const Counts = { requests: z.int(), errors: z.int() };
/** What a key was used for. Errors are answers from 400 on. */
export const ApiKeyUsage = z.object({
  id: z.string(),
  ...Counts,
  days: z.array(z.object({ day: z.iso.date(), ...Counts })),
  verbs: z.array(z.object({ verb: z.string(), ...Counts })),
});
export type ApiKeyUsage = z.infer<typeof ApiKeyUsage>;
