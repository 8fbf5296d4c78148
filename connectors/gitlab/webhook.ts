// GitLab's webhooks, of projects, groups and the instance: proved genuine either way, and turned into what to sync.
import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { RawDelivery, VendorEvent, VendorScope, VerifiedDelivery, Webhook } from "../connector.ts";
import { groupScopeId } from "./client.ts";
import type { Config } from "./config.ts";
import { missed, register, unregister } from "./hooks.ts";
import { Delivered } from "./schema.ts";
import { keysOf, signatureOf } from "./signing.ts";

/** As Standard Webhooks has it: what is older may be a replay. */
const TOLERANCE_SECONDS = 300;

function isSame(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return x !== undefined && y !== undefined && timingSafeEqual(x, y);
}

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
    const expected = signatureOf(key, id, timestamp, body);
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

export const webhook: Webhook<Config> = { verify, toEvents, register, unregister, missed };
