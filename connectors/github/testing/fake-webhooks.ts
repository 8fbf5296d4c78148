// The fake's webhooks: signed, sent once, remembered, and redelivered only when asked to, as GitHub does.
import { createHmac, randomUUID } from "node:crypto";
import type { FakeApp, FakeInstallation } from "./fake-access.ts";
import type {
  FakeDeployment,
  FakeIssue,
  FakePull,
  FakeRelease,
  FakeRepository,
  FakeRun,
  FakeState,
} from "./fake-state.ts";
import { randomSha, vendorTime } from "./fake-state.ts";
import type { JsonObject } from "../../testing/json-schema.ts";
import type { Shapes, Urls } from "./shapes.ts";
import type { WebhookSchema } from "./webhook-schema.ts";

export interface Delivery {
  id: number;
  guid: string;
  deliveredAt: string;
  redelivery: boolean;
  status: string;
  statusCode: number;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  url: string;
  headers: Record<string, string>;
  payload: JsonObject;
  /** What was signed: the exact bytes. */
  raw: string;
}

interface WebhookDeps {
  state: FakeState;
  shapes: Shapes;
  urls: Urls;
  schema: WebhookSchema;
  violations: string[];
}

export function createFakeWebhooks({ state, shapes, urls, schema, violations }: WebhookDeps) {
  const deliveries: Delivery[] = [];
  const settings = { lose: false };

  async function send(app: FakeApp, delivery: Delivery): Promise<void> {
    if (settings.lose || app.hookUrl === null) {
      Object.assign(delivery, { status: "failed to connect to host", statusCode: 502 });
      return;
    }
    try {
      const reply = await fetch(app.hookUrl, {
        method: "POST",
        headers: delivery.headers,
        body: delivery.raw,
        signal: AbortSignal.timeout(60_000),
      });
      await reply.arrayBuffer();
      Object.assign(delivery, { status: reply.ok ? "OK" : reply.statusText, statusCode: reply.status });
    } catch {
      Object.assign(delivery, { status: "failed to connect to host", statusCode: 502 });
    }
  }

  function make(
    app: FakeApp,
    event: string,
    payload: JsonObject,
    ids: { installation: number | null; repository: number | null },
  ) {
    violations.push(...schema.check(event, payload));
    const raw = JSON.stringify(payload);
    const guid = randomUUID();
    const delivery: Delivery = {
      id: state.id(),
      guid,
      deliveredAt: vendorTime(state.now()),
      redelivery: false,
      status: "pending",
      statusCode: 0,
      event,
      action: typeof payload["action"] === "string" ? payload["action"] : null,
      installationId: ids.installation,
      repositoryId: ids.repository,
      url: app.hookUrl ?? "https://unreachable.example.com",
      headers: {
        accept: "*/*",
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/fake",
        "x-github-delivery": guid,
        "x-github-event": event,
        "x-github-hook-id": String(app.id),
        "x-github-hook-installation-target-id": String(app.id),
        "x-github-hook-installation-target-type": "integration",
        "x-hub-signature": `sha1=${createHmac("sha1", app.webhookSecret).update(raw).digest("hex")}`,
        "x-hub-signature-256": `sha256=${createHmac("sha256", app.webhookSecret).update(raw).digest("hex")}`,
      },
      payload,
      raw,
    };
    deliveries.push(delivery);
    return delivery;
  }

  /** The installation that a payload belongs to, as every payload of an App carries it. */
  function frame(installation: FakeInstallation, repository: FakeRepository | null, sender = "octocat"): JsonObject {
    return {
      sender: shapes.user(sender),
      installation: { id: installation.id, node_id: `IN_${String(installation.id)}` },
      ...(repository ? { repository: withDiscussions(shapes.repository(repository)) } : {}),
    };
  }
  const withDiscussions = (repository: JsonObject): JsonObject => ({
    ...repository,
    has_discussions: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    custom_properties: {},
  });

  async function emit(
    app: FakeApp,
    installation: FakeInstallation,
    event: string,
    payload: JsonObject,
    repository: FakeRepository | null,
  ): Promise<Delivery> {
    const whole = { ...payload, ...frame(installation, repository) };
    const delivery = make(app, event, whole, { installation: installation.id, repository: repository?.id ?? null });
    await send(app, delivery);
    return delivery;
  }

  const html = (repository: FakeRepository): string => `${urls.web}/${repository.owner}/${repository.name}`;
  const git = { name: "octocat", email: "octocat@users.noreply.github.com", username: "octocat" };

  const payloads = {
    issue: (repository: FakeRepository, issue: FakeIssue, action: string): JsonObject => ({
      action,
      issue: shapes.issue(repository, issue),
      ...(action === "edited" ? { changes: { title: { from: "Before" } } } : {}),
    }),
    pull: (repository: FakeRepository, pull: FakeIssue & { pull: FakePull }, action: string): JsonObject => {
      const shape = shapes.pull(repository, pull);
      const embedded = withDiscussions(shapes.repository(repository));
      for (const side of ["head", "base"]) shape[side] = { ...(shape[side] as JsonObject), repo: embedded };
      return {
        action,
        number: pull.number,
        pull_request: shape,
        ...(action === "edited" ? { changes: { title: { from: "Before" } } } : {}),
        ...(action === "synchronize" ? { before: randomSha(), after: pull.pull.headSha } : {}),
      };
    },
    push: (repository: FakeRepository, branch: string, after = randomSha()): JsonObject => {
      const commit: JsonObject = {
        id: after,
        tree_id: randomSha(),
        distinct: true,
        message: "Change",
        timestamp: vendorTime(state.now()),
        url: `${html(repository)}/commit/${after}`,
        author: git,
        committer: git,
        added: [],
        removed: [],
        modified: [],
      };
      return {
        ref: `refs/heads/${branch}`,
        before: randomSha(),
        after,
        created: false,
        deleted: false,
        forced: false,
        base_ref: null,
        compare: `${html(repository)}/compare/a...b`,
        commits: [commit],
        head_commit: commit,
        pusher: { name: "octocat", email: null },
      };
    },
    branch: (repository: FakeRepository, ref: string, kind: "branch" | "tag", created: boolean): JsonObject => ({
      ref,
      ref_type: kind,
      pusher_type: "user",
      ...(created ? { master_branch: repository.defaultBranch, description: repository.description } : {}),
    }),
    release: (repository: FakeRepository, release: FakeRelease, action: string): JsonObject => ({
      action,
      release: { ...shapes.release(repository, release), updated_at: release.createdAt, immutable: false },
    }),
    deployment: (repository: FakeRepository, deployment: FakeDeployment): JsonObject => ({
      action: "created",
      deployment: shapes.deployment(repository, deployment),
      workflow: null,
      workflow_run: null,
    }),
    deploymentStatus: (repository: FakeRepository, deployment: FakeDeployment): JsonObject => {
      const status = deployment.statuses.at(-1);
      return {
        action: "created",
        deployment: shapes.deployment(repository, deployment),
        deployment_status: status ? shapes.deploymentStatus(repository, deployment, status) : {},
        check_run: null,
        workflow: null,
        workflow_run: null,
      };
    },
    run: (repository: FakeRepository, run: FakeRun, action: string): JsonObject => {
      const workflow = repository.workflows.find((one) => one.id === run.workflowId);
      return {
        action,
        workflow: workflow ? shapes.workflow(repository, workflow) : null,
        workflow_run: { ...shapes.run(repository, run), previous_attempt_url: null },
      };
    },
    repository: (action: string, changes?: JsonObject): JsonObject => ({ action, ...(changes ? { changes } : {}) }),
  };

  const installationShape = (installation: FakeInstallation, app: FakeApp): JsonObject => {
    const shape = shapes.from(
      "base-installation-for-auth-user-paginated",
      installation.account,
      (value) => (value as { installations: [JsonObject] }).installations[0],
    );
    return {
      ...shape,
      id: installation.id,
      account: shapes.user(installation.account),
      app_id: app.id,
      app_slug: app.slug,
      target_id: state.account(installation.account).id,
      permissions: { ...installation.permissions },
      events: [...app.events],
      repository_selection: installation.repositories === "all" ? "all" : "selected",
      created_at: installation.createdAt,
      updated_at: installation.createdAt,
      suspended_at: installation.suspendedAt,
      suspended_by: null,
    };
  };
  const briefly = (repository: FakeRepository): JsonObject => ({
    id: repository.id,
    node_id: `R_${String(repository.id)}`,
    name: repository.name,
    full_name: `${repository.owner}/${repository.name}`,
    private: repository.private,
  });

  async function emitInstallation(
    app: FakeApp,
    installation: FakeInstallation,
    action: string,
    repositories: FakeRepository[],
  ): Promise<Delivery> {
    const payload: JsonObject = {
      action,
      installation: installationShape(installation, app),
      repositories: repositories.map(briefly),
      ...(action === "created" ? { requester: null } : {}),
      sender: shapes.user("octocat"),
    };
    const delivery = make(app, "installation", payload, { installation: installation.id, repository: null });
    await send(app, delivery);
    return delivery;
  }

  async function emitRepositories(
    app: FakeApp,
    installation: FakeInstallation,
    change: { added: FakeRepository[]; removed: FakeRepository[] },
  ): Promise<Delivery> {
    const payload: JsonObject = {
      action: change.added.length > 0 ? "added" : "removed",
      installation: installationShape(installation, app),
      repositories_added: change.added.map(briefly),
      repositories_removed: change.removed.map(briefly),
      repository_selection: installation.repositories === "all" ? "all" : "selected",
      requester: null,
      sender: shapes.user("octocat"),
    };
    const delivery = make(app, "installation_repositories", payload, {
      installation: installation.id,
      repository: null,
    });
    await send(app, delivery);
    return delivery;
  }

  return {
    deliveries,
    settings,
    emit,
    emitInstallation,
    emitRepositories,
    payloads,
    /** The same bytes again, as a new delivery with the same guid. */
    redeliver: (app: FakeApp, delivery: Delivery): Promise<void> => {
      const again = {
        ...delivery,
        id: state.id(),
        redelivery: true,
        deliveredAt: vendorTime(state.now()),
        url: app.hookUrl ?? delivery.url,
      };
      deliveries.push(again);
      return send(app, again);
    },
  };
}
