// Which job may write what it is about: a worker that lost its job finds a higher fence here and commits nothing.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const writersTable: Migration = {
  version: 3,
  name: "writers",
  async up(db, { text, bigint, integer, clustered }) {
    await sql
      .raw(
        `create table writers (workspace ${integer} not null, resource ${text} not null, fence ${bigint} not null,
          primary key (workspace, resource)) ${clustered}`,
      )
      .execute(db);
  },
};
