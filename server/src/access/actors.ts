// The actors that exist without a key or an account, and what permissions they hold.
import { permissions, type Permission } from "@opentrace/contract/access.ts";
import type { Actor } from "../verb.ts";

const everything: ReadonlySet<Permission> = new Set(permissions);

/** Whoever uses a server that is bound to their own machine with authentication off. */
export const localActor: Actor = { kind: "local", id: "local", name: "This machine", permissions: everything };
export const anonymousActor: Actor = { kind: "anonymous", id: "anonymous", permissions: new Set() };

/** Everything there is today lives in one workspace; a key belongs to exactly one. */
export const defaultWorkspace = "default";
