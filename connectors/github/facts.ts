// Issues, pull requests and people as facts.
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
import type { RepositoryRef } from "./client.ts";
import { changedLines } from "../patch-lines.ts";
import type { Issue, Pull, PullFile, Review, User } from "./schema.ts";

export type Facts = NonNullable<SyncItem["facts"]>;

const MOST_TEXT = 2_000;
/** Templates put what is closed at the end of a long description. */
const MOST_READ = 65_536;
const cut = (text: string | null | undefined): string => (text ?? "").slice(0, MOST_TEXT);

/** Joined with the person of the commits that GitHub makes in their name. */
export function personFacts(ref: Pick<RepositoryRef, "host">, user: User): Facts {
  const key = userKey(ref.host, user.login);
  const noreply = personKey(`${user.id}+${user.login}@users.noreply.${ref.host}`);
  return {
    nodes: [{ key, type: "Person", name: user.login, props: { login: user.login } }],
    edges: [{ from: key, to: noreply, type: "SAME_AS", confidence: 1, rule: "the account's own no-reply address" }],
  };
}

function people(ref: RepositoryRef, users: readonly (User | null)[]): Facts {
  const facts: Facts = { nodes: [], edges: [] };
  const seen = new Set<string>();
  for (const user of users) {
    if (user === null || seen.has(user.login)) continue;
    seen.add(user.login);
    const { nodes, edges } = personFacts(ref, user);
    facts.nodes.push(...nodes);
    facts.edges.push(...edges);
  }
  return facts;
}

const shared = (one: Issue | Pull) => ({
  number: one.number,
  state: one.state,
  author: one.user?.login ?? null,
  labels: one.labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))),
  assignees: (one.assignees ?? []).map(({ login }) => login),
  createdAt: one.created_at,
  updatedAt: one.updated_at,
  closedAt: one.closed_at ?? null,
  url: one.html_url,
  body: cut(one.body),
});

export function issueFacts(ref: RepositoryRef, issue: Issue): Facts {
  const key = issueKey(ref.repo, issue.number);
  const facts = people(ref, [issue.user]);
  facts.nodes.push({
    key,
    type: "Issue",
    name: issue.title.slice(0, 1000),
    props: { ...shared(issue), stateReason: issue.state_reason ?? null },
  });
  const evidence = [issue.html_url];
  facts.edges.push({ from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence });
  if (issue.user) facts.edges.push({ from: userKey(ref.host, issue.user.login), to: key, type: "AUTHORED", evidence });
  return facts;
}

export interface PullDetail {
  files: readonly PullFile[];
  reviews: readonly Review[];
}

export function pullFacts(ref: RepositoryRef, pull: Pull, detail: PullDetail | null): Facts {
  const key = pullRequestKey(ref.repo, pull.number);
  const merged = typeof pull.merged_at === "string";
  const reviewers = (detail?.reviews ?? []).map((review) => review.user);
  const facts = people(ref, [pull.user, ...reviewers]);
  const evidence = [pull.html_url];
  const node: NodeFact = {
    key,
    type: "PullRequest",
    name: pull.title.slice(0, 1000),
    props: {
      ...shared(pull),
      state: merged ? "merged" : pull.state,
      draft: pull.draft,
      head: pull.head.ref,
      headSha: pull.head.sha,
      base: pull.base.ref,
      baseSha: pull.base.sha,
      mergedAt: pull.merged_at ?? null,
      reviewers: (pull.requested_reviewers ?? []).map(({ login }) => login),
      ...(detail === null ? {} : { changedFiles: detail.files.length }),
    },
  };
  facts.nodes.push(node);
  facts.edges.push({ from: repositoryKey(ref.repo), to: key, type: "CONTAINS", evidence });
  if (pull.user) facts.edges.push({ from: userKey(ref.host, pull.user.login), to: key, type: "AUTHORED", evidence });
  if (merged && pull.merge_commit_sha)
    facts.edges.push({ from: key, to: commitKey(ref.repo, pull.merge_commit_sha), type: "CONTAINS", evidence });
  facts.edges.push(...linkedIssues(ref, key, pull));
  if (detail) {
    facts.edges.push(
      ...fileEdges(ref, key, pull, merged, detail.files),
      ...reviewEdges(ref, key, pull, detail.reviews),
    );
  }
  return facts;
}

/** docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue */
const CLOSING =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+(?:https?:\/\/[^\s/]+\/)?([\w.-]+\/[\w.-]+)?(?:\/issues\/|#)(\d+)\b/gi;

function linkedIssues(ref: RepositoryRef, key: string, pull: Pull): EdgeFact[] {
  const targets = new Set<string>();
  for (const [, elsewhere, number = ""] of (pull.body ?? "").slice(0, MOST_READ).matchAll(CLOSING))
    targets.add(issueKey(elsewhere === undefined ? ref.repo : `${ref.host}/${elsewhere}`, number));
  return [...targets].map((to) => ({
    from: key,
    to,
    type: "MENTIONS",
    props: { closes: true },
    evidence: [pull.html_url],
    confidence: 0.95,
    rule: "a closing keyword in the description",
  }));
}

/**
 * What is indexed is the version without an open pull request and the one with a merged one: lines and names are those of that version.
 */
function fileEdges(
  ref: RepositoryRef,
  key: string,
  pull: Pull,
  merged: boolean,
  files: readonly PullFile[],
): EdgeFact[] {
  const edges = new Map<string, EdgeFact>();
  for (const file of files) {
    const path = merged ? file.filename : (file.previous_filename ?? file.filename);
    const lines = file.patch === undefined ? [] : changedLines(file.patch, merged ? "new" : "old");
    edges.set(path, {
      from: key,
      to: fileKey(ref.repo, path),
      type: "CHANGES",
      props: {
        status: file.status,
        additions: file.additions,
        deletions: file.deletions,
        ...(file.previous_filename === undefined ? {} : { from: file.previous_filename, renamedTo: file.filename }),
        ...(lines.length === 0 ? {} : { lines }),
      },
      evidence: [`${pull.html_url}/files`],
    });
  }
  return [...edges.values()];
}

/** The last word of each reviewer; a comment does not take back an approval. */
function reviewEdges(ref: RepositoryRef, key: string, pull: Pull, reviews: readonly Review[]): EdgeFact[] {
  const last = new Map<string, Review>();
  for (const review of reviews) {
    if (review.user === null || review.state === "PENDING") continue;
    if (review.state === "COMMENTED" && last.has(review.user.login)) continue;
    last.set(review.user.login, review);
  }
  return [...last].map(([login, review]) => ({
    from: userKey(ref.host, login),
    to: key,
    type: "REVIEWED",
    props: { state: review.state.toLowerCase(), at: review.submitted_at ?? null },
    evidence: [pull.html_url],
  }));
}
