// Scopes with their content hash, gathered into batches that a store applies in one short transaction.
import { hash } from "node:crypto";
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import type { FileRecord, IndexBatch } from "../indexing.ts";

export type HashedScope = IndexBatch["scopes"][number];

export const digest = (text: string): string => hash("sha1", text, "base64url");

/** The hash covers all that is stored: two runs that claim the same give the same. */
export function hashScope(facts: ScopeFacts): HashedScope {
  return { ...facts, hash: digest(JSON.stringify([facts.nodes, facts.edges])) };
}

const MAX_FACTS = 2_000;
const MAX_RECORDS = 500;
const MAX_BYTES = 4 * 1024 * 1024;

/** What belongs together is added in one call: it is never split over two batches. */
export interface Batcher {
  add(part: { scopes?: HashedScope[]; removedScopes?: string[]; files?: FileRecord[]; removedFiles?: string[] }): void;
  /** A batch that is full, or null. */
  full(): IndexBatch | null;
  /** What is left, or null. */
  rest(): IndexBatch | null;
}

export function createBatcher(): Batcher {
  let batch = emptyBatch();
  let weight = 0;
  const isEmpty = (): boolean =>
    batch.scopes.length + batch.removedScopes.length + batch.files.length + batch.removedFiles.length === 0;
  const cut = (): IndexBatch => {
    const ready = batch;
    batch = emptyBatch();
    weight = 0;
    return ready;
  };
  return {
    add({ scopes = [], removedScopes = [], files = [], removedFiles = [] }) {
      for (const scope of scopes) {
        batch.scopes.push(scope);
        weight += (scope.nodes.length + scope.edges.length + 1) / MAX_FACTS;
      }
      for (const file of files) {
        batch.files.push(file);
        weight += 1 / MAX_RECORDS + ((file.ir?.length ?? 0) + (file.resolution?.length ?? 0)) / MAX_BYTES;
      }
      for (const scope of removedScopes) batch.removedScopes.push(scope);
      for (const file of removedFiles) batch.removedFiles.push(file);
      // What a removed scope held is not known here; some thirty facts is usual.
      weight += (removedScopes.length * 30) / MAX_FACTS + removedFiles.length / MAX_RECORDS;
    },
    full: () => (weight >= 1 ? cut() : null),
    rest: () => (isEmpty() ? null : cut()),
  };
}

function emptyBatch(): IndexBatch {
  return { scopes: [], removedScopes: [], files: [], removedFiles: [] };
}
