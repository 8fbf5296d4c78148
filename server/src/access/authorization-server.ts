// The authorization server (oidc-provider): client credentials for programs with an API key, code + PKCE for people and MCP clients.
import type { IncomingMessage } from "node:http";
import type { ClientMetadata, Configuration, KoaContextWithOIDC, Provider } from "oidc-provider";
import { permissions, Role } from "@opentrace/contract/access.ts";
import type { Log } from "../verb.ts";
import { isFromBefore, issuerOf, resourcesOf } from "./access-tokens.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { OauthItems } from "./oauth-items.ts";
import { signingAlgorithm, type SigningKeys } from "./signing-keys.ts";
import type { Users } from "./users.ts";

export const oauthPaths = {
  authorization: "/api/v1/auth/authorize",
  token: "/api/v1/auth/token",
  jwks: "/api/v1/auth/jwks",
  registration: "/api/v1/auth/register",
  revocation: "/api/v1/auth/revoke",
  interaction: "/api/v1/auth/interactions",
} as const;

/** What a token can be limited to; `all` is everything that its holder may. */
export const everyScope = ["all", ...permissions, ...Role.options].join(" ");

const minutes = (count: number): number => count * 60;
const days = (count: number): number => count * 86_400;

export interface AuthorizationServerDeps {
  keys: ApiKeys;
  users: Users;
  signing: SigningKeys;
  items: OauthItems;
  workspace: string;
  homeUrl(this: void): string;
  log: Log;
  /** Told of every request for a token: who (null = unknown) and how it ended. */
  issued(this: void, from: Sender, actor: string | null, outcome: string): Promise<void>;
}

export interface AuthorizationServer {
  /** Made at the first request: its address is known only once the server listens. */
  provider(): Promise<Provider>;
}

/** What the door knows of a request. */
export interface Sender {
  /** The client's, through the proxies that are trusted. */
  address: string | null;
  requestId: string;
  /** Which of our users its browser is signed in as: the authorization server's own session must not outlive ours. */
  user: string | null;
}
const senders = new WeakMap<IncomingMessage, Sender>();
export const markSender = (request: IncomingMessage, sender: Sender): void => void senders.set(request, sender);

export function createAuthorizationServer(deps: AuthorizationServerDeps): AuthorizationServer {
  let made: Promise<Provider> | null = null;
  return {
    provider() {
      made ??= create(deps);
      made.catch(() => (made = null));
      return made;
    },
  };
}

