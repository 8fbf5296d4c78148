// How a person gets in: with a password, or by a link that makes or mends an account. Every try leaves an audit row.
import type { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { CreatedUserLink, User, UserLink } from "@opentrace/contract/users.ts";
import type { Actor } from "../verb.ts";
import type { AuditEntry } from "./invoke.ts";
import { checkPassword, hashPassword, passwordIsDated, passwordMatches } from "./password.ts";
import type { Secret } from "./secret.ts";
import type { Sessions, Visitor } from "./sessions.ts";
import type { Throttle } from "./throttle.ts";
import { toLink, type UserLinks } from "./user-links.ts";
import { toUser, type UserRow, type Users } from "./users.ts";

export interface AccountDeps {
  users: Users;
  links: UserLinks;
  sessions: Sessions;
  throttle: Throttle;
  audit(this: void, entry: AuditEntry): Promise<void>;
  now(this: void): Date;
  workspace: string;
}

/** Where a try comes from. */
export interface Attempt extends Visitor {
  requestId: string;
  /** The token of the session that this browser has until now. */
  replaces: string | null;
}

export interface SignedIn {
  user: UserRow;
  token: string;
  expiresAt: Date;
}

interface Accepted {
  token: string;
  password: Secret;
  email: string | null;
  name: string | null;
}

export interface Account {
  signIn(email: string, password: Secret, attempt: Attempt): Promise<SignedIn>;
  /** Ends in a session for somebody who showed who they are elsewhere. */
  signInAs(user: UserRow, via: string, attempt: Attempt): Promise<SignedIn>;
  lookAtLink(token: string, attempt: Attempt): Promise<UserLink>;
  acceptLink(accepted: Accepted, attempt: Attempt): Promise<SignedIn>;
  /** A link for the first administrator; null when there is a user. */
  setUpLink(): Promise<CreatedUserLink | null>;
  /** By whoever has the server's machine. Throws AppError("conflict") when there is such a user. */
  createUser(user: { email: string; name: string; role: Role; password: Secret }): Promise<User>;
  /** By whoever has the server's machine: also makes a disabled account work again. */
  resetPassword(user: { email: string; password: Secret }): Promise<User>;
  changePassword(actor: Actor, current: Secret, next: Secret): Promise<void>;
  record(what: string, actor: string, outcome: string, attempt: Attempt, target?: string | null): Promise<void>;
}

export function createAccount(deps: AccountDeps): Account {
  const { users, links, sessions, throttle, audit, now, workspace } = deps;

  const record: Account["record"] = (what, actor, outcome, { requestId, address }, target = null) =>
    audit({ at: now(), actor, workspace, verb: what, door: "rest", requestId, outcome, subject: target, address });

  /** Writes how it ended, whatever it is. */
  async function recorded<T>(
    what: string,
    attempt: Attempt,
    target: string | null,
    work: () => Promise<{ result: T; by: UserRow }>,
  ): Promise<T> {
    try {
      const { result, by } = await work();
      await record(what, `user:${by.id}`, "done", attempt, by.id);
      return result;
    } catch (error) {
      await record(what, "anonymous", error instanceof AppError ? error.code : "internal", attempt, target);
      throw error;
    }
  }

  const recordHere = (what: string, target: string): Promise<void> =>
    audit({
      at: now(),
      actor: "local",
      workspace,
      verb: what,
      door: "cli",
      requestId: "",
      outcome: "done",
      subject: target,
    });

  async function begin(user: UserRow, via: string, attempt: Attempt): Promise<SignedIn> {
    const { token, expiresAt } = await sessions.begin(user, via, attempt, attempt.replaces);
    return { user, token, expiresAt };
  }

  return {
    record,

    async signIn(email, password, attempt) {
      const user = await users.findByEmail(email, workspace);
      return recorded("auth.signIn", attempt, user?.id ?? null, async () => {
        const known = user !== null && (await sessions.knows(user.id, attempt.address));
        await throttle.attempt(email, attempt.address, known);
        const matches = await passwordMatches(password, user?.password ?? null);
        // One answer for all: it tells nobody which addresses have an account.
        if (user === null || !matches || user.disabled_at !== null)
          throw new AppError("unauthenticated", "That e-mail address and password don't fit.");
        await throttle.succeeded(email, attempt.address);
        if (user.password !== null && passwordIsDated(user.password))
          await users.rehash(user.id, user.password, await hashPassword(password));
        return { result: await begin(user, "password", attempt), by: user };
      });
    },

    signInAs: (user, via, attempt) =>
      recorded("auth.signIn", attempt, user.id, async () => {
        if (user.disabled_at !== null)
          throw new AppError("forbidden", "This account is disabled. Ask an administrator.");
        return { result: await begin(user, via, attempt), by: user };
      }),

    async lookAtLink(token, attempt) {
      await throttle.attempt("link", attempt.address, true);
      const row = await links.find(token, workspace);
      await throttle.succeeded("link", attempt.address);
      const user = row.user_id === null ? null : await users.find(row.user_id, workspace);
      return { ...toLink(row), email: user?.email ?? row.email, name: user?.name ?? row.name };
    },

    acceptLink: ({ token, password, ...given }, attempt) =>
      recorded("auth.acceptLink", attempt, null, async () => {
        await throttle.attempt("link", attempt.address, true);
        const link = await links.find(token, workspace);
        await throttle.succeeded("link", attempt.address);
        const existing = link.user_id === null ? null : await users.find(link.user_id, workspace);
        if (link.kind === "reset" && (existing === null || existing.disabled_at !== null))
          throw new AppError("forbidden", "This account is disabled. Ask an administrator.");
        // An invitation to an address is for that address.
        const email = existing?.email ?? link.email ?? given.email;
        const name = existing?.name ?? given.name ?? link.name ?? email?.split("@")[0] ?? "";
        if (email === null) throw new AppError("bad_request", "email is missing.");
        checkPassword(password, { email, name });
        const hash = await hashPassword(password);
        await links.use(link);
        try {
          if (existing !== null) await users.setPassword(existing.id, hash, workspace, null);
          const user =
            existing ??
            (await users.create(
              { email, name, role: link.role as Role, password: hash, by: link.created_by },
              workspace,
              { onlyFirst: link.kind === "setup" },
            ));
          return { result: await begin(user, "link", attempt), by: user };
        } catch (error) {
          await links.giveBack(link);
          throw error;
        }
      }),

    async setUpLink() {
      if (await users.any(workspace)) return null;
      return links.create(
        { kind: "setup", user: null, email: null, name: null, role: "admin", by: "system" },
        workspace,
      );
    },

    async createUser({ email, name, role, password }) {
      checkPassword(password, { email, name });
      const hash = await hashPassword(password);
      const user = await users.create({ email, name, role, password: hash, by: "local" }, workspace);
      await recordHere("users.create", user.id);
      return toUser(user);
    },

    async resetPassword({ email, password }) {
      const user = await users.findByEmail(email, workspace);
      if (user === null) throw new AppError("not_found", `There is no user ${email}.`);
      checkPassword(password, user);
      await users.setPassword(user.id, await hashPassword(password), workspace, null);
      const enabled = await users.change(user.id, { disabled: false }, workspace);
      await recordHere("users.resetPassword", user.id);
      return toUser(enabled);
    },

    async changePassword(actor, current, next) {
      const user = actor.user === undefined ? null : await users.find(actor.user.id, workspace);
      if (user === null || actor.credential?.is !== "session")
        throw new AppError("forbidden", "Only a person who is signed in can change their password.");
      // Whoever found an open browser must not guess on.
      const place = `session ${actor.credential.id}`;
      await throttle.attempt(user.email, place, true);
      if (!(await passwordMatches(current, user.password)))
        throw new AppError("forbidden", "The current password is not right.", {
          details: { errors: [{ field: "current_password", message: "The current password is not right." }] },
        });
      checkPassword(next, user);
      await users.setPassword(user.id, await hashPassword(next), workspace, actor.credential.id);
      await throttle.succeeded(user.email, place);
    },
  };
}
