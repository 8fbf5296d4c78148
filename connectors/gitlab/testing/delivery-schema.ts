// Releases, deployments, environments, pipelines, jobs, members, files and hooks as GitLab's documentation shows them.
import type { JsonObject } from "../../testing/json-schema.ts";
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
  number,
  object,
  op,
  optional,
  paging,
  query,
  ref,
  text,
} from "./schema-words.ts";

const commit = object({
  id: text,
  short_id: text,
  created_at: dateTime,
  parent_ids: arrayOf(text),
  title: text,
  message: text,
  author_name: text,
  author_email: text,
  authored_date: dateTime,
  committer_name: text,
  committer_email: text,
  committed_date: dateTime,
  web_url: text,
});

/** docs.gitlab.com/api/releases/#list-releases */
const release = object({
  tag_name: text,
  name: text,
  description: nullable(text),
  created_at: dateTime,
  released_at: dateTime,
  upcoming_release: bool,
  author: ref("user"),
  commit: ref("commit"),
  commit_path: text,
  tag_path: text,
  assets: object({ count: int, sources: arrayOf(object({ format: text, url: text })), links: arrayOf({}) }),
  evidences: arrayOf({}),
  _links: object({ self: text, edit_url: optional(text) }),
});

const pipelineStates = choice(
  "created",
  "waiting_for_resource",
  "preparing",
  "pending",
  "running",
  "success",
  "failed",
  "canceled",
  "skipped",
  "manual",
  "scheduled",
);

const pipelineFields = {
  id: int,
  iid: int,
  project_id: int,
  sha: text,
  ref: text,
  status: pipelineStates,
  source: text,
  created_at: dateTime,
  updated_at: dateTime,
  web_url: text,
};

/** docs.gitlab.com/api/pipelines/#list-project-pipelines */
const pipelineItem = object({ ...pipelineFields, name: optional(nullable(text)) });

/** docs.gitlab.com/api/pipelines/#get-a-single-pipeline */
const pipeline = object({
  ...pipelineFields,
  name: optional(nullable(text)),
  before_sha: text,
  tag: bool,
  yaml_errors: nullable(text),
  user: ref("user"),
  started_at: nullable(dateTime),
  finished_at: nullable(dateTime),
  committed_at: nullable(dateTime),
  duration: nullable(int),
  queued_duration: nullable(number),
  coverage: nullable(text),
  detailed_status: {},
});

/** docs.gitlab.com/api/jobs/#list-pipeline-jobs */
const job = object({
  id: int,
  status: pipelineStates,
  stage: text,
  name: text,
  ref: text,
  tag: bool,
  coverage: nullable(number),
  allow_failure: bool,
  created_at: dateTime,
  started_at: nullable(dateTime),
  finished_at: nullable(dateTime),
  erased_at: nullable(dateTime),
  duration: nullable(number),
  queued_duration: nullable(number),
  user: ref("user"),
  commit: ref("commit"),
  pipeline: object({ id: int, project_id: int, ref: text, sha: text, status: pipelineStates }),
  failure_reason: optional(text),
  web_url: text,
  project: object({ ci_job_token_scope_enabled: bool }),
  artifacts: arrayOf({}),
  runner: nullable({}),
  artifacts_expire_at: nullable(dateTime),
  tag_list: arrayOf(text),
});

/** docs.gitlab.com/api/environments/ */
const environment = object({
  id: int,
  name: text,
  slug: text,
  description: optional(nullable(text)),
  external_url: nullable(text),
  state: choice("available", "stopping", "stopped"),
  tier: nullable(text),
  created_at: dateTime,
  updated_at: dateTime,
  auto_stop_at: optional(nullable(dateTime)),
});

