// Issues, merge requests and people as facts; in the same words as other code hosts use ("open", not "opened").
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import {
  commitKey,
  fileKey,
  issueKey,
  personKey,
  pullRequestKey,
  repositoryKey,
  userKey,
} from "@opentrace/contract/keys.ts";
import type { SyncItem } from "../connector.ts";
import { changedLines } from "../patch-lines.ts";
import type { ProjectRef } from "./client.ts";
import type { Approvals, Diff, Issue, MergeRequest, User } from "./schema.ts";

export type Facts = NonNullable<SyncItem["facts"]>;

const MOST_TEXT = 2_000;
/** Templates put what is closed at the end of a long description. */
const MOST_READ = 65_536;
const cut = (text: string | null | undefined): string => (text ?? "").slice(0, MOST_TEXT);
/** In GitHub's words, so that one question does for both. */
export const runStateOf = (state: string): string =>
  ({ failed: "failure", canceled: "cancelled", running: "in_progress", created: "queued", pending: "queued" })[state] ??
  state;
const stateOf = (state: string): string => (state === "opened" || state === "locked" ? "open" : state);

type Where = Pick<ProjectRef, "instance" | "hostName">;

/** Joined with the person of the commits that GitLab makes in their name (docs.gitlab.com/user/profile/#use-an-automatically-generated-private-commit-email). */
export function personFacts({ instance, hostName }: Where, user: User): Facts {
  const key = userKey(instance, user.username);
  const noreply = personKey(`${user.id}-${user.username}@users.noreply.${hostName}`);
  return {
    nodes: [
      {
        key,
        type: "Person",
        name: user.username,
        props: { login: user.username, ...(user.name == null ? {} : { fullName: user.name.slice(0, 200) }) },
      },
    ],
    edges: [{ from: key, to: noreply, type: "SAME_AS", confidence: 1, rule: "the account's own no-reply address" }],
  };
}

function people(where: Where, users: readonly (User | null | undefined)[]): Facts {
  const facts: Facts = { nodes: [], edges: [] };
  const seen = new Set<number>();
  for (const user of users) {
    if (!user || seen.has(user.id)) continue;
    seen.add(user.id);
    const { nodes, edges } = personFacts(where, user);
    facts.nodes.push(...nodes);
    facts.edges.push(...edges);
  }
  return facts;
}

/** Adds who made the thing that `key` names. */
export function authored(
  where: Where,
  user: User | null | undefined,
  facts: Facts,
  key: string,
  evidence: string[],
): void {
  if (!user) return;
  const { nodes, edges } = personFacts(where, user);
  facts.nodes.push(...nodes);
  facts.edges.push(...edges, { from: userKey(where.instance, user.username), to: key, type: "AUTHORED", evidence });
}

const shared = (one: Issue | MergeRequest) => ({
  number: one.iid,
  state: stateOf(one.state),
  author: one.author?.username ?? null,
  labels: one.labels,
  assignees: (one.assignees ?? []).map(({ username }) => username),
  createdAt: one.created_at,
  updatedAt: one.updated_at,
  closedAt: one.closed_at ?? null,
  url: one.web_url,
  body: cut(one.description),
});

export function issueFacts(ref: ProjectRef, issue: Issue): Facts {
  const key = issueKey(ref.repo, issue.iid);
  const facts: Facts = { nodes: [], edges: [] };
  facts.nodes.push({
    key,
    type: "Issue",
    name: issue.title.slice(0, 1000),
    props: {
      ...shared(issue),
      kind: issue.issue_type ?? "issue",
      confidential: issue.confidential === true,
      milestone: issue.milestone?.title ?? null,
      dueDate: issue.due_date ?? null,
      moved: issue.moved_to_id != null,
    },
  });
  const evidence = [issue.web_url];
  facts.edges.push({ from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence });
  authored(ref, issue.author, facts, key, evidence);
  return facts;
}

export interface MergeRequestDetail {
  diffs: readonly Diff[];
  approvals: Approvals;
}

