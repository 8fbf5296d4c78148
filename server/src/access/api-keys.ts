// API keys: made, checked, listed, revoked. Only a hash of the secret is kept; the secret is shown once.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  roles,
  Scope,
  type ApiKey,
  type CreateApiKey,
  type CreatedApiKey,
  type Permission,
} from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Store } from "../store/store.ts";
import type { ApiKeysTable } from "../store/tables.ts";
import type { Actor, Log } from "../verb.ts";

const keyShape = /^otk_[A-Za-z0-9_-]{43}$/;
const prefixLength = 12;
/** "Last used" is written at most so often for each key: it must not turn every read into a write. */
const lastUsedEveryMs = 60_000;
const dayMs = 86_400_000;

export interface ApiKeysDeps {
  store: Store;
  log: Log;
  now(this: void): Date;
}

export interface ApiKeys {
  create(input: CreateApiKey, by: Actor, workspace: string): Promise<CreatedApiKey>;
  list(workspace: string): Promise<ApiKey[]>;
  /** Throws AppError("not_found"). */
  get(id: string, workspace: string): Promise<ApiKey>;
  revoke(id: string, workspace: string): Promise<ApiKey>;
  /** A new key like the old one, which works for `graceMs` more. Throws AppError("conflict") for one that is replaced or opens nothing. */
  rotate(id: string, graceMs: number, by: Actor, workspace: string): Promise<CreatedApiKey>;
  /** Null for a key that is unknown, revoked, expired or of another workspace. */
  verify(key: string, workspace: string): Promise<Actor | null>;
  /** The actor of a key that works, for those who hold something that was given for it. */
  actorOf(id: string, workspace: string): Promise<Actor | null>;
}

