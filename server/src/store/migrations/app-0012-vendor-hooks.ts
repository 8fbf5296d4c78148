// Webhooks made at a vendor scope by scope, and when all of an integration was last looked at again.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const vendorHooks: Migration = {
  version: 12,
  name: "vendor hooks",
  async up(db, { text, bigint, integer }) {
    await sql
      .raw(
        `create table integration_hooks (integration ${text} not null, scope ${text} not null, state ${text} not null,
          url ${text} not null, memory ${text} not null, reason ${text}, action ${text},
          credential_version ${integer} not null, checked_at ${bigint} not null, primary key (integration, scope))`,
      )
      .execute(db);
    await sql.raw(`alter table integrations add column full_at ${bigint}`).execute(db);
  },
};
