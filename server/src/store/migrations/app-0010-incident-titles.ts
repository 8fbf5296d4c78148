// Titles of incidents in a text index of their own, and all text indexes searched from the newest text on.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { searchWords } from "../search-words.ts";

const rowsAtOnce = 1_000;

export const incidentTitles: Migration = {
  version: 10,
  name: "incident titles",
  async up(db, ddl, text) {
    const run = async (statement: string): Promise<void> => void (await sql.raw(statement).execute(db));
    for (const statement of ddl.textIndex("incident_titles")) await run(statement);
    for (const name of ["incident_words", "incident_titles", "runbook_words"])
      for (const statement of ddl.textIndexFromNewest(name)) await run(statement);
    for (let last = 0; ;) {
      const { rows } = await sql<{
        doc: number;
        title: string;
      }>`select t.doc as doc, i.title as title from incident_texts as t
        join incidents as i on i.id = t.incident where t.evidence is null and t.doc > ${last} order by t.doc limit ${rowsAtOnce}`.execute(
        db,
      );
      for (const { doc, title } of rows)
        await text.put(db, "incident_titles", doc, { title: searchWords(title), body: [] });
      last = rows.at(-1)?.doc ?? last;
      if (rows.length < rowsAtOnce) break;
    }
  },
};
