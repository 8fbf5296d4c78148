// Integrations: what is connected, its sealed credential, chosen scopes, runs, log, webhook deliveries, and sign-in flows under way.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const integrationTables: Migration = {
  version: 2,
  name: "integrations",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    const { text, bigint, integer, bytes, autoKey } = ddl;
    await run(`create table integrations (id ${text} primary key, workspace ${text} not null, connector ${text} not null,
      name ${text} not null, account ${text}, auth ${text} not null, config ${text} not null, credential ${text},
      credential_version ${integer} not null default 0, credential_expires_at ${bigint}, refresh_until ${bigint},
      webhook_secret ${text} not null, webhook_registered ${integer} not null default 0, last_delivery_at ${bigint},
      state ${text} not null, reason ${text}, action ${text}, since ${bigint} not null,
      paused ${integer} not null default 0, removing ${integer} not null default 0,
      last_success_at ${bigint}, next_sync_at ${bigint}, budgets ${text} not null, usage ${text} not null,
      created_at ${bigint} not null)`);
    await run(`create index integrations_of_workspace on integrations (workspace, connector)`);
    await run(`create table integration_scopes (integration ${text} not null, scope ${text} not null,
      kind ${text} not null, name ${text} not null, choice ${text} not null, code_branch ${text} not null,
      via ${text}, state ${text} not null, repository_id ${text}, repository_owned ${integer} not null default 0,
      created_at ${bigint} not null, primary key (integration, scope))`);
    await run(`create index integration_scopes_of_repository on integration_scopes (repository_id)`);
    await run(`create table integration_runs (id ${text} primary key, workspace ${text} not null,
      integration ${text} not null, scope ${text}, scope_name ${text}, cause ${text} not null, mode ${text} not null,
      state ${text} not null, items ${bigint} not null default 0, removed ${bigint} not null default 0,
      unchanged ${bigint} not null default 0, requests ${bigint} not null default 0, error ${text},
      started_at ${bigint} not null, finished_at ${bigint})`);
    await run(`create index integration_runs_by_time on integration_runs (integration, started_at)`);
    await run(`create table integration_log (id ${autoKey}, integration ${text} not null, at ${bigint} not null,
      level ${text} not null, message ${text} not null, fields ${text} not null)`);
    await run(`create index integration_log_by_time on integration_log (integration, id)`);
    await run(`create table integration_deliveries (id ${autoKey}, integration ${text} not null,
      delivery_id ${text} not null, event ${text} not null, state ${text} not null, detail ${text},
      headers ${text} not null, body ${bytes}, bytes ${bigint} not null, recovered ${integer} not null,
      received_at ${bigint} not null, processed_at ${bigint}, unique (integration, delivery_id))`);
    await run(`create index integration_deliveries_waiting on integration_deliveries (integration, id)
      where state = 'received'`);
    await run(`create table integration_flows (state ${text} primary key, workspace ${text} not null,
      integration ${text} not null, browser ${text} not null, sealed ${text} not null,
      expires_at ${bigint} not null)`);
  },
};
