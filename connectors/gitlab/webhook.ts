// GitLab's webhooks, of projects, groups and the instance: proved genuine either way, turned into what to sync, and made at GitLab.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { RawDelivery, VendorEvent, VendorScope, VerifiedDelivery, Webhook } from "../connector.ts";
import { all, type Context, groupScopeId, projectOf } from "./client.ts";
import type { Config } from "./config.ts";
import { Delivered, Hook } from "./schema.ts";

/** As Standard Webhooks has it: what is older may be a replay. */
const TOLERANCE_SECONDS = 300;

function isSame(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return x !== undefined && y !== undefined && timingSafeEqual(x, y);
}

/** A hook that we make has both: the secret as its token, and this as its signing key (GitLab takes 32 bytes alone). */
const signingKeyOf = (secret: string): Buffer => createHash("sha256").update(`opentrace-gitlab:${secret}`).digest();

/** A signing token that GitLab gave (`whsec_…`) is the key itself. */
const keysOf = (secret: string): Buffer[] =>
  secret.startsWith("whsec_") ? [Buffer.from(secret.slice("whsec_".length), "base64")] : [signingKeyOf(secret)];

/** docs.gitlab.com/user/project/integrations/webhooks/#verify-a-webhooks-signature: `v1,<base64>` of `{id}.{timestamp}.{body}`. */
function isSigned({ headers, body }: RawDelivery, secrets: readonly string[], now: Date): boolean {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (id === "" || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const given = (headers["webhook-signature"] ?? "")
    .split(" ")
    .filter((part) => part.startsWith("v1,"))
    .slice(0, 10)
    .map((part) => Buffer.from(part.slice("v1,".length), "base64"));
  return secrets.flatMap(keysOf).some((key) => {
    const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
    return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
}

function verify(delivery: RawDelivery, given: readonly string[], now: Date): VerifiedDelivery {
  const { headers, body } = delivery;
  const secrets = given.filter((secret) => secret !== "");
  const token = headers["x-gitlab-token"] ?? "";
  // A signing key is no token: it never goes over the wire.
  const known = secrets.filter((secret) => !secret.startsWith("whsec_")).some((secret) => isSame(token, secret));
  const signed = isSigned(delivery, secrets, now);
  if (!signed && !known)
    throw new AppError(
      "unauthenticated",
      "Neither the webhook's signature nor its token is GitLab's. Check that both sides have the same secret, and that the clocks agree.",
    );
  return { deliveryId: deliveryIdOf(headers, body, signed), event: eventOf(delivery) };
}

/** Of what is signed only the signed id counts. The UUID of an event alone is not enough: events that follow from one another share it. */
function deliveryIdOf(headers: RawDelivery["headers"], body: Uint8Array, signed: boolean): string {
  const hash = createHash("sha256").update(body).digest("base64url");
  const own = signed ? headers["webhook-id"] : headers["idempotency-key"];
  return own ?? `${headers["x-gitlab-event-uuid"] ?? headers["x-gitlab-webhook-uuid"] ?? ""}:${hash}`;
}

type Body = ReturnType<typeof Delivered.parse>;

function bodyOf({ body }: RawDelivery): Body | null {
  try {
    const parsed = Delivered.safeParse(JSON.parse(Buffer.from(body).toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const kindOf = (body: Body | null): string => body?.event_name ?? body?.object_kind ?? "";

function eventOf(delivery: RawDelivery): string {
  const body = bodyOf(delivery);
  const kind = kindOf(body) || (delivery.headers["x-gitlab-event"] ?? "unknown");
  const action = body?.object_attributes?.action ?? "";
  return action === "" ? kind : `${kind}.${action}`;
}

function toEvents(delivery: RawDelivery, _config: Config): VendorEvent[] {
  const body = bodyOf(delivery);
  const kind = kindOf(body);
  if (body === null || kind === "")
    return [
      { is: "ignored", why: `The body of ${delivery.headers["x-gitlab-event"] ?? "the event"} is not understood.` },
    ];
  const found = groupEvents(kind, body) ?? projectEvents(kind, body);
  return found.length > 0 ? found : [{ is: "ignored", why: `${eventOf(delivery)} changes nothing here.` }];
}

const changed = (scope: string, stream: string, items: (number | string | null | undefined)[] | null): VendorEvent => ({
  is: "changed",
  scope,
  stream,
  items: items?.flatMap((item) => (item == null ? [] : [String(item)])) ?? null,
});

/** What a group's hook and the system's say of groups, members and projects; null when it is about what is in a project. */
function groupEvents(kind: string, body: Body): VendorEvent[] | null {
  const { project_id: project, group_id: group } = body;
  switch (kind) {
    case "user_add_to_group":
    case "user_update_for_group":
    case "user_remove_from_group":
    case "subgroup_create":
    case "subgroup_destroy":
    case "group_rename": {
      const teams = kind.startsWith("subgroup") ? (body.parent_group_id ?? group) : group;
      return teams == null ? [] : [changed(groupScopeId(teams), "teams", [group])];
    }
    case "user_add_to_team":
    case "user_update_for_team":
    case "user_remove_from_team":
      return project == null ? [] : [changed(String(project), "members", ["members"])];
    case "project_create":
      return [scopeOf(body)].flatMap((scope) => (scope === null ? [] : [{ is: "added", scope }]));
    case "project_rename":
    case "project_transfer":
    case "project_update":
      return [scopeOf(body)].flatMap((scope) => (scope === null ? [] : [{ is: "renamed", scope }]));
    case "expiring_access_token": {
      const { name, expires_at: day } = body.object_attributes ?? {};
      const why = `The access token “${name ?? ""}” expires on ${day ?? "a day soon"}. If it is the one in use here, rotate it.`;
      return [{ is: "ignored", why }];
    }
    case "project_destroy":
      return project == null ? [] : [{ is: "removed", scope: String(project), why: "deleted" }];
    default:
      return null;
  }
}

/** What such an event tells of a project; the next listing knows the rest. */
function scopeOf({ project_id: id, path_with_namespace: path, project_visibility }: Body): VendorScope | null {
  if (id == null || path === undefined) return null;
  const group = path.split("/").slice(0, -1).join("/");
  return {
    id: String(id),
    kind: "project",
    name: path,
    description: null,
    url: null,
    // `visibilitylevel|private`, as GitLab writes it here.
    private: project_visibility !== undefined && !/\bpublic$/.test(project_visibility),
    archived: false,
    defaultBranch: null,
    parent: null,
    handle: { path, topics: [], group },
  };
}

function projectEvents(kind: string, body: Body): VendorEvent[] {
  const id = body.project?.id ?? body.project_id;
  if (id == null) return [];
  const scope = String(id);
  const { object_attributes: of } = body;
  switch (kind) {
    case "push": {
      const branch = body.ref?.startsWith("refs/heads/") === true ? body.ref.slice("refs/heads/".length) : null;
      if (branch === null) return [];
      const isDefault = branch === body.project?.default_branch;
      return [{ is: "pushed", scope, branch }, ...(isDefault ? [changed(scope, "owners", ["CODEOWNERS"])] : [])];
    }
    case "tag_push":
      // A deleted tag takes its release along.
      return [changed(scope, "releases", null)];
    case "issue":
    case "work_item":
      return of?.iid == null ? [] : [changed(scope, "issues", [of.iid])];
    case "merge_request":
      return of?.iid == null ? [] : [changed(scope, "pulls", [of.iid])];
    case "pipeline":
    case "build":
      return [changed(scope, "pipelines", null)];
    case "deployment":
      return [changed(scope, "deployments", null)];
    case "release":
      return [changed(scope, "releases", typeof body.tag === "string" ? [body.tag] : null)];
    default:
      return [];
  }
}

/** docs.gitlab.com/api/project_webhooks/. Jobs come often and say nothing that their pipelines do not. */
const wanted = {
  push_events: true,
  tag_push_events: true,
  issues_events: true,
  confidential_issues_events: true,
  merge_requests_events: true,
  pipeline_events: true,
  deployment_events: true,
  releases_events: true,
  note_events: false,
  job_events: false,
  wiki_page_events: false,
} as const;

const hooksOf = (ctx: Context, scope: VendorScope): string => `${projectOf(scope, ctx.config).at}/hooks`;
const needs = "hooks";

async function register(
  ctx: Context,
  scope: VendorScope,
  { url, secret }: { url: string; secret: string },
): Promise<void> {
  if (scope.kind !== "project") return;
  const { values } = await ctx.authorize(ctx.signal);
  // OAuth asks for reading alone. Saves two requests for each project that would end the same.
  if (values["scopes"]?.split(" ").includes("api") !== true)
    throw new AppError("upstream_auth", "Webhooks can only be made with a token that has the scope “api”.", {
      details: { reason: "permission", permission: needs },
    });
  const hooks = hooksOf(ctx, scope);
  const known = await all(ctx, Hook, { url: hooks, needs }, 500);
  // An address of ours from before counts too: they differ in the host alone, and must not pile up.
  const path = new URL(url).pathname;
  const ours = known.filter((hook) => URL.parse(hook.url)?.pathname === path);
  const [kept, ...further] = ours;
  const json = {
    url,
    name: "OpenTrace",
    token: secret,
    signing_token: `whsec_${signingKeyOf(secret).toString("base64")}`,
    ...wanted,
  };
  if (kept === undefined) await ctx.http.request({ url: hooks, method: "POST", json, needs });
  else {
    await ctx.http.request({ url: `${hooks}/${kept.id}`, method: "PUT", json, needs });
    // Disabled after failures: a test that arrives puts it to work again.
    if (kept.alert_status != null && kept.alert_status !== "executable")
      await ctx.http.request({
        url: `${hooks}/${kept.id}/test/push_events`,
        method: "POST",
        needs,
        expect: [400, 404, 422, 429],
      });
  }
  for (const hook of further) await remove(ctx, hooks, hook.id);
}

async function unregister(ctx: Context, scope: VendorScope, { url }: { url: string }): Promise<void> {
  if (scope.kind !== "project") return;
  const hooks = hooksOf(ctx, scope);
  for (const hook of await all(ctx, Hook, { url: hooks, needs }, 500))
    if (hook.url === url) await remove(ctx, hooks, hook.id);
}

async function remove(ctx: Context, hooks: string, id: number): Promise<void> {
  await ctx.http.request({ url: `${hooks}/${id}`, method: "DELETE", needs, expect: [404] });
}

export const webhook: Webhook<Config> = { verify, toEvents, register, unregister };
