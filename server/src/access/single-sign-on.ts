// Signing in at an identity provider (OIDC, with openid-client): PKCE, state used once and bound to the browser, nonce, roles from groups.
import { createHash, randomBytes } from "node:crypto";
import type { Configuration, IDToken } from "openid-client";
import { z } from "zod";
import type { Transport } from "@opentrace/connectors/transport.ts";
import type { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { Email, type IdentityProviderTest } from "@opentrace/contract/users.ts";
import type { Store } from "../store/store.ts";
import type { Account, Attempt, SignedIn } from "./account.ts";
import type { IdentityProviders, ProviderSettings } from "./identity-providers.ts";
import type { SealedColumn } from "./rotate-keys.ts";
import type { Sealer } from "./seal.ts";
import { Secret } from "./secret.ts";
import type { UserRow, Users } from "./users.ts";

const purpose = (state: string): string => `identity-flow:${state}`;
export const sealedOfFlows: readonly SealedColumn[] = [
  { table: "identity_flows", column: "sealed", id: "state", purpose },
];

const flowMs = 10 * 60_000;
/** What a provider tells of itself is believed so long, of so many providers. */
const knownMs = 10 * 60_000;
const mostKnown = 100;
const callbackOf = (home: string, provider: string): string =>
  `${home.replace(/\/+$/, "")}/api/v1/auth/sso/${provider}/callback`;
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const Flow = z.object({ verifier: z.string(), nonce: z.string(), returnTo: z.string() });
const strongest: readonly Role[] = ["admin", "responder", "viewer", "ingest"];

export interface SingleSignOnDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  providers: IdentityProviders;
  users: Users;
  account: Account;
  transport: Transport;
  homeUrl(this: void): string;
  workspace: string;
  now(this: void): Date;
}

export interface SingleSignOn {
  /** Where to send the browser, and what to put in its cookie. */
  begin(provider: string, returnTo: string, signal: AbortSignal): Promise<{ url: string; browser: string }>;
  finish(
    provider: string,
    query: URLSearchParams,
    browser: string | null,
    attempt: Attempt,
    signal: AbortSignal,
  ): Promise<SignedIn & { returnTo: string }>;
  /** What a provider tells of itself, asked now. Throws AppError("not_found") for one that there is not. */
  look(provider: string): Promise<IdentityProviderTest>;
  prune(): Promise<void>;
}