export function mergeRequestFacts(ref: ProjectRef, one: MergeRequest, detail: MergeRequestDetail | null): Facts {
  const key = pullRequestKey(ref.repo, one.iid);
  const merged = one.state === "merged";
  const approvers = detail?.approvals.approved_by ?? [];
  const facts = people(ref, [one.author, ...approvers.map(({ user }) => user)]);
  const evidence = [one.web_url];
  const node: NodeFact = {
    key,
    type: "PullRequest",
    name: one.title.slice(0, 1000),
    props: {
      ...shared(one),
      draft: one.draft === true,
      head: one.source_branch,
      headSha: one.sha ?? null,
      base: one.target_branch,
      mergedAt: one.merged_at ?? null,
      reviewers: (one.reviewers ?? []).map(({ username }) => username),
      ...(detail === null ? {} : { changedFiles: detail.diffs.length }),
    },
  };
  facts.nodes.push(node);
  facts.edges.push({ from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence });
  if (one.author)
    facts.edges.push({ from: userKey(ref.instance, one.author.username), to: key, type: "AUTHORED", evidence });
  if (merged)
    for (const sha of landedAs(one))
      facts.edges.push({ from: key, to: commitKey(ref.repo, sha), type: "CONTAINS", evidence });
  facts.edges.push(...closedIssues(ref, key, one));
  if (detail) facts.edges.push(...fileEdges(ref, key, one, merged, detail.diffs));
  for (const { user, approved_at } of approvers)
    facts.edges.push({
      from: userKey(ref.instance, user.username),
      to: key,
      type: "REVIEWED",
      props: { state: "approved", at: approved_at ?? null },
      evidence,
    });
  return facts;
}

/** A merge commit, a squashed one, both, or (fast-forward) the branch's own head. */
function landedAs(one: MergeRequest): string[] {
  const made = [one.merge_commit_sha, one.squash_commit_sha].filter((sha) => typeof sha === "string" && sha !== "");
  return made.length > 0 ? made.map(String) : one.sha ? [one.sha] : [];
}

/** docs.gitlab.com/user/project/issues/managing_issues/#default-closing-pattern: a word, then one reference or several. */
const CLOSING =
  /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? +((?:(?:issues? +)?[^\s,#]*(?:#|\/(?:issues|work_items)\/)\d+(?:,? +and +|, *| +)?)+)/gi;
const REFERENCE = /(?:(https?:\/\/\S+?)\/-\/(?:issues|work_items)\/|([\w.-]+(?:\/[\w.-]+)*)?#)(\d+)/g;

function closedIssues(ref: ProjectRef, key: string, one: MergeRequest): EdgeFact[] {
  const targets = new Set<string>();
  for (const [, references = ""] of (one.description ?? "").slice(0, MOST_READ).matchAll(CLOSING))
    for (const [, address, path, number = ""] of references.matchAll(REFERENCE)) {
      if (address !== undefined && !address.startsWith(`${ref.web}/`)) continue;
      const elsewhere = address === undefined ? path : address.slice(ref.web.length + 1);
      // `#4` and `shop#4` (a neighbour in the same group) name no whole path.
      const group = ref.fullPath.split("/").slice(0, -1).join("/");
      const full =
        elsewhere === undefined ? ref.fullPath : elsewhere.includes("/") ? elsewhere : `${group}/${elsewhere}`;
      targets.add(issueKey(`${ref.instance}/${full}`, number));
    }
  return [...targets].map((to) => ({
    from: key,
    to,
    type: "MENTIONS",
    props: { closes: true },
    evidence: [one.web_url],
    confidence: 0.95,
    rule: "a closing keyword in the description",
  }));
}

/** What is indexed is the version without an open merge request and the one with a merged one: lines and names are those of that version. */
function fileEdges(
  ref: ProjectRef,
  key: string,
  one: MergeRequest,
  merged: boolean,
  diffs: readonly Diff[],
): EdgeFact[] {
  const edges = new Map<string, EdgeFact>();
  for (const file of diffs) {
    const path = merged ? file.new_path : file.old_path;
    const lines = changedLines(file.diff, merged ? "new" : "old");
    edges.set(path, {
      from: key,
      to: fileKey(ref.repo, path),
      type: "CHANGES",
      props: {
        status: file.new_file ? "added" : file.deleted_file ? "removed" : file.renamed_file ? "renamed" : "modified",
        additions: linesWith("+", file.diff),
        deletions: linesWith("-", file.diff),
        ...(file.renamed_file ? { from: file.old_path, renamedTo: file.new_path } : {}),
        ...(lines.length === 0 ? {} : { lines }),
      },
      evidence: [`${one.web_url}/diffs`],
    });
  }
  return [...edges.values()];
}

const linesWith = (sign: string, diff: string): number =>
  diff.split("\n").filter((line) => line.startsWith(sign)).length;