export function createApiKeys({ store, log, now }: ApiKeysDeps): ApiKeys {
  const lastWritten = new Map<string, number>();

  async function touch(row: ApiKeysTable, at: number): Promise<void> {
    if (at - (lastWritten.get(row.id) ?? row.last_used_at ?? 0) < lastUsedEveryMs) return;
    lastWritten.set(row.id, at);
    try {
      await store.app.updateTable("api_keys").set({ last_used_at: at }).where("id", "=", row.id).execute();
    } catch (err) {
      log.warn({ err, apiKeyId: row.id }, "last use of an API key not written");
    }
  }

  async function working(row: ApiKeysTable, workspace: string): Promise<Actor | null> {
    const at = now().getTime();
    if (row.workspace !== workspace || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= at))
      return null;
    await touch(row, at);
    return {
      kind: "key",
      id: `key:${row.id}`,
      name: row.name,
      permissions: new Set(scopesOf(row).flatMap(permissionsOf)),
      credential: { is: "api_key", id: row.id, expiresAt: row.expires_at === null ? null : new Date(row.expires_at) },
      ...(row.rate_limit === null ? {} : { rateLimit: row.rate_limit }),
    };
  }

  interface Wanted {
    workspace: string;
    name: string;
    scopes: readonly Scope[];
    lifeMs: number | null;
    rateLimit: number | null;
  }

  /** Throws AppError("forbidden") when it would do more than its maker may. */
  function newRow(
    { workspace, name, scopes, lifeMs, rateLimit }: Wanted,
    by: Actor,
  ): { row: ApiKeysTable; key: string } {
    const beyond = [...new Set(scopes.flatMap(permissionsOf))].filter((permission) => !by.permissions.has(permission));
    if (beyond.length > 0)
      throw new AppError("forbidden", `A key can't be given more than its maker has; you lack ${beyond.join(", ")}.`);
    const at = now().getTime();
    const key = `otk_${randomBytes(32).toString("base64url")}`;
    return {
      key,
      row: {
        id: `key_${randomBytes(9).toString("base64url")}`,
        workspace,
        name,
        prefix: key.slice(0, prefixLength),
        hash: hashOf(key),
        scopes: JSON.stringify(scopes),
        created_by: by.id,
        created_at: at,
        expires_at: lifeMs === null ? null : at + lifeMs,
        last_used_at: null,
        revoked_at: null,
        rate_limit: rateLimit,
        replaced_by: null,
      },
    };
  }

  async function existing(db: Pick<Store["app"], "selectFrom">, id: string, workspace: string): Promise<ApiKeysTable> {
    const row = await db
      .selectFrom("api_keys")
      .selectAll()
      .where("id", "=", id)
      .where("workspace", "=", workspace)
      .executeTakeFirst();
    if (row === undefined) throw new AppError("not_found", `There is no API key ${id}.`);
    return row;
  }

  return {
    async create({ name, role, scopes: given, expires_days, rate_limit }, by, workspace) {
      const scopes: Scope[] = [...new Set([...(role === undefined ? [] : [role]), ...(given ?? [])])];
      if (scopes.length === 0) scopes.push("viewer");
      const lifeMs = expires_days === undefined ? null : expires_days * dayMs;
      const { row, key } = newRow({ workspace, name, scopes, lifeMs, rateLimit: rate_limit ?? null }, by);
      await store.app.insertInto("api_keys").values(row).execute();
      return { ...toApiKey(row, row.created_at), key };
    },

    async get(id, workspace) {
      return toApiKey(await existing(store.app, id, workspace), now().getTime());
    },

    rotate: (id, graceMs, by, workspace) =>
      store.app.transaction().execute(async (tx) => {
        const old = await existing(tx, id, workspace);
        const lifeMs = old.expires_at === null ? null : old.expires_at - old.created_at;
        const { row, key } = newRow(
          { workspace, name: old.name, scopes: scopesOf(old), lifeMs, rateLimit: old.rate_limit },
          by,
        );
        const ends = row.created_at + graceMs;
        const { numUpdatedRows } = await tx
          .updateTable("api_keys")
          .set({
            replaced_by: row.id,
            ...(graceMs === 0
              ? { revoked_at: row.created_at }
              : { expires_at: old.expires_at === null ? ends : Math.min(old.expires_at, ends) }),
          })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .where("replaced_by", "is", null)
          .where((one) => one.or([one("expires_at", "is", null), one("expires_at", ">", row.created_at)]))
          .executeTakeFirst();
        if (numUpdatedRows === 0n)
          throw new AppError(
            "conflict",
            `The API key ${id} was rotated already or opens nothing any more. Make a new one.`,
          );
        await tx.insertInto("api_keys").values(row).execute();
        return { ...toApiKey(row, row.created_at), key };
      }),

    async list(workspace) {
      const rows = await store.app
        .selectFrom("api_keys")
        .selectAll()
        .where("workspace", "=", workspace)
        .orderBy("created_at", "desc")
        .orderBy("id")
        .limit(1000)
        .execute();
      return rows.map((row) => toApiKey(row, now().getTime()));
    },

    async revoke(id, workspace) {
      const at = now().getTime();
      await store.app
        .updateTable("api_keys")
        .set({ revoked_at: at })
        .where("id", "=", id)
        .where("workspace", "=", workspace)
        .where("revoked_at", "is", null)
        .execute();
      return toApiKey(await existing(store.app, id, workspace), at);
    },

    async verify(key, workspace) {
      if (!keyShape.test(key)) return null;
      const hash = hashOf(key);
      const row = await store.app.selectFrom("api_keys").selectAll().where("hash", "=", hash).executeTakeFirst();
      if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash))) return null;
      return working(row, workspace);
    },

    async actorOf(id, workspace) {
      const row = await store.app.selectFrom("api_keys").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : working(row, workspace);
    },
  };
}

/** The secret has 256 random bits: a plain hash of it can't be searched, and needs no slow hash. */
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

export const permissionsOf = (scope: Scope): readonly Permission[] =>
  Object.hasOwn(roles, scope) ? roles[scope as keyof typeof roles] : [scope as Permission];

/** Scopes that a later version wrote and this one does not know grant nothing. */
function scopesOf(row: ApiKeysTable): Scope[] {
  const stored: unknown = JSON.parse(row.scopes);
  return (Array.isArray(stored) ? stored : []).flatMap((scope: unknown) => {
    const known = Scope.safeParse(scope);
    return known.success ? [known.data] : [];
  });
}

function toApiKey(row: ApiKeysTable, now: number): ApiKey {
  const date = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: scopesOf(row),
    rate_limit: row.rate_limit,
    created_at: new Date(row.created_at).toISOString(),
    created_by: row.created_by,
    expires_at: date(row.expires_at),
    last_used_at: date(row.last_used_at),
    revoked_at: date(row.revoked_at),
    replaced_by: row.replaced_by,
    state:
      row.revoked_at !== null ? "revoked" : row.expires_at !== null && row.expires_at <= now ? "expired" : "active",
  };
}
