// The fake's webhooks: sent to every hook that wants the event, with its token and its signature, tried again with the same key, and a
// hook that keeps failing is put aside. docs.gitlab.com/user/project/integrations/webhooks/
import { createHmac, randomUUID } from "node:crypto";
import { asObject, type Json, type JsonObject } from "../../testing/json-schema.ts";
import type {
  FakeDeployment,
  FakeHook,
  FakeHookEvent,
  FakeIssue,
  FakeMergeRequest,
  FakePipeline,
  FakeProject,
  FakeRelease,
  FakeState,
} from "./fake-state.ts";
import { lastPart, parentPath } from "./fake-state.ts";

export interface Delivery {
  hook: number;
  event: string;
  key: string;
  headers: Record<string, string>;
  /** What was signed: the exact bytes. */
  raw: string;
  /** Null = nobody answered. */
  statuses: (number | null)[];
  /** Too large for GitLab's log: it keeps no body. */
  oversize?: true;
}

const FAILURES_UNTIL_ASIDE = 4;
const FAILURES_UNTIL_DISABLED = 40;

/** `X-Gitlab-Event` and the hook's setting, by kind. */
const kinds: Record<string, { header: string; setting: string }> = {
  push: { header: "Push Hook", setting: "push" },
  tag_push: { header: "Tag Push Hook", setting: "tag_push" },
  issue: { header: "Issue Hook", setting: "issues" },
  merge_request: { header: "Merge Request Hook", setting: "merge_requests" },
  pipeline: { header: "Pipeline Hook", setting: "pipeline" },
  deployment: { header: "Deployment Hook", setting: "deployment" },
  release: { header: "Release Hook", setting: "releases" },
};

export type FakeWebhooks = ReturnType<typeof createFakeWebhooks>;

