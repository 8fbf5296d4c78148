// Where the authorization server is mounted, and the step in which a person allows an application to act for them.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Grant, Provider } from "oidc-provider";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Authorization } from "@opentrace/contract/users.ts";
import { issuerOf, resourcesOf } from "../../access/access-tokens.ts";
import { everyScope, markSender, oauthPaths, type AuthorizationServer } from "../../access/authorization-server.ts";
import { parseInput } from "../../access/invoke.ts";
import type { AuditEntry } from "../../access/invoke.ts";
import type { Actor } from "../../verb.ts";
import { defaultWorkspace } from "../../access/actors.ts";

export interface OauthRoutesDeps {
  authorizationServer: AuthorizationServer;
  homeUrl(this: void): string;
  audit(this: void, entry: AuditEntry): Promise<void>;
}

const Decision = z.strictObject({ allow: z.boolean() });

export async function registerOauth(
  app: FastifyInstance,
  { authorizationServer, homeUrl, audit }: OauthRoutesDeps,
): Promise<void> {
  /** What the authorization server makes of a request is about its own address, whatever stands between. */
  function prepare(request: FastifyRequest): void {
    const { protocol, host } = new URL(homeUrl());
    request.raw.headers["x-forwarded-proto"] = protocol.replace(":", "");
    request.raw.headers["x-forwarded-host"] = host;
    const { actor } = request;
    const user = actor.credential?.is === "session" ? (actor.user?.id ?? null) : null;
    markSender(request.raw, { address: request.ip, requestId: request.id, user });
  }

  await app.register(async (scope) => {
    // It reads forms and JSON itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    const hand = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const provider = await authorizationServer.provider();
      prepare(request);
      if (request.routeOptions.url === oauthPaths.authorization) askForAll(request);
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.hijack();
      await provider.callback()(request.raw, reply.raw);
    };
    const { authorization, token, jwks, registration, revocation } = oauthPaths;
    for (const [method, url, documentation] of [
      ["GET", authorization, null],
      ["GET", `${authorization}/:uid`, null],
      ["POST", token, tokenDocumentation],
      ["GET", jwks, null],
      ["POST", registration, null],
      ["GET", `${registration}/:client`, null],
      ["POST", revocation, null],
      ["GET", "/.well-known/oauth-authorization-server", null],
      ["GET", "/.well-known/openid-configuration", null],
    ] as const)
      scope.route({
        method,
        url,
        exposeHeadRoute: false,
        schema: documentation ?? { hide: true },
        handler: hand,
      });
  });

  async function stepOf(request: FastifyRequest, reply: FastifyReply) {
    const user = personOf(request.actor);
    const provider = await authorizationServer.provider();
    prepare(request);
    try {
      return { user, provider, step: await provider.interactionDetails(request.raw, reply.raw) };
    } catch (cause) {
      throw new AppError("not_found", "This request of an application has expired. Start again there.", { cause });
    }
  }

  const steps = oauthPaths.interaction;
  app.get<{ Params: { uid: string } }>(
    `${steps}/:uid`,
    { schema: { hide: true }, exposeHeadRoute: false },
    async (request, reply) => reply.redirect(`/authorize?step=${encodeURIComponent(request.params.uid)}`, 303),
  );

  app.get(`${steps}/:uid/details`, { schema: { hide: true }, exposeHeadRoute: false }, async (request, reply) => {
    const { provider, step, user } = await stepOf(request, reply);
    const client = await clientOf(provider, step.params["client_id"]);
    const redirect = new URL(String(step.params["redirect_uri"]));
    const answer: Authorization = {
      application: client.clientName ?? client.clientId,
      client_id: client.clientId,
      goes_to: redirect.protocol.startsWith("http") ? redirect.host : redirect.protocol,
      scopes: scopesOf(step.params["scope"]),
      user: { name: user.name ?? user.id, email: user.user?.email ?? "" },
    };
    return reply.header("cache-control", "no-store").send(answer);
  });

  app.post(`${steps}/:uid/decision`, { schema: { hide: true } }, async (request, reply) => {
    personOf(request.actor);
    const { allow } = Decision.parse(parseInput(Decision, request.body));
    const { provider, step, user } = await stepOf(request, reply);
    const client = await clientOf(provider, step.params["client_id"]);
    const accountId = user.user?.id ?? "";
    await audit({
      at: new Date(),
      actor: user.id,
      workspace: defaultWorkspace,
      verb: "auth.authorize",
      door: "rest",
      requestId: request.id,
      outcome: allow ? "done" : "refused",
      subject: client.clientId,
      address: request.ip,
    });
    const result = allow
      ? {
          login: { accountId, remember: false },
          consent: { grantId: await grant(provider, accountId, client.clientId, homeUrl()) },
        }
      : { error: "access_denied", error_description: "The person did not allow it." };
    const redirect_to = await provider.interactionResult(request.raw, reply.raw, result, {
      mergeWithLastSubmission: false,
    });
    return reply.header("cache-control", "no-store").send({ redirect_to });
  });
}

/** Applications that name no scope mean all that the person may. */
function askForAll({ raw }: FastifyRequest): void {
  const url = new URL(raw.url ?? "", "http://localhost");
  const named = (url.searchParams.get("scope") ?? "")
    .split(" ")
    .filter((one) => !/^(openid|offline_access)?$/.test(one));
  if (named.length > 0) return;
  url.searchParams.set("scope", [url.searchParams.get("scope"), "all"].filter(Boolean).join(" "));
  raw.url = `${url.pathname}${url.search}`;
}

function personOf(actor: Actor): Actor {
  if (actor.kind === "anonymous")
    throw new AppError("unauthenticated", "Sign in to allow an application to act for you.");
  if (actor.user === undefined || actor.credential?.is !== "session")
    throw new AppError("forbidden", "Only a person who is signed in can allow an application to act for them.");
  return actor;
}

async function clientOf(provider: Provider, id: unknown) {
  const client = await provider.Client.find(String(id));
  if (client === undefined) throw new AppError("not_found", "The application is not registered here any more.");
  return client;
}

const scopesOf = (scope: unknown): string[] =>
  (typeof scope === "string" ? scope.split(" ") : []).filter(
    (one) => one !== "" && !/^(openid|offline_access|all)$/.test(one),
  );

/** What the person's role allows is looked at with every request: the grant is for all, the token's scopes say how much of it. */
async function grant(provider: Provider, accountId: string, clientId: string, home: string): Promise<string> {
  const granted: Grant = new provider.Grant({ accountId, clientId });
  granted.addOIDCScope(`openid offline_access ${everyScope}`);
  const issuer = issuerOf(home);
  for (const resource of resourcesOf(issuer)) granted.addResourceScope(resource, everyScope);
  return granted.save();
}

const TokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.int(),
  scope: z.string().optional(),
  refresh_token: z.string().optional(),
});
const tokenDocumentation = {
  operationId: "auth.token",
  summary: "Get an access token (JWT)",
  description:
    "OAuth 2 token endpoint: a form, not JSON. Programs send grant_type=client_credentials with an API key: its id as client_id, the key as client_secret (or both by HTTP Basic). People's applications send grant_type=authorization_code with code, redirect_uri, client_id and code_verifier (PKCE S256), and refresh_token to go on. scope limits the token to permissions or roles. Send the token as Authorization: Bearer.",
  tags: ["auth"],
  security: [],
  response: { 200: TokenAnswer.describe("The token, valid for 15 minutes") },
};
