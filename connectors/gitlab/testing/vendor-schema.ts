// What GitLab's documentation says of the operations that are used, as an OpenAPI document written by hand: no package carries GitLab's.
// Each group names its page. Objects take no field that the page does not show, so that neither fake nor connector invents one.
import type { JsonObject } from "../../testing/json-schema.ts";
import { type ApiJudge, createApiJudge } from "../../testing/openapi.ts";
import { deliveryPaths, deliverySchemas } from "./delivery-schema.ts";
import {
  arrayOf,
  bool,
  choice,
  dateTime,
  id,
  int,
  keyset,
  list,
  nullable,
  object,
  op,
  optional,
  paging,
  query,
  ref,
  text,
} from "./schema-words.ts";

/** docs.gitlab.com/api/users/, as it is embedded everywhere */
const user = object({
  id: int,
  username: text,
  name: text,
  state: text,
  locked: optional(bool),
  public_email: optional(nullable(text)),
  avatar_url: nullable(text),
  web_url: text,
});

/** docs.gitlab.com/api/projects/#list-all-projects */
const project = object({
  id: int,
  description: nullable(text),
  name: text,
  name_with_namespace: text,
  path: text,
  path_with_namespace: text,
  created_at: dateTime,
  default_branch: optional(nullable(text)),
  tag_list: arrayOf(text),
  topics: arrayOf(text),
  ssh_url_to_repo: text,
  http_url_to_repo: text,
  web_url: text,
  readme_url: optional(nullable(text)),
  forks_count: optional(int),
  avatar_url: nullable(text),
  star_count: int,
  last_activity_at: dateTime,
  visibility: choice("private", "internal", "public"),
  archived: bool,
  empty_repo: bool,
  issues_access_level: text,
  merge_requests_access_level: text,
  builds_access_level: text,
  environments_access_level: text,
  releases_access_level: text,
  repository_access_level: text,
  ci_config_path: optional(nullable(text)),
  open_issues_count: optional(int),
  creator_id: int,
  namespace: object({
    id: int,
    name: text,
    path: text,
    kind: choice("user", "group"),
    full_path: text,
    parent_id: nullable(int),
    avatar_url: nullable(text),
    web_url: text,
  }),
  marked_for_deletion_at: optional(nullable(text)),
  marked_for_deletion_on: optional(nullable(text)),
});

/** docs.gitlab.com/api/groups/#list-all-groups */
const group = object({
  id: int,
  name: text,
  path: text,
  description: nullable(text),
  visibility: choice("private", "internal", "public"),
  avatar_url: nullable(text),
  web_url: text,
  full_name: text,
  full_path: text,
  parent_id: nullable(int),
  created_at: dateTime,
  marked_for_deletion_on: optional(nullable(text)),
});

const milestone = object({
  id: int,
  iid: int,
  project_id: int,
  title: text,
  description: nullable(text),
  state: choice("active", "closed"),
  created_at: dateTime,
  updated_at: dateTime,
  due_date: nullable(text),
  start_date: nullable(text),
  web_url: text,
});

const references = object({ short: text, relative: text, full: text });
const timeStats = object({
  time_estimate: int,
  total_time_spent: int,
  human_time_estimate: nullable(text),
  human_total_time_spent: nullable(text),
});

/** docs.gitlab.com/api/issues/#list-project-issues */
const issue = object({
  id: int,
  iid: int,
  project_id: int,
  title: text,
  description: nullable(text),
  state: choice("opened", "closed"),
  created_at: dateTime,
  updated_at: dateTime,
  closed_at: nullable(dateTime),
  closed_by: nullable(ref("user")),
  labels: arrayOf(text),
  milestone: nullable(ref("milestone")),
  assignees: list("user"),
  assignee: nullable(ref("user")),
  author: ref("user"),
  type: choice("ISSUE", "INCIDENT", "TEST_CASE", "TASK"),
  user_notes_count: int,
  merge_requests_count: int,
  upvotes: int,
  downvotes: int,
  due_date: nullable(text),
  confidential: bool,
  discussion_locked: nullable(bool),
  issue_type: choice("issue", "incident", "test_case", "task"),
  web_url: text,
  time_stats: timeStats,
  task_completion_status: object({ count: int, completed_count: int }),
  has_tasks: bool,
  severity: text,
  references,
  moved_to_id: nullable(int),
  service_desk_reply_to: nullable(text),
});

/** docs.gitlab.com/api/merge_requests/#list-project-merge-requests */
const mergeRequest = object({
  id: int,
  iid: int,
  project_id: int,
  title: text,
  description: nullable(text),
  state: choice("opened", "closed", "locked", "merged"),
  created_at: dateTime,
  updated_at: dateTime,
  merged_by: nullable(ref("user")),
  merge_user: nullable(ref("user")),
  merged_at: nullable(dateTime),
  closed_by: nullable(ref("user")),
  closed_at: nullable(dateTime),
  target_branch: text,
  source_branch: text,
  user_notes_count: int,
  upvotes: int,
  downvotes: int,
  author: ref("user"),
  assignees: list("user"),
  assignee: nullable(ref("user")),
  reviewers: list("user"),
  source_project_id: int,
  target_project_id: int,
  labels: arrayOf(text),
  draft: bool,
  work_in_progress: bool,
  milestone: nullable(ref("milestone")),
  merge_when_pipeline_succeeds: bool,
  merge_status: text,
  detailed_merge_status: text,
  sha: nullable(text),
  merge_commit_sha: nullable(text),
  squash_commit_sha: nullable(text),
  discussion_locked: nullable(bool),
  should_remove_source_branch: nullable(bool),
  force_remove_source_branch: nullable(bool),
  prepared_at: nullable(dateTime),
  web_url: text,
  references,
  time_stats: timeStats,
  squash: bool,
  task_completion_status: object({ count: int, completed_count: int }),
  has_conflicts: bool,
  blocking_discussions_resolved: bool,
});

