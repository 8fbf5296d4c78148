// The fake's state in the shapes of GitLab's replies: long because each has all the fields that GitLab's docs list, read here or not.
import { createHash } from "node:crypto";
import type { JsonObject } from "../../testing/json-schema.ts";
import {
  type FakeDeployment,
  type FakeDiff,
  type FakeEnvironment,
  type FakeGroup,
  type FakeHook,
  type FakeHookEvent,
  type FakeIssue,
  type FakeJob,
  type FakeMergeRequest,
  type FakePipeline,
  type FakeProject,
  type FakeRelease,
  type FakeState,
  lastPart,
  parentPath,
} from "./fake-state.ts";

export type Shapes = ReturnType<typeof createShapes>;

export function createShapes(state: FakeState, urls: { web: string }) {
  function user(username: string): JsonObject {
    const { id, name } = state.user(username);
    return {
      id,
      username,
      name,
      state: "active",
      locked: false,
      public_email: null,
      avatar_url: null,
      web_url: `${urls.web}/${username}`,
    };
  }

  const userOrNull = (username: string | null): JsonObject | null => (username === null ? null : user(username));

  function group(one: FakeGroup): JsonObject {
    return {
      id: one.id,
      name: one.name,
      path: lastPart(one.path),
      description: "",
      visibility: "private",
      avatar_url: null,
      web_url: `${urls.web}/groups/${one.path}`,
      full_name: one.path.replaceAll("/", " / "),
      full_path: one.path,
      parent_id: one.parent,
      created_at: "2024-01-01T00:00:00.000Z",
      marked_for_deletion_on: one.markedForDeletionOn,
    };
  }

  function project(one: FakeProject): JsonObject {
    const parent = parentPath(one.path);
    const holder = state.group(parent);
    const access = (feature: string): string => (one.off.has(feature) ? "disabled" : "enabled");
    return {
      id: one.id,
      description: one.description,
      name: lastPart(one.path),
      name_with_namespace: one.path.replaceAll("/", " / "),
      path: lastPart(one.path),
      path_with_namespace: one.path,
      created_at: one.createdAt,
      default_branch: one.defaultBranch,
      tag_list: one.topics,
      topics: one.topics,
      ssh_url_to_repo: `git@gitlab.example.com:${one.path}.git`,
      http_url_to_repo: `${urls.web}/${one.path}.git`,
      web_url: `${urls.web}/${one.path}`,
      readme_url: null,
      forks_count: 0,
      avatar_url: null,
      star_count: 0,
      last_activity_at: one.lastActivityAt,
      visibility: one.visibility,
      archived: one.archived,
      empty_repo: one.defaultBranch === null,
      issues_access_level: access("issues"),
      merge_requests_access_level: access("merge_requests"),
      builds_access_level: access("builds"),
      environments_access_level: access("environments"),
      releases_access_level: access("releases"),
      repository_access_level: access("repository"),
      ci_config_path: one.ciConfigPath,
      open_issues_count: [...one.issues.values()].filter((issue) => issue.state === "opened").length,
      creator_id: 1,
      namespace: {
        id: holder?.id ?? state.user(parent).id,
        name: lastPart(parent),
        path: lastPart(parent),
        kind: holder ? "group" : "user",
        full_path: parent,
        parent_id: holder?.parent ?? null,
        avatar_url: null,
        web_url: `${urls.web}/${holder ? "groups/" : ""}${parent}`,
      },
      marked_for_deletion_at: one.markedForDeletionOn,
      marked_for_deletion_on: one.markedForDeletionOn,
    };
  }

  const noTime = {
    time_estimate: 0,
    total_time_spent: 0,
    human_time_estimate: null,
    human_total_time_spent: null,
  };

  const referencesTo = (where: FakeProject, sign: string, iid: number): JsonObject => ({
    short: `${sign}${iid}`,
    relative: `${sign}${iid}`,
    full: `${where.path}${sign}${iid}`,
  });

  const work = (where: FakeProject, one: FakeIssue | FakeMergeRequest): JsonObject => ({
    id: one.id,
    iid: one.iid,
    project_id: where.id,
    title: one.title,
    description: one.description,
    state: one.state,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    closed_at: one.closedAt,
    closed_by: userOrNull(one.closedAt === null ? null : one.author),
    labels: one.labels,
    milestone: null,
    assignees: one.assignees.map(user),
    assignee: userOrNull(one.assignees[0] ?? null),
    author: user(one.author),
    user_notes_count: 0,
    upvotes: 0,
    downvotes: 0,
    discussion_locked: null,
    time_stats: noTime,
    task_completion_status: { count: 0, completed_count: 0 },
  });

  const issue = (where: FakeProject, one: FakeIssue): JsonObject => ({
    ...work(where, one),
    type: one.type.toUpperCase(),
    merge_requests_count: 0,
    due_date: null,
    confidential: one.confidential,
    issue_type: one.type,
    web_url: `${urls.web}/${where.path}/-/issues/${one.iid}`,
    has_tasks: false,
    severity: "UNKNOWN",
    references: referencesTo(where, "#", one.iid),
    moved_to_id: null,
    service_desk_reply_to: null,
  });

  const mergeRequest = (where: FakeProject, one: FakeMergeRequest): JsonObject => ({
    ...work(where, one),
    merged_by: userOrNull(one.mergedAt === null ? null : one.author),
    merge_user: userOrNull(one.mergedAt === null ? null : one.author),
    merged_at: one.mergedAt,
    target_branch: one.targetBranch,
    source_branch: one.sourceBranch,
    reviewers: one.reviewers.map(user),
    source_project_id: where.id,
    target_project_id: where.id,
    draft: one.draft,
    work_in_progress: one.draft,
    merge_when_pipeline_succeeds: false,
    merge_status: "can_be_merged",
    detailed_merge_status: "mergeable",
    sha: one.sha,
    merge_commit_sha: one.mergeCommitSha,
    squash_commit_sha: one.squashCommitSha,
    should_remove_source_branch: null,
    force_remove_source_branch: null,
    prepared_at: one.createdAt,
    web_url: `${urls.web}/${where.path}/-/merge_requests/${one.iid}`,
    references: referencesTo(where, "!", one.iid),
    squash: one.squashCommitSha !== null,
    has_conflicts: false,
    blocking_discussions_resolved: true,
  });

  const diff = (one: FakeDiff): JsonObject => ({
    old_path: one.oldPath,
    new_path: one.newPath,
    a_mode: one.is === "new" ? "0" : "100644",
    b_mode: one.is === "deleted" ? "0" : "100644",
    diff: one.diff,
    collapsed: false,
    too_large: false,
    new_file: one.is === "new",
    renamed_file: one.is === "renamed",
    deleted_file: one.is === "deleted",
    generated_file: false,
  });

  const approvals = (one: FakeMergeRequest): JsonObject => ({
    user_has_approved: false,
    user_can_approve: false,
    approved: one.approvedBy.length > 0,
    approved_by: one.approvedBy.map(({ user: by, at }) => ({ user: user(by), approved_at: at })),
  });

  const time = (at: string, seconds: number | null): string | null =>
    seconds === null ? null : new Date(Date.parse(at) + seconds * 1000).toISOString();

  function commit(where: FakeProject, sha: string, at: string): JsonObject {
    const by = { author_name: "Ada", author_email: "ada@acme.example", committer_name: "Ada" };
    return {
      id: sha,
      short_id: sha.slice(0, 8),
      created_at: at,
      parent_ids: [],
      title: "Change",
      message: "Change",
      ...by,
      authored_date: at,
      committer_email: "ada@acme.example",
      committed_date: at,
      web_url: `${urls.web}/${where.path}/-/commit/${sha}`,
    };
  }

  const release = (where: FakeProject, one: FakeRelease): JsonObject => ({
    tag_name: one.tag,
    name: one.name,
    description: null,
    created_at: one.releasedAt,
    released_at: one.releasedAt,
    upcoming_release: false,
    author: user(one.author),
    commit: commit(where, one.sha, one.releasedAt),
    commit_path: `/${where.path}/-/commit/${one.sha}`,
    tag_path: `/${where.path}/-/tags/${one.tag}`,
    assets: { count: 0, sources: [], links: [] },
    evidences: [],
    _links: { self: `${urls.web}/${where.path}/-/releases/${encodeURIComponent(one.tag)}` },
  });

  const pipelineUrl = (where: FakeProject, one: FakePipeline): string =>
    `${urls.web}/${where.path}/-/pipelines/${one.id}`;

  const pipelineItem = (where: FakeProject, one: FakePipeline): JsonObject => ({
    id: one.id,
    iid: one.iid,
    project_id: where.id,
    sha: one.sha,
    ref: one.ref,
    status: one.status,
    source: one.source,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    web_url: pipelineUrl(where, one),
    name: null,
  });

  const pipeline = (where: FakeProject, one: FakePipeline): JsonObject => ({
    ...pipelineItem(where, one),
    before_sha: "0".repeat(40),
    tag: false,
    yaml_errors: null,
    user: user(one.user),
    started_at: one.createdAt,
    finished_at: time(one.createdAt, one.duration),
    committed_at: null,
    duration: one.duration,
    queued_duration: 1.5,
    coverage: null,
    detailed_status: {},
  });

  const job = (where: FakeProject, run: FakePipeline, one: FakeJob): JsonObject => ({
    id: one.id,
    status: one.status,
    stage: one.stage,
    name: one.name,
    ref: run.ref,
    tag: false,
    coverage: null,
    allow_failure: one.allowFailure,
    created_at: run.createdAt,
    started_at: one.duration === null ? null : run.createdAt,
    finished_at: time(run.createdAt, one.duration),
    erased_at: null,
    duration: one.duration,
    queued_duration: null,
    user: user(run.user),
    commit: commit(where, run.sha, run.createdAt),
    pipeline: { id: run.id, project_id: where.id, ref: run.ref, sha: run.sha, status: run.status },
    web_url: `${urls.web}/${where.path}/-/jobs/${one.id}`,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    artifacts_expire_at: null,
    tag_list: [],
  });

  const environment = (one: FakeEnvironment): JsonObject => ({
    id: one.id,
    name: one.name,
    slug: one.name.replaceAll(/[^a-z0-9]+/gi, "-"),
    external_url: one.url,
    state: one.state,
    tier: one.tier,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
  });

  function deployment(where: FakeProject, one: FakeDeployment): JsonObject {
    const deployable = (by: NonNullable<FakeDeployment["by"]>): JsonObject => ({
      id: by.job.id,
      status: by.job.status,
      stage: by.job.stage,
      name: by.job.name,
      ref: one.ref,
      tag: false,
      coverage: null,
      created_at: one.createdAt,
      started_at: one.createdAt,
      finished_at: time(one.createdAt, by.job.duration),
      user: user(one.user),
      commit: commit(where, one.sha, one.createdAt),
      pipeline: {
        id: by.pipeline.id,
        sha: by.pipeline.sha,
        ref: by.pipeline.ref,
        status: by.pipeline.status,
        created_at: by.pipeline.createdAt,
        updated_at: by.pipeline.updatedAt,
        web_url: pipelineUrl(where, by.pipeline),
      },
      project: { ci_job_token_scope_enabled: false },
    });
    return {
      id: one.id,
      iid: one.iid,
      ref: one.ref,
      sha: one.sha,
      created_at: one.createdAt,
      updated_at: one.updatedAt,
      status: one.status,
      user: user(one.user),
      environment: { id: one.environment.id, name: one.environment.name, external_url: one.environment.url },
      deployable: one.by === null ? null : deployable(one.by),
    };
  }

  function member(username: string, accessLevel: number): JsonObject {
    const { locked: _locked, public_email: _email, ...known } = user(username);
    return { ...known, access_level: accessLevel, created_at: "2024-01-01T00:00:00.000Z", expires_at: null };
  }

  const blobId = (content: string): string => createHash("sha1").update(content).digest("hex");

  const file = (where: FakeProject, path: string, content: string): JsonObject => ({
    file_name: lastPart(path),
    file_path: path,
    size: Buffer.byteLength(content),
    encoding: "base64",
    content_sha256: createHash("sha256").update(content).digest("hex"),
    ref: where.defaultBranch ?? "main",
    blob_id: blobId(content),
    commit_id: where.headSha,
    last_commit_id: where.headSha,
    execute_filemode: false,
    content: Buffer.from(content).toString("base64"),
  });

  const hook = (where: FakeProject | FakeGroup, one: FakeHook): JsonObject => ({
    id: one.id,
    url: one.url,
    name: null,
    description: null,
    ...("issues" in where
      ? { project_id: where.id }
      : {
          group_id: where.id,
          subgroup_events: one.events.has("subgroup"),
          member_events: one.events.has("member"),
        }),
    push_events: one.events.has("push"),
    push_events_branch_filter: null,
    branch_filter_strategy: "all_branches",
    issues_events: one.events.has("issues"),
    confidential_issues_events: one.events.has("confidential_issues"),
    merge_requests_events: one.events.has("merge_requests"),
    tag_push_events: one.events.has("tag_push"),
    note_events: one.events.has("note"),
    job_events: one.events.has("job"),
    pipeline_events: one.events.has("pipeline"),
    wiki_page_events: one.events.has("wiki_page"),
    deployment_events: one.events.has("deployment"),
    releases_events: one.events.has("releases"),
    enable_ssl_verification: true,
    alert_status: one.alertStatus,
    disabled_until: null,
    created_at: one.createdAt,
    token_present: one.token !== null,
    signing_token_present: one.signingToken !== null,
  });

  const hookEvent = (one: FakeHookEvent): JsonObject => ({
    id: one.id,
    url: one.url,
    trigger: one.trigger,
    request_headers: Object.fromEntries(
      Object.entries(one.headers).map(([name, value]) => [
        name.replaceAll(/(^|-)[a-z]/g, (first) => first.toUpperCase()),
        /token/.test(name) ? "[REDACTED]" : value,
      ]),
    ),
    request_data: one.data,
    response_headers: {},
    response_body: "",
    execution_duration: 0.5,
    response_status: one.status === null ? "internal error" : String(one.status),
  });

  return {
    release,
    pipelineItem,
    pipeline,
    job,
    environment,
    deployment,
    member,
    blobId,
    file,
    hook,
    hookEvent,
    user,
    group,
    project,
    issue,
    mergeRequest,
    diff,
    approvals,
  };
}
