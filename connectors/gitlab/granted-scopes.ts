// Which scopes a credential was given, as GitLab tells it.
import type { Context } from "./client.ts";
import { webUrl } from "./config.ts";
import { OAuthTokenInfo } from "./schema.ts";

/** Null where GitLab does not tell. docs.gitlab.com/api/oauth2/#retrieve-the-token-information */
export async function grantedScopes(ctx: Context): Promise<string[] | null> {
  const { values } = await ctx.authorize(ctx.signal);
  if (values["scopes"] !== undefined) return values["scopes"].split(" ");
  const reply = await ctx.http.request({ url: `${webUrl(ctx.config)}/oauth/token/info`, expect: [401, 403, 404] });
  return reply.status === 200 ? reply.json(OAuthTokenInfo).scope : null;
}
