// The fake's REST operations: what each needs, and what it answers from the state. Long because it is one table, an entry an operation,
// to be held beside GitHub's own list.
import { createHash } from "node:crypto";
import type { Access, FakeApp, FakeInstallation, FakeToken, Level } from "./fake-access.ts";
import type { FakeIssue, FakePull, FakeRepository, FakeState } from "./fake-state.ts";
import { asText, type JsonObject } from "../../testing/json-schema.ts";
import type { Shapes, Urls } from "./shapes.ts";
import type { Delivery } from "./fake-webhooks.ts";

export interface Asked {
  path: string;
  query: URLSearchParams;
  body: JsonObject | undefined;
  token: FakeToken | null;
  app: FakeApp | null;
  /** Client id and secret of HTTP Basic. */
  client: FakeApp | null;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Refused because the budget is spent. */
  limited?: true;
  /** A list to be paged: `pick` puts a page's items where the operation has them. */
  list?: {
    items: readonly unknown[];
    shape: (item: never) => unknown;
    wrap?: (page: unknown[], total: number) => unknown;
  };
}

interface RouteContext {
  state: FakeState;
  access: Access;
  shapes: Shapes;
  urls: Urls;
  deliveries: Delivery[];
  redeliver(delivery: Delivery): void;
}

export interface Route {
  method: string;
  pattern: RegExp;
  who: "app" | "token" | "client" | "anyone";
  /** What the token must have: `issues=read`. */
  needs?: [permission: string, level: Level];
  run(asked: Asked, params: string[]): Reply;
}

export const message = (text: string, status: number): JsonObject => ({
  message: text,
  documentation_url: "https://docs.github.com/rest",
  status: String(status),
});
export const notFound = (): Reply => ({ status: 404, body: message("Not Found", 404) });

const byText =
  <T>(of: (item: T) => string) =>
  (a: T, b: T): number =>
    of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0;

/** A list without its type, for the pager. */
function list<T>(
  items: readonly T[],
  shape: (item: T) => unknown,
  wrap?: (page: unknown[], total: number) => unknown,
): Reply {
  return { status: 200, list: { items, shape, ...(wrap ? { wrap } : {}) } };
}