export function createSingleSignOn(deps: SingleSignOnDeps): SingleSignOn {
  const { store, sealer, providers, users, account, transport, homeUrl, workspace, now } = deps;

  const known = new Map<string, { config: Promise<Configuration>; until: number }>();

  /** What the provider tells of itself is asked once in a while, and again after it refused: keys rotate and endpoints move. */
  async function connect(provider: ProviderSettings): Promise<Configuration> {
    const secret = provider.clientSecret?.reveal();
    const id = hashOf(JSON.stringify([provider.id, provider.issuer.href, provider.clientId, secret ?? null]));
    const found = known.get(id);
    if (found !== undefined && found.until > now().getTime()) return found.config;
    const config = discover(provider, secret);
    if (known.size >= mostKnown) known.clear();
    known.set(id, { config, until: now().getTime() + knownMs });
    config.catch(() => known.delete(id));
    return config;
  }

  /** Every address goes through the network guard. */
  async function discover(provider: ProviderSettings, secret: string | undefined): Promise<Configuration> {
    const oidc = await import("openid-client");
    return oidc
      .discovery(provider.issuer, provider.clientId, secret, secret === undefined ? oidc.None() : undefined, {
        [oidc.customFetch]: guardedFetch(transport),
        ...(provider.issuer.protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : {}),
      })
      .catch((cause: unknown) => {
        throw unreachable(provider, cause);
      });
  }

  async function look(id: string): Promise<IdentityProviderTest> {
    const provider = await providers.findAny(id, workspace);
    const started = now().getTime();
    const found = await discover(provider, undefined).then(
      (config) => config.serverMetadata(),
      (error: unknown) => {
        if (error instanceof AppError) return error;
        throw error;
      },
    );
    const refused = found instanceof AppError ? found : null;
    const metadata = found instanceof AppError ? null : found;
    return {
      ok: refused === null,
      reason: refused?.message ?? null,
      milliseconds: Math.max(0, now().getTime() - started),
      authorization_endpoint: metadata?.authorization_endpoint ?? null,
      token_endpoint: metadata?.token_endpoint ?? null,
      callback_url: callbackOf(homeUrl(), id),
    };
  }

  async function takeFlow(provider: string, state: string, browser: string | null): Promise<z.infer<typeof Flow>> {
    const gone = new AppError(
      "bad_request",
      "This sign-in has expired, was used already, or began in another browser. Start again.",
    );
    if (browser === null) throw gone;
    const row = await store.app
      .updateTable("identity_flows")
      .set({ used_at: now().getTime() })
      .where("state", "=", hashOf(state))
      .where("provider", "=", provider)
      .where("browser", "=", hashOf(browser))
      .where("used_at", "is", null)
      .where("expires_at", ">", now().getTime())
      .returning(["state", "sealed"])
      .executeTakeFirst();
    if (row === undefined) throw gone;
    return Flow.parse(JSON.parse(sealer.open(row.sealed, purpose(row.state)).reveal()));
  }

  /** The account that belongs to the identity: linked, found by a verified address, or made. */
  async function userOf(provider: ProviderSettings, sub: string, claims: Record<string, unknown>): Promise<UserRow> {
    const role = roleOf(provider, claims);
    const linked = await store.app
      .selectFrom("identities")
      .select("user_id")
      .where("provider", "=", provider.id)
      .where("subject", "=", sub)
      .where("workspace", "=", workspace)
      .executeTakeFirst();
    const known = linked === undefined ? null : await users.find(linked.user_id, workspace);
    const user = known ?? (await firstTime(provider, claims, role));
    const at = now().getTime();
    await store.app
      .insertInto("identities")
      .values({ provider: provider.id, subject: sub, workspace, user_id: user.id, created_at: at, last_used_at: at })
      .onConflict((conflict) =>
        conflict.columns(["provider", "subject"]).doUpdateSet({ user_id: user.id, last_used_at: at }),
      )
      .execute();
    return withRole(provider, user, role);
  }

  async function firstTime(
    provider: ProviderSettings,
    claims: Record<string, unknown>,
    role: Role | null,
  ): Promise<UserRow> {
    const email = Email.safeParse(claims["email"]);
    if (!email.success)
      throw new AppError(
        "forbidden",
        `${provider.name} tells no e-mail address of you. Its scopes should hold "email".`,
      );
    const existing = await users.findByEmail(email.data, workspace);
    if (existing !== null && claims["email_verified"] === true) return existing;
    if (existing !== null)
      throw new AppError(
        "forbidden",
        `There is an account ${email.data} already, and ${provider.name} does not say that the address is verified. Sign in with the password.`,
      );
    if (role === null) throw noRole(provider);
    if (!provider.autoProvision)
      throw new AppError("forbidden", `Nobody has made an account for ${email.data} yet. Ask an administrator.`);
    const name =
      typeof claims["name"] === "string" && claims["name"].trim() !== "" ? claims["name"].trim() : email.data;
    return users.create(
      { email: email.data, name: name.slice(0, 100), role, password: null, by: provider.id },
      workspace,
    );
  }

  /** Who is moved to another group there may do something else here, from the next sign-in on. */
  async function withRole(provider: ProviderSettings, user: UserRow, role: Role | null): Promise<UserRow> {
    if (Object.keys(provider.roleOfGroup).length === 0 || user.role === role) return user;
    if (role === null) throw noRole(provider);
    return users.change(user.id, { role }, workspace).catch((error: unknown) => {
      // The last administrator stays one.
      if (error instanceof AppError && error.code === "conflict") return user;
      throw error;
    });
  }

  /** Whom the provider vouches for. */
  async function identify(
    id: string,
    query: URLSearchParams,
    browser: string | null,
    signal: AbortSignal,
  ): Promise<{ user: UserRow; returnTo: string }> {
    const provider = await providers.find(id, workspace);
    const flow = await takeFlow(id, query.get("state") ?? "", browser);
    const oidc = await import("openid-client");
    const config = await stopping(connect(provider), signal);
    const back = new URL(callbackOf(homeUrl(), id));
    back.search = query.toString();
    const tokens = await oidc
      .authorizationCodeGrant(config, back, {
        pkceCodeVerifier: flow.verifier,
        expectedState: query.get("state") ?? "",
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      })
      .catch((cause: unknown) => {
        known.clear();
        throw new AppError("forbidden", `${provider.name} did not let you in${reasonOf(query)}.`, { cause });
      });
    const idToken = tokens.claims();
    if (idToken === undefined) throw new AppError("upstream_failed", `${provider.name} sent no ID token.`);
    const user = await userOf(provider, idToken.sub, await allClaims(config, idToken, tokens.access_token));
    return { user, returnTo: flow.returnTo };
  }

  return {
    look,
    async begin(id, returnTo, signal) {
      const provider = await providers.find(id, workspace);
      const oidc = await import("openid-client");
      const config = await stopping(connect(provider), signal);
      const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
      const browser = randomBytes(32).toString("base64url");
      const flow: z.infer<typeof Flow> = { verifier, nonce, returnTo: isOwnPath(returnTo) ? returnTo : "/" };
      await store.app
        .insertInto("identity_flows")
        .values({
          state: hashOf(state),
          workspace,
          provider: id,
          browser: hashOf(browser),
          sealed: sealer.seal(new Secret(JSON.stringify(flow)), purpose(hashOf(state))),
          expires_at: now().getTime() + flowMs,
          used_at: null,
        })
        .execute();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callbackOf(homeUrl(), id),
        scope: provider.scopes,
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, browser };
    },

    async finish(id, query, browser, attempt, signal) {
      const { user, returnTo } = await identify(id, query, browser, signal).catch(async (error: unknown) => {
        const outcome = error instanceof AppError ? error.code : "internal";
        await account.record("auth.signIn", "anonymous", outcome, attempt, id);
        throw error;
      });
      // Writes its own audit row, however it ends.
      return { ...(await account.signInAs(user, id, attempt)), returnTo };
    },

    async prune() {
      await store.app
        .deleteFrom("identity_flows")
        .where("expires_at", "<", now().getTime() - flowMs)
        .execute();
    },
  };
}

