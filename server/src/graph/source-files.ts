// Where the text of indexed files comes from: git objects, read by whoever knows where a repository's are.
import type { BlobContent } from "@opentrace/code/git/read-blobs.ts";
import type { VerbContext } from "../verb.ts";
import type { GraphDeps } from "./view.ts";

export interface SourceFiles {
  /**
   * Contents of a repository's blobs, in order. `source` is the repository's graph key. Throws `unavailable` when its objects are not
   * at hand (a copy that was deleted, a folder that moved).
   */
  read(
    ctx: Pick<VerbContext, "workspace" | "signal">,
    source: string,
    blobs: readonly string[],
    limitBytes: number,
  ): AsyncIterable<BlobContent>;
}

export interface SourceDeps extends GraphDeps {
  sourceFiles: SourceFiles;
}

const bom = /^\uFEFF/;

/** Bytes as lines without their ends; null for what is no text. */
export function toLines(bytes: Uint8Array): string[] | null {
  if (bytes.subarray(0, 8_000).includes(0)) return null;
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(bytes)
    .replace(bom, "")
    .split(/\r\n|\n|\r/);
}
