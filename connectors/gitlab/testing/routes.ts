// What the fake answers: GitLab's operations over the fake's state.
import type { JsonObject } from "../../testing/json-schema.ts";
import { type FakeToken, level } from "./fake-access.ts";
import type { FakeGroup, FakeProject, FakeState } from "./fake-state.ts";
import { createDeliveryRoutes } from "./delivery-routes.ts";
import type { FakeWebhooks } from "./fake-webhooks.ts";
import { createHookRoutes } from "./hook-routes.ts";
import { type Asked, failed, inTime, READ, type Reply, type Route, type RouteDeps } from "./route.ts";

export function createRoutes({ resend, ...deps }: RouteDeps & Pick<FakeWebhooks, "resend">): Route[] {
  const { state, access, shapes } = deps;
  const get = (path: string, scopes: readonly string[], run: Route["run"], method = "GET"): Route => ({
    method,
    pattern: new RegExp(`^${path.replaceAll(/:(\w+)/g, "([^/]+)")}$`),
    scopes,
    run,
  });

  /** A private project that one may not see does not exist. */
  function withProject(
    least: number,
    run: (project: FakeProject, asked: Asked, rest: string[]) => Reply,
    feature?: string,
  ): Route["run"] {
    return (asked, [id = "", ...rest]) => {
      const project = state.projects.get(Number(id)) ?? state.project(decodeURIComponent(id));
      if (!project) return failed(404, "404 Project Not Found");
      const mine = access.levelIn(asked.token, project);
      if (mine === 0 && project.visibility === "private") return failed(404, "404 Project Not Found");
      if (mine < least) return failed(403, "403 Forbidden");
      if (feature !== undefined && project.off.has(feature)) return failed(403, "403 Forbidden");
      return run(project, asked, rest);
    };
  }

  function withGroup(run: (group: FakeGroup, asked: Asked, rest: string[]) => Reply): Route["run"] {
    return (asked, [id = "", ...rest]) => {
      const group = state.groups.get(Number(id)) ?? state.group(decodeURIComponent(id));
      if (!group || !access.inGroup(asked.token, group.path)) return failed(404, "404 Group Not Found");
      return run(group, asked, rest);
    };
  }

  const found = (query: URLSearchParams, text: string): boolean =>
    text.toLowerCase().includes((query.get("search") ?? "").toLowerCase());

  const more = { ...deps, get, withProject, withGroup };

  return [
    ...createDeliveryRoutes(more),
    ...createHookRoutes({ ...more, resend }),
    get("/user", [...READ, "read_user"], ({ token }) => {
      const { locked: _locked, public_email: _email, ...self } = shapes.user(token.username);
      return { status: 200, body: self };
    }),
    get("/personal_access_tokens/self", [], ({ token }) =>
      token.kind === "oauth"
        ? failed(400, "400 Bad request - Personal access token required")
        : { status: 200, body: tokenShape(token, state) },
    ),
    get(
      "/personal_access_tokens/self",
      [],
      ({ token }) => {
        token.revoked = true;
        return { status: 204 };
      },
      "DELETE",
    ),
    get("/projects", READ, ({ query, token }) => {
      const items = [...state.projects.values()]
        .filter((one) => access.levelIn(token, one) > 0 || query.get("membership") !== "true")
        .filter((one) =>
          found(query, query.get("search_namespaces") === "true" ? one.path : (one.path.split("/").at(-1) ?? "")),
        )
        .filter((one) => !query.has("archived") || String(one.archived) === query.get("archived"))
        .filter((one) => one.id > Number(query.get("id_after") ?? 0))
        .toSorted((a, b) => (query.get("sort") === "asc" ? a.id - b.id : b.id - a.id));
      return { list: { items: items.map(shapes.project), type: "Project", keyset: query.get("order_by") === "id" } };
    }),
    get(
      "/projects/:id",
      READ,
      withProject(0, (project) => ({ status: 200, body: shapes.project(project) })),
    ),
    get("/groups", READ, ({ query, token }) => {
      const items = [...state.groups.values()].filter(
        (one) => access.inGroup(token, one.path) && found(query, one.path),
      );
      return { list: { items: items.map(shapes.group), type: "Group" } };
    }),
    get(
      "/groups/:id",
      READ,
      withGroup((group) => ({ status: 200, body: shapes.group(group) })),
    ),
    get(
      "/groups/:id/projects",
      READ,
      withGroup((group, { query }) => {
        const deep = query.get("include_subgroups") === "true";
        const items = [...state.projects.values()]
          .filter((one) => one.path.startsWith(`${group.path}/`))
          .filter((one) => deep || one.path.split("/").length === group.path.split("/").length + 1)
          .filter((one) => found(query, one.path));
        return { list: { items: items.map(shapes.project), type: "Project" } };
      }),
    ),
    get(
      "/projects/:id/issues",
      READ,
      withProject(level.guest, (project, { query }) => {
        const items = inTime(query, [...project.issues.values()]).map((one) => shapes.issue(project, one));
        return { list: { items } };
      }),
    ),
    get(
      "/projects/:id/issues/:iid",
      READ,
      withProject(level.guest, (project, _asked, [iid]) => {
        const one = project.issues.get(Number(iid));
        return one ? { status: 200, body: shapes.issue(project, one) } : failed(404, "404 Issue Not Found");
      }),
    ),
    get(
      "/projects/:id/merge_requests",
      READ,
      withProject(
        level.reporter,
        (project, { query }) => {
          const items = inTime(query, [...project.mergeRequests.values()]);
          return { list: { items: items.map((one) => shapes.mergeRequest(project, one)) } };
        },
        "merge_requests",
      ),
    ),
    ...["", "/diffs", "/approvals"].map((part) =>
      get(
        `/projects/:id/merge_requests/:iid${part}`,
        READ,
        withProject(level.reporter, (project, _asked, [iid]) => {
          const one = project.mergeRequests.get(Number(iid));
          if (!one) return failed(404, "404 Not found");
          if (part === "/diffs") return { list: { items: one.diffs.map(shapes.diff) } };
          return { status: 200, body: part === "" ? shapes.mergeRequest(project, one) : shapes.approvals(one) };
        }),
      ),
    ),
  ];
}

const tokenShape = (token: FakeToken, state: FakeState): JsonObject => ({
  id: token.id,
  name: token.name,
  revoked: token.revoked,
  created_at: token.createdAt,
  description: null,
  scopes: token.scopes,
  user_id: state.user(token.username).id,
  last_used_at: null,
  active: !token.revoked,
  expires_at: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString().slice(0, 10),
});
