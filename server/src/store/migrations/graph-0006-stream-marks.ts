// How a stream stood at the vendor when it was last read: while it stands so, it need not be read.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const streamMarks: Migration = {
  version: 6,
  name: "stream marks",
  async up(db, { text }) {
    await sql.raw(`alter table sync_streams add column mark ${text}`).execute(db);
  },
};
