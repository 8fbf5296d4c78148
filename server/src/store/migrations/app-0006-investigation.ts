// What an investigation writes: timeline, hypotheses with their verdict, actions, runbooks, postmortems with all their versions.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const investigationTables: Migration = {
  version: 6,
  name: "investigation",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    const { text, bigint, integer, real, bytes, autoKey } = ddl;
    const written = `version ${integer} not null default 1, created_by ${text} not null, created_at ${bigint} not null, updated_at ${bigint} not null`;
    // `fact` is what an automatic entry stands for: building again finds the same row by it.
    await run(`create table timeline_entries (id ${text} primary key, workspace ${text} not null, incident ${text} not null,
      at ${bigint} not null, kind ${text} not null, fact ${text} not null, hash ${text} not null, origin ${text} not null,
      hidden ${integer} not null default 0, title ${text} not null, detail ${text}, source ${text} not null,
      source_url ${text}, actor ${text}, evidence ${text}, node ${text}, relation ${text} not null, ${written},
      unique (incident, fact))`);
    await run(`create index timeline_by_time on timeline_entries (incident, hidden, at, id)`);
    await run(`create table timelines (incident ${text} primary key, workspace ${text} not null, built_at ${bigint} not null,
      graph_version ${bigint} not null, detail ${text})`);
    await run(`create table hypotheses (id ${text} primary key, workspace ${text} not null, incident ${text} not null,
      cause_key ${text} not null, origin ${text} not null, title ${text} not null, description ${text}, status ${text} not null,
      status_reason ${text}, status_by ${text}, status_at ${bigint}, place ${integer}, confidence ${real}, score ${real},
      contributions ${text} not null, supporting ${text} not null, contradicting ${text} not null, path ${text} not null,
      cause ${text}, narration ${text}, ranker ${text}, ${written}, unique (incident, cause_key))`);
    await run(`create table hypothesis_verdicts (incident ${text} primary key, workspace ${text} not null,
      verdict ${text} not null, generated_at ${bigint} not null)`);
    await run(`create table actions (id ${text} primary key, workspace ${text} not null, incident ${text} not null,
      hypothesis ${text}, suggestion ${text} not null, kind ${text} not null, title ${text} not null, detail ${text},
      status ${text} not null, result ${text}, origin ${text} not null, why ${text}, source_url ${text}, assignee ${text},
      started_at ${bigint}, finished_at ${bigint}, ${written}, unique (incident, suggestion))`);
    await run(`create table runbooks (seq ${autoKey}, id ${text} not null unique, workspace ${text} not null, title ${text} not null,
      body ${text} not null, services ${text} not null, tags ${text} not null, origin ${text} not null, source ${text},
      hash ${text} not null, ${written}, unique (workspace, source))`);
    await run(`create index runbooks_by_title on runbooks (workspace, title, id)`);
    for (const statement of ddl.textIndex("runbook_words")) await run(statement);
    await run(`create table runbook_vectors (runbook ${text} not null, model ${text} not null, hash ${text} not null,
      vector ${bytes} not null, primary key (runbook, model))`);
    await run(`create table postmortems (incident ${text} primary key, workspace ${text} not null,
      version ${integer} not null, created_at ${bigint} not null, updated_at ${bigint} not null)`);
    await run(`create table postmortem_versions (incident ${text} not null, version ${integer} not null,
      workspace ${text} not null, origin ${text} not null, title ${text} not null, body ${text} not null,
      unknowns ${text} not null, note ${text}, created_by ${text} not null, created_at ${bigint} not null,
      primary key (incident, version))`);
  },
};
