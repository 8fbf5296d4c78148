// Who works on a request with an Idempotency-Key, and until when: what a crash cut off can be taken over.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const heldKeys: Migration = {
  version: 14,
  name: "held keys",
  async up(db, { text, bigint }) {
    await sql.raw(`alter table idempotency_keys add column holder ${text}`).execute(db);
    await sql.raw(`alter table idempotency_keys add column held_until ${bigint} not null default 0`).execute(db);
  },
};
