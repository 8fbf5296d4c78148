// How many issues and pull requests a repository has: the number of the last page of one each, without reading them.
import type { VendorScope } from "../connector.ts";
import { type Context, repositoryOf } from "./client.ts";

export async function count(ctx: Context, scope: VendorScope): Promise<Record<string, number | null>> {
  if (scope.kind !== "repository") return {};
  const { path } = repositoryOf(scope, ctx.config);
  const both = await lastPage(ctx, `${path}/issues`, "issues");
  const pulls = await lastPage(ctx, `${path}/pulls`, "pull_requests");
  // GitHub's list of issues has the pull requests as well.
  return { repository: 1, issues: both === null || pulls === null ? null : Math.max(0, both - pulls), pulls };
}

/** Null where it is not ours to see, or switched off. */
async function lastPage(ctx: Context, url: string, needs: string): Promise<number | null> {
  const reply = await ctx.http.request({ url, query: { state: "all", per_page: 1 }, needs, expect: [403, 404, 410] });
  if (reply.status !== 200) return null;
  const last = reply.links["last"];
  if (last !== undefined) return Number(new URL(last, reply.url).searchParams.get("page"));
  return reply.text().trim() === "[]" ? 0 : 1;
}
