// Webhooks that we make at GitLab, of groups where the tier has them and of projects: made once, removed, and asked for what they lost.
import { z } from "zod";
import type { HookOfScope, Json, MadeHook, MissedQuery, RawDelivery, VendorScope } from "../connector.ts";
import { permissions } from "./auth.ts";
import { type Context, groupOf, nextQuery, projectOf, type Query } from "./client.ts";
import { grantedScopes } from "./granted-scopes.ts";
import { Hook, HookEvent } from "./schema.ts";
import { signedHeaders, signingTokenOf } from "./signing.ts";

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
/** docs.gitlab.com/api/group_webhooks/: what is in a group, too. */
const ofGroups = { subgroup_events: true, member_events: true } as const;

/** `seen`: the newest delivery that was looked at. */
const Memory = z.object({ id: z.int(), seen: z.int().default(0) });

const needs = "hooks";
const MOST_HOOKS = 500;
/** GitLab keeps seven days. */
const MOST_EVENTS = 2_000;
const PAGE = 100;

const hooksOf = ({ config }: Context, scope: VendorScope): string =>
  `${(scope.kind === "group" ? groupOf(scope, config) : projectOf(scope, config)).at}/hooks`;

const grant = permissions.find(({ id }) => id === needs)?.grant ?? "";

export async function register(
  ctx: Context,
  scope: VendorScope,
  { url, secret }: { url: string; secret: string },
): Promise<MadeHook> {
  // OAuth asks for reading alone unless told otherwise. Saves the requests that would all end the same.
  const scopes = await grantedScopes(ctx);
  if (scopes !== null && !scopes.includes("api"))
    return {
      is: "refused",
      why: "Making webhooks takes the scope “api”, which the credential has not.",
      action: grant,
      everywhere: true,
    };
  const hooks = hooksOf(ctx, scope);
  const known = await listHooks(ctx, hooks);
  if (known === null) return refusedFor(scope);
  // An address of ours from before counts too: they differ in the host alone, and must not pile up.
  const path = new URL(url).pathname;
  const [kept, ...further] = known.filter((hook) => URL.parse(hook.url)?.pathname === path);
  const json = {
    url,
    name: "OpenTrace",
    token: secret,
    signing_token: signingTokenOf(secret),
    ...wanted,
    ...(scope.kind === "group" ? ofGroups : {}),
  };
  const reply = await ctx.http.request({
    url: kept === undefined ? hooks : `${hooks}/${kept.id}`,
    method: kept === undefined ? "POST" : "PUT",
    json,
    needs,
    expect: [400, 403, 404, 422],
  });
  if (reply.status === 403 || reply.status === 404) return refusedFor(scope);
  if (reply.status >= 400) return notTaken(reply.text());
  const { id } = reply.json(Hook);
  if (kept?.alert_status != null) await revive(ctx, hooks, kept);
  for (const hook of further) await remove(ctx, hooks, hook.id);
  return { is: "made", hook: { id, seen: 0 } };
}

function refusedFor(scope: VendorScope): MadeHook {
  if (scope.kind === "group")
    return {
      is: "refused",
      why: `GitLab lets the credential make no webhook for the group ${scope.name}: that takes the role Owner, and the tier Premium or Ultimate.`,
      action: "Nothing has to be done where the projects in it have webhooks of their own.",
      everywhere: false,
    };
  return {
    is: "refused",
    why: `GitLab lets the credential make no webhook for ${scope.name}: that takes the role Maintainer.`,
    action: grant,
    everywhere: false,
  };
}

/** Blocked addresses, too many hooks: in GitLab's own words. */
const notTaken = (said: string): MadeHook => ({
  is: "refused",
  why: `GitLab did not take the webhook: ${said.slice(0, 300)}`,
  action:
    "An administrator can allow this server's address under Admin > Settings > Network > Outbound requests. Changes come with the periodic sync meanwhile.",
  everywhere: /url|blocked|local/i.test(said),
});

/** Null where they are not ours to see. */
async function listHooks(ctx: Context, url: string): Promise<Hook[] | null> {
  const found: Hook[] = [];
  let query: Query | null = { per_page: PAGE };
  while (query !== null && found.length < MOST_HOOKS) {
    const reply = await ctx.http.request({ url, query, needs, expect: [403, 404] });
    if (reply.status !== 200) return null;
    found.push(...reply.json(z.array(Hook)));
    query = nextQuery(reply, query);
  }
  return found;
}

