// What requests of an integration carry: minted or refreshed once however many ask, stored before it is used, and renewed after a refusal.
import { setTimeout as sleep } from "node:timers/promises";
import type { Authorization, AuthDefinition, CredentialAuth, OAuthAuth } from "@opentrace/connectors/connector.ts";
import type { Authorizer, Http } from "@opentrace/connectors/http.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { z } from "zod";
import type { Log } from "../verb.ts";
import type { IntegrationRow, Integrations, StoredCredential } from "./integrations.ts";

export interface AuthorizerDeps {
  integrations: Integrations;
  /** The row as it is now; another process may have changed it. */
  reread(this: void): Promise<IntegrationRow>;
  method: AuthDefinition<Record<string, unknown>>;
  config: Record<string, unknown>;
  /** Without a credential. */
  http(this: void, signal: AbortSignal): Http;
  log: Log;
  now(this: void): Date;
}

const renewBeforeMs = 60_000;
const renewalMs = 30_000;

const TokenReply = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish(),
});
const TokenRefusal = z.object({ error: z.string(), error_description: z.string().nullish() });

export function createAuthorizer(deps: AuthorizerDeps): Authorizer {
  const { now, method } = deps;
  let held: Authorization | null = null;
  let refusedToken: string | null = null;
  let renewing: Promise<Authorization> | null = null;

  const isFresh = (authorization: Authorization): boolean =>
    authorization.expiresAt === null || authorization.expiresAt.getTime() - now().getTime() > renewBeforeMs;

  // Its own time limit, not that of whoever asked first: others wait for the same.
  async function renew(): Promise<Authorization> {
    const signal = AbortSignal.timeout(renewalMs);
    return method.kind === "oauth2"
      ? await oauthAuthorization(deps, method, refusedToken, signal)
      : await mint(deps, method, signal);
  }

  return {
    async current(signal) {
      signal.throwIfAborted();
      if (held !== null && isFresh(held)) return held;
      renewing ??= renew().finally(() => (renewing = null));
      held = await raced(renewing, signal);
      return held;
    },
    refused(authorization) {
      refusedToken = authorization.values["token"] ?? null;
      if (held === authorization) held = null;
    },
  };
}

async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

function stored(deps: AuthorizerDeps, row: IntegrationRow): StoredCredential {
  const credential = deps.integrations.credential(row);
  if (credential !== null) return credential;
  throw new AppError("upstream_auth", `${row.name} is not connected yet. Finish connecting it on its page.`, {
    details: { reason: "credential" },
  });
}

async function mint(
  deps: AuthorizerDeps,
  method: CredentialAuth<Record<string, unknown>, z.ZodObject>,
  signal: AbortSignal,
): Promise<Authorization> {
  const row = await deps.reread();
  const credential = method.credential.parse(stored(deps, row).values);
  return await method.authorize({
    config: deps.config,
    credential,
    http: deps.http(signal),
    now: deps.now,
    signal,
  });
}

const bearer = (token: string, expiresAt: string | null): Authorization => ({
  headers: { authorization: `Bearer ${token}` },
  values: { token },
  expiresAt: expiresAt === null ? null : new Date(expiresAt),
});

async function oauthAuthorization(
  deps: AuthorizerDeps,
  method: OAuthAuth<Record<string, unknown>>,
  refusedToken: string | null,
  signal: AbortSignal,
): Promise<Authorization> {
  const { integrations, now, log } = deps;
  for (;;) {
    const row = await deps.reread();
    const credential = stored(deps, row);
    const { oauth } = credential;
    if (oauth === null)
      throw new AppError("upstream_auth", `${row.name} is not signed in yet. Connect it on its page.`, {
        details: { reason: "credential" },
      });
    const { accessToken, refreshToken, expiresAt } = oauth;
    const leftMs = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - now().getTime();
    if (accessToken !== refusedToken && leftMs > renewBeforeMs) return bearer(accessToken, expiresAt);
    if (refreshToken === null) {
      // Nothing to renew it with: use it to its end, and let the vendor's refusal speak.
      return bearer(accessToken, null);
    }
    // One process at a time: many vendors accept a refresh token once only.
    if (!(await integrations.takeRefreshLease(row, now().getTime() + renewalMs))) {
      await sleep(200, undefined, { signal });
      continue;
    }
    const reply = await exchange(
      deps,
      method,
      credential,
      {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
      },
      signal,
    );
    if (reply.is === "refused") {
      await integrations.update(row.id, { refresh_until: null });
      // A process may have died between receiving the new tokens and storing them: what is left of the old one is still good.
      if (accessToken !== refusedToken && leftMs > 0) {
        log.warn({ left: Math.round(leftMs / 1000) }, "refresh refused, the access token is used to its end");
        return bearer(accessToken, null);
      }
      throw new AppError(
        "upstream_auth",
        `The sign-in of ${row.name} has ended: ${reply.why}. Connect it again on its page; its data is kept.`,
        { details: { reason: "credential" } },
      );
    }
    // Stored before it is used: some vendors end the old token at the first use of the new one.
    const next: StoredCredential = {
      ...credential,
      oauth: { ...reply.tokens, refreshToken: reply.tokens.refreshToken ?? refreshToken },
    };
    if (await integrations.saveCredential(row, next)) return bearer(reply.tokens.accessToken, reply.tokens.expiresAt);
  }
}

type Exchanged = { is: "tokens"; tokens: NonNullable<StoredCredential["oauth"]> } | { is: "refused"; why: string };

/** Throws AppError when the token endpoint can't be reached; a refusal (RFC 6749 §5.2) is an answer. */
export async function exchange(
  { http, config, now }: Pick<AuthorizerDeps, "http" | "config" | "now">,
  method: OAuthAuth<Record<string, unknown>>,
  credential: StoredCredential,
  grant: Record<string, string>,
  signal: AbortSignal,
): Promise<Exchanged> {
  const clientId = textOf(credential.values["clientId"]);
  const clientSecret = textOf(credential.values["clientSecret"]);
  const basic = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64")}`;
  const reply = await http(signal).request({
    url: method.endpoints(config).token,
    method: "POST",
    form: {
      ...grant,
      ...(method.client === "body" ? { client_id: clientId, client_secret: clientSecret } : {}),
    },
    ...(method.client === "basic" ? { headers: { authorization: basic } } : {}),
    anonymous: true,
    expect: [400, 401, 403],
  });
  // Some vendors say no with 200.
  const refusal = TokenRefusal.safeParse(jsonOrNull(reply.text()));
  if (reply.status !== 200 || refusal.success)
    return {
      is: "refused",
      why: refusal.success ? (refusal.data.error_description ?? refusal.data.error) : `HTTP ${reply.status}`,
    };
  const { access_token, refresh_token, expires_in } = reply.json(TokenReply);
  return {
    is: "tokens",
    tokens: {
      accessToken: access_token,
      refreshToken: refresh_token ?? null,
      expiresAt: expires_in == null ? null : new Date(now().getTime() + expires_in * 1000).toISOString(),
    },
  };
}

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
