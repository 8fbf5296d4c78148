// The verbs about oneself: who am I, my sessions, my password.
import { z } from "zod";
import { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { Identity, passwordLength, Session } from "@opentrace/contract/users.ts";
import { type Actor, defineVerb, type Verb } from "../verb.ts";
import type { Account } from "./account.ts";
import { Secret } from "./secret.ts";
import type { Sessions } from "./sessions.ts";

export interface AccountVerbsDeps {
  account: Account;
  sessions: Sessions;
}

const Password = z.string().min(1).max(passwordLength.most);

function userOf(actor: Actor): string {
  if (actor.user !== undefined) return actor.user.id;
  throw new AppError("forbidden", "Only people have sessions; this is about an API key.");
}

const currentSession = ({ credential }: Actor): string | null => (credential?.is === "session" ? credential.id : null);

export function accountVerbs({ account, sessions }: AccountVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "auth.verify",
      summary: "Who am I?",
      description: "Who the credential of this request stands for, what it may do, and when it expires.",
      permission: "signed-in",
      input: z.strictObject({}),
      output: Identity,
      http: { method: "GET", path: "/auth/verify" },
      run: async ({ actor, workspace }) => identityOf(actor, workspace),
    }),
    defineVerb({
      name: "auth.changePassword",
      summary: "Change my password",
      description: "Ends all other sessions and tokens of this user.",
      permission: "signed-in",
      input: z.strictObject({ current_password: Password, new_password: Password }),
      output: z.undefined(),
      http: { method: "POST", path: "/auth/password", status: 204 },
      writes: true,
      async run({ actor }, { current_password, new_password }) {
        await account.changePassword(actor, new Secret(current_password), new Secret(new_password));
        return undefined;
      },
    }),
    defineVerb({
      name: "sessions.list",
      summary: "List my sessions",
      description: "The browsers in which I am signed in.",
      permission: "signed-in",
      input: z.strictObject({}),
      output: z.object({ items: z.array(Session) }),
      http: { method: "GET", path: "/auth/sessions" },
      run: async ({ actor }) => ({ items: await sessions.list(userOf(actor), currentSession(actor)) }),
    }),
    defineVerb({
      name: "sessions.end",
      summary: "End one of my sessions",
      description: "That browser has to sign in again.",
      permission: "signed-in",
      input: z.strictObject({ id: z.string().min(1).max(100) }),
      output: z.undefined(),
      http: { method: "DELETE", path: "/auth/sessions/{id}", status: 204 },
      writes: true,
      async run({ actor }, { id }) {
        await sessions.end(id, userOf(actor));
        return undefined;
      },
    }),
    defineVerb({
      name: "sessions.endOthers",
      summary: "End my other sessions",
      description:
        "Every browser but this one has to sign in again, and applications that I allowed to act for me have to be allowed again.",
      permission: "signed-in",
      input: z.strictObject({}),
      output: z.undefined(),
      http: { method: "DELETE", path: "/auth/sessions", status: 204 },
      writes: true,
      async run({ actor }) {
        await sessions.endAll(userOf(actor), currentSession(actor));
        return undefined;
      },
    }),
  ];
}

function identityOf(actor: Actor, workspace: string): Identity {
  if (actor.kind === "anonymous") throw new AppError("unauthenticated", "Nobody is signed in.");
  const role = Role.safeParse(actor.user?.role);
  return {
    authenticated: true,
    kind: actor.kind,
    id: actor.id,
    name: actor.name ?? actor.id,
    email: actor.user?.email ?? null,
    role: role.success ? role.data : null,
    permissions: [...actor.permissions],
    workspace,
    credential: actor.credential?.is ?? "none",
    expires_at: actor.credential?.expiresAt?.toISOString() ?? null,
    rate_limit: actor.rateLimit ?? null,
  };
}
