// What the authorization server remembers (clients, grants, codes, refresh tokens): sealed, under a hash of its id, which is often the secret.
import { createHash } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Store } from "../store/store.ts";
import type { SealedColumn } from "./rotate-keys.ts";
import type { Sealer } from "./seal.ts";
import { Secret } from "./secret.ts";

const purpose = (id: string): string => `oauth:${id}`;
export const sealedOfOauth: readonly SealedColumn[] = [{ table: "oauth_items", column: "sealed", id: "id", purpose }];

/** Anybody may register a client (MCP clients do by themselves): one that nobody uses goes, and there are only so many. */
const clientLifeMs = 90 * 86_400_000;
const mostClients = 2_000;

export interface OauthItemsDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  now(this: void): Date;
}

export interface OauthItems {
  adapter(model: string): Adapter;
  prune(): Promise<void>;
}

const hashOf = (model: string, id: string): string =>
  `${model}:${createHash("sha256").update(`${model} ${id}`).digest("base64url")}`;

export function createOauthItems({ store, sealer, now }: OauthItemsDeps): OauthItems {
  const table = store.app;

  async function read(column: "id" | "uid", value: string, model: string): Promise<AdapterPayload | undefined> {
    const row = await table
      .selectFrom("oauth_items")
      .selectAll()
      .where(column, "=", value)
      .where("model", "=", model)
      .executeTakeFirst();
    if (row === undefined || (row.expires_at !== null && row.expires_at <= now().getTime())) return undefined;
    // What oidc-provider itself gave to keep.
    const payload = JSON.parse(sealer.open(row.sealed, purpose(row.id)).reveal()) as AdapterPayload;
    return row.used_at === null ? payload : { ...payload, consumed: Math.floor(row.used_at / 1000) };
  }

  async function refuseTooManyClients(): Promise<void> {
    const { count } = await table
      .selectFrom("oauth_items")
      .select((row) => row.fn.countAll<number | string>().as("count"))
      .where("model", "=", "Client")
      .executeTakeFirstOrThrow();
    if (Number(count) >= mostClients)
      throw new AppError("unavailable", `${mostClients} clients are registered already; unused ones go after a while.`);
  }

  return {
    adapter: (model) => ({
      async upsert(plainId, payload, expiresIn) {
        const id = hashOf(model, plainId);
        const lives = model === "Client" ? clientLifeMs : expiresIn === undefined ? Infinity : expiresIn * 1000;
        if (model === "Client") await refuseTooManyClients();
        const values = {
          model,
          sealed: sealer.seal(new Secret(JSON.stringify(payload)), purpose(id)),
          grant_id: payload.grantId === undefined ? null : hashOf("grant", payload.grantId),
          uid: payload.uid === undefined ? null : hashOf("uid", payload.uid),
          expires_at: Number.isFinite(lives) ? now().getTime() + lives : null,
        };
        await table
          .insertInto("oauth_items")
          .values({ id, used_at: null, ...values })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
          .execute();
      },
      async find(plainId) {
        const id = hashOf(model, plainId);
        const found = await read("id", id, model);
        if (model === "Client" && found !== undefined)
          await table
            .updateTable("oauth_items")
            .set({ expires_at: now().getTime() + clientLifeMs })
            .where("id", "=", id)
            .where("expires_at", "<", now().getTime() + clientLifeMs - 86_400_000)
            .execute();
        return found;
      },
      findByUid: (uid) => read("uid", hashOf("uid", uid), model),
      // Only the device flow asks; it is off.
      findByUserCode: async () => undefined,
      async consume(plainId) {
        await table
          .updateTable("oauth_items")
          .set({ used_at: now().getTime() })
          .where("id", "=", hashOf(model, plainId))
          .execute();
      },
      async destroy(plainId) {
        await table.deleteFrom("oauth_items").where("id", "=", hashOf(model, plainId)).execute();
      },
      async revokeByGrantId(grantId) {
        await table.deleteFrom("oauth_items").where("grant_id", "=", hashOf("grant", grantId)).execute();
      },
    }),

    async prune() {
      await table.deleteFrom("oauth_items").where("expires_at", "<", now().getTime()).execute();
    },
  };
}
