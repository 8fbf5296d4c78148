// The one way into the graph: opens a source, has its batches written, keeps its state and counts, and removes it.
import { AppError } from "@opentrace/contract/errors.ts";
import type { SourceFreshness } from "@opentrace/contract/graph.ts";
import type { IndexBatch, IndexState } from "@opentrace/code/indexing.ts";
import type { Store } from "../store/store.ts";
import { countAll } from "./count-claims.ts";
import { createIndexState } from "./index-state.ts";
import { createNodeIds } from "./node-id.ts";
import { type PreparedScope, prepareScope } from "./prepare-facts.ts";
import { admitWriter, ensureWorkspace, findWorkspace, holdWriter, type Writer } from "./workspaces.ts";
import { type Applied, writeBatch } from "./write-batch.ts";

/** `source` is the key that provenance names: `repo:github.com/acme/shop`, `integration:…`. */
export interface SourceRef {
  workspace: string;
  source: string;
  /** The job that writes. Once a later job about the same resource has begun, all that this one writes is refused: `conflict`. */
  writer?: Writer;
  /** What is written tells of no change: a part is read for the first time, by a newer reader, or is no longer wanted. */
  silent?: boolean;
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
  /** When it had been read whole; null before the first time. */
  observed_at: number | null;
}

/** Claims removed in one transaction of removeSource. */
const claimsAStep = 3_000;
const rowsAtOnce = 1_500;

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
      .select(["sources.id", "sources.workspace", "sources.observed_at"])
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
    const readBefore = ref.silent === true ? null : source.observed_at;
    return await writeBatch(store, { ...ref, id: source.id, readBefore }, { ...batch, scopes });
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
        await writeBatch(
          store,
          { ...ref, id: known.id, readBefore: null },
          {
            scopes: [],
            removedScopes: step.scopes,
            files: [],
            removedFiles: step.files,
          },
        );
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