async function allClaims(
  config: Configuration,
  idToken: IDToken,
  accessToken: string,
): Promise<Record<string, unknown>> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return idToken;
  const oidc = await import("openid-client");
  // Many providers keep groups and address out of the ID token.
  const more = await oidc.fetchUserInfo(config, accessToken, idToken.sub).catch(() => ({}));
  return { ...more, ...idToken };
}

function roleOf(
  { groupsClaim, roleOfGroup, defaultRole }: ProviderSettings,
  claims: Record<string, unknown>,
): Role | null {
  const listed = claims[groupsClaim];
  const groups: unknown[] = Array.isArray(listed) ? listed : [listed];
  const named = groups.flatMap((group) =>
    typeof group === "string" && Object.hasOwn(roleOfGroup, group) ? [roleOfGroup[group]] : [],
  );
  return strongest.find((role) => named.includes(role)) ?? defaultRole;
}

const noRole = (provider: ProviderSettings): AppError =>
  new AppError("forbidden", `None of your groups at ${provider.name} has a role here. Ask an administrator.`);

const unreachable = (provider: ProviderSettings, cause: unknown): AppError => {
  for (let at: unknown = cause; at instanceof Error; at = at.cause) if (at instanceof AppError) return at;
  return new AppError(
    "upstream_failed",
    `${provider.name} at ${provider.issuer.host} does not answer as an OIDC provider.`,
    { cause },
  );
};

/** The provider's own code, if it is one of the specification's words: what it writes beside is not shown. */
function reasonOf(query: URLSearchParams): string {
  const error = query.get("error");
  return error !== null && /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : "";
}

/** A path of this server, never another site. */
export const isOwnPath = (path: string): boolean => /^\/(?![/\\])[^\\\s]*$/.test(path) && path.length <= 2_000;

/** Waits for what several wait for, as long as this one wants to. */
function stopping<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** What openid-client asks goes through the guarded transport: no private address but those allowed, bounded in time and size. */
const guardedFetch =
  (transport: Transport) =>
  async (
    url: string,
    {
      method,
      headers,
      body,
      signal,
    }: { method: string; headers: Record<string, string>; body?: unknown; signal?: AbortSignal },
  ): Promise<Response> => {
    const answer = await transport.send(
      {
        method,
        url: new URL(url),
        headers,
        body: body instanceof URLSearchParams ? body.toString() : typeof body === "string" ? body : null,
        timeoutMs: 10_000,
        maxBytes: 1024 * 1024,
      },
      signal ?? AbortSignal.timeout(10_000),
    );
    const { "content-encoding": _unpacked, "content-length": _length, ...kept } = answer.headers;
    const empty = [204, 304].includes(answer.status);
    return new Response(empty ? null : new Uint8Array(answer.body), { status: answer.status, headers: kept });
  };
