// The two ways in: OAuth, and an access token of a person, a project or a group.
import { AppError } from "@opentrace/contract/errors.ts";
import type { VendorPermission } from "@opentrace/contract/integrations.ts";
import { z } from "zod";
import { type Authorization, defineAuth, type OAuthAuth } from "../connector.ts";
import type { Http } from "../http.ts";
import { apiUrl, type Config, webUrl } from "./config.ts";
import { TokenSelf } from "./schema.ts";

const scope = (id: string, why: string, optional = false): VendorPermission => ({
  id,
  name: `${id} scope`,
  why,
  grant: `Give the token (or the OAuth application) the scope “${id}”.`,
  optional,
});
const role = (id: string, name: string, why: string, least: string): VendorPermission => ({
  id,
  name,
  why,
  grant: `Give the token's user or bot the role ${least} or higher in the project, and see that the feature is on in its settings.`,
  optional: true,
});

/** Read-only, but for `api`, which only making webhooks takes. docs.gitlab.com/user/permissions/ */
export const permissions: readonly VendorPermission[] = [
  scope("read_api", "read projects, issues, merge requests and pipelines"),
  scope("read_repository", "clone the code"),
  role("issues", "Issues: view", "read issues", "Guest"),
  role(
    "merge_requests",
    "Merge requests: view",
    "read merge requests, the files they change and their approvals",
    "Reporter",
  ),
  role("pipelines", "CI/CD: view pipelines", "read pipelines and their jobs", "Reporter"),
  role("deployments", "Deployments: view", "read deployments, environments and releases", "Reporter"),
  role("members", "Members: view", "read who belongs to groups and projects", "Guest"),
  {
    id: "hooks",
    name: "api scope, Maintainer",
    why: "make the webhooks by itself",
    grant:
      "Use a token with the scope “api” of a Maintainer (with OAuth: switch on “Make webhooks” in the settings and sign in again), or add the webhook by hand. Without it changes come with the periodic sync.",
    optional: true,
  },
];

const oauth: OAuthAuth<Config> = {
  kind: "oauth2",
  name: "OAuth",
  summary: "Reads what you can read, through an OAuth application that you registered.",
  permissions,
  endpoints: (config) => ({
    authorize: `${webUrl(config)}/oauth/authorize`,
    token: `${webUrl(config)}/oauth/token`,
    revoke: `${webUrl(config)}/oauth/revoke`,
  }),
  scopes: ({ webhooks }) => ["read_api", "read_repository", ...(webhooks ? ["api"] : [])],
  client: "body",
  register: {
    url: (config) => `${webUrl(config)}/-/user_settings/applications`,
    help: "Add an application with this callback address as its redirect URI, confidential, with the scopes read_api and read_repository (and api, if webhooks are to be made for you); then give its application ID and secret.",
  },
};

const TokenCredential = z.object({
  token: z.string().trim().min(1).meta({
    title: "Access token",
    description:
      "Personal, project or group access token with the scopes read_api and read_repository; with api as well, webhooks are made for you",
    placeholder: "glpat-…",
    secret: true,
  }),
  webhookSecret: z.string().default("").meta({
    title: "Webhook secret",
    description: "If you add a webhook by hand: its secret token, or its signing token (whsec_…)",
    secret: true,
  }),
});

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token: tells scopes and expiry, whatever the scopes are. */
async function authorizeToken(config: Config, token: string, http: Http): Promise<Authorization> {
  const reply = await http.request({
    url: `${apiUrl(config)}/personal_access_tokens/self`,
    headers: bearer(token),
    anonymous: true,
    expect: [401, 403, 404],
  });
  if (reply.status === 401) throw refused(config, reply.text());
  // Deploy tokens and old servers know no such page: the token is used until it is refused.
  if (reply.status !== 200) return { headers: bearer(token), values: { token }, expiresAt: null };
  const self = reply.json(TokenSelf);
  return {
    headers: bearer(token),
    values: {
      token,
      kind: "token",
      name: self.name,
      scopes: self.scopes.join(" "),
      ...(self.expires_at == null ? {} : { expiresOn: self.expires_at }),
    },
    // It ends as that day begins, UTC.
    expiresAt: self.expires_at == null ? null : new Date(`${self.expires_at.slice(0, 10)}T00:00:00Z`),
  };
}

function refused(config: Config, body: string): AppError {
  const why = /expired/i.test(body) ? "has expired" : /revoked/i.test(body) ? "was revoked" : "is not known there";
  return new AppError(
    "upstream_auth",
    `GitLab refused the access token: it ${why}. Make a new one at ${webUrl(config)}/-/user_settings/personal_access_tokens and rotate the credential here; the data is kept.`,
    { details: { status: 401, reason: "credential" } },
  );
}

const tokenAuth = defineAuth<Config, typeof TokenCredential>({
  kind: "token",
  name: "Access token",
  summary: "A personal, project or group access token. A group's token sees that group alone and belongs to no person.",
  permissions,
  credential: TokenCredential,
  authorize: ({ config, credential: { token }, http }) => authorizeToken(config, token, http),
});

export const auth = [oauth, tokenAuth] as const;
