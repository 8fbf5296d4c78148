// GitHub's webhooks: proved by their signature, turned into what to sync, and fetched when they were lost.
import { createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import { z } from "zod";
import type { MissedQuery, RawDelivery, VendorEvent, VerifiedDelivery, Webhook } from "../connector.ts";
import { appJwt } from "./auth.ts";
import { type Context, repositoryScope } from "./client.ts";
import { apiUrl, type Config } from "./config.ts";
import { Delivered, HookDelivery, HookDeliveryDetail } from "./schema.ts";

/** docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries; over the raw bytes, nothing is parsed before. */
function verify({ headers, body }: RawDelivery, secrets: readonly string[]): VerifiedDelivery {
  const given = /^sha256=([0-9a-f]{64})$/.exec(headers["x-hub-signature-256"] ?? "")?.[1];
  const signature = Buffer.from(given ?? "", "hex");
  const genuine = secrets
    .filter((secret) => secret !== "")
    .map((secret) => createHmac("sha256", secret).update(body).digest())
    .some((expected) => signature.length === expected.length && timingSafeEqual(signature, expected));
  const deliveryId = headers["x-github-delivery"] ?? "";
  if (!genuine || deliveryId === "")
    throw new AppError(
      "unauthenticated",
      "The webhook's signature is not GitHub's. Check that both sides have the same secret.",
    );
  const action = actionOf(body);
  return {
    deliveryId,
    event: [headers["x-github-event"] ?? "unknown", action].filter((part) => part !== "").join("."),
  };
}

function actionOf(body: Uint8Array): string {
  const parsed = z.object({ action: z.string() }).safeParse(jsonOf(body));
  return parsed.success ? parsed.data.action : "";
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8")) as unknown;
  } catch {
    return null;
  }
}

type Body = z.output<typeof Delivered>;

function toEvents({ headers, body }: RawDelivery, _config: Config): VendorEvent[] {
  const event = headers["x-github-event"] ?? "";
  const parsed = Delivered.safeParse(jsonOf(body));
  if (!parsed.success) return [{ is: "ignored", why: `The body of ${event} is not understood.` }];
  const installation = installationEvents(event, parsed.data);
  if (installation) return installation;
  const { repository } = parsed.data;
  if (!repository) return [{ is: "ignored", why: `${event} is about no repository.` }];
  const found = repositoryEvents(event, parsed.data, String(repository.id));
  return found.length > 0
    ? found
    : [{ is: "ignored", why: `${event} ${parsed.data.action ?? ""} changes nothing here.`.replace("  ", " ") }];
}

function installationEvents(
  event: string,
  { action, installation, repositories_added, repositories_removed }: Body,
): VendorEvent[] | null {
  const account = installation?.account?.login ?? "the account";
  if (event === "installation_repositories") {
    // What was added comes with the next listing of scopes, which knows all of its fields.
    const removed = repositories_removed.map(({ id }): VendorEvent => ({
      is: "removed",
      scope: String(id),
      why: "access lost",
    }));
    const added = repositories_added.map((one): VendorEvent => ({
      is: "added",
      scope: {
        id: String(one.id),
        kind: "repository",
        name: one.full_name,
        description: null,
        url: null,
        private: one.private,
        archived: false,
        defaultBranch: null,
        parent: installation?.account?.id === undefined ? null : `org:${installation.account.id}`,
        handle: { fullName: one.full_name },
      },
    }));
    return [...removed, ...added];
  }
  if (event !== "installation") return null;
  if (action === "deleted")
    return [
      { is: "uninstalled", detail: `The GitHub App was uninstalled from ${account}. Install it again to go on.` },
    ];
  if (action === "suspend")
    return [
      { is: "suspended", detail: `The GitHub App was suspended for ${account}. An owner can restore it at GitHub.` },
    ];
  if (action === "unsuspend") return [{ is: "restored", detail: `The GitHub App works again for ${account}.` }];
  return [{ is: "ignored", why: `installation ${action ?? ""} needs nothing.` }];
}

