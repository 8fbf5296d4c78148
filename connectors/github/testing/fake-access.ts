// Who may ask the fake what: the App, its installations, tokens of every kind with their permissions, expiry and rate budgets.
import { createHash, createVerify, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { FakeState } from "./fake-state.ts";

export type Level = "read" | "write";
export type Permissions = Record<string, Level>;

export interface FakeApp {
  id: number;
  slug: string;
  name: string;
  owner: string;
  url: string;
  clientId: string;
  clientSecret: string;
  webhookSecret: string;
  publicKey: KeyObject;
  /** PKCS#1, as GitHub hands it out. */
  pem: string;
  permissions: Permissions;
  events: string[];
  hookUrl: string | null;
  callbackUrls: string[];
  setupUrl: string | null;
}

export interface FakeInstallation {
  id: number;
  appId: number;
  account: string;
  permissions: Permissions;
  repositories: "all" | Set<number>;
  suspendedAt: string | null;
  createdAt: string;
}

export interface FakeToken {
  value: string;
  kind: "installation" | "user" | "fine-grained";
  /** Whose rate budget it draws on: all tokens of one installation or user share it. */
  principal: string;
  login: string;
  installationId: number | null;
  permissions: Permissions;
  repositories: "all" | Set<number>;
  expiresAt: number | null;
  revoked: boolean;
}

export interface Budget {
  limit: number;
  used: number;
  resetAt: number;
}

interface Code {
  is: "manifest" | "oauth";
  app: FakeApp;
  login: string;
  redirectUri: string;
  challenge: string | null;
  expiresAt: number;
}

export type Access = ReturnType<typeof createAccess>;

const HOUR = 3_600_000;

export function createAccess(state: FakeState) {
  const apps = new Map<number, FakeApp>();
  const installations = new Map<number, FakeInstallation>();
  const tokens = new Map<string, FakeToken>();
  const refreshTokens = new Map<
    string,
    { login: string; app: FakeApp; access: FakeToken; used: boolean; expiresAt: number }
  >();
  const codes = new Map<string, Code>();
  const budgets = new Map<string, Budget>();
  const settings = {
    hourlyLimit: 5_000,
    installationTokenLife: HOUR,
    userTokenLife: 8 * HOUR,
    /** Repositories that no list shows, though they can be read: public ones of somebody else. */
    unlisted: new Set<number>(),
    /** Awaited when tokens were given for a code or a refresh token, before they are sent. */
    beforeTokens: (): Promise<void> => Promise.resolve(),
  };

  const now = (): number => state.now().getTime();

  function registerApp(options: Partial<FakeApp> & { owner: string }): FakeApp {
    const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const id = state.id();
    const app: FakeApp = {
      id,
      slug: `opentrace-${String(id)}`,
      name: "OpenTrace",
      url: "https://opentrace.example.com",
      clientId: `Iv23${randomBytes(8).toString("hex")}`,
      clientSecret: randomBytes(20).toString("hex"),
      webhookSecret: randomBytes(20).toString("hex"),
      publicKey: keys.publicKey,
      pem: keys.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      permissions: {
        metadata: "read",
        contents: "read",
        issues: "read",
        pull_requests: "read",
        deployments: "read",
        actions: "read",
        checks: "read",
        members: "read",
      },
      events: ["push", "issues", "pull_request"],
      hookUrl: null,
      callbackUrls: [],
      setupUrl: null,
      ...options,
    };
    apps.set(id, app);
    return app;
  }

  function install(
    app: FakeApp,
    account: string,
    repositories: FakeInstallation["repositories"] = "all",
  ): FakeInstallation {
    state.account(account, "Organization");
    const at = `${state.now().toISOString().slice(0, 19)}Z`;
    const installation: FakeInstallation = {
      id: state.id(),
      appId: app.id,
      account,
      permissions: { ...app.permissions },
      repositories,
      suspendedAt: null,
      createdAt: at,
    };
    installations.set(installation.id, installation);
    return installation;
  }

  function keep(token: FakeToken): FakeToken {
    tokens.set(token.value, token);
    return token;
  }

  /** Long, with dots and underscores, as they have been since 2025: nobody may assume a length. */
  function mintInstallationToken(installation: FakeInstallation): FakeToken {
    const body = randomBytes(360).toString("base64url");
    return keep({
      value: `ghs_${String(installation.appId)}_${body.slice(0, 40)}.${body.slice(40, 380)}.${body.slice(380)}`,
      kind: "installation",
      principal: `installation ${String(installation.id)}`,
      login: installation.account,
      installationId: installation.id,
      permissions: installation.permissions,
      repositories: installation.repositories,
      expiresAt: now() + settings.installationTokenLife,
      revoked: false,
    });
  }

  function mintFineGrainedToken(
    login: string,
    permissions: Permissions,
    repositories: FakeToken["repositories"] = "all",
  ): FakeToken {
    state.account(login);
    return keep({
      value: `github_pat_${randomBytes(40).toString("base64url").replaceAll("-", "_")}`,
      kind: "fine-grained",
      principal: `user ${login}`,
      login,
      installationId: null,
      permissions: { metadata: "read", ...permissions },
      repositories,
      expiresAt: null,
      revoked: false,
    });
  }

  function mintUserToken(login: string, app: FakeApp) {
    const access = keep({
      value: `ghu_${randomBytes(27).toString("base64url")}`,
      kind: "user",
      principal: `user ${login}`,
      login,
      installationId: null,
      permissions: app.permissions,
      repositories: "all",
      expiresAt: now() + settings.userTokenLife,
      revoked: false,
    });
    const refresh = `ghr_${randomBytes(57).toString("base64url")}`;
    refreshTokens.set(refresh, { login, app, access, used: false, expiresAt: now() + 183 * 24 * HOUR });
    return {
      access_token: access.value,
      token_type: "bearer",
      scope: "",
      expires_in: settings.userTokenLife / 1000,
      refresh_token: refresh,
      refresh_token_expires_in: 183 * 24 * 3600,
    };
  }

  function issueCode(code: Omit<Code, "expiresAt">): string {
    const value = randomBytes(10).toString("hex");
    const life = code.is === "manifest" ? HOUR : 600_000;
    codes.set(value, { ...code, expiresAt: now() + life });
    return value;
  }

  function takeCode(value: string, is: Code["is"]): Code | undefined {
    const code = codes.get(value);
    if (!code || code.is !== is || code.expiresAt < now()) return undefined;
    codes.delete(value);
    return code;
  }

  /** `POST /login/oauth/access_token`: errors come with status 200. */
  function exchange(form: URLSearchParams): Record<string, unknown> {
    const app = [...apps.values()].find((one) => one.clientId === form.get("client_id"));
    if (app?.clientSecret !== form.get("client_secret"))
      return {
        error: "incorrect_client_credentials",
        error_description: "The client_id and/or client_secret passed are incorrect.",
      };
    if (form.get("grant_type") === "refresh_token") return refresh(form.get("refresh_token") ?? "");
    const code = takeCode(form.get("code") ?? "", "oauth");
    const bad = { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." };
    if (code?.app !== app) return bad;
    if (code.redirectUri !== (form.get("redirect_uri") ?? code.redirectUri))
      return {
        error: "redirect_uri_mismatch",
        error_description: "The redirect_uri MUST match the registered callback URL.",
      };
    const verifier = form.get("code_verifier") ?? "";
    if (code.challenge !== null && createHash("sha256").update(verifier).digest("base64url") !== code.challenge)
      return bad;
    return mintUserToken(code.login, app);
  }

  function refresh(value: string): Record<string, unknown> {
    const found = refreshTokens.get(value);
    if (!found || found.used || found.expiresAt < now())
      return { error: "bad_refresh_token", error_description: "The refresh token passed is incorrect or expired." };
    found.used = true;
    found.access.revoked = true;
    return mintUserToken(found.login, found.app);
  }

  /** The App that a JWT was signed by, or why GitHub refuses it. */
  function appOfJwt(jwt: string): { app: FakeApp } | { refused: string } {
    const [header = "", payload = "", signature = ""] = jwt.split(".");
    const read = (part: string): Record<string, unknown> => {
      try {
        return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
      } catch {
        return {};
      }
    };
    const claims = read(payload);
    if (read(header)["alg"] !== "RS256") return { refused: "A JSON web token could not be decoded" };
    const app = [...apps.values()].find(
      (one) => String(one.id) === String(claims["iss"]) || one.clientId === claims["iss"],
    );
    if (!app) return { refused: "Integration not found" };
    const genuine = createVerify("RSA-SHA256")
      .update(`${header}.${payload}`)
      .verify(app.publicKey, Buffer.from(signature, "base64url"));
    if (!genuine) return { refused: "A JSON web token could not be decoded" };
    const seconds = now() / 1000;
    const { iat, exp } = claims;
    if (typeof iat !== "number" || iat > seconds + 1)
      return {
        refused: "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      };
    if (typeof exp !== "number" || exp < seconds)
      return {
        refused:
          "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      };
    if (exp > seconds + 600) return { refused: "'Expiration time' claim ('exp') is too far in the future" };
    return { app };
  }

  function budgetOf(principal: string): Budget {
    let budget = budgets.get(principal);
    if (!budget || budget.resetAt <= now()) {
      budget = { limit: settings.hourlyLimit, used: 0, resetAt: Math.ceil((now() + HOUR) / 1000) * 1000 };
      budgets.set(principal, budget);
    }
    return budget;
  }

  function usable(token: FakeToken): boolean {
    return !token.revoked && (token.expiresAt === null || token.expiresAt > now());
  }

  /** What a token sees: its own repositories; a user's token of an App, those of the App's installations. */
  function sees(token: FakeToken, repositoryId: number): boolean {
    const owner = state.repositories.get(repositoryId)?.owner;
    if (owner === undefined) return false;
    if (token.kind === "installation") {
      return owner === token.login && (token.repositories === "all" || token.repositories.has(repositoryId));
    }
    return token.repositories === "all" || token.repositories.has(repositoryId);
  }

  return {
    apps,
    installations,
    tokens,
    settings,
    registerApp,
    install,
    mintInstallationToken,
    mintFineGrainedToken,
    mintUserToken,
    issueCode,
    takeCode,
    exchange,
    appOfJwt,
    budgetOf,
    usable,
    sees,
    revoke: (value: string): void => {
      const token = tokens.get(value);
      if (token) token.revoked = true;
    },
  };
}
