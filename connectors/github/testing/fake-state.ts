// What the fake GitHub knows: accounts, repositories and what happens in them. Records are small; replies are made from them on demand.
import { randomBytes } from "node:crypto";

interface FakeAccount {
  id: number;
  login: string;
  type: "User" | "Organization";
}

export interface FakeIssue {
  id: number;
  number: number;
  title: string;
  body: string;
  author: string;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | null;
  labels: string[];
  assignees: string[];
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  pull: FakePull | null;
}

export interface FakePull {
  headRef: string;
  headSha: string;
  baseRef: string;
  baseSha: string;
  draft: boolean;
  mergedAt: string | null;
  mergeSha: string | null;
  files: FakeFile[];
  reviews: FakeReview[];
  requestedReviewers: string[];
}

export interface FakeFile {
  path: string;
  status: "added" | "removed" | "modified" | "renamed";
  additions: number;
  deletions: number;
  /** Absent for binary and very large files. */
  patch?: string;
  from?: string;
}

export interface FakeReview {
  id: number;
  author: string;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";
  submittedAt: string;
  body: string;
}

export interface FakeRelease {
  id: number;
  tag: string;
  name: string | null;
  target: string;
  draft: boolean;
  prerelease: boolean;
  author: string;
  createdAt: string;
  publishedAt: string | null;
}

export interface FakeDeployment {
  id: number;
  sha: string;
  ref: string;
  environment: string;
  creator: string;
  createdAt: string;
  updatedAt: string;
  /** Oldest first. */
  statuses: { id: number; state: DeploymentState; createdAt: string; runId: number | null }[];
}
type DeploymentState = "error" | "failure" | "inactive" | "in_progress" | "queued" | "pending" | "success";

export interface FakeWorkflow {
  id: number;
  name: string;
  path: string;
}

export interface FakeRun {
  id: number;
  workflowId: number;
  number: number;
  branch: string;
  sha: string;
  event: string;
  status: "queued" | "in_progress" | "completed";
  conclusion: "success" | "failure" | "cancelled" | null;
  actor: string;
  createdAt: string;
  updatedAt: string;
}

export interface FakeRepository {
  id: number;
  owner: string;
  name: string;
  description: string | null;
  private: boolean;
  archived: boolean;
  disabled: boolean;
  hasIssues: boolean;
  defaultBranch: string;
  topics: string[];
  createdAt: string;
  updatedAt: string;
  pushedAt: string;
  /** Path → text at the head of the default branch: what the tree, contents and blob operations answer. */
  files: Map<string, string>;
  /** In the order of their numbers. */
  issues: Map<number, FakeIssue>;
  releases: FakeRelease[];
  deployments: FakeDeployment[];
  workflows: FakeWorkflow[];
  runs: FakeRun[];
  /** A bare repository on disk, for clones. */
  gitFolder: string | null;
}

export interface FakeTeam {
  id: number;
  org: string;
  slug: string;
  name: string;
  description: string | null;
  parent: string | null;
  members: string[];
}

export interface FakeState {
  now(): Date;
  /** The next id of anything. */
  id(): number;
  accounts: Map<string, FakeAccount>;
  repositories: Map<number, FakeRepository>;
  /** Former `owner/name` → id: GitHub redirects from it. */
  formerNames: Map<string, number>;
  teams: FakeTeam[];
  /** Organization → logins. */
  members: Map<string, string[]>;
  account(login: string, type?: FakeAccount["type"]): FakeAccount;
  repository(fullName: string): FakeRepository | undefined;
}

export function createFakeState(now: () => Date): FakeState {
  let lastId = 1_000;
  const state: FakeState = {
    now,
    id: () => ++lastId,
    accounts: new Map(),
    repositories: new Map(),
    formerNames: new Map(),
    teams: [],
    members: new Map(),
    account: (login, type = "User") => {
      let account = state.accounts.get(login);
      if (!account) state.accounts.set(login, (account = { id: state.id(), login, type }));
      return account;
    },
    repository: (fullName) => {
      for (const one of state.repositories.values())
        if (`${one.owner}/${one.name}`.toLowerCase() === fullName.toLowerCase()) return one;
      return undefined;
    },
  };
  return state;
}

/** GitHub's times have no fractions of a second. */
export const vendorTime = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
export const randomSha = (): string => randomBytes(20).toString("hex");

export function addRepository(
  state: FakeState,
  fullName: string,
  options: Partial<Omit<FakeRepository, "id" | "owner" | "name">> = {},
): FakeRepository {
  const [owner = "", name = ""] = fullName.split("/");
  state.account(owner, "Organization");
  const at = vendorTime(state.now());
  const repository: FakeRepository = {
    id: state.id(),
    owner,
    name,
    description: null,
    private: true,
    archived: false,
    disabled: false,
    hasIssues: true,
    defaultBranch: "main",
    topics: [],
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
    files: new Map(),
    issues: new Map(),
    releases: [],
    deployments: [],
    workflows: [],
    runs: [],
    gitFolder: null,
    ...options,
  };
  state.repositories.set(repository.id, repository);
  return repository;
}

export function addIssue(
  state: FakeState,
  repository: FakeRepository,
  options: Partial<Omit<FakeIssue, "id" | "pull">> = {},
): FakeIssue {
  const at = vendorTime(state.now());
  const number = options.number ?? (Array.from(repository.issues.keys()).at(-1) ?? 0) + 1;
  const issue: FakeIssue = {
    id: state.id(),
    number,
    title: `Issue ${String(number)}`,
    body: "",
    author: "octocat",
    state: "open",
    stateReason: null,
    labels: [],
    assignees: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    pull: null,
    ...options,
  };
  repository.issues.set(number, issue);
  return issue;
}

export function addPull(
  state: FakeState,
  repository: FakeRepository,
  { pull, ...options }: Partial<Omit<FakeIssue, "id" | "pull">> & { pull?: Partial<FakePull> } = {},
): FakeIssue & { pull: FakePull } {
  const issue = addIssue(state, repository, options);
  const made: FakePull = {
    headRef: `topic-${String(issue.number)}`,
    headSha: randomSha(),
    baseRef: repository.defaultBranch,
    baseSha: randomSha(),
    draft: false,
    mergedAt: null,
    mergeSha: null,
    files: [],
    reviews: [],
    requestedReviewers: [],
    ...pull,
  };
  return Object.assign(issue, { pull: made });
}

/** What an edit at GitHub does: the new values and a new `updated_at`. */
export function touchIssue(state: FakeState, issue: FakeIssue, change: Partial<FakeIssue> = {}): void {
  Object.assign(issue, change, { updatedAt: vendorTime(state.now()) });
}

export function renameRepository(state: FakeState, repository: FakeRepository, fullName: string): void {
  const [owner = "", name = ""] = fullName.split("/");
  state.formerNames.set(`${repository.owner}/${repository.name}`.toLowerCase(), repository.id);
  state.account(owner, "Organization");
  Object.assign(repository, { owner, name, updatedAt: vendorTime(state.now()) });
}
