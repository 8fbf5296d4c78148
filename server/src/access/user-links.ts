// Links that let somebody in once: the first administrator's set-up, an invitation, a new password. Only a hash of each is kept.
import { createHash, randomBytes } from "node:crypto";
import { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { CreatedUserLink, UserLink } from "@opentrace/contract/users.ts";
import type { Store } from "../store/store.ts";
import type { UserLinksTable } from "../store/tables.ts";

const tokenShape = /^otl_[A-Za-z0-9_-]{43}$/;
const hour = 3_600_000;
const lifeMs = { setup: 24 * hour, invite: 7 * 24 * hour, reset: 24 * hour } as const;

export type UserLinkRow = UserLinksTable;

interface NewLink {
  kind: UserLinkRow["kind"];
  user: string | null;
  email: string | null;
  name: string | null;
  role: Role;
  by: string;
}

export interface UserLinks {
  create(link: NewLink, workspace: string): Promise<CreatedUserLink>;
  /** Invitations that nobody has used yet. */
  open(workspace: string): Promise<UserLink[]>;
  revoke(id: string, workspace: string): Promise<void>;
  /** Throws AppError("not_found") for one that is unknown, used or expired. */
  find(token: string, workspace: string): Promise<UserLinkRow>;
  /** From now on it opens nothing. Throws as `find` does; of two at once, one gets it. */
  use(row: UserLinkRow): Promise<void>;
  /** It was used in vain: nothing came of it. */
  giveBack(row: UserLinkRow): Promise<void>;
}

export interface UserLinksDeps {
  store: Pick<Store, "app">;
  now(this: void): Date;
  homeUrl(this: void): string;
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
const gone = (): AppError =>
  new AppError("not_found", "This link was used already, has expired, or was never valid. Ask for a new one.");

export function createUserLinks({ store, now, homeUrl }: UserLinksDeps): UserLinks {
  const unused = (workspace: string) =>
    store.app
      .selectFrom("user_links")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("used_at", "is", null)
      .where("expires_at", ">", now().getTime());

  return {
    async create({ kind, user, email, name, role, by }, workspace) {
      const at = now().getTime();
      const token = `otl_${randomBytes(32).toString("base64url")}`;
      const row: UserLinkRow = {
        id: `lnk_${randomBytes(9).toString("base64url")}`,
        workspace,
        kind,
        hash: hashOf(token),
        user_id: user,
        email,
        name,
        role,
        created_by: by,
        created_at: at,
        expires_at: at + lifeMs[kind],
        used_at: null,
      };
      await store.app.insertInto("user_links").values(row).execute();
      await store.app
        .deleteFrom("user_links")
        .where("expires_at", "<", at - 30 * 24 * hour)
        .execute();
      // In the fragment: no log, proxy or referrer sees it.
      return { ...toLink(row), url: `${homeUrl().replace(/\/+$/, "")}/join#${token}` };
    },

    async open(workspace) {
      const rows = await unused(workspace).orderBy("created_at", "desc").limit(1000).execute();
      return rows.filter(({ kind }) => kind !== "setup").map(toLink);
    },

    async revoke(id, workspace) {
      const { numUpdatedRows } = await store.app
        .updateTable("user_links")
        .set({ used_at: now().getTime() })
        .where("id", "=", id)
        .where("workspace", "=", workspace)
        .where("used_at", "is", null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new AppError("not_found", `There is no open link ${id}.`);
    },

    async find(token, workspace) {
      if (!tokenShape.test(token)) throw gone();
      const row = await unused(workspace).where("hash", "=", hashOf(token)).executeTakeFirst();
      if (row === undefined) throw gone();
      return row;
    },

    async use(row) {
      const { numUpdatedRows } = await store.app
        .updateTable("user_links")
        .set({ used_at: now().getTime() })
        .where("id", "=", row.id)
        .where("used_at", "is", null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw gone();
    },

    async giveBack(row) {
      await store.app.updateTable("user_links").set({ used_at: null }).where("id", "=", row.id).execute();
    },
  };
}

export const toLink = (row: UserLinkRow): UserLink => ({
  id: row.id,
  kind: row.kind,
  email: row.email,
  name: row.name,
  role: Role.parse(row.role),
  created_by: row.created_by,
  created_at: new Date(row.created_at).toISOString(),
  expires_at: new Date(row.expires_at).toISOString(),
});
