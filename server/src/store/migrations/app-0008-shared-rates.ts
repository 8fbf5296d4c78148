// What API keys and people have taken of their rate in the running minute, for servers that share a PostgreSQL.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const sharedRateTables: Migration = {
  version: 8,
  name: "shared rates",
  async up(db, { text, bigint, integer }) {
    await sql
      .raw(
        `create table rate_windows (subject ${text} primary key, starts_at ${bigint} not null, taken ${integer} not null)`,
      )
      .execute(db);
  },
};
