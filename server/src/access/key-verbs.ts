// The verbs on API keys.
import { z } from "zod";
import { ApiKey, ApiKeyUsage, CreateApiKey, CreatedApiKey } from "@opentrace/contract/access.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { ApiKeys } from "./api-keys.ts";
import { usageKeptDays, type KeyUsage } from "./key-usage.ts";

export interface KeyVerbsDeps {
  keys: ApiKeys;
  usage: KeyUsage;
}

const Id = z.string().min(1).max(100);

export function keyVerbs({ keys, usage }: KeyVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "keys.list",
      summary: "List API keys",
      description:
        "Every API key with its prefix, scopes, expiry and last use. Secrets are not kept and can't be shown.",
      permission: "keys:manage",
      input: z.strictObject({}),
      output: z.object({ keys: z.array(ApiKey) }),
      http: { method: "GET", path: "/auth/api-keys" },
      run: async ({ workspace }) => ({ keys: await keys.list(workspace) }),
    }),
    defineVerb({
      name: "keys.create",
      summary: "Make an API key",
      description: "Makes a key with the given permissions. The answer holds the secret; it is shown this once.",
      permission: "keys:manage",
      input: CreateApiKey,
      output: CreatedApiKey,
      http: { method: "POST", path: "/auth/api-keys", status: 201 },
      writes: true,
      run: ({ actor, workspace }, input) => keys.create(input, actor, workspace),
    }),
    defineVerb({
      name: "keys.revoke",
      summary: "Revoke an API key",
      description: "From now on the key opens nothing. It stays in the list.",
      permission: "keys:manage",
      input: z.strictObject({ id: Id }),
      output: ApiKey,
      http: { method: "DELETE", path: "/auth/api-keys/{id}" },
      writes: true,
      run: ({ workspace }, { id }) => keys.revoke(id, workspace),
    }),
    defineVerb({
      name: "keys.rotate",
      summary: "Rotate an API key",
      description:
        "Makes a key that may do the same; the old one goes on working for the hours of grace, then opens nothing. The answer holds the new secret; it is shown this once.",
      permission: "keys:manage",
      input: z.strictObject({
        id: Id,
        grace_hours: z.number().min(0).max(720).default(24).describe("Hours in which the old key still works"),
      }),
      output: CreatedApiKey,
      http: { method: "POST", path: "/auth/api-keys/{id}/rotate", status: 201 },
      writes: true,
      run: ({ actor, workspace }, { id, grace_hours }) => keys.rotate(id, grace_hours * 3_600_000, actor, workspace),
    }),
    defineVerb({
      name: "keys.usage",
      summary: "What an API key was used for",
      description: `Requests and errors by day (UTC) and by verb. Kept for ${usageKeptDays} days.`,
      permission: "keys:manage",
      input: z.strictObject({ id: Id, days: z.int().min(1).max(usageKeptDays).default(30) }),
      output: ApiKeyUsage,
      http: { method: "GET", path: "/auth/api-keys/{id}/usage" },
      run: async ({ workspace }, { id, days }) => ({
        id: (await keys.get(id, workspace)).id,
        ...(await usage.of(id, days)),
      }),
    }),
  ];
}
