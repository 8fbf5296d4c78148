// A GitHub on 127.0.0.1: stateful, with limits and faults, judged in every request and reply by GitHub's own published schema.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Budget, createAccess, type FakeApp, type FakeToken } from "./fake-access.ts";
import { createGraphql } from "./graphql.ts";
import { serveWeb } from "./fake-web.ts";
import { createFakeState } from "./fake-state.ts";
import { createFakeWebhooks } from "./fake-webhooks.ts";
import { createFaults, spoil } from "../../testing/faults.ts";
import { asObject, type Json } from "../../testing/json-schema.ts";
import { basicPassword, serveGit } from "../../testing/serve-git.ts";
import { type Asked, createRoutes, message, notFound, type Reply, type Route } from "./routes.ts";
import { createShapes } from "./shapes.ts";
import { loadVendorSchema, type VendorSchema } from "./vendor-schema.ts";
import { loadWebhookSchema, type WebhookSchema } from "./webhook-schema.ts";

export interface SeenRequest {
  method: string;
  /** Below the API's root. */
  path: string;
  query: URLSearchParams;
  status: number;
  /** Drew on the rate budget. */
  counted: boolean;
  kind: FakeToken["kind"] | "app" | "client" | "none";
}

export interface FakeOptions {
  now?: () => Date;
  /** Loading them takes a second; a test file may load them once. */
  schema?: VendorSchema;
  webhookSchema?: WebhookSchema;
}

export type FakeGitHub = Awaited<ReturnType<typeof startFakeGitHub>>;

const API = "/api/v3";
/** What git asks for; the address may end in `.git` or not. */
const isGit = /^\/([^/]+\/[^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack))$/;

