// What a disconnect does at GitLab to an access token. OAuth tokens are revoked by the engine.
import type { Context } from "./client.ts";
import { webUrl } from "./config.ts";

/** docs.gitlab.com/api/personal_access_tokens/#revoke-a-personal-access-token: a token may always revoke itself. */
export async function disconnect(ctx: Context): Promise<string> {
  const { values } = await ctx.authorize(ctx.signal);
  const settings = `${webUrl(ctx.config)}/-/user_settings`;
  if (values["kind"] !== "token")
    return `The OAuth application itself stays at GitLab: delete it at ${settings}/applications.`;
  const reply = await ctx.http.request({
    url: "personal_access_tokens/self",
    method: "DELETE",
    expect: [400, 401, 403, 404, 405],
  });
  if (reply.status === 204) return `The access token “${values["name"] ?? ""}” was revoked.`;
  return `GitLab did not let the access token revoke itself: do it at ${settings}/personal_access_tokens.`;
}
