// GitLab's replies and webhooks: only the fields that are used.
import { z } from "zod";

export const User = z.object({ id: z.int(), username: z.string(), name: z.string().nullish() });
export type User = z.infer<typeof User>;

const Namespace = z.object({ id: z.int(), kind: z.string(), full_path: z.string() });

export const Project = z.object({
  id: z.int(),
  path_with_namespace: z.string(),
  description: z.string().nullish(),
  web_url: z.string(),
  visibility: z.string().optional(),
  archived: z.boolean().default(false),
  last_activity_at: z.string().nullish(),
  /** disabled, private (members only), enabled; not told to all. */
  issues_access_level: z.string().nullish(),
  merge_requests_access_level: z.string().nullish(),
  builds_access_level: z.string().nullish(),
  environments_access_level: z.string().nullish(),
  releases_access_level: z.string().nullish(),
  repository_access_level: z.string().nullish(),
  /** Absent for an empty repository and for who may not read code. */
  default_branch: z.string().nullish(),
  topics: z.array(z.string()).default([]),
  /** Where its pipelines are defined; null and empty mean `.gitlab-ci.yml`. */
  ci_config_path: z.string().nullish(),
  namespace: Namespace.optional(),
  /** Deletion is delayed: what is marked is still listed and answers, but is as good as gone. */
  marked_for_deletion_on: z.string().nullish(),
});
export type Project = z.infer<typeof Project>;

export const Group = z.object({
  id: z.int(),
  name: z.string(),
  full_path: z.string(),
  description: z.string().nullish(),
  web_url: z.string(),
  visibility: z.string().optional(),
  parent_id: z.int().nullish(),
  marked_for_deletion_on: z.string().nullish(),
});
export type Group = z.infer<typeof Group>;

export const Issue = z.object({
  iid: z.int(),
  title: z.string(),
  description: z.string().nullish(),
  state: z.string(),
  issue_type: z.string().nullish(),
  confidential: z.boolean().nullish(),
  author: User.nullish(),
  labels: z.array(z.string()).default([]),
  assignees: z.array(User).nullish(),
  milestone: z.object({ title: z.string() }).nullish(),
  due_date: z.string().nullish(),
  moved_to_id: z.int().nullish(),
  web_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullish(),
});
export type Issue = z.infer<typeof Issue>;

export const MergeRequest = z.object({
  iid: z.int(),
  title: z.string(),
  description: z.string().nullish(),
  state: z.string(),
  draft: z.boolean().nullish(),
  author: User.nullish(),
  labels: z.array(z.string()).default([]),
  assignees: z.array(User).nullish(),
  reviewers: z.array(User).nullish(),
  source_branch: z.string(),
  target_branch: z.string(),
  sha: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
  web_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  merged_at: z.string().nullish(),
  closed_at: z.string().nullish(),
});
export type MergeRequest = z.infer<typeof MergeRequest>;

export const Diff = z.object({
  old_path: z.string(),
  new_path: z.string(),
  diff: z.string(),
  new_file: z.boolean(),
  renamed_file: z.boolean(),
  deleted_file: z.boolean(),
});
export type Diff = z.infer<typeof Diff>;

export const Approvals = z.object({
  approved_by: z.array(z.object({ user: User, approved_at: z.string().nullish() })).default([]),
});
export type Approvals = z.infer<typeof Approvals>;

/** Of personal, project and group access tokens alike. */
export const TokenSelf = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  active: z.boolean().default(true),
  revoked: z.boolean().default(false),
  expires_at: z.string().nullish(),
});
export const OAuthTokenInfo = z.object({ scope: z.array(z.string()) });

export const Release = z.object({
  tag_name: z.string(),
  name: z.string().nullish(),
  released_at: z.string().nullish(),
  upcoming_release: z.boolean().default(false),
  author: User.nullish(),
  commit: z.object({ id: z.string() }).nullish(),
  _links: z.object({ self: z.string() }).nullish(),
});
export type Release = z.infer<typeof Release>;

export const PipelineRun = z.object({
  id: z.int(),
  iid: z.int().nullish(),
  ref: z.string().nullish(),
  sha: z.string(),
  status: z.string(),
  source: z.string().nullish(),
  web_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type PipelineRun = z.infer<typeof PipelineRun>;

export const Job = z.object({
  id: z.int(),
  name: z.string(),
  stage: z.string(),
  status: z.string(),
  allow_failure: z.boolean().default(false),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  duration: z.number().nullish(),
});
export type Job = z.infer<typeof Job>;

export const Environment = z.object({
  name: z.string(),
  state: z.string(),
  tier: z.string().nullish(),
  external_url: z.string().nullish(),
});
export type Environment = z.infer<typeof Environment>;

export const Deployment = z.object({
  id: z.int(),
  ref: z.string(),
  sha: z.string(),
  status: z.string(),
  user: User.nullish(),
  environment: z.object({ name: z.string(), external_url: z.string().nullish() }),
  deployable: z
    .object({ name: z.string(), stage: z.string(), pipeline: z.object({ web_url: z.string() }).nullish() })
    .nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;

export const Member = User.extend({ state: z.string().nullish(), access_level: z.int() });
export type Member = z.infer<typeof Member>;

export const RepositoryFile = z.object({ blob_id: z.string(), content: z.string() });
export const TreeEntry = z.object({ path: z.string(), type: z.string() });

export const Hook = z.object({ id: z.int(), url: z.string(), alert_status: z.string().nullish() });
export type Hook = z.infer<typeof Hook>;

/** A delivery as GitLab logged it, newest first and without a time. A status is `200`, or `internal error` where nobody answered. */
export const HookEvent = z.object({
  id: z.int(),
  request_headers: z.record(z.string(), z.string()).nullish(),
  request_data: z.record(z.string(), z.json()).nullish(),
  response_status: z.union([z.string(), z.number()]).nullish(),
});
export type HookEvent = z.infer<typeof HookEvent>;

/** Of a webhook's body: of a project, a group or the whole instance. */
export const Delivered = z.object({
  object_kind: z.string().optional(),
  event_name: z.string().optional(),
  event_type: z.string().optional(),
  ref: z.string().optional(),
  project_id: z.int().nullish(),
  group_id: z.int().nullish(),
  parent_group_id: z.int().nullish(),
  path_with_namespace: z.string().optional(),
  project_visibility: z.string().optional(),
  /** Of releases and deployments. */
  tag: z.union([z.string(), z.boolean()]).nullish(),
  deployment_id: z.int().nullish(),
  project: z.object({ id: z.int(), default_branch: z.string().nullish() }).nullish(),
  object_attributes: z
    .object({
      iid: z.int().nullish(),
      action: z.string().nullish(),
      expires_at: z.string().nullish(),
      name: z.string().nullish(),
    })
    .nullish(),
});
