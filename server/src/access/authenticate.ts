// From request headers to an actor. Today: API keys, or nobody to ask on a server of one's own. Users and OAuth plug in here.
import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Actor } from "../verb.ts";
import { anonymousActor, localActor } from "./actors.ts";

export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Actor>;

/** `verifyKey` answers null for a key that is unknown, revoked, expired or of another workspace. */
export interface AuthenticateDeps {
  required: boolean;
  verifyKey(this: void, key: string): Promise<Actor | null>;
}

export function createAuthenticate({ required, verifyKey }: AuthenticateDeps): Authenticate {
  return async (headers) => {
    const key = keyFrom(headers);
    if (key === null) return required ? anonymousActor : localActor;
    const actor = await verifyKey(key);
    if (actor !== null) return actor;
    throw new AppError(
      "unauthenticated",
      "The API key is not valid: unknown, revoked or expired. Make a new one with: opentrace keys create",
    );
  };
}

function keyFrom(headers: IncomingHttpHeaders): string | null {
  const own = headers["x-api-key"];
  if (typeof own === "string" && own !== "") return own;
  const [scheme, token] = (headers.authorization ?? "").split(/\s+/, 2);
  return scheme?.toLowerCase() === "bearer" && token !== undefined && token !== "" ? token : null;
}
