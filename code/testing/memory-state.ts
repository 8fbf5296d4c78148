// An IndexState in memory that applies batches as a store does: for tests, and for benchmarks of the indexer alone.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { FileRecord, IndexBatch, IndexState } from "../indexing.ts";

export interface MemoryState extends IndexState {
  commit: string | null;
  version: number | null;
  apply(batch: IndexBatch): void;
  /** After a run has ended well. */
  complete(commit: string, version: number): void;
  /** Everything that is claimed, in one comparable form. */
  graph(): { nodes: string[]; edges: string[]; files: string[] };
  stored: Map<string, IndexBatch["scopes"][number]>;
  records: Map<string, FileRecord>;
}

export function createMemoryState(): MemoryState {
  const scopes = new Map<string, IndexBatch["scopes"][number]>();
  const records = new Map<string, FileRecord>();
  return {
    commit: null,
    version: null,
    stored: scopes,
    records,
    async files() {
      return [...records.values()].map(({ ir: _ir, resolution: _resolution, ...record }) => record);
    },
    async ir(paths) {
      const found = new Map<string, Uint8Array>();
      for (const path of paths) {
        const bytes = records.get(path)?.ir;
        if (bytes != null) found.set(path, bytes);
      }
      return found;
    },
    async resolutions() {
      const found = new Map<string, Uint8Array>();
      for (const { path, resolution } of records.values()) if (resolution !== null) found.set(path, resolution);
      return found;
    },
    async scopes() {
      return new Map([...scopes].map(([name, { hash }]) => [name, hash]));
    },
    apply(batch) {
      for (const scope of batch.scopes) {
        if (scope.nodes.length + scope.edges.length === 0) scopes.delete(scope.scope);
        else scopes.set(scope.scope, structuredClone(scope));
      }
      for (const scope of batch.removedScopes) scopes.delete(scope);
      for (const file of batch.files) records.set(file.path, file);
      for (const path of batch.removedFiles) records.delete(path);
    },
    complete(commit, version) {
      this.commit = commit;
      this.version = version;
    },
    graph() {
      const nodes: NodeFact[] = [];
      const edges: EdgeFact[] = [];
      for (const { nodes: n, edges: e } of scopes.values()) {
        nodes.push(...n);
        edges.push(...e);
      }
      const lines = (list: readonly unknown[]): string[] => [...new Set(list.map((one) => JSON.stringify(one)))].sort();
      const files = [...records.values()].map(({ path, blob, size, language, skipped, ir }) => ({
        path,
        blob,
        size,
        language,
        skipped,
        ir: ir === null ? null : Buffer.from(ir).toString("base64"),
      }));
      return { nodes: lines(nodes), edges: lines(edges), files: lines(files) };
    },
  };
}
