// The verbs on API keys.
import { z } from "zod";
import { ApiKey, CreateApiKey, CreatedApiKey } from "@opentrace/contract/access.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { ApiKeys } from "./api-keys.ts";

export function keyVerbs(keys: ApiKeys): Verb[] {
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
      input: z.strictObject({ id: z.string().max(100) }),
      output: ApiKey,
      http: { method: "DELETE", path: "/auth/api-keys/{id}" },
      writes: true,
      run: ({ workspace }, { id }) => keys.revoke(id, workspace),
    }),
  ];
}
