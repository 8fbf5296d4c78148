// Has the resolver make the facts of what changed and of what that affects, and writes those that differ with their files' records.
import { hashScope } from "../facts/scope.ts";
import type { IndexStep } from "../indexing.ts";
import { isIr } from "../ir-codec.ts";
import { projectFilesOf } from "../repository-listing.ts";
import type { CallCounts } from "../resolve/resolution.ts";
import { resolveRepository } from "../resolve/resolve-repository.ts";
import { parseAgain } from "./read-changed.ts";
import { keepScope, pathsMoved, recordOf, type Run } from "./run.ts";

export async function* resolveAffected(run: Run, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const { listing, languages, resolutions, withIr, fresh, fromScratch, options } = run;
  const stored = new Map<string, Uint8Array>();
  /** Of `stored` those that were made anew. */
  const mended = new Set<string>();
  const irOf = async (paths: readonly string[]): Promise<Map<string, Uint8Array>> => {
    const wanted = paths.filter((path) => !fresh.has(path) && !stored.has(path));
    const unusable: string[] = [];
    if (wanted.length > 0) {
      for (const [path, bytes] of await options.state.ir(wanted)) {
        if (isIr(bytes)) stored.set(path, bytes);
        else unusable.push(path);
      }
    }
    for (const [path, bytes] of await parseAgain(run, unusable, signal)) {
      stored.set(path, bytes);
      mended.add(path);
    }
    const found = new Map<string, Uint8Array>();
    for (const path of paths) {
      const bytes = fresh.get(path) ?? stored.get(path);
      if (bytes !== undefined) found.set(path, bytes);
    }
    return found;
  };
  const removed = new Set([...resolutions.keys()].filter((path) => !withIr.has(path)));
  const scopes = resolveRepository(
    {
      repo: options.repository.repo,
      project: projectFilesOf(listing, run.configs),
      languages,
      files: [...withIr].sort(),
      changed: fromScratch ? withIr : new Set(fresh.keys()),
      removed: fromScratch ? new Set() : removed,
      filesMoved: fromScratch || pathsMoved(run) || configsChanged(run),
      ir: irOf,
      previousIr: async (paths) => {
        if (fromScratch) return new Map();
        const before = await options.state.ir(paths.filter((path) => resolutions.has(path)));
        return new Map([...before].filter(([, bytes]) => isIr(bytes)));
      },
      resolutions: fromScratch ? new Map() : resolutions,
      size: (path) => listing.files.get(path)?.size,
    },
    signal,
  );
  let done = 0;
  for await (const result of scopes) {
    signal.throwIfAborted();
    if (result.is === "links_stand") {
      for (const scope of run.known.keys()) if (scope.startsWith("link:")) run.live.add(scope);
      continue;
    }
    const scope = hashScope(result.facts);
    const changed = keepScope(run, scope);
    if (result.is === "link") {
      run.batcher.add({ scopes: changed });
    } else {
      addCalls(run.calls, result.calls);
      const file = listing.files.get(result.path);
      const ir = fresh.get(result.path) ?? stored.get(result.path);
      if (file === undefined || ir === undefined) continue;
      run.batcher.add({ scopes: changed, files: [recordOf(file, ir, result.resolution)] });
      mended.delete(result.path);
      if (++done % 50 === 0) yield run.progress("resolving", done, Math.max(done, fresh.size));
    }
    const batch = run.batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  for (const path of mended) {
    const [file, ir] = [listing.files.get(path), stored.get(path)];
    if (file === undefined || ir === undefined) continue;
    run.batcher.add({ files: [recordOf(file, ir, resolutions.get(path) ?? null)] });
    const batch = run.batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
  for (const path of withIr) run.live.add(`file:${path}`);
}

function addCalls(sum: CallCounts, more: CallCounts): void {
  sum.resolved += more.resolved;
  sum.external += more.external;
  sum.unresolved += more.unresolved;
}

/** Does a file that decides where imports lead say something else than before? */
function configsChanged({ configs, listing, prior }: Run): boolean {
  for (const path of configs.keys()) if (listing.files.get(path)?.blob !== prior.get(path)?.blob) return true;
  return false;
}