function repositoryEvents(event: string, body: Body, scope: string): VendorEvent[] {
  const changed = (stream: string, items: (number | undefined)[] | null): VendorEvent => ({
    is: "changed",
    scope,
    stream,
    items: items?.flatMap((item) => (item === undefined ? [] : [String(item)])) ?? null,
  });
  switch (event) {
    case "push":
    case "create":
    case "delete": {
      const branch = branchOf(event, body);
      if (branch === null) return [];
      return [
        { is: "pushed", scope, branch },
        ...(branch === body.repository?.default_branch ? [changed("owners", null)] : []),
      ];
    }
    case "issues":
      return [changed("issues", [body.issue?.number])];
    case "pull_request":
    case "pull_request_review":
      return [changed("pulls", [body.pull_request?.number])];
    case "check_run": {
      const numbers = body.check_run?.pull_requests.map(({ number }) => number) ?? [];
      return numbers.length === 0 ? [] : [changed("pulls", numbers)];
    }
    case "deployment":
    case "deployment_status":
      return [changed("deployments", null)];
    case "workflow_run":
      return [changed("pipelines", null)];
    case "release":
      return [changed("releases", null)];
    case "repository":
      return ofRepository(body, scope);
    default:
      return [];
  }
}

function ofRepository({ action, repository }: Body, scope: string): VendorEvent[] {
  if (!repository) return [];
  if (action === "deleted") return [{ is: "removed", scope, why: "deleted" }];
  // Newly private is still ours to see while the webhook comes; the next sync tells if not.
  const told = ["renamed", "transferred", "archived", "unarchived", "edited", "privatized", "publicized"];
  if (action === "created") return [{ is: "added", scope: repositoryScope(repository) }];
  return told.includes(action ?? "") ? [{ is: "renamed", scope: repositoryScope(repository) }] : [];
}

function branchOf(event: string, { ref, ref_type }: Body): string | null {
  if (event === "push") return ref?.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
  return ref_type === "branch" && ref !== undefined ? ref : null;
}

/** Never redelivered by GitHub itself: those that failed are fetched with their body. Signed anew, as their bytes are written anew. */
async function* missed(ctx: Context, { since }: Pick<MissedQuery, "since">): AsyncGenerator<RawDelivery, void, void> {
  const { values } = await ctx.authorize(ctx.signal);
  const { appId, privateKey, webhookSecret } = values;
  if (appId === undefined || privateKey === undefined) return;
  const api = apiUrl(ctx.config);
  const ask = async (url: string, query: Record<string, string | number> = {}) =>
    ctx.http.request({
      url,
      query,
      anonymous: true,
      headers: { authorization: `Bearer ${await appJwt({ appId, privateKey }, ctx.now())}` },
    });
  const seen = new Set<string>();
  const lost: number[] = [];
  let next: string | null = `${api}/app/hook/deliveries`;
  for (let first = true; next !== null; first = false) {
    const reply = await ask(next, first ? { per_page: 100 } : {});
    const listed = reply.json(z.array(HookDelivery));
    for (const one of listed) {
      if (Date.parse(one.delivered_at) < since.getTime()) continue;
      const arrived = one.status_code >= 200 && one.status_code < 300;
      // Newest first: a redelivery that arrived makes up for the failures before it.
      if (!arrived && !seen.has(one.guid)) lost.push(one.id);
      seen.add(one.guid);
    }
    const oldest = listed.at(-1);
    next =
      oldest === undefined || Date.parse(oldest.delivered_at) < since.getTime() ? null : (reply.links["next"] ?? null);
  }
  for (const id of lost.toReversed()) {
    const { request } = (await ask(`${api}/app/hook/deliveries/${id}`)).json(HookDeliveryDetail);
    const body = Buffer.from(JSON.stringify(request.payload));
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    headers["x-hub-signature-256"] = `sha256=${createHmac("sha256", webhookSecret ?? "")
      .update(body)
      .digest("hex")}`;
    yield { headers, body };
  }
}

export const webhook: Webhook<Config> = { verify, toEvents, missed };
