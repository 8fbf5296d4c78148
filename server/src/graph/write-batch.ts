// Replaces what scopes of a source claim, a batch a transaction, and keeps the file records beside it.
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileRecord } from "@opentrace/code/indexing.ts";
import type { SqlValue } from "../store/engine.ts";
import { type Store, untyped } from "../store/store.ts";
import { decodeClaims, encodeClaims } from "./claims.ts";
import { type ClaimCounts, countClaimed, type EdgeKey } from "./count-claims.ts";
import { edgeIdentity, type PreparedScope } from "./prepare-facts.ts";
import { watchTopology } from "./record-topology.ts";
import { edgeRows, fileRows, scopeRows } from "./rows.ts";
import { holdWriter, lockWorkspace, type Writer } from "./workspaces.ts";
import { type NodeClaim, type WriteContext, writeNodes } from "./write-nodes.ts";

/** Totals of the source after a batch. */
export interface Applied {
  version: number;
  nodes: number;
  edges: number;
}

/** The source that is written: `id` is its row's, `source` its key. */
interface BatchTarget {
  workspace: string;
  source: string;
  id: number;
  writer?: Writer;
  /** When it was read whole before; null = no change of the topology is recorded. */
  readBefore: number | null;
}

const rowsAtOnce = 1_500;
/** Facts touched by a batch whose effect on the counts is looked up; a batch of a full index touches more. */
const countedAtOnce = 1_500;

interface PreparedBatch {
  scopes: PreparedScope[];
  removedScopes: readonly string[];
  files: readonly FileRecord[];
  removedFiles: readonly string[];
}

interface StoredScope {
  id: number;
  name: string;
  claims: Uint8Array;
}

/** Throws `conflict` when the source was removed, or a later job writes it. */
export async function writeBatch(store: Store, source: BatchTarget, batch: PreparedBatch): Promise<Applied> {
  const hasFacts = batch.scopes.length > 0 || batch.removedScopes.length > 0;
  return await store.graph.transaction().execute(async (tx) => {
    const locked = await lockWorkspace(tx, source.workspace, {
      versions: hasFacts ? 1 : 0,
      scopes: batch.scopes.length,
    });
    if (source.writer !== undefined) await holdWriter(tx, locked.id, source.writer);
    const context: WriteContext = {
      tx,
      engine: store.graphEngine,
      workspace: locked.id,
      version: locked.version,
    };
    const counts = hasFacts
      ? await writeScopes(context, source, batch, locked.firstScope)
      : { nodes: 0, edges: 0, exact: true };
    await writeFiles(context, source.id, batch);
    const totals = await tx
      .updateTable("sources")
      .set((eb) => ({
        nodes: eb("nodes", "+", counts.nodes),
        edges: eb("edges", "+", counts.edges),
        ...(counts.exact ? {} : { counted: 0 }),
      }))
      .where("id", "=", source.id)
      .returning(["nodes", "edges"])
      .executeTakeFirst();
    if (totals === undefined) {
      throw new AppError("conflict", `The source ${source.source} was removed while it was being written.`);
    }
    return { version: locked.version, ...totals };
  });
}

