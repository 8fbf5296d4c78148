// The fake's records as GitHub writes them. Each shape starts from the official example of its schema, so that the many fields which
// nobody here reads are there and right as well. Long because there is one for every kind of record.
import { createHash } from "node:crypto";
import type {
  FakeDeployment,
  FakeFile,
  FakeIssue,
  FakePull,
  FakeRelease,
  FakeRepository,
  FakeReview,
  FakeRun,
  FakeState,
  FakeTeam,
  FakeWorkflow,
} from "./fake-state.ts";
import { asObject, type Json, type JsonObject } from "../../testing/json-schema.ts";
import type { VendorSchema } from "./vendor-schema.ts";

export interface Urls {
  /** `http://127.0.0.1:1234` */
  web: string;
  /** `http://127.0.0.1:1234/api/v3` */
  api: string;
}

export type Shapes = ReturnType<typeof createShapes>;

export function createShapes(schema: VendorSchema, state: FakeState, urls: Urls) {
  const templates = new Map<string, string>();

  /** A copy of an example that is about `fullName` in place of octocat's repository. */
  function from(
    example: string,
    fullName: string,
    pick: (value: Json) => Json | undefined = (value) => value,
  ): JsonObject {
    const key = `${example}#${String(pick)}`;
    let text = templates.get(key);
    if (text === undefined) {
      text = JSON.stringify(pick(schema.example(example)));
      text = text.replaceAll("https://api.github.com", urls.api).replaceAll(/https:\/\/github\.com/g, urls.web);
      templates.set(key, text);
    }
    const owner = fullName.split("/")[0] ?? "";
    const filled = text
      .replaceAll(/octocat\/(Hello-World|example)|github\/hello-world|octo-org\/octo-repo/g, fullName)
      .replaceAll(/(?<=[/"])(octocat|octo-org)(?=[/"{])/g, owner);
    return asObject(JSON.parse(filled) as Json) ?? {};
  }
  const first = (value: Json): Json | undefined => (Array.isArray(value) ? value[0] : undefined);
  const firstOf = (name: string) => (value: Json) => first(asObject(value)?.[name] ?? []);

  const userTemplate = asObject(first(schema.example("simple-user-items"))) ?? {};
  const users = new Map<string, string>();

  function user(login: string): JsonObject {
    let text = users.get(login);
    if (text === undefined) {
      const account = state.account(login);
      const named = JSON.stringify(userTemplate)
        .replaceAll("https://api.github.com", urls.api)
        .replaceAll("https://github.com", urls.web)
        .replaceAll(/(?<=[/"])octocat(?=[/"{])/g, login);
      text = JSON.stringify({
        ...asObject(JSON.parse(named) as Json),
        login,
        id: account.id,
        node_id: `U_${String(account.id)}`,
        type: account.type,
      });
      users.set(login, text);
    }
    return asObject(JSON.parse(text) as Json) ?? {};
  }

  const nameOf = (repository: FakeRepository): string => `${repository.owner}/${repository.name}`;
  const openOf = (repository: FakeRepository): number => {
    let open = 0;
    for (const issue of repository.issues.values()) if (issue.state === "open") open++;
    return open;
  };

  function repositoryFields(repository: FakeRepository): JsonObject {
    return {
      id: repository.id,
      node_id: `R_${String(repository.id)}`,
      name: repository.name,
      full_name: nameOf(repository),
      owner: user(repository.owner),
      private: repository.private,
      visibility: repository.private ? "private" : "public",
      description: repository.description,
      archived: repository.archived,
      disabled: repository.disabled,
      default_branch: repository.defaultBranch,
      topics: [...repository.topics],
      has_issues: repository.hasIssues,
      html_url: `${urls.web}/${nameOf(repository)}`,
      clone_url: `${urls.web}/${nameOf(repository)}.git`,
      created_at: repository.createdAt,
      updated_at: repository.updatedAt,
      pushed_at: repository.pushedAt,
    };
  }

  const repository = (one: FakeRepository): JsonObject => {
    const open = openOf(one);
    return {
      ...from("repository-items-default-response", nameOf(one), first),
      ...repositoryFields(one),
      language: "Python",
      template_repository: null,
      open_issues_count: open,
      open_issues: open,
    };
  };

  function issue(of: FakeRepository, one: FakeIssue): JsonObject {
    const url = `${urls.api}/repos/${nameOf(of)}/issues/${String(one.number)}`;
    const html = `${urls.web}/${nameOf(of)}/${one.pull ? "pull" : "issues"}/${String(one.number)}`;
    const shape: JsonObject = {
      ...from("issue-items", nameOf(of), first),
      id: one.id,
      node_id: `I_${String(one.id)}`,
      number: one.number,
      url,
      html_url: html,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      labels_url: `${url}/labels{/name}`,
      title: one.title,
      body: one.body,
      state: one.state,
      state_reason: one.stateReason,
      user: user(one.author),
      labels: one.labels.map((name) => label(of, name)),
      assignee: one.assignees[0] === undefined ? null : user(one.assignees[0]),
      assignees: one.assignees.map(user),
      milestone: null,
      locked: false,
      active_lock_reason: null,
      closed_by: one.state === "closed" ? user(one.author) : null,
      created_at: one.createdAt,
      updated_at: one.updatedAt,
      closed_at: one.closedAt,
      reactions: {
        url: `${url}/reactions`,
        ...Object.fromEntries(
          ["total_count", "+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"].map((name) => [
            name,
            0,
          ]),
        ),
      },
    };
    delete shape["pull_request"];
    if (one.pull) {
      const pullUrl = `${urls.api}/repos/${nameOf(of)}/pulls/${String(one.number)}`;
      shape["draft"] = one.pull.draft;
      shape["pull_request"] = {
        url: pullUrl,
        html_url: html,
        diff_url: `${html}.diff`,
        patch_url: `${html}.patch`,
        merged_at: one.pull.mergedAt,
      };
    }
    return shape;
  }

  function label(of: FakeRepository, name: string): JsonObject {
    const id = Number.parseInt(createHash("sha1").update(name).digest("hex").slice(0, 8), 16);
    return {
      id,
      node_id: `LA_${String(id)}`,
      url: `${urls.api}/repos/${nameOf(of)}/labels/${encodeURIComponent(name)}`,
      name,
      description: null,
      color: "ededed",
      default: false,
    };
  }

  /** Both the list's and the single one's form start here. */
  function pullFields(of: FakeRepository, one: FakeIssue & { pull: FakePull }, embedded: JsonObject): JsonObject {
    const api = `${urls.api}/repos/${nameOf(of)}`;
    const number = String(one.number);
    const html = `${urls.web}/${nameOf(of)}/pull/${number}`;
    const links = {
      self: `${api}/pulls/${number}`,
      html,
      issue: `${api}/issues/${number}`,
      comments: `${api}/issues/${number}/comments`,
      review_comments: `${api}/pulls/${number}/comments`,
      review_comment: `${api}/pulls/comments{/number}`,
      commits: `${api}/pulls/${number}/commits`,
      statuses: `${api}/statuses/${one.pull.headSha}`,
    };
    const side = (ref: string, sha: string): JsonObject => ({
      label: `${of.owner}:${ref}`,
      ref,
      sha,
      user: user(of.owner),
      repo: embedded,
    });
    return {
      id: one.id,
      node_id: `PR_${String(one.id)}`,
      number: one.number,
      url: links.self,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      issue_url: links.issue,
      commits_url: links.commits,
      review_comments_url: links.review_comments,
      review_comment_url: links.review_comment,
      comments_url: links.comments,
      statuses_url: links.statuses,
      _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
      title: one.title,
      body: one.body,
      state: one.state,
      locked: false,
      active_lock_reason: null,
      user: user(one.author),
      labels: one.labels.map((name) => label(of, name)),
      milestone: null,
      assignee: one.assignees[0] === undefined ? null : user(one.assignees[0]),
      assignees: one.assignees.map(user),
      requested_reviewers: one.pull.requestedReviewers.map(user),
      requested_teams: [],
      head: side(one.pull.headRef, one.pull.headSha),
      base: side(one.pull.baseRef, one.pull.baseSha),
      author_association: "COLLABORATOR",
      auto_merge: null,
      draft: one.pull.draft,
      created_at: one.createdAt,
      updated_at: one.updatedAt,
      closed_at: one.closedAt,
      merged_at: one.pull.mergedAt,
      merge_commit_sha: one.pull.mergeSha,
    };
  }

  const sum = (files: readonly FakeFile[], of: "additions" | "deletions"): number =>
    files.reduce((total, file) => total + file[of], 0);

  const accountOf = (login: string): JsonObject => ({ ...user(login), name: null, email: null });

  return {
    user,
    repository,
    issue,
    fullRepository: (one: FakeRepository): JsonObject => {
      const full: JsonObject = {
        ...from("full-repository-default-response", nameOf(one)),
        ...repositoryFields(one),
        language: "Python",
        open_issues_count: openOf(one),
        open_issues: openOf(one),
        template_repository: null,
        organization: user(one.owner),
      };
      delete full["parent"];
      delete full["source"];
      return full;
    },
    pullSimple: (of: FakeRepository, one: FakeIssue & { pull: FakePull }, embedded = repository(of)): JsonObject =>
      pullFields(of, one, embedded),
    pull: (of: FakeRepository, one: FakeIssue & { pull: FakePull }): JsonObject => ({
      ...from("pull-request", nameOf(of)),
      ...pullFields(of, one, repository(of)),
      merged: one.pull.mergedAt !== null,
      mergeable: one.state === "open",
      rebaseable: one.state === "open",
      mergeable_state: one.state === "open" ? "clean" : "unknown",
      merged_by: one.pull.mergedAt === null ? null : user(one.author),
      comments: 0,
      review_comments: one.pull.reviews.length,
      maintainer_can_modify: false,
      commits: 1,
      additions: sum(one.pull.files, "additions"),
      deletions: sum(one.pull.files, "deletions"),
      changed_files: one.pull.files.length,
    }),
    file: (of: FakeRepository, one: FakeIssue & { pull: FakePull }, file: FakeFile): JsonObject => {
      const path = encodeURI(file.path);
      return {
        sha: createHash("sha1").update(file.path).digest("hex"),
        filename: file.path,
        status: file.status,
        additions: file.additions,
        deletions: file.deletions,
        changes: file.additions + file.deletions,
        blob_url: `${urls.web}/${nameOf(of)}/blob/${one.pull.headSha}/${path}`,
        raw_url: `${urls.web}/${nameOf(of)}/raw/${one.pull.headSha}/${path}`,
        contents_url: `${urls.api}/repos/${nameOf(of)}/contents/${path}?ref=${one.pull.headSha}`,
        ...(file.patch === undefined ? {} : { patch: file.patch }),
        ...(file.from === undefined ? {} : { previous_filename: file.from }),
      };
    },
    review: (of: FakeRepository, one: FakeIssue, review: FakeReview): JsonObject => {
      const html = `${urls.web}/${nameOf(of)}/pull/${String(one.number)}#pullrequestreview-${String(review.id)}`;
      const pull = `${urls.api}/repos/${nameOf(of)}/pulls/${String(one.number)}`;
      return {
        ...from("pull-request-review-items", nameOf(of), first),
        id: review.id,
        node_id: `PRR_${String(review.id)}`,
        user: user(review.author),
        body: review.body,
        state: review.state,
        html_url: html,
        pull_request_url: pull,
        _links: { html: { href: html }, pull_request: { href: pull } },
        submitted_at: review.submittedAt,
        commit_id: one.pull?.headSha ?? "",
      };
    },
    release: (of: FakeRepository, one: FakeRelease): JsonObject => ({
      ...from("release-items", nameOf(of), first),
      id: one.id,
      node_id: `RE_${String(one.id)}`,
      url: `${urls.api}/repos/${nameOf(of)}/releases/${String(one.id)}`,
      html_url: `${urls.web}/${nameOf(of)}/releases/tag/${encodeURIComponent(one.tag)}`,
      tag_name: one.tag,
      target_commitish: one.target,
      name: one.name,
      draft: one.draft,
      prerelease: one.prerelease,
      created_at: one.createdAt,
      published_at: one.publishedAt,
      author: user(one.author),
      assets: [],
    }),
    deployment: (of: FakeRepository, one: FakeDeployment): JsonObject => {
      const url = `${urls.api}/repos/${nameOf(of)}/deployments/${String(one.id)}`;
      return {
        ...from("deployment-items", nameOf(of), first),
        id: one.id,
        node_id: `DE_${String(one.id)}`,
        url,
        statuses_url: `${url}/statuses`,
        sha: one.sha,
        ref: one.ref,
        environment: one.environment,
        original_environment: one.environment,
        production_environment: one.environment === "production",
        creator: user(one.creator),
        created_at: one.createdAt,
        updated_at: one.updatedAt,
      };
    },
    deploymentStatus: (
      of: FakeRepository,
      one: FakeDeployment,
      status: FakeDeployment["statuses"][number],
    ): JsonObject => {
      const deployment = `${urls.api}/repos/${nameOf(of)}/deployments/${String(one.id)}`;
      const log = status.runId === null ? "" : `${urls.web}/${nameOf(of)}/actions/runs/${String(status.runId)}/job/1`;
      return {
        ...from("deployment-status-items", nameOf(of), first),
        id: status.id,
        node_id: `DES_${String(status.id)}`,
        url: `${deployment}/statuses/${String(status.id)}`,
        deployment_url: deployment,
        state: status.state,
        creator: user(one.creator),
        environment: one.environment,
        log_url: log,
        target_url: log,
        environment_url: "",
        created_at: status.createdAt,
        updated_at: status.createdAt,
      };
    },
    workflow: (of: FakeRepository, one: FakeWorkflow): JsonObject => ({
      ...from("workflow-paginated", nameOf(of), firstOf("workflows")),
      id: one.id,
      node_id: `W_${String(one.id)}`,
      name: one.name,
      path: one.path,
      state: "active",
      url: `${urls.api}/repos/${nameOf(of)}/actions/workflows/${String(one.id)}`,
      html_url: `${urls.web}/${nameOf(of)}/blob/${of.defaultBranch}/${one.path}`,
    }),
    run: (of: FakeRepository, one: FakeRun): JsonObject => {
      const workflow = of.workflows.find((candidate) => candidate.id === one.workflowId);
      const url = `${urls.api}/repos/${nameOf(of)}/actions/runs/${String(one.id)}`;
      const shape = from("workflow-run-paginated", nameOf(of), firstOf("workflow_runs"));
      return {
        ...shape,
        id: one.id,
        node_id: `WFR_${String(one.id)}`,
        name: workflow?.name ?? null,
        path: `${workflow?.path ?? ""}@${of.defaultBranch}`,
        workflow_id: one.workflowId,
        workflow_url: `${urls.api}/repos/${nameOf(of)}/actions/workflows/${String(one.workflowId)}`,
        url,
        html_url: `${urls.web}/${nameOf(of)}/actions/runs/${String(one.id)}`,
        head_branch: one.branch,
        head_sha: one.sha,
        run_number: one.number,
        event: one.event,
        status: one.status,
        conclusion: one.conclusion,
        actor: user(one.actor),
        triggering_actor: user(one.actor),
        created_at: one.createdAt,
        updated_at: one.updatedAt,
        run_started_at: one.createdAt,
        repository: {
          ...asObject(shape["repository"]),
          id: of.id,
          name: of.name,
          full_name: nameOf(of),
          owner: user(of.owner),
        },
        head_repository: {
          ...asObject(shape["repository"]),
          id: of.id,
          name: of.name,
          full_name: nameOf(of),
          owner: user(of.owner),
        },
      };
    },
    team: (one: FakeTeam): JsonObject => {
      const parent = state.teams.find((candidate) => candidate.org === one.org && candidate.slug === one.parent);
      const base = (team: FakeTeam): JsonObject => ({
        id: team.id,
        node_id: `T_${String(team.id)}`,
        url: `${urls.api}/organizations/1/team/${String(team.id)}`,
        html_url: `${urls.web}/orgs/${team.org}/teams/${team.slug}`,
        name: team.name,
        slug: team.slug,
        description: team.description,
        privacy: "closed",
        notification_setting: "notifications_enabled",
        permission: "pull",
        members_url: `${urls.api}/organizations/1/team/${String(team.id)}/members{/member}`,
        repositories_url: `${urls.api}/organizations/1/team/${String(team.id)}/repos`,
        type: "organization",
        organization_id: state.account(team.org, "Organization").id,
      });
      return { ...base(one), parent: parent ? base(parent) : null };
    },
    accountOf,
    from,
  };
}
