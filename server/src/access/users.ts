// Users of a workspace: made, changed, disabled; there is always an administrator left who can sign in.
import { randomBytes } from "node:crypto";
import { sql, type Transaction } from "kysely";
import { Role, roles } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { User } from "@opentrace/contract/users.ts";
import type { Store } from "../store/store.ts";
import type { AppTables, UsersTable } from "../store/tables.ts";
import type { Actor } from "../verb.ts";

export type UserRow = UsersTable;
type Tx = Transaction<AppTables>;

interface NewUser {
  email: string;
  name: string;
  role: Role;
  /** Hash. */
  password: string | null;
  by: string;
}

interface UserChange {
  name?: string | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

export interface Users {
  /** `onlyFirst`: throws AppError("conflict") when there is a user already. */
  create(user: NewUser, workspace: string, options?: { onlyFirst?: boolean }): Promise<UserRow>;
  list(workspace: string): Promise<UserRow[]>;
  find(id: string, workspace: string): Promise<UserRow | null>;
  findByEmail(email: string, workspace: string): Promise<UserRow | null>;
  any(workspace: string): Promise<boolean>;
  /** Sessions and tokens of a user who may do less now end. Throws AppError("conflict") for the last administrator. */
  change(id: string, change: UserChange, workspace: string): Promise<UserRow>;
  /** Ends all sessions and tokens but `keepSession`. */
  setPassword(id: string, hash: string, workspace: string, keepSession: string | null): Promise<void>;
  /** A better hash of the same password. */
  rehash(id: string, from: string, to: string): Promise<void>;
}

export function createUsers({ store, now }: { store: Pick<Store, "app">; now(this: void): Date }): Users {
  const find = async (db: Store["app"] | Tx, id: string, workspace: string): Promise<UserRow | null> =>
    (await db
      .selectFrom("users")
      .selectAll()
      .where("id", "=", id)
      .where("workspace", "=", workspace)
      .executeTakeFirst()) ?? null;

  /** Changes of who administers happen one after the other, so that two can't each leave it to the other. */
  const alone = <T>(workspace: string, work: (tx: Tx) => Promise<T>): Promise<T> =>
    store.app.transaction().execute(async (tx) => {
      await tx
        .insertInto("settings")
        .values({ workspace, name: "users.lock", value: "", updated_at: 0 })
        .onConflict((conflict) => conflict.columns(["workspace", "name"]).doUpdateSet({ value: "" }))
        .execute();
      return work(tx);
    });

  async function administrators(tx: Tx, workspace: string): Promise<number> {
    const { count } = await tx
      .selectFrom("users")
      .select((row) => row.fn.countAll<number | string>().as("count"))
      .where("workspace", "=", workspace)
      .where("role", "=", "admin")
      .where("disabled_at", "is", null)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  return {
    create: ({ email, name, role, password, by }, workspace, { onlyFirst = false } = {}) =>
      alone(workspace, async (tx) => {
        const at = now().getTime();
        if (
          onlyFirst &&
          (await tx.selectFrom("users").select("id").where("workspace", "=", workspace).executeTakeFirst())
        )
          throw new AppError("conflict", "This server is set up already. Ask an administrator for an invitation.");
        const row: UserRow = {
          id: `usr_${randomBytes(9).toString("base64url")}`,
          workspace,
          email,
          name,
          role,
          password,
          password_at: password === null ? null : at,
          disabled_at: null,
          // Tokens know whole seconds: those of this one are the user's.
          tokens_from: at - (at % 1000),
          last_seen_at: null,
          created_by: by,
          created_at: at,
        };
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto("users")
          .values(row)
          .onConflict((conflict) => conflict.columns(["workspace", "email"]).doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) throw new AppError("conflict", `There is a user ${email} already.`);
        return row;
      }),

    list: (workspace) =>
      store.app
        .selectFrom("users")
        .selectAll()
        .where("workspace", "=", workspace)
        .orderBy("created_at")
        .orderBy("id")
        .limit(5000)
        .execute(),

    find: (id, workspace) => find(store.app, id, workspace),

    findByEmail: async (email, workspace) =>
      (await store.app
        .selectFrom("users")
        .selectAll()
        .where("workspace", "=", workspace)
        .where("email", "=", email)
        .executeTakeFirst()) ?? null,

    any: async (workspace) =>
      (await store.app
        .selectFrom("users")
        .select("id")
        .where("workspace", "=", workspace)
        .limit(1)
        .executeTakeFirst()) !== undefined,

    change: (id, { name, role, disabled }, workspace) =>
      alone(workspace, async (tx) => {
        const before = await find(tx, id, workspace);
        if (before === null) throw new AppError("not_found", `There is no user ${id}.`);
        const at = now().getTime();
        const after: UserRow = {
          ...before,
          name: name ?? before.name,
          role: role ?? before.role,
          disabled_at: disabled === undefined ? before.disabled_at : disabled ? (before.disabled_at ?? at) : null,
        };
        const ends = after.disabled_at !== null && before.disabled_at === null;
        if (ends || after.role !== before.role) after.tokens_from = at;
        await tx
          .updateTable("users")
          .set({ name: after.name, role: after.role, disabled_at: after.disabled_at, tokens_from: after.tokens_from })
          .where("id", "=", id)
          .execute();
        if (ends) await endSessions(tx, id, null, at);
        const wasAdmin = before.role === "admin" && before.disabled_at === null;
        if (wasAdmin && (await administrators(tx, workspace)) === 0)
          throw new AppError(
            "conflict",
            `${before.email} is the last administrator. Make somebody else an administrator first.`,
          );
        return after;
      }),

    setPassword: (id, hash, workspace, keepSession) =>
      store.app.transaction().execute(async (tx) => {
        const at = now().getTime();
        const { numUpdatedRows } = await tx
          .updateTable("users")
          .set({ password: hash, password_at: at, tokens_from: at })
          .where("id", "=", id)
          .where("workspace", "=", workspace)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new AppError("not_found", `There is no user ${id}.`);
        await endSessions(tx, id, keepSession, at);
      }),

    rehash: async (id, from, to) => {
      await store.app
        .updateTable("users")
        .set({ password: to })
        .where("id", "=", id)
        .where("password", "=", from)
        .execute();
    },
  };
}

export async function endSessions(tx: Tx, user: string, keep: string | null, at: number): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ revoked_at: at })
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .where(keep === null ? sql<boolean>`1 = 1` : sql<boolean>`id <> ${keep}`)
    .execute();
}

