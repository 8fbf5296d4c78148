// Indexes that lists of incidents begin at when few have an owner, a status, a severity or a time; labels of duplicates on their own.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const incidentLists: Migration = {
  version: 13,
  name: "incident lists",
  async up(db, ddl) {
    const run = async (statement: string): Promise<void> => void (await sql.raw(statement).execute(db));
    await run(`drop index incidents_by_severity`);
    await run(`drop index incidents_by_status`);
    // Each holds what a list filters and sorts by, so that rows are read of a page alone.
    const shown = "merged_into, severity, status, owner, started_at, created_at, updated_at";
    await run(`create index incidents_by_severity on incidents (workspace, severity, seq, ${shown})`);
    await run(`create index incidents_by_status on incidents (workspace, status, seq, ${shown})`);
    await run(`create index incidents_by_owner on incidents (workspace, owner, seq, ${shown})`);
    await run(`create index incidents_by_start on incidents (workspace, started_at, seq, ${shown})`);
    for (const statement of ddl.numberIndex("incidents_by_number", "incidents", `seq, workspace, ${shown}`))
      await run(statement);
    await run(`update incident_labels set kind = 'merged_' || kind
      where incident in (select seq from incidents where merged_into is not null) and kind in ('tag', 'service')`);
  },
};
