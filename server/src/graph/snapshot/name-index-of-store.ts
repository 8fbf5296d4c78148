// Fills a NameIndex from the nodes table and keeps it in step: each search first reads what changed since the version it stands for.
import { sql } from "kysely";
import type { GraphDatabase } from "../../store/store.ts";
import type { Engine } from "../../store/engine.ts";
import { type IndexRow, toEntry } from "./entry.ts";
import { createNameIndex, type NameIndex } from "./name-index.ts";

export interface StoredNameIndex {
  readonly index: NameIndex;
  readonly version: number;
}

export interface GraphReader {
  db: GraphDatabase;
  engine: Engine;
}

/** Small pages: what a page leaves behind is garbage before the collector would take it for lasting. */
const rowsAPage = 500;
const nodeColumns = ["id", "type", "key", "name", "props", "scope", "shared"] as const;

interface Version {
  version: number;
  removals_from: number;
}

async function readVersion(reader: GraphReader, workspace: number): Promise<Version> {
  return await reader.db
    .selectFrom("workspaces")
    .select(["version", "removals_from"])
    .where("id", "=", workspace)
    .executeTakeFirstOrThrow();
}

/** `before` may be null. What is written while it reads is read again by the next call. */
export async function catchUpNames(
  reader: GraphReader,
  workspace: number,
  before: StoredNameIndex | null,
): Promise<StoredNameIndex> {
  const { version, removals_from } = await readVersion(reader, workspace);
  if (before !== null && before.version === version) return before;
  if (before === null || before.index.isWorn || before.version < removals_from) {
    return { index: await buildNames(reader, workspace), version };
  }
  const { index } = before;
  const removed = await reader.db
    .selectFrom("removed_nodes")
    .select("id")
    .where("workspace", "=", workspace)
    .where("version", ">", before.version)
    .execute();
  for (const { id } of removed) index.remove(id);
  const changed = reader.db
    .selectFrom("nodes")
    .select(nodeColumns)
    .where("workspace", "=", workspace)
    .where("version", ">", before.version);
  const sources = await createSourcesOf(reader, workspace);
  for (let after = -1; ;) {
    const rows = await changed.where("id", ">", after).orderBy("id").limit(rowsAPage).execute();
    const ids = rows.map((row) => row.id);
    await addRows(index, rows, sources, await readDegrees(reader, ids));
    if (rows.length < rowsAPage) break;
    after = ids.at(-1)!;
  }
  return { index, version };
}

async function buildNames(reader: GraphReader, workspace: number): Promise<NameIndex> {
  const index = createNameIndex();
  const sources = await createSourcesOf(reader, workspace);
  for (let after = -1; ;) {
    const rows = await reader.db
      .selectFrom("nodes")
      .select(nodeColumns)
      .where("workspace", "=", workspace)
      .where("id", ">", after)
      .orderBy("id")
      .limit(rowsAPage)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) break;
    await addRows(index, rows, sources, await readDegreesBetween(reader, after, last.id));
    if (rows.length < rowsAPage) break;
    after = last.id;
  }
  return index;
}

async function addRows(
  index: NameIndex,
  rows: readonly (IndexRow & { shared: number })[],
  sources: SourcesOf,
  degrees: ReadonlyMap<number, number>,
): Promise<void> {
  const shared = await sources.ofShared(rows.flatMap((row) => (row.shared === 0 ? [] : row.id)));
  for (const row of rows) {
    index.add(toEntry(row), shared.get(row.id) ?? sources.ofScopes.get(row.scope) ?? 0, degrees.get(row.id) ?? 0);
  }
  // A worker answers messages between pages.
  await new Promise(setImmediate);
}

/** Incoming edges of the nodes in (after, to]: one walk along the index of targets. */
async function readDegreesBetween(reader: GraphReader, after: number, to: number): Promise<Map<number, number>> {
  const { rows } = await sql<{ id: number; n: number }>`
    select dst as id, count(*) as n from edges where dst > ${after} and dst <= ${to} group by dst`.execute(reader.db);
  return new Map(rows.map((row) => [row.id, row.n]));
}

async function readDegrees(reader: GraphReader, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await reader.db
    .selectFrom("edges")
    .select((eb) => ["dst as id", eb.fn.countAll<number>().as("n")])
    .where(reader.engine.isAnyOf("dst", "bigint", ids))
    .groupBy("dst")
    .execute();
  return new Map(rows.map((row) => [row.id, row.n]));
}

interface SourcesOf {
  readonly ofScopes: ReadonlyMap<number, number>;
  /** Node → all its sources, for nodes that several scopes claim. */
  ofShared(nodes: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>>;
}

async function createSourcesOf(reader: GraphReader, workspace: number): Promise<SourcesOf> {
  const { db, engine } = reader;
  const known = new Map<number, number>();
  for (let after = -1; ;) {
    const rows = await db
      .selectFrom("scopes")
      .select(["id", "source"])
      .where("workspace", "=", workspace)
      .where("id", ">", after)
      .orderBy("id")
      .limit(rowsAPage)
      .execute();
    for (const row of rows) known.set(row.id, row.source);
    if (rows.length < rowsAPage) break;
    after = rows.at(-1)!.id;
  }
  return {
    ofScopes: known,
    async ofShared(nodes) {
      if (nodes.length === 0) return new Map();
      const rows = await db
        .selectFrom("node_claims")
        .select(["node", "scope"])
        .where(engine.isAnyOf("node", "bigint", nodes))
        .execute();
      const found = new Map<number, number[]>();
      for (const { node, scope } of rows) {
        const source = known.get(scope);
        if (source === undefined) continue;
        const list = found.get(node);
        if (list === undefined) found.set(node, [source]);
        else if (!list.includes(source)) list.push(source);
      }
      return found;
    },
  };
}
