// Webhook deliveries are listed newest first and pruned by number; lost ones are asked for from the last look on; sign-ins are used once.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const deliveryTables: Migration = {
  version: 3,
  name: "webhook deliveries",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    await run(`create index integration_deliveries_by_time on integration_deliveries (integration, id)`);
    await run(`alter table integrations add column deliveries_checked_at ${ddl.bigint}`);
    // A sign-in that was used stays known until it expires, to be told from one that never was.
    await run(`alter table integration_flows add column used_at ${ddl.bigint}`);
    await run(`alter table integration_flows add column ended_at ${ddl.bigint}`);
    await run(`alter table integration_flows add column failure ${ddl.text}`);
  },
};
