// The key that signs access tokens (ES256) and the secret that signs the authorization server's cookies: made once, kept sealed.
import { randomBytes } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { z } from "zod";
import type { Store } from "../store/store.ts";
import type { SealedColumn } from "./rotate-keys.ts";
import type { Sealer } from "./seal.ts";
import { Secret } from "./secret.ts";

export const signingAlgorithm = "ES256";

const purpose = (id: string): string => `signing-key:${id}`;
export const sealedOfSigningKeys: readonly SealedColumn[] = [
  { table: "signing_keys", column: "sealed", id: "id", purpose },
];

export interface SigningKeys {
  /** The private key. */
  key(): Promise<JWK>;
  cookieSecret(): Promise<Secret>;
}

export function createSigningKeys({
  store,
  sealer,
  now,
}: {
  store: Pick<Store, "app">;
  sealer: Sealer;
  now(this: void): Date;
}): SigningKeys {
  const held = new Map<string, Promise<Secret>>();

  async function load(id: string, make: () => Promise<string>): Promise<Secret> {
    const find = () => store.app.selectFrom("signing_keys").select("sealed").where("id", "=", id).executeTakeFirst();
    const found = await find();
    if (found !== undefined) return sealer.open(found.sealed, purpose(id));
    const sealed = sealer.seal(new Secret(await make()), purpose(id));
    await store.app
      .insertInto("signing_keys")
      .values({ id, sealed, created_at: now().getTime() })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
    // Of two processes that start at once, one's is kept.
    const kept = await find();
    return sealer.open(kept?.sealed ?? sealed, purpose(id));
  }

  const once = (id: string, make: () => Promise<string>): Promise<Secret> => {
    const known = held.get(id) ?? load(id, make);
    held.set(id, known);
    known.catch(() => held.delete(id));
    return known;
  };

  return {
    async key() {
      const secret = await once("tokens", async () => {
        const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
        const jwk = await exportJWK(privateKey);
        const kid = (await calculateJwkThumbprint(jwk)).slice(0, 16);
        return JSON.stringify({ ...jwk, kid, alg: signingAlgorithm, use: "sig" });
      });
      return z.looseObject({ kty: z.string() }).parse(JSON.parse(secret.reveal()));
    },
    cookieSecret: () => once("cookies", async () => randomBytes(32).toString("base64url")),
  };
}
