// Sources, scopes, nodes, edges (a row a claim) and the records of indexed files.
import { sql } from "kysely";
import { edgesByTarget } from "../edges-by-target.ts";
import type { Migration } from "../migrate.ts";

export const firstGraphTables: Migration = {
  version: 1,
  name: "first tables",
  async up(db, ddl) {
    const run = async (statement: string): Promise<void> => void (await sql.raw(statement).execute(db));
    const { text, bigint, integer, real, bytes, idKey, autoKey, clustered } = ddl;
    await run(`create table workspaces (id ${autoKey}, name ${text} not null unique, version ${bigint} not null,
      next_scope ${bigint} not null, removals_from ${bigint} not null)`);
    await run(`create table sources (id ${autoKey}, workspace ${integer} not null, source ${text} not null,
      name ${text} not null, kind ${text} not null, state ${text} not null, detail ${text}, observed_at ${bigint},
      commit_sha ${text}, indexer_version ${integer}, nodes ${bigint} not null, edges ${bigint} not null,
      unique (workspace, source))`);
    await run(`create table scopes (id ${idKey}, workspace ${integer} not null, source ${bigint} not null,
      name ${text} not null, hash ${text} not null, generation ${bigint} not null, observed_at ${bigint} not null,
      claims ${bytes} not null, unique (source, name))`);
    await run(`create table nodes (id ${idKey}, workspace ${integer} not null, version ${bigint} not null,
      type ${integer} not null, scope ${bigint} not null, shared ${integer} not null, key ${text} not null,
      name ${text} not null, props ${text})`);
    // Appended in order while indexing, so it costs little; the in-memory indexes catch up through it.
    await run(`create index nodes_by_version on nodes (version)`);
    await run(`create table node_claims (node ${bigint} not null, scope ${bigint} not null,
      workspace ${integer} not null, type ${integer} not null, name ${text} not null, props ${text},
      primary key (node, scope)) ${clustered}`);
    await run(`create table edges (src ${bigint} not null, type ${integer} not null, dst ${bigint} not null,
      scope ${bigint} not null, workspace ${integer} not null, confidence ${real}, rule ${text}, evidence ${text},
      props ${text}, primary key (src, type, dst, scope)) ${clustered}`);
    await run(edgesByTarget);
    await run(`create table removed_nodes (id ${bigint} not null, workspace ${integer} not null,
      version ${bigint} not null, primary key (workspace, version, id)) ${clustered}`);
    await run(`create table index_files (workspace ${integer} not null, source ${bigint} not null,
      path ${text} not null, blob ${text} not null, size ${bigint} not null, language ${text}, skip_reason ${text},
      skip_detail ${text}, resolution ${bytes}, ir ${bytes}, primary key (source, path))`);
    await run(`create index index_files_skipped on index_files (source, path) where skip_reason is not null`);
  },
};
