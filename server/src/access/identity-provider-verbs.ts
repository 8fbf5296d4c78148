// The verbs on identity providers: for administrators.
import { z } from "zod";
import { CreateIdentityProvider, IdentityProvider } from "@opentrace/contract/users.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { toProvider, type IdentityProviders } from "./identity-providers.ts";
import { refuseMoreThanOwn } from "./users.ts";

export function identityProviderVerbs({ providers }: { providers: IdentityProviders }): Verb[] {
  return [
    defineVerb({
      name: "identityProviders.list",
      summary: "List identity providers",
      description: "Where people may sign in with OIDC. Secrets are not shown.",
      permission: "users:manage",
      input: z.strictObject({}),
      output: z.object({ items: z.array(IdentityProvider) }),
      http: { method: "GET", path: "/auth/providers" },
      run: async ({ workspace }) => ({
        items: (await providers.all(workspace)).map((each) => toProvider(each, providers.isConfigured(each.id))),
      }),
    }),
    defineVerb({
      name: "identityProviders.create",
      summary: "Add an identity provider",
      description:
        "Register the address /api/v1/auth/sso/{id}/callback of this server there. The client secret is stored sealed.",
      permission: "users:manage",
      input: CreateIdentityProvider,
      output: IdentityProvider,
      http: { method: "POST", path: "/auth/providers", status: 201 },
      writes: true,
      async run({ actor, workspace }, input) {
        for (const role of [...Object.values(input.role_of_group), input.default_role])
          if (role !== null) refuseMoreThanOwn(actor, role);
        return providers.create(input, actor.id, workspace);
      },
    }),
    defineVerb({
      name: "identityProviders.remove",
      summary: "Remove an identity provider",
      description: "Nobody can sign in there any more. Accounts and sessions stay.",
      permission: "users:manage",
      input: z.strictObject({ id: z.string().min(1).max(100) }),
      output: z.undefined(),
      http: { method: "DELETE", path: "/auth/providers/{id}", status: 204 },
      writes: true,
      async run({ workspace }, { id }) {
        await providers.remove(id, workspace);
        return undefined;
      },
    }),
  ];
}
