// What the fake answers about the webhooks of projects and groups, and about what they sent.
import { asText, type JsonObject } from "../../testing/json-schema.ts";
import { level } from "./fake-access.ts";
import type { FakeGroup, FakeHook, FakeHookEvent, FakeProject } from "./fake-state.ts";
import { type Asked, failed, READ, type Reply, type Route, type RouteDeps } from "./route.ts";

type Holder = FakeProject | FakeGroup;

interface HookDeps extends RouteDeps {
  get(path: string, scopes: readonly string[], run: Route["run"], method?: string): Route;
  withProject(least: number, run: (project: FakeProject, asked: Asked, rest: string[]) => Reply): Route["run"];
  withGroup(run: (group: FakeGroup, asked: Asked, rest: string[]) => Reply): Route["run"];
  /** Sends it again: the same key and body. The status it came to. */
  resend(this: void, hook: FakeHook, event: FakeHookEvent): Promise<number | null>;
}

const API = ["api"] as const;
/** docs.gitlab.com/api/project_webhooks/#resend-a-project-webhook-event */
const RESENDS_A_MINUTE = 5;

export function createHookRoutes(deps: HookDeps): Route[] {
  const { state, access, shapes, get } = deps;
  const resent = new Map<number, number[]>();

  function setHook(hook: FakeHook, { body = {} }: Asked): void {
    hook.url = asText(body["url"]);
    if (body["token"] !== undefined) hook.token = asText(body["token"]);
    if (body["signing_token"] !== undefined) hook.signingToken = asText(body["signing_token"]);
    for (const [name, value] of Object.entries(body)) {
      const event = /^(.+)_events$/.exec(name)?.[1];
      if (event === undefined) continue;
      if (value === true) hook.events.add(event);
      else hook.events.delete(event);
    }
  }

  const blocked = ({ body = {} }: Asked): boolean =>
    state.settings.blockedHosts.includes(URL.parse(asText(body["url"]))?.hostname ?? "");
  const refusal: Reply = { status: 422, body: { error: "Invalid url given" } };
  const notFound = failed(404, "404 Not found");

  /** A group's hooks are for its owners, in the tiers that have them; elsewhere the API knows no such page. */
  const ofGroup =
    (run: (group: FakeGroup, asked: Asked, rest: string[]) => Reply): Route["run"] =>
    (asked, path) => {
      if (!state.settings.groupHooks) return failed(404, "404 Not Found");
      const guarded = deps.withGroup((group, of, rest) =>
        access.levelInGroup(of.token, group) < level.owner ? failed(403, "403 Forbidden") : run(group, of, rest),
      );
      return guarded(asked, path);
    };

  function routesOf(
    base: string,
    guard: (run: (holder: Holder, asked: Asked, rest: string[]) => Reply) => Route["run"],
  ): Route[] {
    const withHook = (run: (holder: Holder, hook: FakeHook, asked: Asked, rest: string[]) => Reply): Route["run"] =>
      guard((holder, asked, [id = "", ...rest]) => {
        const hook = holder.hooks.get(Number(id));
        return hook === undefined ? notFound : run(holder, hook, asked, rest);
      });
    const shown = (holder: Holder, hook: FakeHook): JsonObject => shapes.hook(holder, hook);
    return [
      get(
        base,
        READ,
        guard((holder) => ({ list: { items: [...holder.hooks.values()].map((hook) => shown(holder, hook)) } })),
      ),
      get(
        base,
        API,
        guard((holder, asked) => {
          if (blocked(asked)) return refusal;
          const hook: FakeHook = {
            id: state.id(),
            url: "",
            token: null,
            signingToken: null,
            events: new Set(["push"]),
            alertStatus: "executable",
            createdAt: state.now().toISOString(),
            log: [],
          };
          setHook(hook, asked);
          holder.hooks.set(hook.id, hook);
          return { status: 201, body: shown(holder, hook) };
        }),
        "POST",
      ),
      get(
        `${base}/:hook`,
        READ,
        withHook((holder, hook) => ({ status: 200, body: shown(holder, hook) })),
      ),
      get(
        `${base}/:hook`,
        API,
        withHook((holder, hook, asked) => {
          if (blocked(asked)) return refusal;
          setHook(hook, asked);
          return { status: 200, body: shown(holder, hook) };
        }),
        "PUT",
      ),
      get(
        `${base}/:hook`,
        API,
        withHook((holder, { id }) => {
          holder.hooks.delete(id);
          return { status: 204 };
        }),
        "DELETE",
      ),
      get(
        `${base}/:hook/test/:trigger`,
        API,
        withHook((_holder, hook) => {
          hook.alertStatus = "executable";
          return { status: 201, body: { message: "201 Created" } };
        }),
        "POST",
      ),
      get(
        `${base}/:hook/events`,
        READ,
        withHook((_holder, hook) =>
          state.settings.hookEvents ? { list: { items: hook.log.toReversed().map(shapes.hookEvent) } } : notFound,
        ),
      ),
      get(
        `${base}/:hook/events/:event/resend`,
        API,
        withHook((_holder, hook, _asked, [id]) => {
          const event = hook.log.find((one) => one.id === Number(id));
          if (event === undefined) return notFound;
          if (event.url !== hook.url) return failed(422, "The hook URL has changed. This log entry cannot be retried.");
          const at = state.now().getTime();
          const lately = (resent.get(hook.id) ?? []).filter((time) => at - time < 60_000);
          if (lately.length >= RESENDS_A_MINUTE)
            return failed(429, "This endpoint has been requested too many times. Try again later.");
          resent.set(hook.id, [...lately, at]);
          // Answered at once: nobody asks what came of it.
          void deps.resend(hook, event);
          return { status: 201, body: { response_status: 200 } };
        }),
        "POST",
      ),
    ];
  }

  return [
    ...routesOf("/projects/:id/hooks", (run) => deps.withProject(level.maintainer, run)),
    ...routesOf("/groups/:id/hooks", ofGroup),
  ];
}
