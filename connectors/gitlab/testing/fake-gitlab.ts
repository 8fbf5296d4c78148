// A GitLab on 127.0.0.1: stateful, with limits and faults, below a sub-path or behind its own CA, judged in every request and reply by
// what GitLab's documentation says.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createFaults, spoil } from "../../testing/faults.ts";
import { asObject, asText, type Json } from "../../testing/json-schema.ts";
import type { ApiJudge } from "../../testing/openapi.ts";
import { basicPassword, serveGit } from "../../testing/serve-git.ts";
import { createAccess, type FakeToken, level } from "./fake-access.ts";
import { createFakeState } from "./fake-state.ts";
import { serveOAuth } from "./fake-oauth.ts";
import { failed, type Listed, type Reply } from "./route.ts";
import { createRoutes } from "./routes.ts";
import { createFakeWebhooks } from "./fake-webhooks.ts";
import { createShapes } from "./shapes.ts";
import { loadVendorSchema } from "./vendor-schema.ts";

export interface SeenRequest {
  method: string;
  /** Below the API's root. */
  path: string;
  query: URLSearchParams;
  status: number;
}

export interface FakeOptions {
  now?: () => Date;
  schema?: ApiJudge;
  /** `/gitlab`: where a self-hosted one lives below its host. */
  subPath?: string;
  tls?: { key: string; cert: string };
}

export type FakeGitLab = Awaited<ReturnType<typeof startFakeGitLab>>;

/** docs.gitlab.com/administration/instance_limits/#max-offset-allowed-by-the-rest-api-for-offset-based-pagination */
const MOST_OFFSET = 50_000;
/** docs.gitlab.com/user/gitlab_com/#pagination-response-headers */
const MOST_COUNTED = 10_000;

