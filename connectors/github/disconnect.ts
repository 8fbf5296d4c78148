// What a disconnect does at GitHub.
import type { Context } from "./client.ts";
import { webUrl } from "./config.ts";

export async function disconnect(ctx: Context): Promise<string> {
  const settings = `${webUrl(ctx.config)}/settings`;
  const { values } = await ctx.authorize(ctx.signal);
  if (values["kind"] !== "app")
    return `GitHub lets nobody but you delete a personal access token: do it at ${settings}/personal-access-tokens.`;
  await ctx.http.request({ url: "installation/token", method: "DELETE", expect: [401, 404] });
  return `The current token was revoked. To remove the GitHub App itself, uninstall it at ${settings}/installations.`;
}
