// The doors through which a person gets in and out: sign in, accept a link, sign out. They answer with a cookie, so they are no verbs.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Email, passwordLength, SignInMethods, User, UserLink, UserName } from "@opentrace/contract/users.ts";
import type { Account, Attempt, SignedIn } from "../../access/account.ts";
import { parseInput } from "../../access/invoke.ts";
import { Secret } from "../../access/secret.ts";
import type { Sessions } from "../../access/sessions.ts";
import { toUser } from "../../access/users.ts";
import type { Config } from "../../config.ts";
import { apiPrefix } from "../rest/verb-routes.ts";
import { clearSession, sessionOf, setSession } from "./session-cookie.ts";

export interface AccountRoutesDeps {
  config: Pick<Config, "auth" | "publicUrl">;
  account: Account;
  sessions: Sessions;
  methods(this: void): Promise<SignInMethods>;
}

const Password = z.string().min(1).max(passwordLength.most);
const SignIn = z.strictObject({ email: Email, password: Password });
const Look = z.strictObject({ token: z.string().max(100) });
const Accept = z.strictObject({
  token: z.string().max(100),
  password: Password,
  name: UserName.optional(),
  email: Email.optional(),
});
const Begun = z.object({ user: User, expires_at: z.iso.datetime() });

const documented = (operationId: string, summary: string, description: string, more: object): object => ({
  schema: { operationId, summary, description, tags: ["auth"], security: [], ...more },
});

export function attemptOf(request: FastifyRequest, config: Pick<Config, "publicUrl">): Attempt {
  return {
    address: request.ip,
    client: request.headers["user-agent"] ?? null,
    requestId: request.id,
    replaces: sessionOf(request, config),
  };
}

export function registerAccount(app: FastifyInstance, { config, account, sessions, methods }: AccountRoutesDeps): void {
  const begun = (reply: FastifyReply, { user, token, expiresAt }: SignedIn): FastifyReply => {
    setSession(reply, config, token, expiresAt);
    return reply
      .header("cache-control", "no-store")
      .send({ user: toUser(user), expires_at: expiresAt.toISOString() } satisfies z.infer<typeof Begun>);
  };

  app.get(
    `${apiPrefix}/auth/methods`,
    documented("auth.methods", "How to sign in", "What the sign-in page offers. Needs no credential.", {
      response: { 200: SignInMethods },
    }),
    async (_request, reply) => reply.header("cache-control", "no-store").send(await methods()),
  );

  app.post(
    `${apiPrefix}/auth/sign-in`,
    documented(
      "auth.signIn",
      "Sign in with a password",
      "Sets an HttpOnly cookie. A session that the browser had before ends. Failed attempts are slowed down.",
      { body: SignIn, response: { 200: Begun } },
    ),
    async (request, reply) => {
      const input = SignIn.parse(parseInput(SignIn, request.body));
      return begun(reply, await account.signIn(input.email, new Secret(input.password), attemptOf(request, config)));
    },
  );

  app.post(
    `${apiPrefix}/auth/sign-out`,
    documented("auth.signOut", "Sign out", "Ends the session of this browser.", {
      response: { 204: z.undefined().describe("No content") },
    }),
    async (request, reply) => {
      const token = sessionOf(request, config);
      if (token !== null) await sessions.endByToken(token);
      if (request.actor.kind === "user")
        await account.record("auth.signOut", request.actor.id, "done", attemptOf(request, config));
      clearSession(reply, config);
      return reply.code(204).send();
    },
  );

  app.post(
    `${apiPrefix}/auth/links/look`,
    documented(
      "auth.lookAtLink",
      "What a link is for",
      "Of a set-up link, an invitation, or a link for a new password.",
      {
        body: Look,
        response: { 200: UserLink },
      },
    ),
    async (request, reply) => {
      const { token } = Look.parse(parseInput(Look, request.body));
      return reply
        .header("cache-control", "no-store")
        .send(await account.lookAtLink(token, attemptOf(request, config)));
    },
  );

  app.post(
    `${apiPrefix}/auth/links/accept`,
    documented(
      "auth.acceptLink",
      "Use a link",
      "Makes the account (or sets the new password) and signs in. The link opens nothing any more.",
      { body: Accept, response: { 200: Begun } },
    ),
    async (request, reply) => {
      const { token, password, name = null, email = null } = Accept.parse(parseInput(Accept, request.body));
      const accepted = { token, password: new Secret(password), name, email };
      return begun(reply, await account.acceptLink(accepted, attemptOf(request, config)));
    },
  );
}
