// The three ways in: a GitHub App made by one click (or by hand), OAuth, and a fine-grained token.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { VendorPermission } from "@opentrace/contract/integrations.ts";
import { z } from "zod";
import { type Authorization, defineAuth, type FlowContext, type OAuthAuth } from "../connector.ts";
import type { Http } from "../http.ts";
import { apiUrl, type Config, webUrl } from "./config.ts";
import { CreatedApp, InstallationToken } from "./schema.ts";

const permission = (id: string, name: string, why: string, optional = true): VendorPermission => ({
  id,
  name,
  why,
  grant: `Grant “${name}” in the settings of the GitHub App or token, and accept the change for the installation.`,
  optional,
});

/** Read-only, all of them. */
export const permissions: readonly VendorPermission[] = [
  permission("metadata", "Metadata: read", "list the repositories", false),
  permission("contents", "Contents: read", "read code, branches, commits, releases and CODEOWNERS", false),
  permission("issues", "Issues: read", "read issues"),
  permission("pull_requests", "Pull requests: read", "read pull requests, the files they change and their reviews"),
  permission("deployments", "Deployments: read", "read deployments and their state"),
  permission("actions", "Actions: read", "read workflows and their runs"),
  permission("checks", "Checks: read", "be told when checks of a pull request end"),
  permission("members", "Members: read", "read the organization's teams and their members"),
];

const events = [
  "push",
  "pull_request",
  "pull_request_review",
  "issues",
  "deployment",
  "deployment_status",
  "workflow_run",
  "release",
  "repository",
  "create",
  "delete",
  "check_run",
] as const;

const AppCredential = z.object({
  appId: z.string().min(1).meta({ title: "App ID" }),
  privateKey: z
    .string()
    .min(1)
    .meta({ title: "Private key", description: "The .pem file's text", secret: true, multiline: true }),
  installationId: z
    .string()
    .min(1)
    .meta({ title: "Installation ID", description: "The number in the installation's address" }),
  webhookSecret: z.string().default("").meta({ title: "Webhook secret", secret: true }),
});
type AppCredential = z.output<typeof AppCredential>;

export async function appJwt(
  { appId, privateKey }: Pick<AppCredential, "appId" | "privateKey">,
  now: Date,
): Promise<string> {
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKey);
  } catch (cause) {
    throw new AppError("upstream_auth", "The GitHub App's private key is not a PEM key. Paste the whole .pem file.", {
      cause,
    });
  }
  const seconds = Math.floor(now.getTime() / 1000);
  // A minute back, for clocks that differ; ten minutes is GitHub's limit.
  // Loaded with the first token: it is as much code as the rest of this folder.
  const { SignJWT } = await import("jose");
  return await new SignJWT()
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(appId)
    .setIssuedAt(seconds - 60)
    .setExpirationTime(seconds + 480)
    .sign(key);
}

async function installationToken(
  http: Http,
  api: string,
  credential: AppCredential,
  now: Date,
): Promise<Authorization> {
  const bearer = `Bearer ${await appJwt(credential, now)}`;
  const reply = await http.request({
    url: `${api}/app/installations/${encodeURIComponent(credential.installationId)}/access_tokens`,
    method: "POST",
    headers: { authorization: bearer },
    anonymous: true,
    expect: [401, 403, 404],
  });
  if (reply.status !== 201) throw refusedInstallation(reply.status, reply.text());
  const { token, expires_at } = reply.json(InstallationToken);
  return {
    headers: { authorization: `Bearer ${token}` },
    values: {
      token,
      kind: "app",
      appId: credential.appId,
      privateKey: credential.privateKey,
      webhookSecret: credential.webhookSecret,
    },
    expiresAt: new Date(expires_at),
  };
}

function refusedInstallation(status: number, body: string): AppError {
  const details = { status, reason: "credential" };
  if (status === 404)
    return new AppError(
      "upstream_auth",
      "The GitHub App is not installed any more. Install it again, then rotate the credential here.",
      {
        details,
      },
    );
  if (status === 403 && /suspended/i.test(body))
    return new AppError(
      "upstream_auth",
      "The GitHub App's installation is suspended. An owner of the organization can restore it at GitHub.",
      {
        details,
      },
    );
  return new AppError(
    "upstream_auth",
    "GitHub refused the GitHub App's key. It was deleted, or the App was: make a new private key at GitHub and rotate the credential here.",
    { details },
  );
}

