// Providers of models that people set up; their keys are sealed.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const readingTables: Migration = {
  version: 7,
  name: "model providers",
  async up(db, { text, bigint, integer }) {
    await sql
      .raw(
        `create table model_providers (id ${text} primary key, workspace ${text} not null, name ${text} not null, kind ${text} not null,
          base_url ${text}, api_key ${text}, vision_model ${text}, text_model ${text}, embedding_model ${text},
          enabled ${integer} not null, created_by ${text} not null, created_at ${bigint} not null, updated_at ${bigint} not null,
          unique (workspace, name))`,
      )
      .execute(db);
  },
};