export async function startFakeGitHub(options: FakeOptions = {}) {
  const now = options.now ?? (() => new Date());
  const schema = options.schema ?? loadVendorSchema();
  const webhookSchema = options.webhookSchema ?? loadWebhookSchema();
  const state = createFakeState(now);
  const access = createAccess(state);
  const urls = { web: "", api: "" };
  const violations: string[] = [];
  const requests: SeenRequest[] = [];
  const faults = createFaults();
  // An ETag that changes with the token is the stricter reading of `Vary: Authorization`.
  // GraphQL can be out of reach where a proxy lets the REST API through alone.
  const settings = { etagsVaryByToken: true, graphql: true };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      violations.push(`the fake failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  urls.web = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  urls.api = urls.web + API;

  const shapes = createShapes(schema, state, urls);
  const webhooks = createFakeWebhooks({ state, shapes, urls, schema: webhookSchema, violations });
  const graphql = createGraphql({ state, access });
  const appOf = (installationId: number | null): FakeApp | undefined =>
    access.apps.get(access.installations.get(installationId ?? -1)?.appId ?? -1);
  const routes = createRoutes({
    state,
    access,
    shapes,
    urls,
    deliveries: webhooks.deliveries,
    redeliver: (delivery) => {
      const app = appOf(delivery.installationId) ?? access.apps.values().next().value;
      if (app) void webhooks.redeliver(app, delivery);
    },
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", urls.web);
    if (isGit.test(url.pathname)) return answerGit(request, response, url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString("utf8");
    if (url.pathname === "/api/graphql") return answerGraphql(request, response, url, raw);
    if (!url.pathname.startsWith(`${API}/`)) return serveWeb({ state, access, urls }, request, response, url, raw);
    await answerApi(request, response, url, raw);
  }

  async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL, raw: string): Promise<void> {
    const method = request.method ?? "GET";
    const path = url.pathname.slice(API.length);
    const who = identify(request.headers.authorization ?? "");
    const seen: SeenRequest = { method, path, query: url.searchParams, status: 0, counted: false, kind: who.kind };
    requests.push(seen);
    const headers: Record<string, string> = {
      "content-type": "application/json; charset=utf-8",
      "x-github-request-id": "fake",
    };

    const fault = faults.take(method, path);
    if (await spoil(fault, response, headers)) return;
    if (fault?.is === "status") {
      seen.status = fault.status;
      if (who.token) Object.assign(headers, rateHeaders(access.budgetOf(who.token.principal)));
      response.writeHead(fault.status, { ...headers, ...fault.headers });
      return void response.end(JSON.stringify(message(fault.message ?? "Server Error", fault.status)));
    }

    const body = raw === "" ? undefined : asObject(parse(raw));
    if (raw !== "" && body === undefined) violations.push(`${method} ${path}: the body is not a JSON object`);
    const canonical = canonicalPath(path);
    violations.push(...schema.checkRequest(method, canonical, url.searchParams, body));
    if (request.headers["user-agent"] === undefined)
      violations.push(`${method} ${path}: no User-Agent; GitHub refuses it`);

    const reply = paged(decide(method, path, { path, query: url.searchParams, body, ...who }), url, path, headers);
    if (who.token && reply.status !== 401) {
      const text = JSON.stringify(reply.body ?? null);
      if (method === "GET" && reply.status === 200) {
        const tag = createHash("sha256")
          .update(text)
          .update(settings.etagsVaryByToken ? who.token.value : "")
          .digest("hex");
        headers["etag"] = `W/"${tag}"`;
        if (request.headers["if-none-match"] === headers["etag"]) {
          reply.status = 304;
          delete reply.body;
        }
      }
      // Neither a 304 nor a refusal for the limit draws on it.
      seen.counted = reply.status !== 304 && path !== "/rate_limit" && reply.limited !== true;
      if (seen.counted) access.budgetOf(who.token.principal).used++;
      Object.assign(headers, rateHeaders(access.budgetOf(who.token.principal)));
    }
    seen.status = reply.status;
    violations.push(...schema.checkReply(method, canonical, reply.status, reply.body));
    response.writeHead(reply.status, { ...headers, ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }

  function answerGraphql(request: IncomingMessage, response: ServerResponse, url: URL, raw: string): void {
    const who = identify(request.headers.authorization ?? "");
    const seen: SeenRequest = {
      method: "POST",
      path: "/graphql",
      query: url.searchParams,
      status: settings.graphql ? 200 : 404,
      counted: false,
      kind: who.kind,
    };
    requests.push(seen);
    const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8" };
    const tell = (status: number, body: object): void => {
      seen.status = status;
      response.writeHead(status, headers).end(JSON.stringify(body));
    };
    if (!settings.graphql) return tell(404, message("Not Found", 404));
    if (who.refused !== undefined || who.token === null) return tell(401, message("Bad credentials", 401));
    const body = asObject(parse(raw));
    const { query, variables } = { query: body?.["query"], variables: asObject(body?.["variables"]) };
    if (typeof query !== "string" || variables === undefined) return tell(400, message("Problems parsing JSON", 400));
    const budget = access.budgetOf(`${who.token.principal} graphql`);
    const done = graphql.run(who.token, { query, variables }, violations);
    budget.used += done.points;
    seen.counted = true;
    Object.assign(headers, rateHeaders(budget, "graphql"), { date: now().toUTCString() });
    tell(200, done.body);
  }

  function identify(
    authorization: string,
  ): Omit<Asked, "path" | "query" | "body"> & { kind: SeenRequest["kind"]; refused?: string } {
    const nobody = { token: null, app: null, client: null };
    const [scheme = "", value = ""] = authorization.split(" ");
    if (scheme.toLowerCase() === "basic") {
      const [id, secret] = Buffer.from(value, "base64").toString("utf8").split(":");
      const client = [...access.apps.values()].find((app) => app.clientId === id && app.clientSecret === secret);
      return { ...nobody, client: client ?? null, kind: "client" };
    }
    if (value === "") return { ...nobody, kind: "none" };
    const token = access.tokens.get(value);
    if (token)
      return access.usable(token)
        ? { ...nobody, token, kind: token.kind }
        : { ...nobody, kind: token.kind, refused: "Bad credentials" };
    if (!/^ey[^.]*\.[^.]+\.[^.]+$/.test(value)) return { ...nobody, kind: "none", refused: "Bad credentials" };
    const found = access.appOfJwt(value);
    return "app" in found
      ? { ...nobody, app: found.app, kind: "app" }
      : { ...nobody, kind: "app", refused: found.refused };
  }

  function decide(method: string, path: string, asked: Asked & { refused?: string }): Reply {
    if (asked.refused !== undefined) return { status: 401, body: message(asked.refused, 401) };
    const limited = asked.token && overLimit(asked.token);
    if (limited) return limited;
    const found = routes
      .map((route) => ({ route, match: route.method === method ? route.pattern.exec(path) : null }))
      .find(({ match }) => match !== null);
    if (!found) return notFound();
    const refusal = refuse(found.route, asked);
    if (refusal) return refusal;
    return found.route.run(asked, (found.match ?? []).slice(1));
  }

  function refuse({ who, needs }: Route, asked: Asked): Reply | null {
    if (who === "app" && !asked.app)
      return { status: 401, body: message("A JSON web token could not be decoded", 401) };
    if (who === "client" && !asked.client) return { status: 401, body: message("Bad credentials", 401) };
    if (who === "token" && !asked.token) return { status: 401, body: message("Requires authentication", 401) };
    const installation = access.installations.get(asked.token?.installationId ?? -1);
    if (who === "token" && asked.token?.kind === "installation" && installation?.suspendedAt)
      return { status: 403, body: message("This installation has been suspended", 403) };
    if (!needs || !asked.token) return null;
    const level = asked.token.permissions[needs[0]];
    if (level === "write" || level === needs[1]) return null;
    const by = asked.token.kind === "installation" ? "integration" : "personal access token";
    return {
      status: 403,
      headers: { "x-accepted-github-permissions": `${needs[0]}=${needs[1]}` },
      body: message(`Resource not accessible by ${by}`, 403),
    };
  }

  function overLimit(token: FakeToken): Reply | null {
    const { limit, used } = access.budgetOf(token.principal);
    if (used < limit) return null;
    return { status: 403, limited: true, body: message(`API rate limit exceeded for ${token.principal}.`, 403) };
  }

  function rateHeaders({ limit, used, resetAt }: Budget, resource = "core"): Record<string, string> {
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - used)),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(Math.floor(resetAt / 1000)),
      "x-ratelimit-resource": resource,
    };
  }

  /** Cuts a list to the page asked for and says in `Link` where the others are. */
  function paged(reply: Reply, url: URL, path: string, headers: Record<string, string>): Reply {
    if (!reply.list) return reply;
    const { items, shape, wrap = (page: unknown[]) => page } = reply.list;
    const size = Math.min(Math.max(1, Number(url.searchParams.get("per_page") ?? "30")), 100);
    const page = Math.max(1, Number(url.searchParams.get("page") ?? "1"));
    const last = Math.max(1, Math.ceil(items.length / size));
    // As at GitHub, links of a repository lead to its id, so that a rename does not break them.
    const [, owner, name] = /^\/repos\/([^/]+)\/([^/]+)/.exec(path) ?? [];
    const id = owner === undefined ? undefined : state.repository(`${owner}/${name ?? ""}`)?.id;
    const linkPath =
      id === undefined
        ? path
        : `/repositories/${String(id)}${path
            .split("/")
            .slice(4)
            .map((part) => `/${part}`)
            .join("")}`;
    const to = (target: number, rel: string): string => {
      const query = new URLSearchParams(url.searchParams);
      query.set("page", String(target));
      return `<${urls.api}${linkPath}?${query.toString()}>; rel="${rel}"`;
    };
    const links = [
      ...(page > 1 ? [to(page - 1, "prev"), to(1, "first")] : []),
      ...(page < last ? [to(page + 1, "next"), to(last, "last")] : []),
    ];
    if (links.length > 0) headers["link"] = links.join(", ");
    const shown = items.slice((page - 1) * size, page * size).map((item) => shape(item as never));
    return {
      status: reply.status,
      ...(reply.headers ? { headers: reply.headers } : {}),
      body: wrap(shown, items.length),
    };
  }

  /** `/repositories/7/issues` is how GitHub redirects and links; its description has only `/repos/{owner}/{repo}/issues`. */
  function canonicalPath(path: string): string {
    const [, id, rest = ""] = /^\/repositories\/(\d+)(.*)$/.exec(path) ?? [];
    const found = id === undefined ? undefined : state.repositories.get(Number(id));
    return id === undefined ? path : `/repos/${found?.owner ?? "gone"}/${found?.name ?? "gone"}${rest}`;
  }

  function answerGit(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const [, fullName = "", path = ""] = isGit.exec(url.pathname) ?? [];
    const repository = state.repository(fullName);
    const token = access.tokens.get(basicPassword(request));
    if (!token || !access.usable(token))
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
    const folder = repository?.gitFolder;
    if (!folder || !access.sees(token, repository.id) || token.permissions["contents"] === undefined)
      return void response.writeHead(404).end();
    serveGit({ folder, path }, request, response, url);
  }

  return {
    urls,
    state,
    access,
    shapes,
    webhooks,
    settings,
    violations,
    requests,
    fail: faults.fail,
    clearFaults: faults.clear,
    /** The requests since the last call that drew on a budget, and all of them. */
    takeRequests: (): SeenRequest[] => requests.splice(0),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function parse(raw: string): Json | undefined {
  try {
    return JSON.parse(raw) as Json;
  } catch {
    return undefined;
  }
}
