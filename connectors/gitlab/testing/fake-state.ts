// What the fake GitLab knows: groups, projects, issues, merge requests and their history; tests change it directly.
import { randomBytes } from "node:crypto";
import type { JsonObject } from "../../testing/json-schema.ts";

interface FakeUser {
  id: number;
  username: string;
  name: string;
}

export interface FakeGroup {
  id: number;
  path: string;
  name: string;
  parent: number | null;
  /** User → access level. */
  members: Map<string, number>;
  hooks: Map<number, FakeHook>;
  markedForDeletionOn: string | null;
}

interface FakeWork {
  id: number;
  iid: number;
  title: string;
  description: string;
  author: string;
  labels: string[];
  assignees: string[];
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
}

export interface FakeIssue extends FakeWork {
  state: "opened" | "closed";
  confidential: boolean;
  type: "issue" | "incident" | "task";
}

export interface FakeDiff {
  oldPath: string;
  newPath: string;
  diff: string;
  is: "new" | "renamed" | "deleted" | "modified";
}

export interface FakeMergeRequest extends FakeWork {
  state: "opened" | "closed" | "merged";
  draft: boolean;
  sourceBranch: string;
  targetBranch: string;
  sha: string;
  mergeCommitSha: string | null;
  squashCommitSha: string | null;
  mergedAt: string | null;
  reviewers: string[];
  approvedBy: { user: string; at: string }[];
  diffs: FakeDiff[];
}

export interface FakeRelease {
  tag: string;
  name: string;
  author: string;
  sha: string;
  releasedAt: string;
}

export interface FakeJob {
  id: number;
  name: string;
  stage: string;
  status: FakePipeline["status"];
  allowFailure: boolean;
  duration: number | null;
}

export interface FakePipeline {
  id: number;
  iid: number;
  ref: string;
  sha: string;
  status: "created" | "running" | "success" | "failed" | "canceled" | "skipped" | "manual";
  source: string;
  duration: number | null;
  jobs: FakeJob[];
  user: string;
  createdAt: string;
  updatedAt: string;
}

