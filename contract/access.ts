// API keys as REST, CLI and the UI see them. The secret is shown once, when the key is made, and kept nowhere.
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
  "users:manage",
  "audit:read",
  "keys:manage",
  "system:read",
] as const;
export const Permission = z.enum(permissions);
export type Permission = z.infer<typeof Permission>;

/** Sets of permissions that a key can be given by name. */
export const roles = {
  reader: ["graph:read", "source:read", "repositories:read", "jobs:read", "integrations:read", "incidents:read"],
  editor: [
    "graph:read",
    "source:read",
    "repositories:read",
    "jobs:read",
    "integrations:read",
    "repositories:write",
    "jobs:write",
    "incidents:read",
    "incidents:report",
    "incidents:write",
  ],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>;

export const Scope = z.union([Permission, z.enum(["reader", "editor", "admin"])]);
export type Scope = z.infer<typeof Scope>;

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters of the key, to recognise it by. */
  prefix: z.string(),
  scopes: z.array(Scope),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  state: z.enum(["active", "expired", "revoked"]),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100).describe("What the key is for"),
  scopes: z.array(Scope).min(1).max(20).default(["reader"]).describe("Permissions, or the roles reader, editor, admin"),
  expiresInDays: z.int().min(1).max(3650).optional().describe("Days until it expires; never if absent"),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** `key` is the secret, `otk_` and 43 URL-safe characters; it cannot be shown again. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
