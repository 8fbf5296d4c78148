// How much a repository has, without reading it: the number of the last page of one each, or the total that a list tells.
import { z } from "zod";
import type { VendorScope } from "../connector.ts";
import { type Context, repositoryOf } from "./client.ts";

export async function count(ctx: Context, scope: VendorScope): Promise<Record<string, number | null>> {
  if (scope.kind !== "repository") return {};
  const { path } = repositoryOf(scope, ctx.config);
  const both = await lastPage(ctx, `${path}/issues`, "issues", { state: "all" });
  const pulls = await lastPage(ctx, `${path}/pulls`, "pull_requests", { state: "all" });
  const releases = await lastPage(ctx, `${path}/releases`, "contents");
  const deployments = await lastPage(ctx, `${path}/deployments`, "deployments");
  const pipelines = await totalOf(ctx, `${path}/actions/workflows`, "actions");
  // GitHub's list of issues has the pull requests as well.
  return {
    repository: 1,
    issues: both === null || pulls === null ? null : Math.max(0, both - pulls),
    pulls,
    releases,
    deployments,
    pipelines,
  };
}

const Total = z.object({ total_count: z.int() });

async function totalOf(ctx: Context, url: string, needs: string): Promise<number | null> {
  const reply = await ctx.http.request({ url, query: { per_page: 1 }, needs, expect: [403, 404] });
  return reply.status === 200 ? reply.json(Total).total_count : null;
}

/** Null where it is not ours to see, or switched off. */
async function lastPage(
  ctx: Context,
  url: string,
  needs: string,
  query: Record<string, string> = {},
): Promise<number | null> {
  const reply = await ctx.http.request({ url, query: { ...query, per_page: 1 }, needs, expect: [403, 404, 410] });
  if (reply.status !== 200) return null;
  const last = reply.links["last"];
  if (last !== undefined) return Number(new URL(last, reply.url).searchParams.get("page"));
  return reply.text().trim() === "[]" ? 0 : 1;
}
