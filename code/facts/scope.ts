// Scopes with their content hash, gathered into batches that a store applies in one short transaction.
import { hash } from "node:crypto";
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import type { Props } from "@opentrace/contract/graph.ts";
import type { FileRecord, IndexBatch } from "../indexing.ts";

export type HashedScope = IndexBatch["scopes"][number];

export const digest = (text: string): string => hash("sha1", text, "base64url");

/** null = none. Compared when claims are merged, so it is made in one place. */
export function encodeProps(props: Props | undefined): string | null {
  if (props === undefined) return null;
  for (const _ in props) return JSON.stringify(props);
  return null;
}

/** The hash covers all that is stored: two runs that claim the same give the same. */
export function hashScope(facts: ScopeFacts): HashedScope {
  const nodeProps = facts.nodes.map((node) => encodeProps(node.props));
  // Joined by what no text of a fact has use for: half of what JSON of it all takes.
  const parts: (string | number)[] = [facts.nodes.length];
  facts.nodes.forEach(({ key, type, name }, at) => parts.push(key, type, name, nodeProps[at] ?? ""));
  let last = "";
  for (const { from, type, to, rule = "", confidence = "", evidence, props } of facts.edges) {
    // Edges from one thing mostly stand together.
    parts.push(from === last ? "" : from, type, to, rule, confidence, textOf(evidence), encodeProps(props) ?? "");
    last = from;
  }
  return { ...facts, nodeProps, hash: digest(parts.join("\0")) };
}

const textOf = (evidence: readonly string[] | undefined): string =>
  evidence === undefined ? "" : evidence.length === 1 ? evidence[0]! : evidence.join("\n");

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
