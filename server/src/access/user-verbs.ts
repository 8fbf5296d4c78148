// The verbs on users and invitations: for administrators.
import { z } from "zod";
import { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { CreatedUserLink, Email, User, UserLink, UserName } from "@opentrace/contract/users.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { Sessions } from "./sessions.ts";
import type { UserLinks } from "./user-links.ts";
import { refuseMoreThanOwn, toUser, type UserRow, type Users } from "./users.ts";

export interface UserVerbsDeps {
  users: Users;
  links: UserLinks;
  sessions: Sessions;
}

const Id = z.string().min(1).max(100);

export function userVerbs({ users, links, sessions }: UserVerbsDeps): Verb[] {
  const existing = async (id: string, workspace: string): Promise<UserRow> => {
    const row = await users.find(id, workspace);
    if (row === null) throw new AppError("not_found", `There is no user ${id}.`);
    return row;
  };
  return [
    defineVerb({
      name: "users.list",
      summary: "List users",
      description: "Everybody with an account here: role, state, when they were last seen.",
      permission: "users:manage",
      input: z.strictObject({}),
      output: z.object({ items: z.array(User) }),
      http: { method: "GET", path: "/users" },
      run: async ({ workspace }) => ({ items: (await users.list(workspace)).map(toUser) }),
    }),
    defineVerb({
      name: "users.get",
      summary: "Get a user",
      description: "One user by id.",
      permission: "users:manage",
      input: z.strictObject({ id: Id }),
      output: User,
      http: { method: "GET", path: "/users/{id}" },
      run: async ({ workspace }, { id }) => toUser(await existing(id, workspace)),
    }),
    defineVerb({
      name: "users.change",
      summary: "Change a user",
      description:
        "Name, role, or whether the account is disabled. A disabled user's sessions and tokens end at once. The last administrator can't be disabled or given another role.",
      permission: "users:manage",
      input: z.strictObject({
        id: Id,
        name: UserName.optional(),
        role: Role.optional(),
        disabled: z.boolean().optional(),
      }),
      output: User,
      http: { method: "PATCH", path: "/users/{id}" },
      writes: true,
      async run({ actor, workspace }, { id, ...change }) {
        if (change.role !== undefined) refuseMoreThanOwn(actor, change.role);
        return toUser(await users.change(id, change, workspace));
      },
    }),
    defineVerb({
      name: "users.signOut",
      summary: "End all sessions of a user",
      description:
        "They have to sign in again everywhere; tokens of applications that act for them open nothing any more.",
      permission: "users:manage",
      input: z.strictObject({ id: Id }),
      output: z.undefined(),
      http: { method: "DELETE", path: "/users/{id}/sessions", status: 204 },
      writes: true,
      async run({ workspace }, { id }) {
        await sessions.endAll((await existing(id, workspace)).id, null);
        return undefined;
      },
    }),
    defineVerb({
      name: "users.resetPassword",
      summary: "Make a link for a new password",
      description:
        "The link is shown this once, opens once, and lets its holder choose a new password for this user within a day.",
      permission: "users:manage",
      input: z.strictObject({ id: Id }),
      output: CreatedUserLink,
      http: { method: "POST", path: "/users/{id}/reset-link", status: 201 },
      writes: true,
      async run({ actor, workspace }, { id }) {
        const user = toUser(await existing(id, workspace));
        refuseMoreThanOwn(actor, user.role);
        if (user.state === "disabled")
          throw new AppError("conflict", `${user.email} is disabled. Enable the account first.`);
        return links.create(
          { kind: "reset", user: user.id, email: user.email, name: user.name, role: user.role, by: actor.id },
          workspace,
        );
      },
    }),
    defineVerb({
      name: "users.invite",
      summary: "Invite somebody",
      description:
        "Makes a link that opens once within a week and lets its holder make an account with this role. The link is shown this once: hand it on yourself.",
      permission: "users:manage",
      input: z.strictObject({ email: Email.optional(), name: UserName.optional(), role: Role.default("viewer") }),
      output: CreatedUserLink,
      http: { method: "POST", path: "/users/invitations", status: 201 },
      writes: true,
      async run({ actor, workspace }, { email = null, name = null, role }) {
        refuseMoreThanOwn(actor, role);
        if (email !== null && (await users.findByEmail(email, workspace)) !== null)
          throw new AppError("conflict", `There is a user ${email} already.`);
        return links.create({ kind: "invite", user: null, email, name, role, by: actor.id }, workspace);
      },
    }),
    defineVerb({
      name: "users.listInvitations",
      summary: "List open invitations",
      description: "Invitations and links for a new password that nobody has used yet. Their secrets are not kept.",
      permission: "users:manage",
      input: z.strictObject({}),
      output: z.object({ items: z.array(UserLink) }),
      http: { method: "GET", path: "/users/invitations" },
      run: async ({ workspace }) => ({ items: await links.open(workspace) }),
    }),
    defineVerb({
      name: "users.revokeInvitation",
      summary: "Revoke an invitation",
      description: "From now on its link opens nothing.",
      permission: "users:manage",
      input: z.strictObject({ id: Id }),
      output: z.undefined(),
      http: { method: "DELETE", path: "/users/invitations/{id}", status: 204 },
      writes: true,
      async run({ workspace }, { id }) {
        await links.revoke(id, workspace);
        return undefined;
      },
    }),
  ];
}
