// What can be chosen: projects, and groups, which mean all projects in them and in their subgroups.
import { z } from "zod";
import type { CloneAccess, FoundScope, Json, ScopePage, ScopeQuery, VendorScope } from "../connector.ts";
import { type Context, groupOf, groupScope, nextQuery, projectOf, projectScope, type Query } from "./client.ts";
import { Group, Project } from "./schema.ts";

const Cursor = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export async function scopes(ctx: Context, asked: ScopeQuery): Promise<ScopePage> {
  if (asked.kind === "group") return page(ctx, asked, Group, groupScope, "groups", { min_access_level: 10 });
  // By id with a keyset: neither the number of projects nor a change meanwhile matters.
  const byId = { order_by: "id", sort: "asc" };
  if (asked.within !== undefined) {
    const { at } = groupOf(asked.within, ctx.config);
    return page(ctx, asked, Project, projectScope, `${at}/projects`, {
      ...byId,
      include_subgroups: true,
      with_shared: false,
    });
  }
  return page(ctx, asked, Project, projectScope, "projects", {
    ...byId,
    pagination: "keyset",
    membership: true,
    ...(asked.search === undefined || asked.search === "" ? {} : { search_namespaces: true }),
  });
}

async function page<T extends Project | Group>(
  ctx: Context,
  { search = "", cursor, limit }: ScopeQuery,
  schema: z.ZodType<T>,
  scopeOf: (one: T) => VendorScope,
  url: string,
  query: Query,
): Promise<ScopePage> {
  const first: Query = { ...query, per_page: Math.min(100, Math.max(1, limit)), ...(search === "" ? {} : { search }) };
  const asked = cursor === null ? first : Cursor.parse(cursor);
  const reply = await ctx.http.request({ url, query: asked, needs: "read_api" });
  const found = reply.json(z.array(schema));
  const total = Number(reply.headers["x-total"] ?? "");
  const next: Json = nextQuery(reply, asked);
  return {
    scopes: found.filter((one) => one.marked_for_deletion_on == null).map(scopeOf),
    cursor: next,
    total: reply.headers["x-total"] === undefined || Number.isNaN(total) ? null : total,
  };
}

/** By its id, which neither a rename nor a transfer changes. What is marked for deletion is on its way out. */
export async function findScope(ctx: Context, scope: VendorScope): Promise<FoundScope> {
  const isProject = scope.kind === "project";
  const { at } = isProject ? projectOf(scope, ctx.config) : groupOf(scope, ctx.config);
  const reply = await ctx.http.request({ url: at, needs: "read_api", expect: [403, 404] });
  if (reply.status === 404) return { is: "gone" };
  if (reply.status !== 200) return { is: "unknown" };
  const found = isProject ? reply.json(Project) : reply.json(Group);
  if (found.marked_for_deletion_on != null) return { is: "gone" };
  return { is: "there", scope: "path_with_namespace" in found ? projectScope(found) : groupScope(found) };
}

/** docs.gitlab.com/api/oauth2/#access-git-over-https-with-access-token; other tokens take any user name. */
export async function cloneAccess(ctx: Context, scope: VendorScope): Promise<CloneAccess> {
  const { values } = await ctx.authorize(ctx.signal);
  const { web, fullPath } = projectOf(scope, ctx.config);
  return { url: `${web}/${fullPath}.git`, username: "oauth2", token: values["token"] ?? "" };
}
