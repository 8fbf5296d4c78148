// Whether the numbers beside a source are what it claims, each node and edge once: then a small change need not count all of them again.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const exactCounts: Migration = {
  version: 5,
  name: "exact counts",
  async up(db, { integer }) {
    await sql.raw(`alter table sources add column counted ${integer} not null default 0`).execute(db);
  },
};
