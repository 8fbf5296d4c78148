// Resolves what has to be resolved of one repository, file by file, loading stored IR as it turns out to be needed.
import { setImmediate as nextTick } from "node:timers/promises";
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import type { Language, ProjectFiles } from "../languages/language.ts";
import { createIrSource } from "./ir-source.ts";
import { linkAlike } from "./record.ts";
import { createResolution, type CallCounts } from "./resolution.ts";

export interface ResolveRequest {
  /** Repository key without its `repo:` prefix. */
  repo: string;
  project: ProjectFiles;
  languages: ReadonlyMap<string, Language>;
  /** Every path that has IR now, sorted. */
  files: readonly string[];
  /** Paths whose IR is new or different since `resolutions` were made; a full index: all. */
  changed: ReadonlySet<string>;
  /** Paths that had IR and have none now. */
  removed: ReadonlySet<string>;
  /** A path appeared or vanished, parsed or not, or a configuration file changed: imports may lead elsewhere. */
  filesMoved: boolean;
  /** Encoded IR as it is now. A path that is asked for and missing in the answer counts as having none. */
  ir(paths: readonly string[]): Promise<Map<string, Uint8Array>>;
  /** Encoded IR as the previous run stored it, of changed and removed paths. */
  previousIr(paths: readonly string[]): Promise<Map<string, Uint8Array>>;
  /** What the previous run got as `resolution`, by path. */
  resolutions: ReadonlyMap<string, Uint8Array>;
  size?: (path: string) => number | undefined;
}

export type ResolvedScope =
  | { is: "file"; path: string; facts: ScopeFacts; resolution: Uint8Array; calls: CallCounts }
  /** Facts that belong to no single file, after all files: all of them … */
  | { is: "link"; facts: ScopeFacts }
  /** … or none, because those of the last run are still right. */
  | { is: "links_stand" };

/** How many files' bytes are asked for at once. */
const batchSize = 200;

/**
 * Yields the facts of the files that must be rewritten: those affected though unchanged first, then the changed ones. Store the new
 * IR records of changed files with or after their facts, never before all unchanged ones are stored: then a killed run loses nothing.
 */
export async function* resolveRepository(request: ResolveRequest, signal: AbortSignal): AsyncGenerator<ResolvedScope> {
  const known = new Set(request.files);
  const bytes = new Map<string, Uint8Array | null>();
  const source = createIrSource((path) => (known.has(path) ? bytes.get(path) : null));
  const load = async (paths: readonly string[]): Promise<void> => {
    const missing = paths.filter((path) => known.has(path) && !bytes.has(path));
    for (let start = 0; start < missing.length; start += batchSize) {
      signal.throwIfAborted();
      const some = missing.slice(start, start + batchSize);
      const got = await request.ir(some);
      for (const path of some) bytes.set(path, got.get(path) ?? null);
    }
  };

  const resolution = createResolution({
    repo: request.repo,
    languages: [...request.languages.values()],
    project: request.project,
    ir: source,
    ...(request.size === undefined ? {} : { size: request.size }),
  });
  const changed = request.files.filter((path) => request.changed.has(path));
  const gone = [...request.removed].sort();
  await load(changed);
  // Without an earlier run there is nothing that could be affected, and no reason to read all IR twice.
  const isFirst = request.resolutions.size === 0 && gone.length === 0;
  const before = isFirst ? new Map<string, Uint8Array>() : await request.previousIr([...changed, ...gone]);
  const todo = isFirst
    ? [...changed].sort()
    : resolution.affected({
        changed,
        removed: gone,
        filesMoved: request.filesMoved,
        previousIr: (path) => before.get(path) ?? null,
        previous: request.resolutions,
      });
  before.clear();

  const resolutions = new Map(request.resolutions);
  let linksStand = !isFirst;
  for (const path of gone) {
    linksStand &&= linkAlike(resolutions.get(path), undefined);
    resolutions.delete(path);
  }
  let pause = performance.now();
  for (const path of todo) {
    const earlier = resolutions.get(path);
    if (earlier !== undefined) await load(resolution.consulted(earlier));
    let result = resolution.resolve(path);
    while (result.is === "needs") {
      await load(result.paths);
      result = resolution.resolve(path);
    }
    linksStand &&= linkAlike(earlier, result.resolution);
    resolutions.set(path, result.resolution);
    yield { is: "file", path, facts: result.facts, resolution: result.resolution, calls: result.calls };
    if (performance.now() - pause > 15) {
      await nextTick();
      signal.throwIfAborted();
      pause = performance.now();
    }
  }
  if (linksStand) yield { is: "links_stand" };
  else for (const facts of resolution.links(resolutions)) yield { is: "link", facts };
}