const appAuth = defineAuth<Config, typeof AppCredential>({
  kind: "app",
  name: "GitHub App",
  summary: "Recommended. One click makes an App of your own with read-only permissions and a webhook.",
  permissions,
  credential: AppCredential,
  authorize: ({ config, credential, http, now }) => installationToken(http, apiUrl(config), credential, now()),
  flow: {
    begin: (ctx) => {
      const { config, state } = ctx;
      const owner = config.organization === "" ? "" : `/organizations/${encodeURIComponent(config.organization)}`;
      return Promise.resolve({
        method: "POST",
        url: `${webUrl(config)}${owner}/settings/apps/new?state=${encodeURIComponent(state)}`,
        fields: { manifest: JSON.stringify(manifestOf(ctx)) },
      });
    },
    finish: async (ctx) => {
      const { config, query, carried, http, state } = ctx;
      const made = Carried.safeParse(carried);
      if (made.success) return { is: "credential", credential: installed(made.data, query) };
      if (query["code"] === undefined)
        throw new AppError(
          "upstream_auth",
          "GitHub did not create the App. Click Connect GitHub again and confirm there.",
        );
      const reply = await http.request({
        url: `${apiUrl(config)}/app-manifests/${encodeURIComponent(query["code"])}/conversions`,
        method: "POST",
        anonymous: true,
        expect: [404, 422],
      });
      if (reply.status !== 201)
        throw new AppError(
          "upstream_auth",
          "GitHub does not know this App registration any more; it is good for an hour and once. Start again.",
        );
      const app = reply.json(CreatedApp);
      return {
        is: "redirect",
        redirect: {
          method: "GET",
          url: `${webUrl(config)}/apps/${encodeURIComponent(app.slug)}/installations/new?state=${encodeURIComponent(state)}`,
          fields: {},
        },
        carry: { appId: String(app.id), privateKey: app.pem, webhookSecret: app.webhook_secret ?? "" },
      };
    },
  },
});

const Carried = AppCredential.omit({ installationId: true });

function installed(
  app: z.output<typeof Carried>,
  query: Readonly<Record<string, string>>,
): z.input<typeof AppCredential> {
  const installationId = query["installation_id"];
  if (query["setup_action"] === "request")
    throw new AppError(
      "upstream_auth",
      "An owner of the organization has to approve the App first. Then connect again.",
    );
  if (installationId === undefined || !/^\d+$/.test(installationId))
    throw new AppError(
      "upstream_auth",
      "The App was not installed. Click Connect GitHub again and choose where to install it.",
    );
  return { ...app, installationId };
}

/** docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest */
function manifestOf({ callbackUrl, webhookUrl, homeUrl, state }: FlowContext<Config>): object {
  return {
    // Names are unique at GitHub and have 34 characters at most.
    name: `OpenTrace ${state.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 8)}`,
    url: homeUrl,
    redirect_url: callbackUrl,
    setup_url: callbackUrl,
    callback_urls: [callbackUrl],
    public: false,
    default_permissions: Object.fromEntries(permissions.map(({ id }) => [id, "read"])),
    ...(webhookUrl === null ? {} : { hook_attributes: { url: webhookUrl, active: true }, default_events: [...events] }),
  };
}

const oauth: OAuthAuth<Config> = {
  kind: "oauth2",
  name: "OAuth",
  summary: "Reads what you can read, through a GitHub App that you registered.",
  permissions,
  endpoints: (config) => ({
    authorize: `${webUrl(config)}/login/oauth/authorize`,
    token: `${webUrl(config)}/login/oauth/access_token`,
    revoke: null,
  }),
  // A GitHub App's user token has the App's permissions; it knows no scopes.
  scopes: [],
  client: "body",
  register: {
    url: (config) => `${webUrl(config)}/settings/apps/new`,
    help: "Register a GitHub App with read-only permissions (Metadata, Contents, Issues, Pull requests, Deployments, Actions, Members) and this callback address; then give its client ID and a client secret.",
  },
};

const TokenCredential = z.object({
  token: z.string().min(1).meta({ title: "Fine-grained token", placeholder: "github_pat_…", secret: true }),
  webhookSecret: z
    .string()
    .default("")
    .meta({ title: "Webhook secret", description: "If you add a webhook by hand", secret: true }),
});

const tokenAuth = defineAuth<Config, typeof TokenCredential>({
  kind: "token",
  name: "Fine-grained token",
  summary: "For one person or a small team: a personal access token with read-only permissions.",
  permissions,
  credential: TokenCredential,
  authorize: ({ credential: { token } }) =>
    Promise.resolve({ headers: { authorization: `Bearer ${token}` }, values: { token }, expiresAt: null }),
});

export const auth = [appAuth, oauth, tokenAuth] as const;