/** Put aside after failures: a test that arrives puts it to work again. */
async function revive(ctx: Context, hooks: string, { id, alert_status }: Hook): Promise<void> {
  if (alert_status == null || alert_status === "executable") return;
  const url = `${hooks}/${id}/test/push_events`;
  await ctx.http.request({ url, method: "POST", needs, expect: [400, 403, 404, 422, 429] });
}

export async function unregister(ctx: Context, { scope, hook }: HookOfScope): Promise<void> {
  await remove(ctx, hooksOf(ctx, scope), Memory.parse(hook).id);
}

async function remove(ctx: Context, hooks: string, id: number): Promise<void> {
  await ctx.http.request({ url: `${hooks}/${id}`, method: "DELETE", needs, expect: [404] });
}

/**
 * docs.gitlab.com/api/project_webhooks/#get-a-list-of-project-webhook-events: what a hook sent in seven days, with what was answered. Bodies
 * are taken from there and signed anew, as their bytes are written anew; those that GitLab did not keep, it is asked to send again.
 */
export async function* missed(
  ctx: Context,
  { hooks, secret, remember }: MissedQuery,
): AsyncGenerator<RawDelivery, void, void> {
  for (const of of hooks) {
    ctx.signal.throwIfAborted();
    const { id, seen } = Memory.parse(of.hook);
    const url = hooksOf(ctx, of.scope);
    const found = await eventsAfter(ctx, `${url}/${id}/events`, seen);
    if (found.is !== "found") {
      if (found.is === "gone") await remember(of, null);
      continue;
    }
    for (const event of found.lost) {
      const raw = deliveryOf(ctx, event, secret);
      if (raw !== null) yield raw;
      else
        await ctx.http.request({
          url: `${url}/${id}/events/${event.id}/resend`,
          method: "POST",
          needs,
          // Five in a minute; a hook whose address has changed since does not send what is older.
          expect: [400, 403, 404, 422, 429],
        });
    }
    if (found.lost.length > 0) {
      const reply = await ctx.http.request({ url: `${url}/${id}`, needs, expect: [403, 404] });
      if (reply.status === 200) await revive(ctx, url, reply.json(Hook));
    }
    const memory: Json = { id, seen: found.newest };
    if (found.newest !== seen) await remember(of, memory);
  }
}

type Events = { is: "found"; lost: HookEvent[]; newest: number } | { is: "gone" } | { is: "unknown" };

/** Oldest first, those that arrived nowhere since. */
async function eventsAfter(ctx: Context, url: string, seen: number): Promise<Events> {
  const arrived = new Set<string>();
  const lost: HookEvent[] = [];
  let newest = seen;
  for (let page = 1; page <= MOST_EVENTS / PAGE; page++) {
    const reply = await ctx.http.request({ url, query: { per_page: PAGE, page }, needs, expect: [403, 404] });
    // Before 17.3 there is no such page, whether the hook is there or not.
    if (reply.status === 404) return { is: (await isThere(ctx, url.replace(/\/events$/, ""))) ? "unknown" : "gone" };
    if (reply.status !== 200) return { is: "unknown" };
    const events = reply.json(z.array(HookEvent));
    for (const event of events) {
      if (event.id <= seen) break;
      newest = Math.max(newest, event.id);
      const key = keyOf(event);
      // Newest first: one that was sent again and arrived makes up for the failures before it.
      if (!arrived.has(key) && !/^2\d\d$/.test(String(event.response_status ?? ""))) lost.push(event);
      arrived.add(key);
    }
    if (events.length < PAGE || (events.at(-1)?.id ?? 0) <= seen) break;
  }
  return { is: "found", lost: lost.toReversed(), newest };
}

async function isThere(ctx: Context, url: string): Promise<boolean> {
  return (await ctx.http.request({ url, needs, expect: [403, 404] })).status !== 404;
}

const headersOf = ({ request_headers }: HookEvent): Record<string, string> =>
  Object.fromEntries(Object.entries(request_headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

const keyOf = (event: HookEvent): string => headersOf(event)["idempotency-key"] ?? `event-${event.id}`;

/** Null when GitLab did not keep its body, which was too large for its log. */
function deliveryOf(ctx: Context, event: HookEvent, secret: string): RawDelivery | null {
  const { request_data: data } = event;
  if (data == null || data["oversize"] === true) return null;
  const { "x-gitlab-token": _redacted, ...headers } = headersOf(event);
  const body = Buffer.from(JSON.stringify(data));
  return { body, headers: { ...headers, ...signedHeaders(secret, keyOf(event), ctx.now(), body) } };
}
