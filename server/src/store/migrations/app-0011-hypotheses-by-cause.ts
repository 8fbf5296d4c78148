// Hypotheses by what they name as the cause, for "which incidents did this cause".
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const hypothesesByCause: Migration = {
  version: 11,
  name: "hypotheses by cause",
  async up(db) {
    await sql`create index hypotheses_by_cause on hypotheses (workspace, status, cause_key)`.execute(db);
  },
};
