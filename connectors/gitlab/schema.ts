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
  /** Absent for an empty repository and for who may not read code. */
  default_branch: z.string().nullish(),
  topics: z.array(z.string()).default([]),
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
