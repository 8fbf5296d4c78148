// Access tokens (JWT, RFC 9068) that this server signed: checked against its own key, and against what their holder may do now.
import { importJWK, jwtVerify } from "jose";
import { z } from "zod";
import { Scope, type Permission } from "@opentrace/contract/access.ts";
import type { Actor } from "../verb.ts";
import { permissionsOf, type ApiKeys } from "./api-keys.ts";
import { signingAlgorithm, type SigningKeys } from "./signing-keys.ts";
import { actorOfUser, type Users } from "./users.ts";

/** What a token can be for: the server, or its MCP endpoint alone (as MCP clients ask, RFC 8707). */
export const resourcesOf = (home: string): [api: string, mcp: string] => [home, `${home}/mcp/v1`];
export const issuerOf = (homeUrl: string): string => homeUrl.replace(/\/+$/, "");

const Claims = z.object({
  sub: z.string(),
  client_id: z.string(),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
  scope: z.string().optional(),
});

export interface AccessTokensDeps {
  keys: ApiKeys;
  users: Users;
  signing: SigningKeys;
  homeUrl(this: void): string;
}

export interface AccessTokens {
  /** Null for one that is forged, expired, for somebody else, or whose holder may nothing any more. */
  verify(token: string, workspace: string): Promise<Actor | null>;
}

export const looksLikeToken = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) && text.length < 8_192;

export function createAccessTokens({ keys, users, signing, homeUrl }: AccessTokensDeps): AccessTokens {
  async function claimsOf(token: string): Promise<z.infer<typeof Claims> | null> {
    const { d: _private, ...publicKey } = await signing.key();
    const home = issuerOf(homeUrl());
    try {
      const { payload } = await jwtVerify(token, await importJWK(publicKey, signingAlgorithm), {
        algorithms: [signingAlgorithm],
        issuer: home,
        audience: resourcesOf(home),
        typ: "at+jwt",
        requiredClaims: ["sub", "client_id", "jti", "iat", "exp"],
      });
      return Claims.parse(payload);
    } catch {
      return null;
    }
  }

  return {
    async verify(token, workspace) {
      const claims = await claimsOf(token);
      if (claims === null) return null;
      const credential = { is: "token", id: claims.jti, expiresAt: new Date(claims.exp * 1000) } as const;
      if (claims.sub === claims.client_id) {
        const actor = await keys.actorOf(claims.sub, workspace);
        return actor === null ? null : { ...actor, credential, permissions: within(actor.permissions, claims.scope) };
      }
      const user = await users.find(claims.sub, workspace);
      if (user === null || user.disabled_at !== null || isFromBefore(claims.iat, user.tokens_from)) return null;
      const actor = actorOfUser(user, credential);
      return { ...actor, permissions: within(actor.permissions, claims.scope) };
    },
  };
}

/** `iat` is in whole seconds: one of the very second may be from before, so it opens nothing. */
export const isFromBefore = (iat: number, tokensFrom: number): boolean => iat * 1000 < tokensFrom;

/** A token never does more than its holder may now; with scopes, only what they name. */
function within(held: ReadonlySet<Permission>, scope: string | undefined): ReadonlySet<Permission> {
  const named = (scope ?? "").split(" ").flatMap((one) => {
    const known = Scope.safeParse(one);
    return known.success ? permissionsOf(known.data) : [];
  });
  return named.length === 0 ? held : new Set(named.filter((permission) => held.has(permission)));
}
