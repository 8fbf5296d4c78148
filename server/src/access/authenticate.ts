// From a request to an actor: an API key or an access token in a header, else the session in a cookie, else nobody in particular.
import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Actor } from "../verb.ts";
import { looksLikeToken } from "./access-tokens.ts";
import { anonymousActor, localActor } from "./actors.ts";

/** `session` is the token in the cookie; null where there is none. */
export type Authenticate = (headers: IncomingHttpHeaders, session: string | null) => Promise<Actor>;

/** Each answers null for what is unknown, revoked, expired or of another workspace. */
export interface AuthenticateDeps {
  required: boolean;
  verifyKey(this: void, key: string): Promise<Actor | null>;
  verifyToken(this: void, token: string): Promise<Actor | null>;
  verifySession(this: void, token: string): Promise<Actor | null>;
}

export function createAuthenticate({
  required,
  verifyKey,
  verifyToken,
  verifySession,
}: AuthenticateDeps): Authenticate {
  return async (headers, session) => {
    const key = keyFrom(headers);
    if (key !== null) {
      const isToken = looksLikeToken(key);
      const actor = await (isToken ? verifyToken(key) : verifyKey(key));
      if (actor !== null) return actor;
      if (isToken)
        throw new AppError(
          "unauthenticated",
          "The access token is not valid: expired, revoked, or not for this server. Get a new one at /api/v1/auth/token",
        );
      throw new AppError(
        "unauthenticated",
        "The API key is not valid: unknown, revoked or expired. Make a new one with: opentrace keys create",
      );
    }
    if (!required) return localActor;
    // A session that ended is like none: the sign-in page has to come up.
    return (session === null ? null : await verifySession(session)) ?? anonymousActor;
  };
}

function keyFrom(headers: IncomingHttpHeaders): string | null {
  const own = headers["x-api-key"];
  if (typeof own === "string" && own !== "") return own;
  const [scheme, token] = (headers.authorization ?? "").split(/\s+/, 2);
  return scheme?.toLowerCase() === "bearer" && token !== undefined && token !== "" ? token : null;
}