export function createRoutes({ state, access, shapes, urls, deliveries, redeliver }: RouteContext): Route[] {
  /** A repository's operation: 404 when the token does not see it, 301 when it was renamed. */
  function ofRepository(
    rest: string,
    needs: Route["needs"],
    run: (repository: FakeRepository, asked: Asked, params: string[]) => Reply,
  ): Route[] {
    const answer = (repository: FakeRepository | undefined, asked: Asked, params: string[]): Reply =>
      repository && asked.token && access.sees(asked.token, repository.id)
        ? run(repository, asked, params)
        : notFound();
    const named: Route = {
      method: "GET",
      pattern: new RegExp(`^/repos/([^/]+/[^/]+)${rest}$`),
      who: "token",
      ...(needs ? { needs } : {}),
      run: (asked, [fullName = "", ...params]) => {
        const repository = state.repository(fullName);
        const moved = repository ? undefined : state.formerNames.get(fullName.toLowerCase());
        if (moved === undefined) return answer(repository, asked, params);
        const location = `${urls.api}/repositories/${String(moved)}${asked.path.slice(`/repos/${fullName}`.length)}`;
        const query = asked.query.size === 0 ? "" : `?${asked.query.toString()}`;
        return {
          status: 301,
          headers: { location: location + query },
          body: { ...message("Moved Permanently", 301), url: location + query },
        };
      },
    };
    // GitHub's own redirects and `Link` headers lead to this form.
    const byId: Route = {
      ...named,
      pattern: new RegExp(`^/repositories/(\\d+)${rest}$`),
      run: (asked, [id = "", ...params]) => answer(state.repositories.get(Number(id)), asked, params),
    };
    return [named, byId];
  }

  const visible = (token: FakeToken): FakeRepository[] =>
    [...state.repositories.values()].filter(
      (one) => access.sees(token, one.id) && !access.settings.unlisted.has(one.id),
    );

  const installationShape = (one: FakeInstallation): JsonObject => {
    const app = access.apps.get(one.appId);
    const shape = shapes.from(
      "base-installation-for-auth-user-paginated",
      one.account,
      (value) => (value as { installations: [JsonObject] }).installations[0],
    );
    return {
      ...shape,
      id: one.id,
      account: shapes.accountOf(one.account),
      access_tokens_url: `${urls.api}/app/installations/${String(one.id)}/access_tokens`,
      repositories_url: `${urls.api}/installation/repositories`,
      html_url: `${urls.web}/organizations/${one.account}/settings/installations/${String(one.id)}`,
      app_id: one.appId,
      app_slug: app?.slug ?? "",
      target_id: state.account(one.account).id,
      target_type: state.account(one.account).type,
      permissions: { ...one.permissions },
      events: [...(app?.events ?? [])],
      repository_selection: one.repositories === "all" ? "all" : "selected",
      single_file_name: null,
      has_multiple_single_files: false,
      single_file_paths: [],
      created_at: one.createdAt,
      updated_at: one.createdAt,
      suspended_at: one.suspendedAt,
      suspended_by: one.suspendedAt === null ? null : shapes.accountOf(one.account),
    };
  };
  const appShape = (app: FakeApp): JsonObject => ({
    ...shapes.from("integration", app.owner),
    id: app.id,
    slug: app.slug,
    node_id: `A_${String(app.id)}`,
    client_id: app.clientId,
    owner: shapes.user(app.owner),
    name: app.name,
    description: "",
    external_url: app.url,
    html_url: `${urls.web}/apps/${app.slug}`,
    permissions: { ...app.permissions },
    events: [...app.events],
    installations_count: access.installations.size,
  });

  const since = (asked: Asked): string => asked.query.get("since") ?? "";

  function listIssues(repository: FakeRepository, asked: Asked): Reply {
    if (!repository.hasIssues) return { status: 410, body: message("Issues are disabled for this repo", 410) };
    const wanted = asked.query.get("state") ?? "open";
    const sort = asked.query.get("sort") ?? "created";
    const found = [...repository.issues.values()].filter(
      (one) => (wanted === "all" || one.state === wanted) && one.updatedAt >= since(asked),
    );
    found.sort(byText((one) => (sort === "updated" ? one.updatedAt : one.createdAt)));
    if ((asked.query.get("direction") ?? "desc") === "desc") found.reverse();
    return list(found, (one) => shapes.issue(repository, one));
  }

  const isPull = (one: FakeIssue): one is FakeIssue & { pull: FakePull } => one.pull !== null;

  function listPulls(repository: FakeRepository, asked: Asked): Reply {
    const wanted = asked.query.get("state") ?? "open";
    const sort = asked.query.get("sort") ?? "created";
    const found = [...repository.issues.values()]
      .filter(isPull)
      .filter((one) => wanted === "all" || one.state === wanted);
    found.sort(byText((one) => (sort === "updated" ? one.updatedAt : one.createdAt)));
    if ((asked.query.get("direction") ?? (sort === "created" ? "desc" : "asc")) === "desc") found.reverse();
    const embedded = shapes.repository(repository);
    return list(found, (one) => shapes.pullSimple(repository, one, embedded));
  }

  function ofPull(
    rest: string,
    run: (repository: FakeRepository, pull: FakeIssue & { pull: FakePull }, asked: Asked) => Reply,
  ): Route[] {
    return ofRepository(`/pulls/(\\d+)${rest}`, ["pull_requests", "read"], (repository, asked, [number = ""]) => {
      const one = repository.issues.get(Number(number));
      return one && isPull(one) ? run(repository, one, asked) : notFound();
    });
  }

  const blobSha = (text: string): string =>
    createHash("sha1")
      .update(`blob ${String(Buffer.byteLength(text))}\0`)
      .update(text)
      .digest("hex");

  function tree(repository: FakeRepository, recursive: boolean): Reply {
    const entries: JsonObject[] = [];
    const seen = new Set<string>();
    const base = `${urls.api}/repos/${repository.owner}/${repository.name}/git`;
    for (const [path, text] of [...repository.files].sort(byText(([name]) => name))) {
      const parts = path.split("/");
      for (let depth = 1; depth < parts.length; depth++) {
        const folder = parts.slice(0, depth).join("/");
        if (seen.has(folder) || (!recursive && depth > 1)) continue;
        seen.add(folder);
        const sha = createHash("sha1").update(folder).digest("hex");
        entries.push({ path: folder, mode: "040000", type: "tree", sha, url: `${base}/trees/${sha}` });
      }
      if (!recursive && parts.length > 1) continue;
      const sha = blobSha(text);
      entries.push({
        path,
        mode: "100644",
        type: "blob",
        size: Buffer.byteLength(text),
        sha,
        url: `${base}/blobs/${sha}`,
      });
    }
    const sha = createHash("sha1").update(JSON.stringify(entries)).digest("hex");
    return { status: 200, body: { sha, url: `${base}/trees/${sha}`, tree: entries, truncated: false } };
  }

  const deliveryItem = (one: Delivery): JsonObject => ({
    id: one.id,
    guid: one.guid,
    delivered_at: one.deliveredAt,
    redelivery: one.redelivery,
    duration: 0.1,
    status: one.status,
    status_code: one.statusCode,
    event: one.event,
    action: one.action,
    installation_id: one.installationId,
    repository_id: one.repositoryId,
    throttled_at: null,
  });

  return [
    {
      method: "POST",
      pattern: /^\/app-manifests\/([^/]+)\/conversions$/,
      who: "anyone",
      run: (_asked, [code = ""]) => {
        const found = access.takeCode(code, "manifest");
        if (!found) return notFound();
        const { app } = found;
        return {
          status: 201,
          body: {
            ...appShape(app),
            client_secret: app.clientSecret,
            webhook_secret: app.webhookSecret,
            pem: app.pem,
          },
        };
      },
    },
    {
      method: "GET",
      pattern: /^\/app$/,
      who: "app",
      run: ({ app }) => ({ status: 200, body: app ? appShape(app) : {} }),
    },
    {
      method: "GET",
      pattern: /^\/app\/installations$/,
      who: "app",
      run: ({ app }) =>
        list(
          [...access.installations.values()].filter((one) => one.appId === app?.id),
          installationShape,
        ),
    },
    {
      method: "GET",
      pattern: /^\/app\/installations\/(\d+)$/,
      who: "app",
      run: (_asked, [id = ""]) => {
        const found = access.installations.get(Number(id));
        return found ? { status: 200, body: installationShape(found) } : notFound();
      },
    },
    {
      method: "DELETE",
      pattern: /^\/app\/installations\/(\d+)$/,
      who: "app",
      run: (_asked, [id = ""]) => {
        if (!access.installations.delete(Number(id))) return notFound();
        for (const token of access.tokens.values()) if (token.installationId === Number(id)) token.revoked = true;
        return { status: 204 };
      },
    },
    {
      method: "POST",
      pattern: /^\/app\/installations\/(\d+)\/access_tokens$/,
      who: "app",
      run: ({ app }, [id = ""]) => {
        const found = access.installations.get(Number(id));
        if (found?.appId !== app?.id || !found) return notFound();
        if (found.suspendedAt !== null)
          return { status: 403, body: message("This installation has been suspended", 403) };
        const token = access.mintInstallationToken(found);
        return {
          status: 201,
          body: {
            token: token.value,
            expires_at: `${new Date(token.expiresAt ?? 0).toISOString().slice(0, 19)}Z`,
            permissions: { ...found.permissions },
            repository_selection: found.repositories === "all" ? "all" : "selected",
          },
        };
      },
    },
    {
      method: "GET",
      pattern: /^\/app\/hook\/deliveries$/,
      who: "app",
      run: (asked) => {
        const wanted = asked.query.get("status");
        const ok = (one: Delivery): boolean => one.statusCode >= 200 && one.statusCode < 400;
        const found = deliveries.filter((one) => wanted === null || (wanted === "success") === ok(one)).toReversed();
        // Paged by a cursor: the id of the next one.
        const size = Math.min(Number(asked.query.get("per_page") ?? "30"), 100);
        const at = asked.query.has("cursor")
          ? found.findIndex((one) => String(one.id) === asked.query.get("cursor"))
          : 0;
        const page = at < 0 ? [] : found.slice(at, at + size);
        const next = at < 0 ? undefined : found[at + size];
        const query = new URLSearchParams(asked.query);
        if (next) query.set("cursor", String(next.id));
        return {
          status: 200,
          body: page.map(deliveryItem),
          headers: next ? { link: `<${urls.api}/app/hook/deliveries?${query.toString()}>; rel="next"` } : {},
        };
      },
    },
    {
      method: "GET",
      pattern: /^\/app\/hook\/deliveries\/(\d+)$/,
      who: "app",
      run: (_asked, [id = ""]) => {
        const found = deliveries.find((one) => String(one.id) === id);
        if (!found) return notFound();
        return {
          status: 200,
          body: {
            ...deliveryItem(found),
            url: found.url,
            request: { headers: { ...found.headers }, payload: found.payload },
            response: { headers: {}, payload: "" },
          },
        };
      },
    },
    {
      method: "POST",
      pattern: /^\/app\/hook\/deliveries\/(\d+)\/attempts$/,
      who: "app",
      run: (_asked, [id = ""]) => {
        const found = deliveries.find((one) => String(one.id) === id);
        if (!found) return notFound();
        redeliver(found);
        return { status: 202, body: {} };
      },
    },
    {
      method: "DELETE",
      pattern: /^\/installation\/token$/,
      who: "token",
      run: ({ token }) => {
        if (token) token.revoked = true;
        return { status: 204 };
      },
    },
    {
      method: "GET",
      pattern: /^\/installation\/repositories$/,
      who: "token",
      run: ({ token }) =>
        token?.kind === "installation"
          ? list(visible(token), shapes.repository, (repositories, total) => ({
              total_count: total,
              repository_selection: token.repositories === "all" ? "all" : "selected",
              repositories,
            }))
          : {
              status: 403,
              body: message(
                "You must authenticate with an installation access token in order to list repositories for an installation.",
                403,
              ),
            },
    },
    {
      method: "GET",
      pattern: /^\/user$/,
      who: "token",
      run: ({ token }) =>
        token && token.kind !== "installation"
          ? {
              status: 200,
              body: {
                ...shapes.from("private-user-response-with-public-profile-information", token.login),
                ...shapes.user(token.login),
              },
            }
          : { status: 403, body: message("Resource not accessible by integration", 403) },
    },
    {
      method: "GET",
      pattern: /^\/user\/repos$/,
      who: "token",
      run: ({ token }) =>
        token && token.kind !== "installation"
          ? list(visible(token), shapes.repository)
          : { status: 403, body: message("Resource not accessible by integration", 403) },
    },
    {
      method: "DELETE",
      pattern: /^\/applications\/([^/]+)\/(token|grant)$/,
      who: "client",
      run: ({ client, body }, [clientId = ""]) => {
        const token = access.tokens.get(asText(body?.["access_token"]));
        if (client?.clientId !== clientId || !token || !access.usable(token)) return notFound();
        token.revoked = true;
        return { status: 204 };
      },
    },
    {
      method: "GET",
      pattern: /^\/rate_limit$/,
      who: "token",
      run: ({ token }) => {
        const { limit, used, resetAt } = access.budgetOf(token?.principal ?? "");
        const core = { limit, used, remaining: Math.max(0, limit - used), reset: Math.floor(resetAt / 1000) };
        return { status: 200, body: { resources: { core, search: { ...core, limit: 30 } }, rate: core } };
      },
    },
    ...ofRepository("", ["metadata", "read"], (repository) => ({
      status: 200,
      body: shapes.fullRepository(repository),
    })),
    ...ofRepository("/issues", ["issues", "read"], listIssues),
    ...ofRepository("/issues/(\\d+)", ["issues", "read"], (repository, _asked, [number = ""]) => {
      const one = repository.issues.get(Number(number));
      return one ? { status: 200, body: shapes.issue(repository, one) } : notFound();
    }),
    ...ofRepository("/pulls", ["pull_requests", "read"], listPulls),
    ...ofPull("", (repository, pull) => ({ status: 200, body: shapes.pull(repository, pull) })),
    ...ofPull("/files", (repository, pull) => list(pull.pull.files, (file) => shapes.file(repository, pull, file))),
    ...ofPull("/reviews", (repository, pull) =>
      list(pull.pull.reviews, (review) => shapes.review(repository, pull, review)),
    ),
    ...ofRepository("/releases", ["contents", "read"], (repository) =>
      list(repository.releases.toReversed(), (one) => shapes.release(repository, one)),
    ),
    ...ofRepository("/releases/(\\d+)", ["contents", "read"], (repository, _asked, [id = ""]) => {
      const one = repository.releases.find((release) => release.id === Number(id));
      return one ? { status: 200, body: shapes.release(repository, one) } : notFound();
    }),
    ...ofRepository("/deployments", ["deployments", "read"], (repository, asked) => {
      const environment = asked.query.get("environment");
      const found = repository.deployments.filter((one) => environment === null || one.environment === environment);
      return list(found.toReversed(), (one) => shapes.deployment(repository, one));
    }),
    ...ofRepository("/deployments/(\\d+)", ["deployments", "read"], (repository, _asked, [id = ""]) => {
      const one = repository.deployments.find((deployment) => deployment.id === Number(id));
      return one ? { status: 200, body: shapes.deployment(repository, one) } : notFound();
    }),
    ...ofRepository("/deployments/(\\d+)/statuses", ["deployments", "read"], (repository, _asked, [id = ""]) => {
      const one = repository.deployments.find((deployment) => deployment.id === Number(id));
      return one
        ? list(one.statuses.toReversed(), (status) => shapes.deploymentStatus(repository, one, status))
        : notFound();
    }),
    ...ofRepository("/actions/workflows", ["actions", "read"], (repository) =>
      list(
        repository.workflows,
        (one) => shapes.workflow(repository, one),
        (workflows, total) => ({ total_count: total, workflows }),
      ),
    ),
    ...ofRepository("/actions/runs", ["actions", "read"], (repository) =>
      list(
        repository.runs.toReversed(),
        (one) => shapes.run(repository, one),
        (runs, total) => ({ total_count: total, workflow_runs: runs }),
      ),
    ),
    ...ofRepository("/git/trees/([^/]+)", ["contents", "read"], (repository, asked) =>
      repository.files.size === 0
        ? { status: 409, body: message("Git Repository is empty.", 409) }
        : tree(repository, asked.query.has("recursive")),
    ),
    ...ofRepository("/git/blobs/([0-9a-f]+)", ["contents", "read"], (repository, _asked, [sha = ""]) => {
      const text = [...repository.files.values()].find((one) => blobSha(one) === sha);
      if (text === undefined) return notFound();
      return {
        status: 200,
        body: {
          content: Buffer.from(text).toString("base64"),
          encoding: "base64",
          url: `${urls.api}/repos/${repository.owner}/${repository.name}/git/blobs/${sha}`,
          sha,
          size: Buffer.byteLength(text),
          node_id: `B_${sha}`,
        },
      };
    }),
    {
      method: "GET",
      pattern: /^\/orgs\/([^/]+)\/teams$/,
      who: "token",
      needs: ["members", "read"],
      run: (_asked, [org = ""]) =>
        list(
          state.teams.filter((one) => one.org === org),
          shapes.team,
        ),
    },
    {
      method: "GET",
      pattern: /^\/orgs\/([^/]+)\/teams\/([^/]+)\/members$/,
      who: "token",
      needs: ["members", "read"],
      run: (_asked, [org = "", slug = ""]) => {
        const team = state.teams.find((one) => one.org === org && one.slug === slug);
        return team ? list(team.members, shapes.user) : notFound();
      },
    },
    {
      method: "GET",
      pattern: /^\/orgs\/([^/]+)\/members$/,
      who: "token",
      needs: ["members", "read"],
      run: (_asked, [org = ""]) => list(state.members.get(org) ?? [], shapes.user),
    },
  ];
}
