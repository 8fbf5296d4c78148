// Branches, commits and their authors as facts: one scope a commit, so that a sync writes only the new ones.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { branchKey, commitKey, fileKey, personKey, repositoryKey } from "@opentrace/contract/keys.ts";
import type { BranchHead } from "../git/branches.ts";
import type { Commit, CommitHead } from "../git/read-log.ts";
import { hashScope, type HashedScope } from "./scope.ts";

export const commitScope = (sha: string): string => `commit:${sha}`;

const MAX_BRANCHES = 1_000;
const MAX_GONE = 50;

/** CHANGES leads only to files that exist now (`exists`); paths that are gone stay readable in props. */
export function commitFacts(repo: string, commit: Commit, exists: (path: string) => boolean): HashedScope {
  const key = commitKey(repo, commit.sha);
  const edges: EdgeFact[] = [];
  const gone: string[] = [];
  const status = new Map<string, string>();
  for (const change of commit.changes) {
    if (exists(change.path))
      status.set(change.path, change.from === undefined ? change.status : `${change.status} ${change.from}`);
    else gone.push(change.path);
  }
  for (const [path, text] of status) {
    const [letter, from] = splitOnce(text, " ");
    edges.push({
      from: key,
      to: fileKey(repo, path),
      type: "CHANGES",
      props: { status: letter, ...(from === undefined ? {} : { from }) },
    });
  }
  if (commit.authorEmail !== "") edges.push({ from: personKey(commit.authorEmail), to: key, type: "AUTHORED" });
  const node: NodeFact = {
    key,
    type: "Commit",
    name: commit.subject === "" ? commit.sha.slice(0, 12) : commit.subject.slice(0, 300),
    props: {
      sha: commit.sha,
      author: commit.authorName,
      email: commit.authorEmail,
      authoredAt: commit.authoredAt,
      committedAt: commit.committedAt,
      parents: commit.parents,
      changes: commit.changesTotal,
      ...(gone.length === 0 ? {} : { gone: gone.slice(0, MAX_GONE), goneCount: gone.length }),
    },
  };
  return hashScope({ scope: commitScope(commit.sha), nodes: [node], edges });
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Authors of the commits, newest first: a person is called what the newest commit calls them. */
export function peopleFacts(heads: readonly CommitHead[]): HashedScope {
  const people = new Map<string, NodeFact>();
  for (const { authorEmail, authorName } of heads) {
    if (authorEmail === "") continue;
    const key = personKey(authorEmail);
    if (people.has(key)) continue;
    const name = (authorName === "" ? authorEmail : authorName).slice(0, 300);
    people.set(key, { key, type: "Person", name, props: { email: authorEmail.toLowerCase() } });
  }
  const nodes = [...people.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return hashScope({ scope: "people", nodes, edges: [] });
}

export interface BranchesInput {
  repo: string;
  branch: string | null;
  defaultBranch: string | null;
  commit: string;
  branches: readonly BranchHead[];
  /** False when no history is kept: then there is no Commit node for the head. */
  hasHeadCommit: boolean;
}

export function branchFacts({
  repo,
  branch,
  defaultBranch,
  commit,
  branches,
  hasHeadCommit,
}: BranchesInput): HashedScope {
  const nodes: NodeFact[] = [];
  const edges: EdgeFact[] = [];
  const kept = branches.filter(
    (head, index) => index < MAX_BRANCHES || head.name === branch || head.name === defaultBranch,
  );
  for (const head of kept.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = branchKey(repo, head.name);
    const indexed = head.name === branch;
    nodes.push({
      key,
      type: "Branch",
      name: head.name.slice(0, 1000),
      props: { commit: head.commit, default: head.name === defaultBranch, indexed },
    });
    edges.push({ from: repositoryKey(repo), to: key, type: "CONTAINS" });
    if (indexed && hasHeadCommit) edges.push({ from: key, to: commitKey(repo, commit), type: "CONTAINS" });
  }
  return hashScope({ scope: "branches", nodes, edges });
}