async function create(deps: AuthorizationServerDeps): Promise<Provider> {
  const { keys, users, signing, items, workspace, homeUrl, log, issued } = deps;
  const oidc = await import("oidc-provider");
  const issuer = issuerOf(homeUrl());
  const [api] = resourcesOf(issuer);

  /** An API key is a client whose secret is the key. */
  const clientOfKey = (id: string): ClientMetadata => ({
    client_id: id,
    client_name: id,
    // Compared with the key's hash below; this one opens nothing.
    client_secret: crypto.randomUUID(),
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: hasBasic(oidc.Provider.ctx) ? "client_secret_basic" : "client_secret_post",
  });

  const known = new Set(["openid", "offline_access", ...everyScope.split(" ")]);
  const policy = oidc.interactionPolicy.base();
  policy.get("login")?.checks.add(
    new oidc.interactionPolicy.Check("other_user", "somebody else is signed in here", "login_required", (ctx) => {
      const known = ctx.oidc.session?.accountId;
      return known !== undefined && senders.get(ctx.req)?.user !== known
        ? oidc.interactionPolicy.Check.REQUEST_PROMPT
        : oidc.interactionPolicy.Check.NO_NEED_TO_PROMPT;
    }),
  );

  const configuration: Configuration = {
    adapter: (model) => {
      const adapter = items.adapter(model);
      if (model !== "Client") return adapter;
      return {
        ...adapter,
        find: async (id) =>
          id.startsWith("key_")
            ? (await keys.actorOf(id, workspace)) === null
              ? undefined
              : clientOfKey(id)
            : adapter.find(id),
      };
    },
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "none"],
    clientDefaults: {
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
      id_token_signed_response_alg: signingAlgorithm,
    },
    cookies: {
      keys: [(await signing.cookieSecret()).reveal()],
      names: { session: "opentrace-oauth", interaction: "opentrace-oauth-step", resume: "opentrace-oauth-back" },
      long: { signed: true, httpOnly: true, sameSite: "lax" },
      short: { signed: true, httpOnly: true, sameSite: "lax" },
    },
    enabledJWA: { idTokenSigningAlgValues: [signingAlgorithm] },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      registration: { enabled: true, initialAccessToken: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, _client, oneOf) => oneOf ?? api,
        useGrantedResource: () => true,
        getResourceServerInfo(ctx, resource) {
          // A scope that there is none of is refused: ignored, it would give more than was asked for.
          const asked = ctx.oidc.params?.["scope"];
          const unknown = (typeof asked === "string" ? asked.split(" ") : []).find(
            (one) => one !== "" && !known.has(one),
          );
          if (unknown !== undefined) throw new oidc.errors.InvalidScope("there is no such scope", unknown);
          if (!resourcesOf(issuer).includes(resource)) throw new oidc.errors.InvalidTarget();
          return {
            audience: resource,
            scope: everyScope,
            accessTokenFormat: "jwt",
            accessTokenTTL: minutes(15),
            jwt: { sign: { alg: signingAlgorithm } },
          };
        },
      },
    },
    findAccount: async (_ctx, sub, token) => {
      const user = await users.find(sub, workspace);
      if (user === null || user.disabled_at !== null) return undefined;
      if (token !== undefined && isFromBefore(token.iat ?? 0, user.tokens_from)) return undefined;
      return { accountId: sub, claims: () => ({ sub }) };
    },
    interactions: { policy, url: (_ctx, { uid }) => `${oauthPaths.interaction}/${uid}` },
    jwks: { keys: [await signing.key()] },
    pkce: { required: () => true },
    renderError: (ctx, { error, error_description }) => {
      ctx.type = "application/problem+json";
      ctx.body = JSON.stringify({
        type: "about:blank",
        title: "Not authorized",
        status: ctx.status,
        code: "bad_request",
        detail: `${error}: ${error_description ?? "the request of the application is not valid"}`,
      });
    },
    responseTypes: ["code"],
    rotateRefreshToken: true,
    routes: {
      authorization: oauthPaths.authorization,
      token: oauthPaths.token,
      jwks: oauthPaths.jwks,
      registration: oauthPaths.registration,
      revocation: oauthPaths.revocation,
    },
    scopes: [...known],
    // Whoever may refresh asks for nothing more: MCP clients do not know offline_access.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    ttl: {
      AccessToken: minutes(15),
      AuthorizationCode: 60,
      ClientCredentials: minutes(15),
      Grant: days(30),
      IdToken: minutes(15),
      Interaction: minutes(15),
      RefreshToken: days(30),
      Session: days(1),
    },
  };
  const provider = new oidc.Provider(issuer, configuration);
  provider.proxy = true;

  const compare = provider.Client.prototype.compareClientSecret;
  provider.Client.prototype.compareClientSecret = async function (this: typeof provider.Client.prototype, actual) {
    if (!this.clientId.startsWith("key_")) return compare.call(this, actual);
    const actor = await keys.verify(actual, workspace);
    return actor?.id === `key:${this.clientId}`;
  };

  const ended = (ctx: KoaContextWithOIDC, outcome: string): void => {
    const { client, account } = ctx.oidc;
    const known = account === undefined ? client?.clientId : account.accountId;
    const actor =
      known === undefined || outcome !== "done" ? null : account === undefined ? `key:${known}` : `user:${known}`;
    const from = senders.get(ctx.req) ?? { address: null, requestId: "", user: null };
    issued(from, actor, outcome).catch((err: unknown) => log.error({ err }, "audit row not written"));
  };
  provider.on("grant.success", (ctx) => ended(ctx, "done"));
  provider.on("grant.error", (ctx, error) => ended(ctx, error.error));
  provider.on("server_error", (_ctx, err) => log.error({ err }, "authorization server failed"));
  return provider;
}

const hasBasic = (ctx: KoaContextWithOIDC | undefined): boolean => /^basic /i.test(ctx?.headers.authorization ?? "");
