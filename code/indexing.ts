// The seam between the indexer (this package) and whoever keeps its results (the server's store).
//
// The indexer is handed what it knew last time (IndexState), reads only what changed, and yields batches. A batch is applied in one
// transaction: facts and the file records they rest on. So a killed run loses at most one batch, and the next run goes on from there.
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import type { JobPhase, SkippedPath } from "@opentrace/contract/repositories.ts";

/** What is remembered of one file between runs. */
export interface FileRecord {
  path: string;
  /** Git blob id: same blob, same path, same indexer version = same IR. */
  blob: string;
  size: number;
  /** As people call it: `javascript` is read by the folder `typescript`. null for files that are listed but not parsed. */
  language: string | null;
  skipped: Omit<SkippedPath, "path"> | null;
  /** Encoded FileIr (see ir-codec.ts); null if there is none. Read lazily: `IndexState.ir`. */
  ir: Uint8Array | null;
  /** What the resolution of this file rested on, opaque to the store: import targets, consulted names. */
  resolution: Uint8Array | null;
}

/** Reads of the previous run's records; an empty state makes a full index. */
export interface IndexState {
  /** The commit the records stand for, null before the first complete run. */
  commit: string | null;
  /** Indexer version that wrote them; another version's records are ignored. */
  version: number | null;
  files(): Promise<readonly Omit<FileRecord, "ir" | "resolution">[]>;
  ir(paths: readonly string[]): Promise<Map<string, Uint8Array>>;
  resolutions(): Promise<Map<string, Uint8Array>>;
  /** Scope name → content hash of the facts that are stored for it. */
  scopes(): Promise<Map<string, string>>;
}

export interface HashedFacts extends ScopeFacts {
  hash: string;
  /** The JSON of each node's properties in turn, where the hash was made of it already. */
  nodeProps?: readonly (string | null)[];
}

export interface IndexBatch {
  /** Replaces these scopes as a whole; `hash` is remembered. A scope with no nodes and no edges is removed. */
  scopes: HashedFacts[];
  removedScopes: string[];
  files: FileRecord[];
  removedFiles: string[];
}

export interface IndexProgress {
  phase: JobPhase;
  filesDone: number;
  filesTotal: number;
}

export type IndexStep = { is: "batch"; batch: IndexBatch } | ({ is: "progress" } & IndexProgress);

export interface IndexSummary {
  commit: string;
  branch: string | null;
  files: number;
  parsed: number;
  /** Files read again in this run. */
  changed: number;
  skipped: number;
  bytes: number;
  calls: { resolved: number; external: number; unresolved: number };
}
