// Incidents with labels, history, comments and saved views; evidence; blobs in chunks; answers kept for Idempotency-Key; the text index.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const incidentTables: Migration = {
  version: 5,
  name: "incidents",
  async up(db, ddl) {
    const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
    const { text, bigint, integer, bytes, autoKey, clustered } = ddl;
    await run(`create table incidents (seq ${autoKey}, id ${text} not null unique, workspace ${text} not null,
      title ${text} not null, description ${text}, severity ${integer} not null, status ${integer} not null,
      owner ${text}, affected_services ${text} not null, affected_nodes ${text} not null, tags ${text} not null, metadata ${text} not null,
      evidence_count ${integer} not null default 0, merged_into ${text}, version ${integer} not null default 1,
      facts_version ${integer} not null default 0, created_by ${text} not null, created_by_name ${text}, started_at ${bigint} not null,
      created_at ${bigint} not null, updated_at ${bigint} not null, acknowledged_at ${bigint}, resolved_at ${bigint},
      closed_at ${bigint})`);
    // Lists are read from these alone, filters included, until the rows that are shown.
    const filtered = "merged_into, status, severity, owner, started_at";
    await run(`create index incidents_by_creation on incidents (workspace, created_at, seq, ${filtered})`);
    await run(`create index incidents_by_change on incidents (workspace, updated_at, seq, ${filtered})`);
    await run(`create index incidents_by_severity on incidents (workspace, severity, seq, ${filtered})`);
    await run(`create index incidents_by_status on incidents (workspace, status, seq, ${filtered})`);
    await run(`create index incidents_by_survivor on incidents (merged_into) where merged_into is not null`);
    await run(`create index incidents_not_in_graph on incidents (workspace, seq) where facts_version < version`);
    await run(`create table incident_labels (workspace ${text} not null, kind ${text} not null, label ${text} not null,
      incident ${bigint} not null, primary key (workspace, kind, label, incident)) ${clustered}`);
    await run(`create index incident_labels_of on incident_labels (incident)`);
    await run(`create table incident_changes (seq ${autoKey}, workspace ${text} not null, incident ${text} not null,
      at ${bigint} not null, actor ${text} not null, actor_name ${text}, kind ${text} not null, field ${text}, from_value ${text},
      to_value ${text}, subject ${text})`);
    await run(`create index incident_changes_of on incident_changes (incident, seq)`);
    await run(`create table incident_comments (seq ${autoKey}, id ${text} not null unique, workspace ${text} not null,
      incident ${text} not null, author ${text} not null, author_name ${text}, body ${text} not null, created_at ${bigint} not null,
      edited_at ${bigint})`);
    await run(`create index incident_comments_of on incident_comments (incident, seq)`);
    await run(`create table incident_views (id ${text} primary key, workspace ${text} not null, name ${text} not null,
      query ${text} not null, created_by ${text} not null, created_at ${bigint} not null, updated_at ${bigint} not null,
      unique (workspace, name))`);
    await run(`create table evidence (seq ${autoKey}, id ${text} not null unique, workspace ${text} not null,
      incident ${text} not null, moved_from ${text}, evidence_type ${text} not null, title ${text} not null,
      content ${text}, content_bytes ${bigint} not null default 0, content_blob ${text}, source ${text},
      source_url ${text}, services ${text} not null, nodes ${text} not null, starts_at ${bigint}, ends_at ${bigint},
      metadata ${text} not null, analysis ${text}, reading ${text} not null, image_blob ${text}, image ${text},
      version ${integer} not null default 1, created_by ${text} not null, created_by_name ${text},
      created_at ${bigint} not null, updated_at ${bigint} not null)`);
    await run(`create index evidence_of_incident on evidence (incident, seq)`);
    await run(`create index evidence_by_content on evidence (content_blob) where content_blob is not null`);
    await run(`create index evidence_by_image on evidence (image_blob) where image_blob is not null`);
    // sha256 is null while the blob is being written.
    await run(`create table blobs (seq ${autoKey}, sha256 ${text} unique, bytes ${bigint} not null,
      created_at ${bigint} not null)`);
    await run(`create table blob_chunks (blob ${bigint} not null, n ${integer} not null, data ${bytes} not null,
      primary key (blob, n))`);
    await run(`create table idempotency_keys (workspace ${text} not null, actor ${text} not null, key ${text} not null,
      verb ${text} not null, input_hash ${text} not null, answer ${text}, created_at ${bigint} not null,
      primary key (workspace, actor, key))`);
    await run(`create index idempotency_keys_by_time on idempotency_keys (created_at)`);
    await run(`create table incident_texts (doc ${autoKey}, workspace ${text} not null, incident ${text} not null,
      evidence ${text} unique)`);
    await run(`create index incident_texts_of on incident_texts (incident, doc)`);
    for (const statement of ddl.textIndex("incident_words")) await run(statement);
  },
};
