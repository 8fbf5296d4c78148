// The fake's pages for people: creating an App from a manifest, installing it, authorizing a user.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access, FakeApp, Permissions } from "./fake-access.ts";
import type { FakeState } from "./fake-state.ts";
import { asObject, asText, type Json } from "../../testing/json-schema.ts";
import type { Urls } from "./shapes.ts";

interface WebDeps {
  state: FakeState;
  access: Access;
  urls: Urls;
}

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><title>${escape(title)}</title><h1>${escape(title)}</h1>${body}</html>`;

function backTo(address: string, query: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Whoever asks is signed in as `octocat`, or as the query's `login`. */
export async function serveWeb(
  deps: WebDeps,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  raw: string,
): Promise<void> {
  const { access } = deps;
  const html = (status: number, text: string): void =>
    void response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(text);
  const redirect = (to: string): void => void response.writeHead(302, { location: to }).end();
  const form = new URLSearchParams(raw);
  const method = request.method ?? "GET";

  if (method === "POST" && url.pathname === "/login/oauth/access_token") {
    const json = request.headers["content-type"]?.includes("json") === true;
    const given = json ? new URLSearchParams(raw === "" ? {} : (JSON.parse(raw) as Record<string, string>)) : form;
    basicClient(request.headers.authorization, given);
    const reply = access.exchange(given);
    await access.settings.beforeTokens();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
    return;
  }

  const creating = /^\/(?:organizations\/([^/]+)\/)?settings\/apps\/new$/.exec(url.pathname);
  if (method === "POST" && creating) {
    const state = url.searchParams.get("state") ?? "";
    if (!form.has("manifest")) return html(400, page("Invalid", "<p>manifest is missing</p>"));
    if (!form.has("confirmed")) {
      const hidden = `<input type="hidden" name="manifest" value="${escape(form.get("manifest") ?? "")}">`;
      const button = '<button name="confirmed" value="1">Create GitHub App</button>';
      return html(
        200,
        page("Register a GitHub App", `<form method="post" action="${escape(url.href)}">${hidden}${button}</form>`),
      );
    }
    const made = createFromManifest(deps, form.get("manifest") ?? "", creating[1] ?? "octocat");
    if ("refused" in made) return html(422, page("Invalid GitHub App configuration", `<p>${escape(made.refused)}</p>`));
    return redirect(backTo(made.redirectUrl, { code: made.code, state }));
  }

  const installing = /^\/apps\/([^/]+)\/installations\/new$/.exec(url.pathname);
  if (installing) {
    const app = [...access.apps.values()].find((one) => one.slug === installing[1]);
    if (!app) return html(404, page("Not found", ""));
    const state = url.searchParams.get("state") ?? "";
    const accounts = [...deps.state.accounts.values()].filter((one) => one.type === "Organization");
    const account = url.searchParams.get("account");
    if (account === null) {
      const links = accounts.map(
        (one) =>
          `<li><a href="?account=${one.login}&amp;state=${encodeURIComponent(state)}">Install on ${escape(one.login)}</a></li>`,
      );
      return html(200, page(`Install ${app.name}`, `<ul>${links.join("")}</ul>`));
    }
    const existing = [...access.installations.values()].find((one) => one.appId === app.id && one.account === account);
    const installation = existing ?? access.install(app, account);
    const query = {
      installation_id: String(installation.id),
      setup_action: existing ? "update" : "install",
      ...(state === "" ? {} : { state }),
    };
    return redirect(app.setupUrl === null ? `${deps.urls.web}/` : backTo(app.setupUrl, query));
  }

  if (url.pathname === "/login/oauth/authorize") return authorize(deps, url, html, redirect);
  html(404, page("Not found", ""));
}

function authorize(
  { access }: WebDeps,
  url: URL,
  html: (status: number, text: string) => void,
  redirect: (to: string) => void,
): void {
  const ask = url.searchParams;
  const app = [...access.apps.values()].find((one) => one.clientId === ask.get("client_id"));
  if (!app) return html(404, page("Not found", ""));
  const redirectUri = ask.get("redirect_uri") ?? app.callbackUrls[0] ?? "";
  const state = ask.get("state") ?? "";
  if (!app.callbackUrls.includes(redirectUri)) {
    const error = {
      error: "redirect_uri_mismatch",
      error_description: "The redirect_uri is not associated with this application.",
      state,
    };
    return redirect(backTo(app.callbackUrls[0] ?? redirectUri, error));
  }
  const answer = ask.get("answer");
  if (answer === "cancel")
    return redirect(
      backTo(redirectUri, {
        error: "access_denied",
        error_description: "The user has denied your application access.",
        state,
      }),
    );
  if (answer === "authorize") {
    const code = access.issueCode({
      is: "oauth",
      app,
      login: ask.get("login") ?? "octocat",
      redirectUri,
      challenge: ask.get("code_challenge_method") === "S256" ? ask.get("code_challenge") : null,
    });
    return redirect(backTo(redirectUri, { code, state }));
  }
  const link = (name: string, label: string): string =>
    `<a href="${escape(`${url.href}&answer=${name}`)}">${label}</a> `;
  html(200, page(`Authorize ${app.name}`, link("authorize", "Authorize") + link("cancel", "Cancel")));
}

/** What GitHub checks in a manifest: addresses, known permissions, a webhook where there are events. */
function createFromManifest(
  { access }: WebDeps,
  text: string,
  owner: string,
): { redirectUrl: string; code: string } | { refused: string } {
  let manifest: ReturnType<typeof asObject>;
  try {
    manifest = asObject(JSON.parse(text) as Json);
  } catch {
    return { refused: "The manifest is not JSON" };
  }
  if (!manifest) return { refused: "The manifest is not an object" };
  const address = (value: Json | undefined): string | null =>
    typeof value === "string" && URL.canParse(value) ? value : null;
  const redirectUrl = address(manifest["redirect_url"]);
  const homepage = address(manifest["url"]);
  if (homepage === null || redirectUrl === null) return { refused: "url and redirect_url have to be addresses" };
  if (typeof manifest["name"] === "string" && manifest["name"].length > 34)
    return { refused: "Name is too long (maximum is 34 characters)" };
  const hook = asObject(manifest["hook_attributes"]);
  const hookUrl = address(hook?.["url"]);
  if (hook && hookUrl === null) return { refused: "Hook url cannot be blank" };
  const events = (Array.isArray(manifest["default_events"]) ? manifest["default_events"] : []).map(String);
  const permissions = asObject(manifest["default_permissions"]) ?? {};
  const lacking = events.filter(
    (event) => eventNeeds[event] !== undefined && permissions[eventNeeds[event] ?? ""] === undefined,
  );
  if (lacking.length > 0) return { refused: `Default events are not supported by permissions: ${lacking.join(", ")}` };
  const app: FakeApp = access.registerApp({
    owner,
    name: asText(manifest["name"]),
    url: homepage,
    hookUrl: hook?.["active"] === false ? null : hookUrl,
    callbackUrls: (Array.isArray(manifest["callback_urls"]) ? manifest["callback_urls"] : []).map(String),
    setupUrl: address(manifest["setup_url"]),
    permissions: permissions as Permissions,
    events,
  });
  return {
    redirectUrl,
    code: access.issueCode({ is: "manifest", app, login: owner, redirectUri: redirectUrl, challenge: null }),
  };
}

/** The permission that an App needs to subscribe to an event. */
const eventNeeds: Record<string, string> = {
  push: "contents",
  create: "contents",
  delete: "contents",
  release: "contents",
  issues: "issues",
  pull_request: "pull_requests",
  pull_request_review: "pull_requests",
  deployment: "deployments",
  deployment_status: "deployments",
  workflow_run: "actions",
  check_run: "checks",
  repository: "metadata",
};

function basicClient(authorization: string | undefined, form: URLSearchParams): void {
  const [scheme, value = ""] = (authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic") return;
  const [id = "", secret = ""] = Buffer.from(value, "base64").toString("utf8").split(":");
  form.set("client_id", decodeURIComponent(id));
  form.set("client_secret", decodeURIComponent(secret));
}
