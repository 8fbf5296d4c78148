// Sessions of people in a browser: a random token in a cookie, its hash in the store; idle ones end, all end at some time.
import { createHash, randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Session } from "@opentrace/contract/users.ts";
import type { Store } from "../store/store.ts";
import type { SessionsTable } from "../store/tables.ts";
import type { Actor, Log } from "../verb.ts";
import { actorOfUser, endSessions, type UserRow } from "./users.ts";

const tokenShape = /^[A-Za-z0-9_-]{43}$/;
/** "Last seen" is written at most so often. */
const seenEveryMs = 60_000;
/** Ended sessions stay in the table so long. */
const keptMs = 30 * 86_400_000;

export interface SessionsDeps {
  store: Pick<Store, "app">;
  log: Log;
  now(this: void): Date;
  idleMs: number;
  mostMs: number;
}

export interface Visitor {
  address: string;
  client: string | null;
}

export interface Sessions {
  /** `replaces`: the token that the browser had until now, whose session ends. */
  begin(
    user: UserRow,
    via: string,
    visitor: Visitor,
    replaces: string | null,
  ): Promise<{ token: string; expiresAt: Date }>;
  /** Null for a token that is unknown, ended or of a disabled user. */
  verify(token: string, workspace: string, options?: { isUse: boolean }): Promise<Actor | null>;
  list(user: string, current: string | null): Promise<Session[]>;
  /** Throws AppError("not_found"). */
  end(id: string, user: string): Promise<void>;
  endByToken(token: string): Promise<void>;
  /** Of this user, but one; applications that act for them have to be allowed again too. */
  endAll(user: string, but: string | null): Promise<void>;
  /** Whether this user has signed in from this address before. */
  knows(user: string, address: string): Promise<boolean>;
  prune(): Promise<void>;
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

export function createSessions({ store, log, now, idleMs, mostMs }: SessionsDeps): Sessions {
  const written = new Map<string, number>();

  async function seen(session: SessionsTable, at: number): Promise<void> {
    if (at - (written.get(session.id) ?? session.last_seen_at) < seenEveryMs) return;
    if (written.size > 10_000) written.clear();
    written.set(session.id, at);
    try {
      await store.app.updateTable("sessions").set({ last_seen_at: at }).where("id", "=", session.id).execute();
      await store.app.updateTable("users").set({ last_seen_at: at }).where("id", "=", session.user_id).execute();
    } catch (err) {
      log.warn({ err, session: session.id }, "last use of a session not written");
    }
  }

  const open = (at: number) =>
    store.app
      .selectFrom("sessions")
      .where("revoked_at", "is", null)
      .where("expires_at", ">", at)
      .where("last_seen_at", ">", at - idleMs);

  const endWhere = (column: "hash" | "id", value: string) =>
    store.app
      .updateTable("sessions")
      .set({ revoked_at: now().getTime() })
      .where(column, "=", value)
      .where("revoked_at", "is", null);

  return {
    async begin(user, via, { address, client }, replaces) {
      const at = now().getTime();
      const token = randomBytes(32).toString("base64url");
      if (replaces !== null && tokenShape.test(replaces)) await endWhere("hash", hashOf(replaces)).execute();
      await store.app
        .insertInto("sessions")
        .values({
          id: `ses_${randomBytes(9).toString("base64url")}`,
          workspace: user.workspace,
          hash: hashOf(token),
          user_id: user.id,
          via,
          address,
          client: client === null ? null : client.slice(0, 300),
          created_at: at,
          last_seen_at: at,
          expires_at: at + mostMs,
          revoked_at: null,
        })
        .execute();
      await store.app.updateTable("users").set({ last_seen_at: at }).where("id", "=", user.id).execute();
      return { token, expiresAt: new Date(at + mostMs) };
    },

    async verify(token, workspace, { isUse } = { isUse: true }) {
      if (!tokenShape.test(token)) return null;
      const at = now().getTime();
      const session = await open(at).selectAll().where("hash", "=", hashOf(token)).executeTakeFirst();
      if (session === undefined || session.workspace !== workspace) return null;
      const user = await store.app.selectFrom("users").selectAll().where("id", "=", session.user_id).executeTakeFirst();
      if (user === undefined || user.disabled_at !== null) return null;
      if (isUse) await seen(session, at);
      return actorOfUser(user, {
        is: "session",
        id: session.id,
        expiresAt: new Date(Math.min(session.expires_at, at + idleMs)),
      });
    },

    async list(user, current) {
      const rows = await open(now().getTime())
        .selectAll()
        .where("user_id", "=", user)
        .orderBy("last_seen_at", "desc")
        .limit(200)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        current: row.id === current,
        via: row.via,
        address: row.address,
        client: row.client,
        created_at: new Date(row.created_at).toISOString(),
        last_seen_at: new Date(row.last_seen_at).toISOString(),
        expires_at: new Date(row.expires_at).toISOString(),
      }));
    },

    async end(id, user) {
      const { numUpdatedRows } = await endWhere("id", id).where("user_id", "=", user).executeTakeFirst();
      if (numUpdatedRows === 0n) throw new AppError("not_found", `You have no open session ${id}.`);
    },

    async endByToken(token) {
      if (tokenShape.test(token)) await endWhere("hash", hashOf(token)).execute();
    },

    endAll: (user, but) =>
      store.app.transaction().execute(async (tx) => {
        const at = now().getTime();
        await tx.updateTable("users").set({ tokens_from: at }).where("id", "=", user).execute();
        await endSessions(tx, user, but, at);
      }),

    knows: async (user, address) =>
      (await store.app
        .selectFrom("sessions")
        .select("id")
        .where("user_id", "=", user)
        .where("address", "=", address)
        .limit(1)
        .executeTakeFirst()) !== undefined,

    async prune() {
      const before = now().getTime() - keptMs;
      await store.app
        .deleteFrom("sessions")
        .where((row) => row.or([row("expires_at", "<", before), row("revoked_at", "<", before)]))
        .execute();
    },
  };
}
