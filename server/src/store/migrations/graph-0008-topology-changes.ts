// The change log of what runs, who owns what and what depends on what; it is bounded, and `topology_from` says what it lacks.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const topologyChanges: Migration = {
  version: 8,
  name: "topology changes",
  async up(db, { text, bigint, integer, clustered }) {
    await sql
      .raw(
        `create table topology_changes (workspace ${integer} not null, version ${bigint} not null, place ${integer} not null,
          since ${bigint} not null, at ${bigint} not null, source ${text} not null, scope ${text} not null, change ${text} not null,
          node ${bigint} not null, edge ${integer}, other ${bigint}, fact ${text} not null,
          primary key (workspace, version, place)) ${clustered}`,
      )
      .execute(db);
    await sql.raw(`alter table workspaces add column topology_from ${bigint}`).execute(db);
  },
};
