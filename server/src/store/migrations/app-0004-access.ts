// Users, sessions and how one gets in: links, throttling, identity providers, tokens; and what API keys did.
import { sql } from "kysely";
import { z } from "zod";
import type { AnyDatabase } from "../engine.ts";
import type { Migration } from "../migrate.ts";

/** The roles before there were users, in today's words: what such a key could do stays the same. */
const renamed: Record<string, readonly string[]> = {
  reader: ["viewer"],
  editor: ["viewer", "repositories:write", "jobs:write"],
};

export const accessTables: Migration = {
  version: 4,
  name: "users and access",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    const { text, bigint, integer } = ddl;
    await run(`create table users (id ${text} primary key, workspace ${text} not null, email ${text} not null,
      name ${text} not null, role ${text} not null, password ${text}, password_at ${bigint}, disabled_at ${bigint},
      tokens_from ${bigint} not null, last_seen_at ${bigint}, created_by ${text} not null, created_at ${bigint} not null,
      unique (workspace, email))`);
    await run(`create table user_links (id ${text} primary key, workspace ${text} not null, kind ${text} not null,
      hash ${text} not null unique, user_id ${text}, email ${text}, name ${text}, role ${text} not null,
      created_by ${text} not null, created_at ${bigint} not null, expires_at ${bigint} not null, used_at ${bigint})`);
    await run(`create table sessions (id ${text} primary key, workspace ${text} not null, hash ${text} not null unique,
      user_id ${text} not null, via ${text} not null, address ${text}, client ${text}, created_at ${bigint} not null,
      last_seen_at ${bigint} not null, expires_at ${bigint} not null, revoked_at ${bigint})`);
    await run(`create index sessions_of_user on sessions (user_id, created_at)`);
    await run(`create table sign_in_attempts (subject ${text} primary key, failures ${integer} not null,
      last_at ${bigint} not null, blocked_until ${bigint} not null)`);
    await run(`create table identity_providers (id ${text} primary key, workspace ${text} not null, name ${text} not null,
      issuer ${text} not null, client_id ${text} not null, client_secret ${text}, scopes ${text} not null,
      groups_claim ${text} not null, role_of_group ${text} not null, default_role ${text},
      auto_provision ${integer} not null, disabled_at ${bigint}, created_by ${text} not null, created_at ${bigint} not null)`);
    await run(`create table identities (provider ${text} not null, subject ${text} not null, workspace ${text} not null,
      user_id ${text} not null, created_at ${bigint} not null, last_used_at ${bigint} not null,
      primary key (provider, subject))`);
    await run(`create index identities_of_user on identities (user_id)`);
    await run(`create table identity_flows (state ${text} primary key, workspace ${text} not null,
      provider ${text} not null, browser ${text} not null, sealed ${text} not null, expires_at ${bigint} not null,
      used_at ${bigint})`);
    await run(`create table oauth_items (id ${text} primary key, model ${text} not null, sealed ${text} not null,
      grant_id ${text}, uid ${text}, used_at ${bigint}, expires_at ${bigint})`);
    await run(`create index oauth_items_of_grant on oauth_items (grant_id)`);
    await run(`create index oauth_items_by_uid on oauth_items (uid)`);
    await run(
      `create table signing_keys (id ${text} primary key, sealed ${text} not null, created_at ${bigint} not null)`,
    );
    await run(`create table api_key_usage (api_key ${text} not null, day ${integer} not null, verb ${text} not null,
      requests ${integer} not null, errors ${integer} not null, primary key (api_key, day, verb))`);
    await run(`alter table api_keys add column rate_limit ${integer}`);
    await run(`alter table api_keys add column replaced_by ${text}`);
    await run(`create index audit_by_actor on audit (workspace, actor, id)`);
    await run(`create index audit_by_verb on audit (workspace, verb, id)`);
    await renameRoles(db);
  },
};

/** Keys of earlier versions keep what they could do. */
export async function renameRoles(db: AnyDatabase): Promise<void> {
  const { rows } = await sql<{ id: string; scopes: string }>`select id, scopes from api_keys`.execute(db);
  for (const { id, scopes } of rows) {
    const known = z.array(z.string()).safeParse(JSON.parse(scopes));
    if (!known.success) continue;
    const named = known.data.flatMap((scope) => (Object.hasOwn(renamed, scope) ? (renamed[scope] ?? []) : [scope]));
    await sql`update api_keys set scopes = ${JSON.stringify([...new Set(named)])} where id = ${id}`.execute(db);
  }
}
