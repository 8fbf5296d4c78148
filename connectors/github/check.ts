// Tries each permission with the cheapest real call there is.
import type { CheckResult } from "../connector.ts";
import { unknownWhenFailing } from "../permission-state.ts";
import type { Context } from "./client.ts";
import { permissions } from "./auth.ts";
import { listRepositories } from "./scopes.ts";

/** On a repository (or, for members, on the organization) that the credential sees; null = there is no call that tells. */
const calls: Record<string, ((repository: string, owner: string) => string) | null> = {
  contents: (repository) => `repos/${repository}/releases`,
  issues: (repository) => `repos/${repository}/issues`,
  pull_requests: (repository) => `repos/${repository}/pulls`,
  deployments: (repository) => `repos/${repository}/deployments`,
  actions: (repository) => `repos/${repository}/actions/workflows`,
  checks: null,
  members: (_repository, owner) => `orgs/${owner}/teams`,
};

export async function check(ctx: Context): Promise<CheckResult> {
  // Throws when the credential itself is refused.
  const began = performance.now();
  const { found } = await listRepositories(ctx, 1, 1);
  const listMs = performance.now() - began;
  const [repository] = found;
  const checks: CheckResult["checks"] = [];
  for (const { id, name, why, grant, optional } of permissions) {
    const base = { permission: id, name, why, optional };
    if (id === "metadata") {
      checks.push({ ...base, state: "granted", detail: null, ms: listMs });
      continue;
    }
    if (id === "members" && repository?.owner.type === "User") {
      const detail = `${repository.owner.login} is a person's account, which has no teams.`;
      checks.push({ ...base, state: "unknown", detail });
      continue;
    }
    const call = calls[id];
    if (!call || !repository) {
      const detail = repository
        ? "It shows when the first webhook of this kind comes."
        : "No repository is shared with this credential yet.";
      checks.push({ ...base, state: "unknown", detail });
      continue;
    }
    const asked = performance.now();
    const url = call(repository.full_name, repository.owner.login);
    const tried = await unknownWhenFailing(async () => {
      const reply = await ctx.http.request({ url, query: { per_page: 1 }, expect: [403, 404, 410] });
      if (reply.status === 200) return { state: "granted", detail: null };
      if (reply.status !== 403 && !(id === "members" && reply.status === 404))
        return { state: "unknown", detail: `GitHub answered ${reply.status} for ${repository.full_name}.` };
      const wanted = reply.headers["x-accepted-github-permissions"];
      const detail = `${grant ?? ""}${wanted === undefined ? "" : ` GitHub asks for ${wanted}.`}`;
      return { state: "missing", detail };
    });
    checks.push({ ...base, ...tried, ms: performance.now() - asked });
  }
  return { account: repository?.owner.login ?? null, checks };
}
