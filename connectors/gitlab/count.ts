// How many items a project has, as the headers of a page of one tell it, without reading them.
import type { VendorScope } from "../connector.ts";
import { type Context, projectOf, type Query } from "./client.ts";

export async function count(ctx: Context, scope: VendorScope): Promise<Record<string, number | null>> {
  if (scope.kind !== "project") return {};
  const { at } = projectOf(scope, ctx.config);
  const everything = { state: "all", scope: "all" };
  return {
    repository: 1,
    issues: await totalOf(ctx, `${at}/issues`, "issues", everything),
    pulls: await totalOf(ctx, `${at}/merge_requests`, "merge_requests", everything),
    releases: await totalOf(ctx, `${at}/releases`, "deployments", {}),
  };
}

/** Null where it is not ours to see or switched off, and above 10,000, where GitLab does not count. */
async function totalOf(ctx: Context, url: string, needs: string, query: Query): Promise<number | null> {
  const reply = await ctx.http.request({ url, query: { ...query, per_page: 1 }, needs, expect: [403, 404] });
  const total = reply.status === 200 ? reply.headers["x-total"] : undefined;
  return total === undefined || !/^\d+$/.test(total) ? null : Number(total);
}
