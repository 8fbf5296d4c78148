// The fake's OAuth pages and endpoints. docs.gitlab.com/api/oauth2/
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access, FakeToken } from "./fake-access.ts";
import type { FakeState } from "./fake-state.ts";

interface Deps {
  access: Access;
  state: FakeState;
  tokenOf(request: IncomingMessage): FakeToken | undefined;
}

/** Whoever asks is signed in as `ada`, or as the query's `login`; `answer=cancel` says no. */
export function serveOAuth(
  { access, state, tokenOf }: Deps,
  request: IncomingMessage,
  response: ServerResponse,
  { path, query, raw }: { path: string; query: URLSearchParams; raw: string },
): void {
  const json = (status: number, body: object): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const form = new URLSearchParams(raw);

  if (request.method === "POST" && path === "/oauth/token") {
    const { status, body } = access.exchange(form);
    return json(status, body);
  }
  if (request.method === "POST" && path === "/oauth/revoke") {
    const { status, body } = access.revokeGrant(form);
    return json(status, body);
  }
  if (path === "/oauth/token/info") {
    const token = tokenOf(request);
    const refusal = access.refusal(token);
    if (refusal !== null || !token) return json(401, refusal ?? {});
    return json(200, {
      resource_owner_id: state.user(token.username).id,
      scope: token.scopes,
      expires_in: token.expiresAt === null ? null : Math.floor((token.expiresAt - state.now().getTime()) / 1000),
      application: { uid: "app" },
      created_at: Math.floor(Date.parse(token.createdAt) / 1000),
    });
  }
  if (path === "/oauth/authorize") return authorize(access, response, query);
  json(404, { error: "404 Not Found" });
}

function authorize(access: Access, response: ServerResponse, query: URLSearchParams): void {
  const page = (status: number, text: string): void =>
    void response
      .writeHead(status, { "content-type": "text/html; charset=utf-8" })
      .end(
        `<!doctype html><html lang="en"><title>${text}</title><h1>${text}</h1><a href="?${query.toString().replaceAll("&", "&amp;")}&amp;answer=yes">Authorize</a></html>`,
      );
  const application = access.applications.get(query.get("client_id") ?? "");
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!application) return page(401, "Client authentication failed due to unknown client.");
  if (!application.redirectUris.includes(redirectUri)) return page(400, "The redirect URI included is not valid.");
  const back = (answer: Record<string, string>): void => {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries({ ...answer, state: query.get("state") ?? "" }))
      url.searchParams.set(name, value);
    response.writeHead(302, { location: url.href }).end();
  };
  const scopes = (query.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  if (scopes.some((scope) => !application.scopes.includes(scope)))
    return back({
      error: "invalid_scope",
      error_description: "The requested scope is invalid, unknown, or malformed.",
    });
  if (query.get("answer") === "cancel")
    return back({
      error: "access_denied",
      error_description: "The resource owner or authorization server denied the request.",
    });
  if (query.get("answer") === null) return page(200, "Authorize OpenTrace to use your account?");
  const code = access.issueCode({
    application,
    username: query.get("login") ?? "ada",
    redirectUri,
    scopes,
    challenge: query.get("code_challenge_method") === "S256" ? query.get("code_challenge") : null,
  });
  back({ code });
}
