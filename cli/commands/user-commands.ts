// `opentrace users …`: invite, create, list, change, and give a new password, on the server's machine or over the network.
import type { CreatedUserLink, User } from "@opentrace/contract/users.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Client } from "../client.ts";
import { note, print, table } from "../output.ts";
import { connectToAccess, openHere } from "./local-access.ts";
import type { CommonOptions } from "./verb-commands.ts";

export async function userCommand(
  action: string,
  values: Record<string, unknown>,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const passwordFrom = values["passwordEnv"];
  if (typeof passwordFrom === "string") return givePassword(action, passwordFrom, values, options);
  const client = await connectToAccess(options);
  const answer = (data: unknown, text: string): void =>
    print(options.json === true ? JSON.stringify(data ?? {}, null, 2) : text);
  const link = (made: CreatedUserLink, what: string): void => {
    if (options.json !== true) note(`${what} It is shown once and opens once, until ${made.expires_at.slice(0, 16)}:`);
    answer(made, made.url);
  };
  try {
    if (action === "list") {
      const { items } = await client.call<{ items: User[] }>("users.list", {}, signal);
      if (options.json !== true && items.length === 0)
        return note("No users. Invite one with: opentrace users create <email> --role admin");
      const rows = items.map((user) => [user.id, user.email, user.role, user.state, user.last_seen_at ?? "never seen"]);
      return answer({ items }, table(rows));
    }
    if (action === "create") {
      const { email, role, name } = values;
      const made = await client.call<CreatedUserLink>("users.invite", { email, role, name }, signal);
      return link(made, `Give ${String(email)} this link to make the account.`);
    }
    const user = await named(client, String(values["user"]), signal);
    if (action === "reset-password") {
      const made = await client.call<CreatedUserLink>("users.resetPassword", { id: user.id }, signal);
      return link(made, `Give ${user.email} this link to choose a new password.`);
    }
    if (action === "sign-out") {
      await client.call("users.signOut", { id: user.id }, signal);
      return answer(user, `${user.email} has to sign in again everywhere.`);
    }
    const change = action === "role" ? { role: values["role"] } : { disabled: action === "disable" };
    const changed = await client.call<User>("users.change", { id: user.id, ...change }, signal);
    return answer(changed, `${changed.email} is ${changed.state === "disabled" ? "disabled" : changed.role} now.`);
  } finally {
    await client.close();
  }
}

async function named(client: Client, name: string, signal: AbortSignal): Promise<User> {
  const { items } = await client.call<{ items: User[] }>("users.list", {}, signal);
  const found = items.find(({ id, email }) => id === name || email === name.toLowerCase());
  if (found === undefined)
    throw new AppError("not_found", `There is no user ${name}. List them with: opentrace users list`);
  return found;
}

/** A password at once, without a link: for scripts, and for who has lost the way in. */
async function givePassword(
  action: string,
  variable: string,
  values: Record<string, unknown>,
  options: CommonOptions,
): Promise<void> {
  const [{ Secret }, { Email }, { Role }] = await Promise.all([
    import("@opentrace/server/src/access/secret.ts"),
    import("@opentrace/contract/users.ts"),
    import("@opentrace/contract/access.ts"),
  ]);
  const password = process.env[variable];
  if (password === undefined || password === "")
    throw new AppError("bad_request", `The environment variable ${variable} holds no password.`);
  const email = Email.safeParse(values["email"] ?? values["user"]);
  const role = Role.safeParse(values["role"] ?? "viewer");
  if (!email.success) throw new AppError("bad_request", "Name the user by their e-mail address.");
  if (!role.success) throw new AppError("bad_request", "The role should be viewer, responder, ingest or admin.");
  const { access, close } = await openHere(options);
  try {
    const given = { email: email.data, password: new Secret(password) };
    const user =
      action === "create"
        ? await access.account.createUser({
            ...given,
            role: role.data,
            name: typeof values["name"] === "string" ? values["name"] : (email.data.split("@")[0] ?? email.data),
          })
        : await access.account.resetPassword(given);
    print(options.json === true ? JSON.stringify(user, null, 2) : `${user.email} (${user.role}) can sign in.`);
  } finally {
    await close();
  }
}
