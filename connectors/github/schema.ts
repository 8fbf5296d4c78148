// GitHub's replies and webhooks: only the fields that are used.
import { z } from "zod";

const User = z.object({ login: z.string(), id: z.int(), type: z.string().optional() });
export type User = z.infer<typeof User>;

export const Repository = z.object({
  id: z.int(),
  node_id: z.string().optional(),
  name: z.string(),
  full_name: z.string(),
  owner: User,
  private: z.boolean(),
  archived: z.boolean().default(false),
  description: z.string().nullish(),
  html_url: z.string(),
  default_branch: z.string().default("main"),
  topics: z.array(z.string()).default([]),
  /** Seconds since 1970 in webhooks of a push. */
  pushed_at: z.union([z.string(), z.number()]).nullish(),
});
export type Repository = z.infer<typeof Repository>;
export const InstallationRepositories = z.object({ total_count: z.int(), repositories: z.array(Repository) });

export const InstallationToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });
export const CreatedApp = z.object({
  id: z.int(),
  slug: z.string(),
  pem: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  webhook_secret: z.string().nullish(),
});

const Label = z.union([z.string(), z.object({ name: z.string().nullish() })]);

export const Issue = z.object({
  number: z.int(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  state_reason: z.string().nullish(),
  user: User.nullable(),
  labels: z.array(Label).default([]),
  assignees: z.array(User).nullish(),
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullish(),
  pull_request: z.object({}).optional(),
});
export type Issue = z.infer<typeof Issue>;

const Side = z.object({ ref: z.string(), sha: z.string() });
export const Pull = Issue.omit({ state_reason: true, pull_request: true }).extend({
  draft: z.boolean().default(false),
  head: Side,
  base: Side,
  merged_at: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  requested_reviewers: z.array(User).nullish(),
});
export type Pull = z.infer<typeof Pull>;

export const PullFile = z.object({
  filename: z.string(),
  previous_filename: z.string().optional(),
  status: z.string(),
  additions: z.int(),
  deletions: z.int(),
  patch: z.string().optional(),
});
export type PullFile = z.infer<typeof PullFile>;

export const Review = z.object({ user: User.nullable(), state: z.string(), submitted_at: z.string().nullish() });
export type Review = z.infer<typeof Review>;

export const Release = z.object({
  id: z.int(),
  tag_name: z.string(),
  target_commitish: z.string(),
  name: z.string().nullish(),
  draft: z.boolean(),
  prerelease: z.boolean(),
  html_url: z.string(),
  published_at: z.string().nullish(),
  author: User.nullish(),
});
export type Release = z.infer<typeof Release>;

export const Deployment = z.object({
  id: z.int(),
  sha: z.string(),
  ref: z.string(),
  environment: z.string(),
  creator: User.nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;
export const DeploymentStatus = z.object({
  state: z.string(),
  created_at: z.string(),
  log_url: z.string().nullish(),
  target_url: z.string().nullish(),
});
export type DeploymentStatus = z.infer<typeof DeploymentStatus>;

export const Workflow = z.object({
  id: z.int(),
  name: z.string(),
  path: z.string(),
  state: z.string(),
  html_url: z.string(),
});
export type Workflow = z.infer<typeof Workflow>;
export const Workflows = z.object({ workflows: z.array(Workflow) });
export const Run = z.object({
  id: z.int(),
  workflow_id: z.int(),
  run_number: z.int(),
  head_branch: z.string().nullish(),
  head_sha: z.string(),
  event: z.string(),
  status: z.string().nullish(),
  conclusion: z.string().nullish(),
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Run = z.infer<typeof Run>;
export const Runs = z.object({ workflow_runs: z.array(Run) });

export const Tree = z.object({
  tree: z.array(z.object({ path: z.string(), type: z.string(), sha: z.string() })),
  truncated: z.boolean(),
});
export const Blob = z.object({ content: z.string(), encoding: z.string() });

export const Team = z.object({
  slug: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  html_url: z.string(),
  parent: z.object({ slug: z.string() }).nullish(),
});
export const Users = z.array(User);

export const HookDelivery = z.object({
  id: z.int(),
  guid: z.string(),
  delivered_at: z.string(),
  status_code: z.int(),
});
export const HookDeliveryDetail = z.object({
  request: z.object({ headers: z.record(z.string(), z.string()).nullable(), payload: z.unknown() }),
});

/** Of a webhook's body. */
export const Delivered = z.object({
  action: z.string().optional(),
  ref: z.string().optional(),
  ref_type: z.string().optional(),
  deleted: z.boolean().optional(),
  repository: Repository.optional(),
  issue: z.object({ number: z.int(), pull_request: z.object({}).optional() }).optional(),
  pull_request: z.object({ number: z.int() }).optional(),
  deployment: z.object({ id: z.int() }).optional(),
  release: z.object({ id: z.int() }).optional(),
  check_run: z.object({ pull_requests: z.array(z.object({ number: z.int() })).default([]) }).optional(),
  installation: z.object({ id: z.int(), account: User.partial().nullish() }).optional(),
  repositories_removed: z.array(z.object({ id: z.int() })).default([]),
  repositories_added: z
    .array(z.object({ id: z.int(), name: z.string(), full_name: z.string(), private: z.boolean() }))
    .default([]),
});