/** docs.gitlab.com/api/deployments/#list-project-deployments */
const deployment = object({
  id: int,
  iid: int,
  ref: text,
  sha: text,
  created_at: dateTime,
  updated_at: dateTime,
  status: choice("created", "running", "success", "failed", "canceled", "blocked"),
  user: nullable(ref("user")),
  environment: object({ id: int, name: text, external_url: nullable(text) }),
  deployable: nullable(
    object({
      id: int,
      status: pipelineStates,
      stage: text,
      name: text,
      ref: text,
      tag: bool,
      coverage: nullable(number),
      created_at: dateTime,
      started_at: nullable(dateTime),
      finished_at: nullable(dateTime),
      user: ref("user"),
      commit: ref("commit"),
      pipeline: object({
        id: int,
        sha: text,
        ref: text,
        status: pipelineStates,
        created_at: dateTime,
        updated_at: dateTime,
        web_url: text,
      }),
      project: object({ ci_job_token_scope_enabled: bool }),
    }),
  ),
});

/** docs.gitlab.com/api/members/ */
const member = object({
  id: int,
  username: text,
  name: text,
  state: text,
  avatar_url: nullable(text),
  web_url: text,
  access_level: int,
  created_at: dateTime,
  expires_at: nullable(text),
  membership_state: optional(text),
});

/** docs.gitlab.com/api/repository_files/#get-file-from-repository */
const file = object({
  file_name: text,
  file_path: text,
  size: int,
  encoding: choice("base64"),
  content_sha256: text,
  ref: text,
  blob_id: text,
  commit_id: text,
  last_commit_id: text,
  execute_filemode: bool,
  content: text,
});

/** docs.gitlab.com/api/repositories/#list-repository-tree */
const treeEntry = object({ id: text, name: text, type: choice("tree", "blob", "commit"), path: text, mode: text });

/** docs.gitlab.com/api/project_webhooks/ */
const hookFields = {
  id: int,
  url: text,
  name: nullable(text),
  description: nullable(text),
  push_events: bool,
  push_events_branch_filter: nullable(text),
  branch_filter_strategy: text,
  issues_events: bool,
  confidential_issues_events: bool,
  merge_requests_events: bool,
  tag_push_events: bool,
  note_events: bool,
  job_events: bool,
  pipeline_events: bool,
  wiki_page_events: bool,
  deployment_events: bool,
  releases_events: bool,
  enable_ssl_verification: bool,
  alert_status: choice("executable", "temporarily_disabled", "disabled"),
  disabled_until: nullable(dateTime),
  created_at: dateTime,
  token_present: bool,
  signing_token_present: bool,
};
const hook = object({ ...hookFields, project_id: int });
/** docs.gitlab.com/api/group_webhooks/ */
const groupHook = object({ ...hookFields, group_id: int, subgroup_events: bool, member_events: bool });

/** docs.gitlab.com/api/project_webhooks/#get-a-list-of-project-webhook-events, in the last seven days, newest first. */
const hookEvent = object({
  id: int,
  url: text,
  trigger: text,
  request_headers: { type: "object", additionalProperties: text },
  request_data: { type: "object" },
  response_headers: { type: "object", additionalProperties: text },
  response_body: text,
  execution_duration: number,
  response_status: text,
});

const hookAttributes = (more: readonly string[] = []): JsonObject => ({
  type: "object",
  required: ["url"],
  properties: {
    url: { type: "string", format: "uri" },
    name: text,
    description: text,
    token: text,
    // 32 bytes in base64.
    signing_token: { type: "string", pattern: "^whsec_[A-Za-z0-9+/]{43}=$" },
    ...Object.fromEntries(
      [
        "push",
        "tag_push",
        "issues",
        "confidential_issues",
        "note",
        "merge_requests",
        "job",
        "pipeline",
        "wiki_page",
        "deployment",
        "releases",
        ...more,
      ].map((name) => [`${name}_events`, bool]),
    ),
    enable_ssl_verification: bool,
  },
  additionalProperties: false,
});

