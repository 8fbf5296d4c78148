// Who may ask the fake what: tokens of every kind with their scopes, expiry and revocation, OAuth applications, roles, request limits.
import { createHash, randomBytes } from "node:crypto";
import { type FakeGroup, type FakeProject, type FakeState, parentPath } from "./fake-state.ts";

export interface FakeToken {
  id: number;
  value: string;
  kind: "personal" | "project" | "group" | "oauth";
  name: string;
  username: string;
  scopes: string[];
  createdAt: string;
  /** A date for access tokens, a time for OAuth's. */
  expiresAt: number | null;
  revoked: boolean;
  /** What alone it sees: a project's or group's token. */
  within: { project: number } | { group: number } | null;
  refreshToken: string | null;
}

export interface FakeApplication {
  id: string;
  secret: string;
  redirectUris: string[];
  scopes: string[];
}

interface Code {
  application: FakeApplication;
  username: string;
  redirectUri: string;
  scopes: string[];
  challenge: string | null;
  expiresAt: number;
}

export type Access = ReturnType<typeof createAccess>;

export const level = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const;

const TWO_HOURS = 7_200_000;

export function createAccess(state: FakeState) {
  const tokens = new Map<string, FakeToken>();
  const applications = new Map<string, FakeApplication>();
  const codes = new Map<string, Code>();
  const settings = { perMinute: 2_000 };
  const windows = new Map<string, { used: number; endsAt: number }>();
  const now = (): number => state.now().getTime();

  function keep(token: Omit<FakeToken, "id" | "createdAt" | "revoked" | "refreshToken">): FakeToken {
    state.user(token.username);
    const made: FakeToken = {
      ...token,
      id: state.id(),
      createdAt: state.now().toISOString(),
      revoked: false,
      refreshToken: null,
    };
    tokens.set(made.value, made);
    return made;
  }

  /** `expires` is a date, as GitLab keeps it: the token ends when that day begins. */
  function mintToken(
    username: string,
    scopes: string[],
    { expires = null, within = null }: { expires?: string | null; within?: FakeToken["within"] } = {},
  ): FakeToken {
    const kind = within === null ? "personal" : "project" in within ? "project" : "group";
    return keep({
      value: `glpat-${randomBytes(15).toString("base64url")}`,
      kind,
      name: "opentrace",
      username: kind === "personal" ? username : `${kind}_bot_${username}`,
      scopes,
      expiresAt: expires === null ? null : Date.parse(`${expires}T00:00:00Z`),
      within,
    });
  }

  function registerApplication(redirectUri: string, scopes = ["read_api", "read_repository"]): FakeApplication {
    const application: FakeApplication = {
      id: randomBytes(32).toString("hex"),
      secret: `gloas-${randomBytes(32).toString("hex")}`,
      redirectUris: [redirectUri],
      scopes,
    };
    applications.set(application.id, application);
    return application;
  }

  function issueCode(code: Omit<Code, "expiresAt">): string {
    const value = randomBytes(32).toString("hex");
    codes.set(value, { ...code, expiresAt: now() + 600_000 });
    return value;
  }

  function grant(username: string, scopes: string[]) {
    const access = keep({
      value: randomBytes(32).toString("hex"),
      kind: "oauth",
      name: "oauth",
      username,
      scopes,
      expiresAt: now() + TWO_HOURS,
      within: null,
    });
    access.refreshToken = randomBytes(32).toString("hex");
    return {
      access_token: access.value,
      token_type: "Bearer",
      expires_in: TWO_HOURS / 1000,
      refresh_token: access.refreshToken,
      scope: scopes.join(" "),
      created_at: Math.floor(now() / 1000),
    };
  }

  const invalidGrant = {
    status: 400,
    body: {
      error: "invalid_grant",
      error_description:
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
    },
  };

  /** `POST /oauth/token`. docs.gitlab.com/api/oauth2/ */
  function exchange(form: URLSearchParams): { status: number; body: Record<string, unknown> } {
    const application = applications.get(form.get("client_id") ?? "");
    if (application?.secret !== form.get("client_secret"))
      return {
        status: 401,
        body: { error: "invalid_client", error_description: "Client authentication failed due to unknown client." },
      };
    if (form.get("grant_type") === "refresh_token") {
      const before = [...tokens.values()].find((one) => one.refreshToken === form.get("refresh_token"));
      if (!before || before.revoked) return invalidGrant;
      // Both die at once: the next use of either is refused.
      before.revoked = true;
      return { status: 200, body: grant(before.username, before.scopes) };
    }
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const genuine =
      code?.application === application &&
      code.expiresAt >= now() &&
      code.redirectUri === form.get("redirect_uri") &&
      (code.challenge === null || code.challenge === verifier);
    return genuine && code ? { status: 200, body: grant(code.username, code.scopes) } : invalidGrant;
  }

  /** `POST /oauth/revoke` answers 200 whatever was known (RFC 7009). */
  function revokeGrant(form: URLSearchParams): { status: number; body: Record<string, unknown> } {
    const application = applications.get(form.get("client_id") ?? "");
    if (application?.secret !== form.get("client_secret"))
      return {
        status: 403,
        body: { error: "unauthorized_client", error_description: "You are not authorized to revoke this token" },
      };
    const value = form.get("token") ?? "";
    for (const token of tokens.values())
      if (token.value === value || token.refreshToken === value) token.revoked = true;
    return { status: 200, body: {} };
  }

  /** Null = good; else what GitLab says of it. */
  function refusal(token: FakeToken | undefined): Record<string, string> | null {
    if (!token) return { message: "401 Unauthorized" };
    if (token.revoked)
      return {
        error: "invalid_token",
        error_description: "Token was revoked. You have to re-authorize from the user.",
      };
    if (token.expiresAt !== null && token.expiresAt <= now())
      return {
        error: "invalid_token",
        error_description: "Token is expired. You can either do re-authorization or token refresh.",
      };
    return null;
  }

  function isInside(path: string, groupId: number): boolean {
    const group = state.groups.get(groupId);
    return group !== undefined && `${path}/`.startsWith(`${group.path}/`);
  }

  /** What a token's user is in a project: the highest of their own role there and in the groups above; 0 = nothing. */
  function levelIn(token: FakeToken, project: FakeProject): number {
    if (token.within !== null) {
      const inside =
        "project" in token.within ? token.within.project === project.id : isInside(project.path, token.within.group);
      return inside ? level.maintainer : 0;
    }
    let highest = project.members.get(token.username) ?? 0;
    for (let path = parentPath(project.path); path !== ""; path = parentPath(path)) {
      if (path === token.username) highest = Math.max(highest, level.owner);
      highest = Math.max(highest, state.group(path)?.members.get(token.username) ?? 0);
    }
    return highest;
  }

  /** As levelIn, of a group. */
  function levelInGroup(token: FakeToken, group: FakeGroup): number {
    if (token.within !== null)
      return "group" in token.within && isInside(group.path, token.within.group) ? level.maintainer : 0;
    let highest = 0;
    for (let path = group.path; path !== ""; path = parentPath(path))
      highest = Math.max(highest, state.group(path)?.members.get(token.username) ?? 0);
    return highest;
  }

  function inGroup(token: FakeToken, path: string): boolean {
    if (token.within !== null) return "group" in token.within && isInside(path, token.within.group);
    for (let at = path; at !== ""; at = parentPath(at)) if (state.group(at)?.members.has(token.username)) return true;
    return false;
  }

  /** Counts a request; `left` below zero = too many. */
  function count(token: FakeToken): { limit: number; left: number; endsAt: number } {
    let window = windows.get(token.username);
    if (!window || window.endsAt <= now())
      windows.set(token.username, (window = { used: 0, endsAt: Math.floor(now() / 60_000) * 60_000 + 60_000 }));
    window.used++;
    return { limit: settings.perMinute, left: settings.perMinute - window.used, endsAt: window.endsAt };
  }

  return {
    tokens,
    applications,
    settings,
    mintToken,
    registerApplication,
    issueCode,
    grant,
    exchange,
    revokeGrant,
    refusal,
    levelIn,
    levelInGroup,
    inGroup,
    count,
    revoke: (value: string): void => {
      const token = tokens.get(value);
      if (token) token.revoked = true;
    },
  };
}
