// The verbs on identity providers: for administrators.
import { z } from "zod";
import {
  CreateIdentityProvider,
  IdentityProvider,
  IdentityProviderChanges,
  IdentityProviderTest,
} from "@opentrace/contract/users.ts";
import { type Actor, defineVerb, type Verb } from "../verb.ts";
import type { IdentityProviders } from "./identity-providers.ts";
import type { SingleSignOn } from "./single-sign-on.ts";
import { refuseMoreThanOwn } from "./users.ts";

const id = z.string().min(1).max(100).describe("Id of an identity provider");

/** A provider says who somebody is, and so can let its maker in as any administrator. */
const mayVouchForAnybody = (actor: Actor): void => refuseMoreThanOwn(actor, "admin");

export interface IdentityProviderVerbsDeps {
  providers: IdentityProviders;
  singleSignOn: Pick<SingleSignOn, "look">;
}

export function identityProviderVerbs({ providers, singleSignOn }: IdentityProviderVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "identityProviders.list",
      summary: "List identity providers",
      description: "Where people may sign in with OIDC. Secrets are not shown.",
      permission: "users:manage",
      input: z.strictObject({}),
      output: z.object({ items: z.array(IdentityProvider) }),
      http: { method: "GET", path: "/auth/providers" },
      run: async ({ workspace }) => ({ items: await providers.list(workspace) }),
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
        mayVouchForAnybody(actor);
        return providers.create(input, actor.id, workspace);
      },
    }),
    defineVerb({
      name: "identityProviders.change",
      summary: "Change an identity provider",
      description:
        "What is absent stays as it is. Another issuer needs the client secret again, and recognises people anew by their verified address. One that is not enabled stays, but nobody can sign in there.",
      permission: "users:manage",
      input: IdentityProviderChanges.extend({ id }),
      output: IdentityProvider,
      http: { method: "PATCH", path: "/auth/providers/{id}" },
      writes: true,
      async run({ actor, workspace }, { id: which, ...changes }) {
        mayVouchForAnybody(actor);
        return providers.change(which, changes, workspace);
      },
    }),
    defineVerb({
      name: "identityProviders.test",
      summary: "Test an identity provider",
      description:
        "Asks it, where its issuer says, what it tells of itself (discovery). No secret is sent, and nobody is signed in.",
      permission: "users:manage",
      input: z.strictObject({ id }),
      output: IdentityProviderTest,
      http: { method: "POST", path: "/auth/providers/{id}/test" },
      writes: true,
      run: (_ctx, { id: which }) => singleSignOn.look(which),
    }),
    defineVerb({
      name: "identityProviders.remove",
      summary: "Remove an identity provider",
      description: "Nobody can sign in there any more. Accounts and sessions stay.",
      permission: "users:manage",
      input: z.strictObject({ id }),
      output: z.undefined(),
      http: { method: "DELETE", path: "/auth/providers/{id}", status: 204 },
      writes: true,
      async run({ workspace }, { id: which }) {
        await providers.remove(which, workspace);
        return undefined;
      },
    }),
  ];
}