export const deliverySchemas: JsonObject = {
  commit,
  release,
  pipelineItem,
  pipeline,
  job,
  environment,
  deployment,
  member,
  file,
  treeEntry,
  hook,
  groupHook,
  hookEvent,
};

const ordered = query({ order_by: text, sort: choice("asc", "desc") });
const changed = query({ updated_after: dateTime, updated_before: dateTime });

/** docs.gitlab.com/api/project_webhooks/ and docs.gitlab.com/api/group_webhooks/, which are alike. */
const hookPaths = (of: "projects" | "groups", shape: string, attributes: JsonObject): JsonObject => {
  const one = { ...id, hook_id: int };
  return {
    [`/${of}/{id}/hooks`]: { get: op({ ...id, ...paging }, list(shape)), post: op(id, ref(shape), 201, attributes) },
    [`/${of}/{id}/hooks/{hook_id}`]: {
      get: op(one, ref(shape)),
      put: op(one, ref(shape), 200, attributes),
      delete: op(one, null, 204),
    },
    // A hook that was disabled works again once a test has arrived.
    [`/${of}/{id}/hooks/{hook_id}/test/{trigger}`]: {
      post: op({ ...one, trigger: choice("push_events", "issues_events") }, object({ message: text }), 201),
    },
    [`/${of}/{id}/hooks/{hook_id}/events`]: {
      get: op({ ...one, ...paging, ...query({ status: text }) }, list("hookEvent")),
    },
    [`/${of}/{id}/hooks/{hook_id}/events/{hook_event_id}/resend`]: {
      post: op({ ...one, hook_event_id: int }, object({ response_status: int }), 201),
    },
  };
};

export const deliveryPaths: JsonObject = {
  "/projects/{id}/releases": { get: op({ ...id, ...paging, ...ordered }, list("release")) },
  "/projects/{id}/releases/{tag_name}": { get: op({ ...id, tag_name: text }, ref("release")) },
  "/projects/{id}/pipelines": {
    get: op(
      { ...id, ...paging, ...ordered, ...changed, ...query({ status: text, ref: text, sha: text, source: text }) },
      list("pipelineItem"),
    ),
  },
  "/projects/{id}/pipelines/{pipeline_id}": { get: op({ ...id, pipeline_id: int }, ref("pipeline")) },
  "/projects/{id}/pipelines/{pipeline_id}/jobs": {
    get: op({ ...id, pipeline_id: int, ...paging, ...query({ include_retried: bool }) }, list("job")),
  },
  "/projects/{id}/deployments": {
    get: op(
      { ...id, ...paging, ...ordered, ...changed, ...query({ environment: text, status: text }) },
      list("deployment"),
    ),
  },
  "/projects/{id}/deployments/{deployment_id}": { get: op({ ...id, deployment_id: int }, ref("deployment")) },
  "/projects/{id}/environments": {
    get: op({ ...id, ...paging, ...query({ name: text, search: text, states: text }) }, list("environment")),
  },
  "/projects/{id}/members": { get: op({ ...id, ...paging, ...query({ query: text }) }, list("member")) },
  "/groups/{id}/members": { get: op({ ...id, ...paging, ...query({ query: text }) }, list("member")) },
  // docs.gitlab.com/api/groups/#list-descendant-groups
  "/groups/{id}/descendant_groups": {
    get: op({ ...id, ...paging, ...ordered, ...query({ all_available: bool, search: text }) }, list("group")),
  },
  "/projects/{id}/repository/files/{file_path}": {
    get: op({ ...id, file_path: text, ...query({ ref: text }) }, ref("file")),
  },
  "/projects/{id}/repository/tree": {
    get: op(
      { ...id, ...paging, ...keyset, ...query({ path: text, ref: text, recursive: bool, page_token: text }) },
      list("treeEntry"),
    ),
  },
  ...hookPaths("projects", "hook", hookAttributes()),
  ...hookPaths("groups", "groupHook", hookAttributes(["subgroup", "member"])),
};