/** docs.gitlab.com/api/merge_requests/#list-merge-request-diffs */
const diff = object({
  old_path: text,
  new_path: text,
  a_mode: text,
  b_mode: text,
  diff: text,
  collapsed: bool,
  too_large: bool,
  new_file: bool,
  renamed_file: bool,
  deleted_file: bool,
  generated_file: nullable(bool),
});

/** docs.gitlab.com/api/merge_request_approvals/; the fields that every tier has */
const approvals = object({
  user_has_approved: bool,
  user_can_approve: bool,
  approved: bool,
  approved_by: arrayOf(object({ user: ref("user"), approved_at: dateTime })),
});

/** docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token */
const tokenSelf = object({
  id: int,
  name: text,
  revoked: bool,
  created_at: dateTime,
  description: nullable(text),
  scopes: arrayOf(text),
  user_id: int,
  last_used_at: nullable(dateTime),
  active: bool,
  expires_at: nullable(text),
});

const changed = query({
  created_after: dateTime,
  created_before: dateTime,
  updated_after: dateTime,
  updated_before: dateTime,
  state: text,
  scope: choice("created_by_me", "assigned_to_me", "all"),
  order_by: text,
  sort: choice("asc", "desc"),
  search: text,
});

const document: JsonObject = {
  components: {
    schemas: {
      user,
      project,
      group,
      milestone,
      issue,
      mergeRequest,
      diff,
      approvals,
      tokenSelf,
      ...deliverySchemas,
      /** docs.gitlab.com/api/rest/troubleshooting/: `message` (a text or an object), or `error` from OAuth and the parameter check */
      failure: {
        anyOf: [
          { type: "object", required: ["message"] },
          { type: "object", required: ["error"] },
        ],
      },
    },
  },
  paths: {
    "/user": {
      get: op(
        {},
        object({ id: int, username: text, name: text, state: text, avatar_url: nullable(text), web_url: text }),
      ),
    },
    "/personal_access_tokens/self": { get: op({}, ref("tokenSelf")), delete: op({}, null, 204) },
    "/projects": {
      get: op(
        {
          ...paging,
          ...keyset,
          ...query({
            membership: bool,
            archived: bool,
            search: text,
            search_namespaces: bool,
            order_by: choice(
              "id",
              "name",
              "path",
              "created_at",
              "updated_at",
              "last_activity_at",
              "similarity",
              "star_count",
            ),
            sort: choice("asc", "desc"),
            id_after: int,
            id_before: int,
            min_access_level: int,
            simple: bool,
          }),
        },
        list("project"),
      ),
    },
    "/projects/{id}": { get: op(id, ref("project")) },
    "/groups": {
      get: op(
        {
          ...paging,
          ...keyset,
          ...query({
            search: text,
            order_by: text,
            sort: choice("asc", "desc"),
            min_access_level: int,
            top_level_only: bool,
            owned: bool,
          }),
        },
        list("group"),
      ),
    },
    "/groups/{id}": { get: op({ ...id, ...query({ with_projects: bool }) }, ref("group")) },
    "/groups/{id}/projects": {
      get: op(
        {
          ...id,
          ...paging,
          ...query({
            include_subgroups: bool,
            with_shared: bool,
            archived: bool,
            search: text,
            order_by: choice(
              "id",
              "name",
              "path",
              "created_at",
              "updated_at",
              "similarity",
              "star_count",
              "last_activity_at",
            ),
            sort: choice("asc", "desc"),
          }),
        },
        list("project"),
      ),
    },
    "/projects/{id}/issues": {
      get: op({ ...id, ...paging, ...keyset, ...changed, ...query({ confidential: bool }) }, list("issue")),
    },
    "/projects/{id}/issues/{issue_iid}": { get: op({ ...id, issue_iid: int }, ref("issue")) },
    "/projects/{id}/merge_requests": { get: op({ ...id, ...paging, ...changed }, list("mergeRequest")) },
    // A single one has more than a list's; what is shown here is what both have.
    "/projects/{id}/merge_requests/{iid}": { get: op({ ...id, iid: int }, ref("mergeRequest")) },
    "/projects/{id}/merge_requests/{iid}/diffs": {
      get: op({ ...id, iid: int, ...paging, ...query({ unidiff: bool }) }, list("diff")),
    },
    "/projects/{id}/merge_requests/{iid}/approvals": { get: op({ ...id, iid: int }, ref("approvals")) },
    ...deliveryPaths,
  },
};

export const loadVendorSchema = (): ApiJudge =>
  createApiJudge({ vendor: "GitLab", document, deviations: [], error: "failure" });
