// What can be chosen: repositories, and organizations, which mean all their repositories.
import { z } from "zod";
import type { CloneAccess, FoundScope, Json, ScopePage, ScopeQuery, VendorScope } from "../connector.ts";
import { type Context, organizationScope, repositoryOf, repositoryScope } from "./client.ts";
import { webUrl } from "./config.ts";
import { InstallationRepositories, Repository } from "./schema.ts";

/** An installation's token and a person's are asked in different places. */
export async function listRepositories(
  ctx: Context,
  page: number,
  size = 100,
): Promise<{ found: Repository[]; more: boolean; total: number | null }> {
  const authorization = await ctx.authorize(ctx.signal);
  const query = { per_page: size, page };
  if (authorization.values["kind"] === "app") {
    const reply = await ctx.http.request({ url: "installation/repositories", query, needs: "metadata" });
    const { repositories, total_count: total } = reply.json(InstallationRepositories);
    return { found: repositories, more: reply.links["next"] !== undefined, total };
  }
  const reply = await ctx.http.request({
    url: "user/repos",
    query: { ...query, sort: "full_name" },
    needs: "metadata",
  });
  return { found: reply.json(z.array(Repository)), more: reply.links["next"] !== undefined, total: null };
}

const pageOf = (cursor: Json): number => (typeof cursor === "number" ? cursor : 1);

export async function scopes(ctx: Context, query: ScopeQuery): Promise<ScopePage> {
  if (query.kind === "organization") return organizations(ctx);
  const found: VendorScope[] = [];
  const words = query.search?.toLowerCase() ?? "";
  let page = pageOf(query.cursor);
  for (;;) {
    const { found: repositories, more, total } = await listRepositories(ctx, page++);
    found.push(
      ...repositories
        .map(repositoryScope)
        .filter(
          (scope) =>
            scope.name.toLowerCase().includes(words) &&
            (query.within === undefined || scope.parent === query.within.id),
        ),
    );
    const whole = words === "" && query.within === undefined;
    if (!more) return { scopes: found, cursor: null, total: whole ? total : null };
    if (found.length >= query.limit) return { scopes: found, cursor: page, total: whole ? total : null };
  }
}

async function organizations(ctx: Context): Promise<ScopePage> {
  const found = new Map<string, VendorScope>();
  for (let page = 1, more = true; more; page++) {
    const listed = await listRepositories(ctx, page);
    ({ more } = listed);
    for (const { owner } of listed.found) {
      const scope = organizationScope(owner, ctx.config);
      found.set(scope.id, scope);
    }
  }
  return { scopes: [...found.values()], cursor: null, total: found.size };
}

/** By its name, which leads on to the new one; a name that was given to another repository since is not it. */
export async function findScope(ctx: Context, scope: VendorScope): Promise<FoundScope> {
  // An organization is known by its repositories.
  if (scope.kind !== "repository") return { is: "unknown" };
  const { path } = repositoryOf(scope, ctx.config);
  const reply = await ctx.http.request({ url: path, needs: "metadata", expect: [403, 404, 451] });
  if (reply.status === 404) return { is: "gone" };
  if (reply.status !== 200) return { is: "unknown" };
  const found = repositoryScope(reply.json(Repository));
  return found.id === scope.id ? { is: "there", scope: found } : { is: "gone" };
}

/** github.com takes any user name with a token. */
export async function cloneAccess(ctx: Context, scope: VendorScope): Promise<CloneAccess> {
  const { values } = await ctx.authorize(ctx.signal);
  const { fullName } = repositoryOf(scope, ctx.config);
  return { url: `${webUrl(ctx.config)}/${fullName}`, username: "x-access-token", token: values["token"] ?? "" };
}
