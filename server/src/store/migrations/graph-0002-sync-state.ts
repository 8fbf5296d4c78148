// How far integrations are synced. In the graph's database, so that a cursor is never ahead of the facts it stands for.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const syncStateTables: Migration = {
  version: 2,
  name: "sync state",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    const { text, bigint, integer, clustered } = ddl;
    await run(`create table sync_streams (source ${bigint} not null, workspace ${integer} not null, scope ${text} not null,
      stream ${text} not null, cursor_json ${text} not null, generation ${bigint} not null, pass ${text},
      pass_started_at ${bigint}, completed_at ${bigint}, state ${text} not null, error ${text}, synced_at ${bigint},
      primary key (source, scope, stream)) ${clustered}`);
    await run(`create table sync_items (source ${bigint} not null, workspace ${integer} not null, scope ${text} not null,
      stream ${text} not null, item ${text} not null, generation ${bigint} not null, page ${text},
      primary key (source, scope, stream, item)) ${clustered}`);
    await run(`create index sync_items_of_page on sync_items (source, scope, stream, page)`);
    await run(`create table sync_pages (source ${bigint} not null, workspace ${integer} not null, scope ${text} not null,
      stream ${text} not null, page ${text} not null, etag ${text} not null, next_json ${text} not null,
      primary key (source, scope, stream, page)) ${clustered}`);
  },
};
