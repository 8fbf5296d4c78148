// Directories and the files in them: one scope a directory, so that a new file rewrites one directory and no more.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { directoryKey, fileKey, repositoryKey } from "@opentrace/contract/keys.ts";
import type { Listing } from "../repository-listing.ts";
import { digest, type HashedScope } from "./scope.ts";

export const directoryScope = (folder: string): string => `dir:${folder}`;

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Scopes whose content differs from `known`. Files with IR get their node from their own scope, the others get it here. */
export function* changedDirectories(
  repo: string,
  listing: Listing,
  hasIr: (path: string) => boolean,
  known: ReadonlyMap<string, string>,
): Generator<HashedScope> {
  for (const [folder, held] of listing.folders) {
    const scope = directoryScope(folder);
    const content = held.files.map((path) =>
      hasIr(path) ? path : `${path}\0${listing.files.get(path)?.size}\0${skipOf(listing, path)}`,
    );
    const hash = digest(`1\0${held.folders.join("\n")}\0\0${content.join("\n")}`);
    if (known.get(scope) !== hash) yield { ...directoryFacts(repo, folder, listing, hasIr), scope, hash };
  }
}

const skipOf = (listing: Listing, path: string): string => listing.files.get(path)?.skipped?.reason ?? "";

function directoryFacts(
  repo: string,
  folder: string,
  listing: Listing,
  hasIr: (path: string) => boolean,
): { nodes: NodeFact[]; edges: EdgeFact[] } {
  const held = listing.folders.get(folder) ?? { folders: [], files: [] };
  const self = folder === "" ? repositoryKey(repo) : directoryKey(repo, folder);
  const nodes: NodeFact[] =
    folder === "" ? [] : [{ key: self, type: "Directory", name: baseName(folder), props: { path: folder } }];
  const edges: EdgeFact[] = [];
  for (const path of held.folders) edges.push({ from: self, to: directoryKey(repo, path), type: "CONTAINS" });
  for (const path of held.files) {
    const key = fileKey(repo, path);
    edges.push({ from: self, to: key, type: "CONTAINS" });
    if (hasIr(path)) continue;
    const file = listing.files.get(path);
    const skipped = file?.skipped ?? null;
    nodes.push({
      key,
      type: "File",
      name: baseName(path),
      props: { path, size: file?.size ?? 0, ...(skipped === null ? {} : { notRead: skipped.reason }) },
    });
  }
  return { nodes, edges };
}