/** A role that a later version wrote and this one does not know may do nothing. */
const permissionsOfRole = (role: string): Actor["permissions"] => {
  const known = Role.safeParse(role);
  return new Set(known.success ? roles[known.data] : []);
};

/** What a user may do now, for those who act in their name. */
export const actorOfUser = (user: UserRow, credential: NonNullable<Actor["credential"]>): Actor => ({
  kind: "user",
  id: `user:${user.id}`,
  name: user.name,
  permissions: permissionsOfRole(user.role),
  credential,
  user: { id: user.id, email: user.email, role: user.role },
});

export const toUser = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: Role.parse(row.role),
  state: row.disabled_at === null ? "active" : "disabled",
  has_password: row.password !== null,
  last_seen_at: row.last_seen_at === null ? null : new Date(row.last_seen_at).toISOString(),
  created_at: new Date(row.created_at).toISOString(),
  created_by: row.created_by,
});

/** Throws AppError("forbidden") when somebody would hand on more than they have. */
export function refuseMoreThanOwn(by: Actor, role: Role): void {
  const beyond = roles[role].filter((permission) => !by.permissions.has(permission));
  if (beyond.length > 0)
    throw new AppError(
      "forbidden",
      `Nobody can give more than they have; for the role ${role} you lack ${beyond.join(", ")}.`,
    );
}
