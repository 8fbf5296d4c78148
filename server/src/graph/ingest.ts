// The one way into the graph: replaces what scopes of a source claim, a batch a transaction, and keeps the file records beside it.
import { AppError } from "@opentrace/contract/errors.ts";
import type { SourceFreshness } from "@opentrace/contract/graph.ts";
import type { FileRecord, IndexBatch, IndexState } from "@opentrace/code/indexing.ts";
import type { SqlValue } from "../store/engine.ts";
import { type Store, untyped } from "../store/store.ts";
import { decodeClaims, encodeClaims } from "./claims.ts";
import { type ClaimCounts, countAll, countClaimed, type EdgeKey } from "./count-claims.ts";
import { createIndexState } from "./index-state.ts";
import { createNodeIds } from "./node-id.ts";
import { edgeIdentity, type PreparedScope, prepareScope } from "./prepare-facts.ts";
import { edgeRows, fileRows, scopeRows } from "./rows.ts";
import { admitWriter, ensureWorkspace, findWorkspace, holdWriter, lockWorkspace, type Writer } from "./workspaces.ts";
import { type NodeClaim, type WriteContext, writeNodes } from "./write-nodes.ts";

/** `source` is the key that provenance names: `repo:github.com/acme/shop`, `integration:…`. */
export interface SourceRef {
  workspace: string;
  source: string;
  /** The job that writes. Once a later job about the same resource has begun, all that this one writes is refused: `conflict`. */
  writer?: Writer;
}

/** Totals of the source after a batch. */
interface Applied {
  version: number;
  nodes: number;
  edges: number;
}

export interface Ingest {
  /** Makes the source known and lets `writer` in; call it before the first batch. Returns what the indexer starts from. */
  openSource(ref: SourceRef & { name: string; kind: "repository" | "integration" }): Promise<IndexState>;
  /** Lets `writer` in and those before it out, for what only removes. */
  admit(ref: SourceRef): Promise<void>;
  /** One transaction. Throws `not_found` when the source is not open, `unprocessable` for a bad fact (named). */
  apply(ref: SourceRef, batch: IndexBatch, signal: AbortSignal): Promise<Applied>;
  /** Content hashes of those of these scopes that are stored: what is unchanged need not be applied. */
  hashesOf(ref: SourceRef, scopes: readonly string[]): Promise<Map<string, string>>;
  /** Counts what the source claims, each node and edge once however many of its scopes do; `apply` keeps count by itself only in small batches. */
  recount(ref: SourceRef): Promise<{ nodes: number; edges: number }>;
  /** Records how far the source is: after a run `{ state: "fresh", observedAt, commit, indexerVersion }`. */
  mark(ref: SourceRef, change: SourceChange): Promise<void>;
  /** Removes all that the source claims, in bounded steps, then the source. Can be called again after a crash. */
  removeSource(ref: SourceRef, signal: AbortSignal, onStep?: (left: number) => void): Promise<void>;
}

interface SourceChange {
  state: SourceFreshness["state"];
  detail?: string | null;
  observedAt?: Date;
  commit?: string | null;
  indexerVersion?: number | null;
}

interface SourceRow {
  id: number;
  workspace: number;
}

/** Claims removed in one transaction of removeSource. */
const claimsAStep = 3_000;
const rowsAtOnce = 1_500;
/** Facts touched by a batch whose effect on the counts is looked up; a batch of a full index touches more. */
const countedAtOnce = 1_500;