export async function startFakeGitLab(options: FakeOptions = {}) {
  const now = options.now ?? (() => new Date());
  const schema = options.schema ?? loadVendorSchema();
  const subPath = options.subPath ?? "";
  const api = `${subPath}/api/v4`;
  const state = createFakeState(now);
  const access = createAccess(state);
  const urls = { web: "" };
  /** What GitLab believes its address to be; behind a proxy that is often another one. */
  const settings = { linksLeadTo: null as string | null };
  const violations: string[] = [];
  const requests: SeenRequest[] = [];
  const faults = createFaults();

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      violations.push(`the fake failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      response.destroy();
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  urls.web = options.tls ? `https://localhost:${port}${subPath}` : `http://127.0.0.1:${port}${subPath}`;
  const shapes = createShapes(state, urls);
  const webhooks = createFakeWebhooks({ state, urls });
  const routes = createRoutes({ state, access, shapes, resend: webhooks.resend });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", urls.web);
    if (/\.git\//.test(url.pathname)) return answerGit(request, response, url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString("utf8");
    if (url.pathname.startsWith(`${api}/`)) return answerApi(request, response, url, raw);
    if (url.pathname.startsWith(`${subPath}/oauth/`)) {
      const path = url.pathname.slice(subPath.length);
      return serveOAuth({ access, state, tokenOf }, request, response, { path, query: url.searchParams, raw });
    }
    response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>Not Found</title>");
  }

  function tokenOf(request: IncomingMessage): FakeToken | undefined {
    const header = request.headers["private-token"];
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    return access.tokens.get(typeof header === "string" ? header : (bearer ?? ""));
  }

  async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL, raw: string): Promise<void> {
    const method = request.method ?? "GET";
    const path = url.pathname.slice(api.length);
    const seen: SeenRequest = { method, path, query: url.searchParams, status: 0 };
    requests.push(seen);
    const headers: Record<string, string> = { "content-type": "application/json", "x-request-id": "fake" };
    const fault = faults.take(method, path);
    if (await spoil(fault, response, headers)) return;
    if (fault?.is === "status") {
      seen.status = fault.status;
      response.writeHead(fault.status, { ...headers, ...fault.headers });
      return void response.end(JSON.stringify({ message: fault.message ?? `${fault.status} Error` }));
    }
    const body = raw === "" ? undefined : asObject(JSON.parse(raw) as Json);
    violations.push(...schema.checkRequest(method, path, url.searchParams, body));

    const token = tokenOf(request);
    const reply = paged(decide(method, path, { query: url.searchParams, body, token }, headers), url, path, headers);
    if (method === "GET" && reply.status === 200) {
      // Rack::ETag: of the body alone.
      headers["etag"] = `W/"${createHash("sha256").update(JSON.stringify(reply.body)).digest("hex").slice(0, 32)}"`;
      if (request.headers["if-none-match"] === headers["etag"]) {
        reply.status = 304;
        delete reply.body;
      }
    }
    seen.status = reply.status;
    violations.push(...schema.checkReply(method, path, reply.status, reply.body));
    response.writeHead(reply.status, { ...headers, ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }

  function decide(
    method: string,
    path: string,
    asked: { query: URLSearchParams; body: ReturnType<typeof asObject>; token: FakeToken | undefined },
    headers: Record<string, string>,
  ): Reply {
    const refusal = access.refusal(asked.token);
    if (refusal !== null || asked.token === undefined) return { status: 401, body: refusal ?? {} };
    const { limit, left, endsAt } = access.count(asked.token);
    Object.assign(headers, {
      "ratelimit-limit": String(limit),
      "ratelimit-name": "throttle_authenticated_api",
      "ratelimit-observed": String(limit - left),
      "ratelimit-remaining": String(Math.max(0, left)),
      "ratelimit-reset": String(Math.floor(endsAt / 1000)),
    });
    if (left < 0) {
      const wait = Math.max(1, Math.ceil((endsAt - now().getTime()) / 1000));
      return { status: 429, body: { message: "Retry later" }, headers: { "retry-after": String(wait) } };
    }
    const token = asked.token;
    const found = routes
      .map((route) => ({ route, match: route.method === method ? route.pattern.exec(path) : null }))
      .find(({ match }) => match !== null);
    if (!found) return failed(404, "404 Not Found");
    const { scopes } = found.route;
    if (scopes.length > 0 && !scopes.some((scope) => token.scopes.includes(scope)))
      return {
        status: 403,
        body: {
          error: "insufficient_scope",
          error_description: "The request requires higher privileges than provided by the access token.",
          scope: scopes.join(" "),
        },
      };
    return found.route.run({ ...asked, token }, (found.match ?? []).slice(1));
  }

  /** Cuts a list to the page asked for and says in `Link` and `x-next-page` where the others are. */
  function paged(
    reply: Reply,
    url: URL,
    path: string,
    headers: Record<string, string>,
  ): { status: number; headers?: Record<string, string>; body?: Json } {
    if (!("list" in reply)) return reply;
    const size = Math.min(Math.max(1, Number(url.searchParams.get("per_page") ?? "20")), 100);
    const page = Math.max(1, Number(url.searchParams.get("page") ?? "1"));
    const byKeyset = url.searchParams.get("pagination") === "keyset";
    const refused = refuseOffset(reply.list, byKeyset, (page - 1) * size);
    if (refused !== null) return { status: 405, headers: {}, body: { error: refused } };
    const { items } = reply.list;
    const shown = items.slice((page - 1) * size, page * size);
    const more = items.length > page * size;
    const to = (change: Record<string, string>, rel: string): string => {
      const query = new URLSearchParams(url.searchParams);
      for (const [name, value] of Object.entries({ per_page: String(size), ...change })) query.set(name, value);
      return `<${settings.linksLeadTo ?? urls.web}/api/v4${path}?${query.toString()}>; rel="${rel}"`;
    };
    if (byKeyset) {
      const { token } = reply.list;
      const last = shown.at(-1);
      const next: Record<string, string> =
        token === undefined ? { id_after: JSON.stringify(last?.["id"]) } : { page_token: asText(last?.[token]) };
      if (more) headers["link"] = to(next, "next");
    } else {
      headers["link"] = [
        ...(page > 1 ? [to({ page: String(page - 1) }, "prev")] : []),
        ...(more ? [to({ page: String(page + 1) }, "next")] : []),
        to({ page: "1" }, "first"),
      ].join(", ");
      Object.assign(headers, {
        "x-page": String(page),
        "x-per-page": String(size),
        "x-next-page": more ? String(page + 1) : "",
        "x-prev-page": page > 1 ? String(page - 1) : "",
        ...(items.length > MOST_COUNTED ? {} : { "x-total": String(items.length) }),
      });
    }
    return { status: 200, headers: {}, body: shown };
  }

  function refuseOffset({ type, keyset }: Listed, byKeyset: boolean, offset: number): string | null {
    if (byKeyset) return keyset === true ? null : "Keyset pagination is not yet available for this type of request";
    return type !== undefined && offset >= MOST_OFFSET
      ? `Offset pagination has a maximum allowed offset of ${MOST_OFFSET} for requests that return objects of type ${type}. Remaining records can be retrieved using keyset pagination.`
      : null;
  }

  function answerGit(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const [, fullPath = "", path = ""] = /^\/(.+)\.git(\/.*)$/.exec(url.pathname.slice(subPath.length)) ?? [];
    const project = state.project(fullPath);
    const token = access.tokens.get(basicPassword(request));
    const refused = (status: number): void =>
      void response.writeHead(status, status === 401 ? { "www-authenticate": 'Basic realm="GitLab"' } : {}).end();
    if (!token || access.refusal(token) !== null) return refused(401);
    if (!["api", "read_repository", "write_repository"].some((scope) => token.scopes.includes(scope)))
      return refused(403);
    if (!project || access.levelIn(token, project) < level.reporter) return refused(404);
    if (project.gitFolder !== null) return serveGit({ folder: project.gitFolder, path }, request, response, url);
    // An empty repository, as git tells it.
    response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
    response.end("001e# service=git-upload-pack\n00000000");
  }

  return {
    urls,
    state,
    access,
    shapes,
    webhooks,
    settings,
    violations,
    fail: faults.fail,
    /** The requests to the API since the last call. */
    takeRequests: (): SeenRequest[] => requests.splice(0),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
