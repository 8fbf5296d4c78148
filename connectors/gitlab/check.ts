// Tries each permission with the cheapest real call there is.
import { z } from "zod";
import type { CheckResult } from "../connector.ts";
import { type PermissionState, unknownWhenFailing } from "../permission-state.ts";
import { permissions } from "./auth.ts";
import type { Context } from "./client.ts";
import { webUrl } from "./config.ts";
import { grantedScopes } from "./granted-scopes.ts";
import { Project, User } from "./schema.ts";

const ok: PermissionState = { state: "granted", detail: null };

export async function check(ctx: Context): Promise<CheckResult> {
  // Throws when the credential itself is refused.
  const { values } = await ctx.authorize(ctx.signal);
  const scopes = await grantedScopes(ctx);
  const began = performance.now();
  const listed = await ctx.http.request({
    url: "projects",
    query: { membership: true, order_by: "id", sort: "asc", per_page: 1, archived: false },
    expect: [403],
  });
  const listMs = performance.now() - began;
  const [project] = listed.status === 200 ? listed.json(z.array(Project)) : [];

  async function tryCall(url: string): Promise<PermissionState> {
    if (listed.status === 403) return { state: "missing", detail: "It needs the scope read_api first." };
    if (!project) return { state: "unknown", detail: "The credential sees no project yet." };
    const reply = await ctx.http.request({
      url: `projects/${project.id}/${url}`,
      query: { per_page: 1 },
      expect: [401, 403, 404],
    });
    if (reply.status === 200) return ok;
    const said = `GitLab answered ${reply.status} for ${project.path_with_namespace}.`;
    return reply.status === 404 ? { state: "unknown", detail: said } : { state: "missing", detail: said };
  }

  /** As git would ask. docs.gitlab.com/api/oauth2/#access-git-over-https-with-access-token */
  async function tryClone(): Promise<PermissionState> {
    if (!project) return { state: "unknown", detail: "The credential sees no project yet." };
    // As it is now: the calls before may have found it ended and renewed it.
    const { token = "" } = (await ctx.authorize(ctx.signal)).values;
    const reply = await ctx.http.request({
      url: `${webUrl(ctx.config)}/${project.path_with_namespace}.git/info/refs?service=git-upload-pack`,
      headers: { authorization: `Basic ${Buffer.from(`oauth2:${token}`).toString("base64")}`, accept: "*/*" },
      anonymous: true,
      expect: [401, 403, 404],
    });
    return reply.status === 200
      ? ok
      : {
          state: "missing",
          detail: `GitLab answered ${reply.status} when asked for the code of ${project.path_with_namespace}.`,
        };
  }

  async function tryHooks(): Promise<PermissionState> {
    if (scopes !== null && !scopes.includes("api")) return { state: "missing", detail: "The scope api is not there." };
    return tryCall("hooks");
  }

  const tries: Record<string, () => Promise<PermissionState>> = {
    read_api: () => Promise.resolve(readApi(listed.status, values["expiresOn"])),
    read_repository: tryClone,
    issues: () => tryCall("issues"),
    merge_requests: () => tryCall("merge_requests"),
    pipelines: () => tryCall("pipelines"),
    deployments: () => tryCall("deployments"),
    members: () => tryCall("members"),
    hooks: tryHooks,
  };
  const checks: CheckResult["checks"] = [];
  for (const { id, name, why, grant, optional } of permissions) {
    const asked = performance.now();
    const attempt = tries[id] ?? (() => Promise.resolve<PermissionState>({ state: "unknown", detail: null }));
    const { state, detail } = await unknownWhenFailing(attempt);
    const ms = id === "read_api" ? listMs : performance.now() - asked;
    const told = state === "missing" ? [grant, detail] : [detail];
    checks.push({
      permission: id,
      name,
      why,
      optional,
      ms,
      state,
      detail: told.filter((part) => typeof part === "string").join(" ") || null,
    });
  }
  return { account: await account(ctx), checks };
}

function readApi(status: number, expiresOn: string | undefined): PermissionState {
  if (status === 403) return { state: "missing", detail: null };
  return { state: "granted", detail: expiresOn === undefined ? null : `The token expires on ${expiresOn}.` };
}

async function account(ctx: Context): Promise<string | null> {
  const reply = await ctx.http.request({ url: "user", expect: [401, 403, 404] });
  return reply.status === 200 ? reply.json(User).username : null;
}