/** Returns by how much the source grew: each node and edge counted once when `exact`, else a time for each scope that claims it. */
async function writeScopes(
  context: WriteContext,
  { id: source, source: key, readBefore }: BatchTarget,
  batch: PreparedBatch,
  firstScope: number,
): Promise<ClaimCounts & { exact: boolean }> {
  const { tx, engine, workspace, version } = context;
  const stored = await readScopes(context, source, [
    ...batch.scopes.map((scope) => scope.name),
    ...batch.removedScopes,
  ]);
  const recordTopology =
    readBefore === null ? null : await watchTopology(context, { source: key, since: readBefore }, batch, stored);
  const touched = touchedBy(batch.scopes, stored.values());
  const held = touched === null ? null : await countClaimed(context, source, touched);
  const counts = { nodes: 0, edges: 0 };
  const scopeTable: SqlValue[][] = [];
  const claims: NodeClaim[] = [];
  const removedNodes: [number, number][] = [];
  const freshEdges: SqlValue[][] = [];
  const changedEdges: SqlValue[][] = [];
  const removedEdges: SqlValue[][] = [];
  const removedScopes: number[] = [];

  const takeBack = (scope: StoredScope, keptNodes: ReadonlySet<number>, keptEdges: ReadonlySet<string>): void => {
    const old = decodeClaims(scope.claims);
    for (const node of old.nodes) if (!keptNodes.has(node)) removedNodes.push([node, scope.id]);
    for (let at = 0; at < old.types.length; at++) {
      const edge = { src: old.sources[at]!, type: old.types[at]!, dst: old.targets[at]! };
      if (!keptEdges.has(edgeIdentity(edge))) removedEdges.push([edge.src, edge.type, edge.dst, scope.id]);
    }
    counts.nodes -= old.nodes.length;
    counts.edges -= old.types.length;
  };

  const now = Date.now();
  const done = new Set<string>();
  batch.scopes.forEach((scope, index) => {
    if (done.has(scope.name)) {
      throw new AppError("unprocessable", `The scope "${scope.name}" stands twice in one batch.`);
    }
    done.add(scope.name);
    const before = stored.get(scope.name);
    const id = before?.id ?? firstScope + index;
    const known = new Set<number>(before === undefined ? [] : decodeClaims(before.claims).nodes);
    if (before !== undefined) {
      takeBack(before, new Set(scope.nodes.map((node) => node.id)), new Set(scope.edges.map(edgeIdentity)));
    }
    if (scope.nodes.length === 0 && scope.edges.length === 0) {
      if (before !== undefined) removedScopes.push(id);
      return;
    }
    scopeTable.push([
      id,
      workspace,
      source,
      scope.name,
      scope.hash,
      version,
      now,
      encodeClaims(
        scope.nodes.map((node) => node.id),
        scope.edges,
      ),
    ]);
    for (const node of scope.nodes) claims.push({ ...node, scope: id, known: known.has(node.id) });
    const target = before === undefined ? freshEdges : changedEdges;
    for (const edge of scope.edges) {
      const { src, type, dst, confidence, rule, evidence, props } = edge;
      target.push([src, type, dst, id, workspace, confidence, rule, evidence, props]);
    }
    counts.nodes += scope.nodes.length;
    counts.edges += scope.edges.length;
  });
  for (const name of batch.removedScopes) {
    const before = stored.get(name);
    if (before === undefined || done.has(name)) continue;
    done.add(name);
    takeBack(before, new Set(), new Set());
    removedScopes.push(before.id);
  }

  // Scopes stand before their claims: merging claims reads the scopes' names.
  await engine.insertRows(untyped(tx), scopeRows, scopeTable, "update");
  await writeNodes(context, claims, removedNodes);
  await engine.deleteRows(untyped(tx), edgeRows, removedEdges);
  await insertEdges(context, freshEdges, "ignore");
  await insertEdges(context, changedEdges, "update");
  await engine.deleteRows(
    untyped(tx),
    scopeRows,
    removedScopes.map((id) => [id]),
  );
  await recordTopology?.();
  if (touched === null || held === null) return { ...counts, exact: false };
  const after = await countClaimed(context, source, touched);
  return { nodes: after.nodes - held.nodes, edges: after.edges - held.edges, exact: true };
}

/** What a batch claims and claimed; null when that is more than is worth looking up: a first index counts once, at its end. */
function touchedBy(
  scopes: readonly PreparedScope[],
  stored: Iterable<StoredScope>,
): { nodes: Set<number>; edges: Map<string, EdgeKey> } | null {
  const nodes = new Set<number>();
  const edges = new Map<string, EdgeKey>();
  const stated = scopes.reduce((sum, scope) => sum + scope.nodes.length + scope.edges.length, 0);
  if (stated > countedAtOnce) return null;
  for (const scope of scopes) {
    for (const { id } of scope.nodes) nodes.add(id);
    for (const edge of scope.edges) edges.set(edgeIdentity(edge), edge);
  }
  for (const { claims } of stored) {
    const old = decodeClaims(claims);
    for (const id of old.nodes) nodes.add(id);
    for (let at = 0; at < old.types.length; at++) {
      const edge = { src: old.sources[at]!, type: old.types[at]!, dst: old.targets[at]! };
      edges.set(edgeIdentity(edge), edge);
    }
    if (nodes.size + edges.size > countedAtOnce) return null;
  }
  return { nodes, edges };
}

/** In the order of the table, so that neighbouring rows land on the same page one after the other. */
async function insertEdges(context: WriteContext, rows: SqlValue[][], conflict: "ignore" | "update"): Promise<void> {
  const number = (row: SqlValue[], at: number): number => row[at] as number;
  rows.sort((a, b) => number(a, 0) - number(b, 0) || number(a, 1) - number(b, 1) || number(a, 2) - number(b, 2));
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await context.engine.insertRows(untyped(context.tx), edgeRows, rows.slice(at, at + rowsAtOnce), conflict);
    if (at + rowsAtOnce < rows.length) await new Promise(setImmediate);
  }
}

async function readScopes(context: WriteContext, source: number, names: readonly string[]) {
  const found = new Map<string, StoredScope>();
  for (let at = 0; at < names.length; at += 1_000) {
    const rows = await context.tx
      .selectFrom("scopes")
      .select(["id", "name", "claims"])
      .where("source", "=", source)
      .where(context.engine.isAnyOf("name", "text", names.slice(at, at + 1_000)))
      .execute();
    for (const row of rows) found.set(row.name, row);
  }
  return found;
}

async function writeFiles(context: WriteContext, source: number, batch: PreparedBatch): Promise<void> {
  const { tx, engine, workspace } = context;
  const rows = batch.files.map((file) => [
    workspace,
    source,
    file.path,
    file.blob,
    file.size,
    file.language,
    file.skipped?.reason ?? null,
    file.skipped?.detail ?? null,
    file.ir,
    file.resolution,
  ]);
  await engine.insertRows(untyped(tx), fileRows, rows, "update");
  const kept = new Set(batch.files.map((file) => file.path));
  const removed = batch.removedFiles.filter((path) => !kept.has(path));
  await engine.deleteRows(
    untyped(tx),
    fileRows,
    removed.map((path) => [source, path]),
  );
}