export interface FakeEnvironment {
  id: number;
  name: string;
  url: string | null;
  state: "available" | "stopping" | "stopped";
  tier: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface FakeDeployment {
  id: number;
  iid: number;
  ref: string;
  sha: string;
  status: "created" | "running" | "success" | "failed" | "canceled" | "blocked";
  environment: FakeEnvironment;
  user: string;
  /** The job that did it; null when the API was told of it. */
  by: { pipeline: FakePipeline; job: FakeJob } | null;
  createdAt: string;
  updatedAt: string;
}

export interface FakeHook {
  id: number;
  url: string;
  token: string | null;
  signingToken: string | null;
  events: Set<string>;
  alertStatus: "executable" | "temporarily_disabled" | "disabled";
  createdAt: string;
  /** What was sent, oldest first. */
  log: FakeHookEvent[];
}

export interface FakeHookEvent {
  id: number;
  url: string;
  trigger: string;
  headers: Record<string, string>;
  data: JsonObject;
  status: number | null;
}

export interface FakeProject {
  id: number;
  /** With its group: `acme/platform/shop`. */
  path: string;
  description: string | null;
  visibility: "private" | "internal" | "public";
  archived: boolean;
  topics: string[];
  defaultBranch: string | null;
  createdAt: string;
  lastActivityAt: string;
  markedForDeletionOn: string | null;
  members: Map<string, number>;
  issues: Map<number, FakeIssue>;
  mergeRequests: Map<number, FakeMergeRequest>;
  releases: FakeRelease[];
  pipelines: FakePipeline[];
  environments: FakeEnvironment[];
  deployments: FakeDeployment[];
  hooks: Map<number, FakeHook>;
  files: Map<string, string>;
  /** Of the default branch. */
  headSha: string;
  ciConfigPath: string | null;
  /** `issues`, `merge_requests`, `builds`: switched off in the settings. */
  off: Set<string>;
  gitFolder: string | null;
}

export interface FakeState {
  settings: {
    /** Premium and Ultimate. */
    groupHooks: boolean;
    /** GitLab 17.3 and later. */
    hookEvents: boolean;
    /** Where an administrator lets no webhook go. */
    blockedHosts: string[];
  };
  now(this: void): Date;
  id(this: void): number;
  users: Map<string, FakeUser>;
  groups: Map<number, FakeGroup>;
  projects: Map<number, FakeProject>;
  user(username: string): FakeUser;
  group(path: string): FakeGroup | undefined;
  project(path: string): FakeProject | undefined;
}

export function createFakeState(now: () => Date): FakeState {
  let lastId = 1_000;
  const state: FakeState = {
    now,
    settings: { groupHooks: true, hookEvents: true, blockedHosts: [] },
    id: () => ++lastId,
    users: new Map(),
    groups: new Map(),
    projects: new Map(),
    user: (username) => {
      let user = state.users.get(username);
      if (!user) {
        const name = username.charAt(0).toUpperCase() + username.slice(1);
        state.users.set(username, (user = { id: state.id(), username, name }));
      }
      return user;
    },
    group: (path) => [...state.groups.values()].find((one) => one.path.toLowerCase() === path.toLowerCase()),
    project: (path) => [...state.projects.values()].find((one) => one.path.toLowerCase() === path.toLowerCase()),
  };
  return state;
}

export const vendorTime = (date: Date): string => date.toISOString();
export const randomSha = (): string => randomBytes(20).toString("hex");
export const parentPath = (path: string): string => path.split("/").slice(0, -1).join("/");
export const lastPart = (path: string): string => path.split("/").at(-1) ?? path;

export function addGroup(state: FakeState, path: string, members: Record<string, number> = {}): FakeGroup {
  const parent = parentPath(path);
  const known = state.group(path);
  if (known) return known;
  const group: FakeGroup = {
    id: state.id(),
    path,
    name: lastPart(path),
    parent: parent === "" ? null : addGroup(state, parent).id,
    members: new Map(Object.entries(members)),
    hooks: new Map(),
    markedForDeletionOn: null,
  };
  state.groups.set(group.id, group);
  return group;
}

/** In a group that is made when it is not there; `~ada/notes` belongs to the person. */
export function addProject(
  state: FakeState,
  path: string,
  options: Partial<Omit<FakeProject, "id">> = {},
): FakeProject {
  const person = path.startsWith("~");
  if (!person) addGroup(state, parentPath(path));
  const at = vendorTime(state.now());
  const project: FakeProject = {
    id: state.id(),
    path: path.replace(/^~/, ""),
    description: null,
    visibility: "private",
    archived: false,
    topics: [],
    defaultBranch: "main",
    createdAt: at,
    lastActivityAt: at,
    markedForDeletionOn: null,
    members: new Map(),
    issues: new Map(),
    mergeRequests: new Map(),
    releases: [],
    pipelines: [],
    environments: [],
    deployments: [],
    hooks: new Map(),
    files: new Map(),
    headSha: randomSha(),
    ciConfigPath: null,
    off: new Set(),
    gitFolder: null,
    ...options,
  };
  state.projects.set(project.id, project);
  return project;
}

function work(state: FakeState, among: Map<number, unknown>, what: string): FakeWork {
  const iid = (Array.from(among.keys()).at(-1) ?? 0) + 1;
  const at = vendorTime(state.now());
  return {
    id: state.id(),
    iid,
    title: `${what} ${iid}`,
    description: "",
    author: "ada",
    labels: [],
    assignees: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  };
}

export function addIssue(state: FakeState, project: FakeProject, options: Partial<FakeIssue> = {}): FakeIssue {
  const issue: FakeIssue = {
    ...work(state, project.issues, "Issue"),
    state: "opened",
    confidential: false,
    type: "issue",
    ...options,
  };
  project.issues.set(issue.iid, issue);
  return issue;
}

export function addMergeRequest(
  state: FakeState,
  project: FakeProject,
  options: Partial<FakeMergeRequest> = {},
): FakeMergeRequest {
  const base = work(state, project.mergeRequests, "Merge request");
  const one: FakeMergeRequest = {
    ...base,
    state: "opened",
    draft: false,
    sourceBranch: `topic-${base.iid}`,
    targetBranch: project.defaultBranch ?? "main",
    sha: randomSha(),
    mergeCommitSha: null,
    squashCommitSha: null,
    mergedAt: null,
    reviewers: [],
    approvedBy: [],
    diffs: [],
    ...options,
  };
  project.mergeRequests.set(one.iid, one);
  return one;
}

/** What an edit at GitLab does: the new values and a new `updated_at`. */
export function touch<T extends FakeWork>(state: FakeState, one: T, change: Partial<T> = {}): void {
  Object.assign(one, change, { updatedAt: vendorTime(state.now()) });
}

export function addEnvironment(
  state: FakeState,
  project: FakeProject,
  name: string,
  options: Partial<FakeEnvironment> = {},
): FakeEnvironment {
  const at = vendorTime(state.now());
  const environment: FakeEnvironment = {
    id: state.id(),
    name,
    url: null,
    state: "available",
    tier: null,
    createdAt: at,
    updatedAt: at,
    ...options,
  };
  project.environments.push(environment);
  return environment;
}

export function addPipeline(
  state: FakeState,
  project: FakeProject,
  options: Partial<Omit<FakePipeline, "jobs">> & { jobs?: Partial<FakeJob>[] } = {},
): FakePipeline {
  const at = vendorTime(state.now());
  const { jobs = [], ...rest } = options;
  const pipeline: FakePipeline = {
    id: state.id(),
    iid: project.pipelines.length + 1,
    ref: project.defaultBranch ?? "main",
    sha: randomSha(),
    status: "success",
    source: "push",
    duration: 61,
    user: "ada",
    createdAt: at,
    updatedAt: at,
    jobs: jobs.map((job, index) => ({
      id: state.id(),
      name: `job-${index}`,
      stage: "test",
      status: "success",
      allowFailure: false,
      duration: 12.5,
      ...job,
    })),
    ...rest,
  };
  project.pipelines.push(pipeline);
  return pipeline;
}

export function addDeployment(
  state: FakeState,
  project: FakeProject,
  environment: FakeEnvironment,
  options: Partial<FakeDeployment> = {},
): FakeDeployment {
  const at = vendorTime(state.now());
  const deployment: FakeDeployment = {
    id: state.id(),
    iid: project.deployments.length + 1,
    ref: project.defaultBranch ?? "main",
    sha: randomSha(),
    status: "success",
    environment,
    user: "ada",
    by: null,
    createdAt: at,
    updatedAt: at,
    ...options,
  };
  project.deployments.push(deployment);
  return deployment;
}
