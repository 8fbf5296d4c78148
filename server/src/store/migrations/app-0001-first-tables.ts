// Repositories, jobs, API keys, events, audit and settings.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const firstAppTables: Migration = {
  version: 1,
  name: "first tables",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    const { text, bigint, integer, autoKey } = ddl;
    await run(`create table repositories (id ${text} primary key, workspace ${text} not null, key ${text} not null,
      name ${text} not null, source ${text} not null, branch ${text}, default_branch ${text}, token ${text},
      commit_sha ${text}, indexed_at ${bigint}, state ${text} not null, error ${text},
      files ${integer} not null default 0, skipped ${integer} not null default 0, created_at ${bigint} not null,
      unique (workspace, key))`);
    await run(`create table jobs (id ${text} primary key, workspace ${text} not null, kind ${text} not null,
      resource ${text} not null, state ${text} not null, input ${text} not null, progress ${text} not null,
      error ${text}, result ${text}, attempts ${integer} not null default 0, max_attempts ${integer} not null default 5,
      run_after ${bigint} not null, lease_owner ${text}, lease_until ${bigint}, fence ${bigint} not null default 0,
      cancel_requested ${integer} not null default 0, created_at ${bigint} not null, started_at ${bigint},
      finished_at ${bigint})`);
    await run(`create index jobs_due on jobs (state, run_after)`);
    await run(`create index jobs_of_resource on jobs (workspace, resource, created_at)`);
    // One running job for each resource, whatever the number of workers.
    await run(`create unique index jobs_one_running on jobs (workspace, resource) where state = 'running'`);
    await run(`create table api_keys (id ${text} primary key, workspace ${text} not null, name ${text} not null,
      prefix ${text} not null, hash ${text} not null unique, scopes ${text} not null, created_by ${text} not null,
      created_at ${bigint} not null, expires_at ${bigint}, last_used_at ${bigint}, revoked_at ${bigint})`);
    await run(`create table events (id ${autoKey}, workspace ${text} not null, type ${text} not null,
      data ${text} not null, created_at ${bigint} not null)`);
    await run(`create table audit (id ${autoKey}, workspace ${text} not null, at ${bigint} not null,
      actor ${text} not null, verb ${text} not null, target ${text}, outcome ${text} not null, detail ${text})`);
    await run(`create index audit_by_time on audit (workspace, at)`);
    await run(`create table settings (workspace ${text} not null, name ${text} not null, value ${text} not null,
      updated_at ${bigint} not null, primary key (workspace, name))`);
  },
};