export function createIngest({ store }: { store: Store }): Ingest {
  const { graph } = store;
  const idsOf = new Map<string, (key: string) => number>();
  const idOf = (workspace: string): ((key: string) => number) => {
    let ids = idsOf.get(workspace);
    if (ids === undefined) idsOf.set(workspace, (ids = createNodeIds(workspace)));
    return ids;
  };

  const findSource = async (ref: SourceRef): Promise<SourceRow> => {
    const row = await graph
      .selectFrom("sources")
      .innerJoin("workspaces", "workspaces.id", "sources.workspace")
      .select(["sources.id", "sources.workspace"])
      .where("workspaces.name", "=", ref.workspace)
      .where("sources.source", "=", ref.source)
      .executeTakeFirst();
    if (row === undefined) throw new AppError("not_found", `The graph has no source ${ref.source}.`);
    return row;
  };

  const apply: Ingest["apply"] = async (ref, batch, signal) => {
    signal.throwIfAborted();
    const source = await findSource(ref);
    const scopes: PreparedScope[] = [];
    let facts = 0;
    for (const scope of batch.scopes) {
      scopes.push(prepareScope(scope, idOf(ref.workspace)));
      facts += scope.nodes.length + scope.edges.length;
      if (facts > rowsAtOnce * scopes.length) await new Promise(setImmediate);
    }
    signal.throwIfAborted();
    return await writeBatch(store, ref, source, { ...batch, scopes });
  };

  return {
    apply,

    async openSource({ workspace, source, writer, name, kind }) {
      const id = await ensureWorkspace(graph, workspace);
      if (writer !== undefined) await admitWriter(graph, id, writer);
      await graph
        .insertInto("sources")
        .values({ workspace: id, source, name, kind, state: "never", nodes: 0, edges: 0, counted: 1 })
        .onConflict((conflict) => conflict.columns(["workspace", "source"]).doUpdateSet({ name, kind }))
        .execute();
      return await createIndexState(store, await findSource({ workspace, source }));
    },

    async admit(ref) {
      const workspace = await findWorkspace(graph, ref.workspace);
      if (workspace !== null && ref.writer !== undefined) await admitWriter(graph, workspace.id, ref.writer);
    },

    async hashesOf(ref, scopes) {
      const { id } = await findSource(ref);
      const found = new Map<string, string>();
      for (let at = 0; at < scopes.length; at += 1_000) {
        const rows = await graph
          .selectFrom("scopes")
          .select(["name", "hash"])
          .where("source", "=", id)
          .where(store.graphEngine.isAnyOf("name", "text", scopes.slice(at, at + 1_000)))
          .execute();
        for (const { name, hash } of rows) found.set(name, hash);
      }
      return found;
    },

    async recount(ref) {
      const { id } = await findSource(ref);
      const known = await graph
        .selectFrom("sources")
        .select(["nodes", "edges", "counted"])
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      if (known.counted === 1) return { nodes: known.nodes, edges: known.edges };
      const { nodes, edges } = await countAll(graph, id);
      await graph.updateTable("sources").set({ nodes, edges, counted: 1 }).where("id", "=", id).execute();
      return { nodes, edges };
    },

    async mark(ref, change) {
      const { id, workspace } = await findSource(ref);
      await graph.transaction().execute(async (tx) => {
        if (ref.writer !== undefined) await holdWriter(tx, workspace, ref.writer);
        await tx
          .updateTable("sources")
          .set({
            state: change.state,
            ...(change.detail === undefined ? {} : { detail: change.detail }),
            ...(change.observedAt === undefined ? {} : { observed_at: change.observedAt.getTime() }),
            ...(change.commit === undefined ? {} : { commit_sha: change.commit }),
            ...(change.indexerVersion === undefined ? {} : { indexer_version: change.indexerVersion }),
          })
          .where("id", "=", id)
          .execute();
      });
    },

    async removeSource(ref, signal, onStep) {
      const workspace = await findWorkspace(graph, ref.workspace);
      const known = await graph
        .selectFrom("sources")
        .select(["id", "workspace"])
        .where("workspace", "=", workspace?.id ?? -1)
        .where("source", "=", ref.source)
        .executeTakeFirst();
      if (workspace !== null && ref.writer !== undefined) await admitWriter(graph, workspace.id, ref.writer);
      if (known === undefined) return;
      for (;;) {
        signal.throwIfAborted();
        const step = await nextRemoval(store, known.id);
        if (step.scopes.length === 0 && step.files.length === 0) break;
        await writeBatch(store, ref, known, {
          scopes: [],
          removedScopes: step.scopes,
          files: [],
          removedFiles: step.files,
        });
        onStep?.(step.left);
        await new Promise(setImmediate);
      }
      await graph.deleteFrom("sources").where("id", "=", known.id).execute();
    },
  };
}

async function nextRemoval(store: Store, source: number) {
  const candidates = await store.graph
    .selectFrom("scopes")
    .select((eb) => ["name", eb.fn<number>("length", ["claims"]).as("bytes")])
    .where("source", "=", source)
    .orderBy("name")
    .limit(200)
    .execute();
  const scopes: string[] = [];
  let bytes = 0;
  for (const candidate of candidates) {
    // 17 bytes an edge, 8 a node.
    if (scopes.length > 0 && bytes + candidate.bytes > claimsAStep * 17) break;
    bytes += candidate.bytes;
    scopes.push(candidate.name);
  }
  const files = await store.graph
    .selectFrom("index_files")
    .select("path")
    .where("source", "=", source)
    .orderBy("path")
    .limit(500)
    .execute();
  const { left } = await store.graph
    .selectFrom("scopes")
    .select((eb) => eb.fn.countAll<number>().as("left"))
    .where("source", "=", source)
    .executeTakeFirstOrThrow();
  return { scopes, files: files.map((file) => file.path), left: left - scopes.length };
}

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

async function writeBatch(store: Store, ref: SourceRef, source: SourceRow, batch: PreparedBatch): Promise<Applied> {
  const hasFacts = batch.scopes.length > 0 || batch.removedScopes.length > 0;
  return await store.graph.transaction().execute(async (tx) => {
    const locked = await lockWorkspace(tx, ref.workspace, {
      versions: hasFacts ? 1 : 0,
      scopes: batch.scopes.length,
    });
    if (ref.writer !== undefined) await holdWriter(tx, locked.id, ref.writer);
    const context: WriteContext = {
      tx,
      engine: store.graphEngine,
      workspace: locked.id,
      version: locked.version,
    };
    const counts = hasFacts
      ? await writeScopes(context, source.id, batch, locked.firstScope)
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
      throw new AppError("conflict", `The source ${ref.source} was removed while it was being written.`);
    }
    return { version: locked.version, ...totals };
  });
}

/** Returns by how much the source grew: each node and edge counted once when `exact`, else a time for each scope that claims it. */
async function writeScopes(
  context: WriteContext,
  source: number,
  batch: PreparedBatch,
  firstScope: number,
): Promise<ClaimCounts & { exact: boolean }> {
  const { tx, engine, workspace, version } = context;
  const stored = await readScopes(context, source, [
    ...batch.scopes.map((scope) => scope.name),
    ...batch.removedScopes,
  ]);
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
  for (const scope of scopes) {
    for (const { id } of scope.nodes) nodes.add(id);
    for (const edge of scope.edges) edges.set(edgeIdentity(edge), edge);
    if (nodes.size + edges.size > countedAtOnce) return null;
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