export function createFakeWebhooks({ state, urls }: { state: FakeState; urls: { web: string } }) {
  const deliveries: Delivery[] = [];
  const failures = new Map<number, number>();

  async function send(hook: FakeHook, delivery: Delivery): Promise<void> {
    let status: number | null = null;
    try {
      const timestamp = String(Math.floor(state.now().getTime() / 1000));
      const headers = { ...delivery.headers };
      if (hook.token !== null) headers["x-gitlab-token"] = hook.token;
      if (hook.signingToken !== null) {
        const key = Buffer.from(hook.signingToken.replace(/^whsec_/, ""), "base64");
        const signature = createHmac("sha256", key)
          .update(`${delivery.key}.${timestamp}.${delivery.raw}`)
          .digest("base64");
        Object.assign(headers, {
          "webhook-id": delivery.key,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${signature}`,
        });
      }
      delivery.headers = headers;
      const asked = { method: "POST", headers, body: delivery.raw, signal: AbortSignal.timeout(60_000) };
      const reply = await fetch(hook.url, asked);
      await reply.arrayBuffer();
      ({ status } = reply);
    } catch {
      // Told by the missing status.
    }
    delivery.statuses.push(status);
    const { raw, event } = delivery;
    const data = delivery.oversize === true ? { oversize: true } : (asObject(JSON.parse(raw) as Json) ?? {});
    hook.log.push({
      id: state.id(),
      url: hook.url,
      trigger: `${event}_hooks`,
      headers: delivery.headers,
      data,
      status,
    });
    const failed = status === null || status >= 300 ? (failures.get(hook.id) ?? 0) + 1 : 0;
    failures.set(hook.id, failed);
    hook.alertStatus =
      failed >= FAILURES_UNTIL_DISABLED
        ? "disabled"
        : failed >= FAILURES_UNTIL_ASIDE
          ? "temporarily_disabled"
          : "executable";
  }

  /** Of the project and of the groups above it. */
  function hooksOf(project: FakeProject): FakeHook[] {
    const found = [...project.hooks.values()];
    for (let path = parentPath(project.path); path !== ""; path = parentPath(path))
      found.push(...(state.group(path)?.hooks.values() ?? []));
    return found;
  }

  async function emit(project: FakeProject, payload: JsonObject, more: { oversize?: true } = {}): Promise<Delivery[]> {
    const name = typeof payload["object_kind"] === "string" ? payload["object_kind"] : "push";
    const kind = kinds[name] ?? { header: "Push Hook", setting: "push" };
    const uuid = randomUUID();
    const sent: Delivery[] = [];
    for (const hook of hooksOf(project)) {
      if (!hook.events.has(kind.setting) || hook.alertStatus !== "executable") continue;
      const key = randomUUID();
      const delivery: Delivery = {
        hook: hook.id,
        event: name,
        key,
        headers: {
          "content-type": "application/json",
          "user-agent": "GitLab/18.5.0",
          "idempotency-key": key,
          "x-gitlab-event": kind.header,
          "x-gitlab-webhook-uuid": `hook-${hook.id}`,
          "x-gitlab-instance": urls.web,
          "x-gitlab-event-uuid": uuid,
        },
        raw: JSON.stringify(payload),
        statuses: [],
        ...more,
      };
      deliveries.push(delivery);
      sent.push(delivery);
      await send(hook, delivery);
    }
    return sent;
  }

  const project = (one: FakeProject): JsonObject => ({
    id: one.id,
    name: lastPart(one.path),
    description: one.description ?? "",
    web_url: `${urls.web}/${one.path}`,
    avatar_url: null,
    git_ssh_url: `git@gitlab.example.com:${one.path}.git`,
    git_http_url: `${urls.web}/${one.path}.git`,
    namespace: lastPart(parentPath(one.path)),
    visibility_level: { private: 0, internal: 10, public: 20 }[one.visibility],
    path_with_namespace: one.path,
    default_branch: one.defaultBranch,
    ci_config_path: one.ciConfigPath,
  });
  const user = (username: string): JsonObject => {
    const { id, name } = state.user(username);
    return { id, name, username, avatar_url: null, email: "[REDACTED]" };
  };

  const pushed = (kind: string, one: FakeProject, ref: string, after: string): JsonObject => ({
    object_kind: kind,
    event_name: kind,
    before: "0".repeat(40),
    after,
    ref,
    ref_protected: false,
    checkout_sha: after,
    user_id: 1,
    user_name: "Ada",
    user_username: "ada",
    project_id: one.id,
    project: project(one),
    commits: [],
    total_commits_count: 0,
  });

  const work = (kind: string, one: FakeProject, of: FakeIssue | FakeMergeRequest, action: string): JsonObject => ({
    object_kind: kind,
    event_type: kind,
    user: user(of.author),
    project: project(one),
    object_attributes: {
      id: of.id,
      iid: of.iid,
      title: of.title,
      state: of.state,
      created_at: of.createdAt,
      updated_at: of.updatedAt,
      action,
    },
    labels: [],
    changes: {},
  });

  const payloads = {
    push: (one: FakeProject, branch: string): JsonObject => pushed("push", one, `refs/heads/${branch}`, one.headSha),
    tagPush: (one: FakeProject, tag: string): JsonObject => pushed("tag_push", one, `refs/tags/${tag}`, one.headSha),
    issue: (one: FakeProject, issue: FakeIssue, action: string): JsonObject => work("issue", one, issue, action),
    mergeRequest: (one: FakeProject, of: FakeMergeRequest, action: string): JsonObject =>
      work("merge_request", one, of, action),
    pipeline: (one: FakeProject, run: FakePipeline): JsonObject => ({
      object_kind: "pipeline",
      object_attributes: { id: run.id, iid: run.iid, ref: run.ref, tag: false, sha: run.sha, status: run.status },
      user: user(run.user),
      project: project(one),
      builds: [],
    }),
    deployment: (one: FakeProject, of: FakeDeployment): JsonObject => ({
      object_kind: "deployment",
      status: of.status,
      deployment_id: of.id,
      deployable_id: of.by?.job.id ?? null,
      environment: of.environment.name,
      project: project(one),
      short_sha: of.sha.slice(0, 8),
      user: user(of.user),
    }),
    release: (one: FakeProject, of: FakeRelease, action: string): JsonObject => ({
      object_kind: "release",
      id: 1,
      name: of.name,
      tag: of.tag,
      released_at: of.releasedAt,
      project: project(one),
      action,
    }),
  };

  return {
    deliveries,
    payloads,
    emit,
    /** As GitLab's Resend does: the same key and body, a new time and signature. */
    redeliver: async (from: FakeProject, delivery: Delivery): Promise<void> => {
      const hook = hooksOf(from).find(({ id }) => id === delivery.hook);
      if (hook) await send(hook, delivery);
    },
    resend: async (hook: FakeHook, event: FakeHookEvent): Promise<number | null> => {
      const delivery = deliveries.find((one) => one.hook === hook.id && one.key === event.headers["idempotency-key"]);
      if (delivery === undefined) return null;
      await send(hook, delivery);
      return delivery.statuses.at(-1) ?? null;
    },
  };
}
