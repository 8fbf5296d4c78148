// What the fake answers about releases, pipelines, deployments, members and files.
import { level } from "./fake-access.ts";
import type { FakeGroup, FakeProject } from "./fake-state.ts";
import { type Asked, failed, inTime, READ, type Reply, type Route, type RouteDeps } from "./route.ts";

interface DeliveryDeps extends RouteDeps {
  get(path: string, scopes: readonly string[], run: Route["run"], method?: string): Route;
  withProject(least: number, run: (project: FakeProject, asked: Asked, rest: string[]) => Reply): Route["run"];
  withGroup(run: (group: FakeGroup, asked: Asked, rest: string[]) => Reply): Route["run"];
}

export function createDeliveryRoutes({ state, shapes, get, withProject, withGroup }: DeliveryDeps): Route[] {
  const listed = (
    path: string,
    least: number,
    items: (project: FakeProject, asked: Asked) => ReturnType<typeof shapes.user>[],
  ): Route =>
    get(
      path,
      READ,
      withProject(least, (project, asked) => ({ list: { items: items(project, asked) } })),
    );

  const one = <T>(
    path: string,
    find: (project: FakeProject, id: string) => T | undefined,
    shape: (project: FakeProject, found: T) => ReturnType<typeof shapes.user>,
  ): Route =>
    get(
      path,
      READ,
      withProject(level.reporter, (project, _asked, [id = ""]) => {
        const found = find(project, decodeURIComponent(id));
        return found === undefined ? failed(404, "404 Not found") : { status: 200, body: shape(project, found) };
      }),
    );

  return [
    listed("/projects/:id/releases", level.guest, (project) =>
      project.releases
        .toSorted((a, b) => (a.releasedAt < b.releasedAt ? 1 : -1))
        .map((release) => shapes.release(project, release)),
    ),
    one(
      "/projects/:id/releases/:tag",
      (project, tag) => project.releases.find((release) => release.tag === tag),
      shapes.release,
    ),
    listed("/projects/:id/pipelines", level.reporter, (project, { query }) =>
      inTime(
        query.has("order_by") ? query : new URLSearchParams([...query, ["order_by", "id"]]),
        project.pipelines,
      ).map((run) => shapes.pipelineItem(project, run)),
    ),
    one(
      "/projects/:id/pipelines/:pipeline",
      (project, id) => project.pipelines.find((run) => String(run.id) === id),
      shapes.pipeline,
    ),
    get(
      "/projects/:id/pipelines/:pipeline/jobs",
      READ,
      withProject(level.reporter, (project, _asked, [id]) => {
        const run = project.pipelines.find((candidate) => String(candidate.id) === id);
        if (!run) return failed(404, "404 Not found");
        // Newest first, as GitLab lists them.
        return { list: { items: run.jobs.toReversed().map((job) => shapes.job(project, run, job)) } };
      }),
    ),
    listed("/projects/:id/deployments", level.reporter, (project, { query }) =>
      inTime(query, project.deployments)
        .filter(
          (deployment) => (query.get("environment") ?? deployment.environment.name) === deployment.environment.name,
        )
        .filter((deployment) => (query.get("status") ?? deployment.status) === deployment.status)
        .map((deployment) => shapes.deployment(project, deployment)),
    ),
    one(
      "/projects/:id/deployments/:deployment",
      (project, id) => project.deployments.find((deployment) => String(deployment.id) === id),
      shapes.deployment,
    ),
    listed("/projects/:id/environments", level.reporter, (project, { query }) =>
      project.environments
        .filter((environment) => (query.get("states") ?? environment.state) === environment.state)
        .map(shapes.environment),
    ),
    listed("/projects/:id/members", level.guest, (project) =>
      [...project.members].map(([username, accessLevel]) => shapes.member(username, accessLevel)),
    ),
    get(
      "/groups/:id/members",
      READ,
      withGroup((group) => ({
        list: { items: [...group.members].map(([username, accessLevel]) => shapes.member(username, accessLevel)) },
      })),
    ),
    get(
      "/groups/:id/descendant_groups",
      READ,
      withGroup((group) => ({
        list: {
          items: [...state.groups.values()].filter(({ path }) => path.startsWith(`${group.path}/`)).map(shapes.group),
        },
      })),
    ),
    one(
      "/projects/:id/repository/files/:path",
      (project, path) => {
        const content = project.files.get(path);
        return content === undefined ? undefined : { path, content };
      },
      (project, { path, content }) => shapes.file(project, path, content),
    ),
    get(
      "/projects/:id/repository/tree",
      READ,
      withProject(level.reporter, (project, { query }) => {
        if (project.defaultBranch === null) return failed(404, "404 Tree Not Found");
        const folders = new Set<string>();
        for (const path of project.files.keys())
          for (let at = path; at.includes("/");) {
            at = at.slice(0, at.lastIndexOf("/"));
            folders.add(at);
          }
        const entries = [
          ...[...folders].map((path) => ({ path, type: "tree", mode: "040000", id: shapes.blobId(path) })),
          ...[...project.files].map(([path, content]) => ({
            path,
            type: "blob",
            mode: "100644",
            id: shapes.blobId(content),
          })),
        ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
        const after = query.get("page_token") ?? "";
        const items = entries
          .filter(({ path }) => query.get("recursive") === "true" || !path.includes("/"))
          .filter(({ path }) => path > after)
          .map((entry) => ({ ...entry, name: entry.path.split("/").at(-1) ?? "" }));
        return { list: { items, keyset: true, token: "path" } };
      }),
    ),
  ];
}
