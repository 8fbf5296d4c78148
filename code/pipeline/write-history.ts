// Branches, commits and people.
import { commitFacts, commitScope, peopleFacts } from "../facts/history-facts.ts";
import type { HashedScope } from "../facts/scope.ts";
import { readCommits, readLogHeads } from "../git/read-log.ts";
import type { IndexStep } from "../indexing.ts";
import type { Listing } from "../repository-listing.ts";
import { keepScope, pathsMoved, type Run } from "./run.ts";

export async function* writeHistory(run: Run, branches: HashedScope, signal: AbortSignal): AsyncGenerator<IndexStep> {
  const { known, live, batcher, listing, options } = run;
  const { repository, historyLimit } = options;
  const scopes = [branches];
  if (historyLimit > 0) {
    yield run.progress("history", run.toParse.length, run.toParse.length);
    const heads = await readLogHeads(repository, repository.commit, historyLimit, signal);
    for (const { sha } of heads) live.add(commitScope(sha));
    scopes.push(peopleFacts(heads));
    const exists = filesWithNodes(listing);
    // A path that came or went changes which of its commits' edges can be drawn.
    const all = run.fromScratch || run.prior.size === 0 || pathsMoved(run);
    const wanted = heads.map(({ sha }) => sha).filter((sha) => all || !known.has(commitScope(sha)));
    for (let start = 0; start < wanted.length; start += 500) {
      for (const commit of await readCommits(repository, wanted.slice(start, start + 500), signal)) {
        scopes.push(commitFacts(repository.repo, commit, (path) => exists.has(path)));
      }
    }
  }
  for (const scope of scopes) {
    batcher.add({ scopes: keepScope(run, scope) });
    const batch = batcher.full();
    if (batch !== null) yield { is: "batch", batch };
  }
}

function filesWithNodes(listing: Listing): Set<string> {
  const paths = new Set<string>();
  for (const { files } of listing.folders.values()) for (const path of files) paths.add(path);
  return paths;
}
