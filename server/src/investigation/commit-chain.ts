// The indexed branch's commits of the last days, by their parents, and which of them a deployment brought.
import { commitKey, repositoryKey } from "@opentrace/contract/keys.ts";
import { joined } from "../delivery/edges.ts";
import { nodeId } from "../graph/node-id.ts";
import { findNode, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";

interface ChainCommit {
  sha: string;
  parents: readonly string[];
  /** Milliseconds. */
  committedAt: number;
  node: StoredNode;
}

export interface CommitChain {
  commits: ReadonlyMap<string, ChainCommit>;
  /** False when there were more in the time asked for. */
  complete: boolean;
}

const mostCommits = 500;

/** Commits since a time, from the head of the indexed branch backwards. Empty where no history is indexed. */
export async function readChain(view: GraphView, repository: string, since: number): Promise<CommitChain> {
  const commits = new Map<string, ChainCommit>();
  const repo = await findNode(view, repositoryKey(repository));
  if (repo === null) return { commits, complete: true };
  const ask = { forward: true, edges: ["CONTAINS"], ends: ["Branch"], most: 1_000 } as const;
  const branches = (await joined(view, [repo.number], ask)).found.map((one) => one.end);
  const head = branches.find((one) => one.props["indexed"] === true)?.props["commit"];
  if (typeof head !== "string") return { commits, complete: true };
  let frontier = [head];
  while (frontier.length > 0) {
    view.signal.throwIfAborted();
    const ids = frontier.map((sha) => nodeId(view.workspaceName, commitKey(repository, sha)));
    const found = await readNodes(view, ids);
    const next = new Set<string>();
    for (const [at, sha] of frontier.entries()) {
      const node = found.get(ids[at]!);
      const commit = node === undefined ? null : toCommit(sha, node);
      if (commit === null || commit.committedAt < since) continue;
      commits.set(sha, commit);
      for (const parent of commit.parents) if (!commits.has(parent)) next.add(parent);
    }
    if (commits.size >= mostCommits && next.size > 0) return { commits, complete: false };
    frontier = [...next];
  }
  return { commits, complete: true };
}

function toCommit(sha: string, node: StoredNode): ChainCommit | null {
  const { committedAt, parents } = node.props;
  const at = typeof committedAt === "string" ? Date.parse(committedAt) : Number.NaN;
  if (Number.isNaN(at)) return null;
  return {
    sha,
    parents: Array.isArray(parents) ? parents.filter((one): one is string => typeof one === "string") : [],
    committedAt: at,
    node,
  };
}

/** `sha` and all before it, as far as the chain goes; empty when the chain does not have it. */
function ancestors({ commits }: CommitChain, sha: string): Set<string> {
  const found = new Set<string>();
  const open = commits.has(sha) ? [sha] : [];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (found.has(one)) continue;
    found.add(one);
    for (const parent of commits.get(one)?.parents ?? []) if (commits.has(parent)) open.push(parent);
  }
  return found;
}

/** Commits that `sha` has and `before` has not. Null when the chain does not have `sha`, so that nothing can be said. */
export function broughtBy(chain: CommitChain, sha: string, before: string | null): Set<string> | null {
  if (!chain.commits.has(sha)) return null;
  const had = before === null ? new Set<string>() : ancestors(chain, before);
  return new Set([...ancestors(chain, sha)].filter((one) => !had.has(one)));
}

/** Commits that came with a merge: reachable from its later parents, not from its first. */
export function mergedWith(chain: CommitChain, merge: string): Set<string> {
  const [first, ...others] = chain.commits.get(merge)?.parents ?? [];
  if (first === undefined || others.length === 0) return new Set();
  const had = ancestors(chain, first);
  const came = new Set<string>();
  for (const other of others) for (const sha of ancestors(chain, other)) if (!had.has(sha)) came.add(sha);
  return came;
}
