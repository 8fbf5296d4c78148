// Connects to the fake as the engine does, and runs streams against it.
import type { Authorization, VendorScope } from "../../connector.ts";
import { createUpstream, type UpstreamOptions } from "../../http.ts";
import { createNetworkGuard } from "../../network-guard.ts";
import { type Kept, type RunOptions, runStream as run } from "../../testing/run-stream.ts";
import { createTransport } from "../../transport.ts";
import { auth } from "../auth.ts";
import { type Context, groupScope, policy, projectScope } from "../client.ts";
import { apiUrl, Config } from "../config.ts";
import { Group, Project } from "../schema.ts";
import { sync } from "../sync.ts";
import type { FakeGitLab } from "./fake-gitlab.ts";
import type { FakeGroup, FakeProject } from "./fake-state.ts";

export function connectTo(
  fake: FakeGitLab,
  by: { token: string } | { oauth: string },
  options: Partial<UpstreamOptions> & { config?: Partial<Config> } = {},
) {
  const config = Config.parse({ baseUrl: fake.urls.web, detailDays: 0, ...options.config });
  const { now } = fake.state;
  const guard = createNetworkGuard({ allowPrivate: true, allow: [], setting: "TEST" });
  const transport = createTransport({ guard, ...(config.ca === "" ? {} : { ca: config.ca }) });
  const [oauth, token] = auth;
  const upstream = createUpstream({
    name: "GitLab",
    base: apiUrl(config),
    policy,
    permissions: oauth.permissions,
    transport,
    breakers: new Map(),
    now,
    retryMs: [0, 0],
    ...options,
  });

  let held: Authorization | null = null;
  async function current(signal: AbortSignal): Promise<Authorization> {
    if (held && (held.expiresAt === null || held.expiresAt.getTime() - now().getTime() > 60_000)) return held;
    if ("oauth" in by)
      return (held = {
        headers: { authorization: `Bearer ${by.oauth}` },
        values: { token: by.oauth },
        expiresAt: null,
      });
    const http = upstream.http({ signal, authorizer: null });
    const credential = { token: by.token, webhookSecret: "" };
    return (held = await token.authorize({ config, http, now, signal, credential }));
  }

  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  function context(signal: AbortSignal = new AbortController().signal): Context {
    const authorizer = { current, refused: () => (held = null) };
    return { config, http: upstream.http({ signal, authorizer }), authorize: current, log: silent, now, signal };
  }
  return { context, config, upstream, close: () => transport.close() };
}

export const runStream = (
  ctx: Context,
  scope: VendorScope,
  stream: string,
  kept: Kept,
  options?: RunOptions,
): Promise<void> => run((request) => sync(ctx, request), scope, stream, kept, options);

export const scopeOf = (fake: FakeGitLab, project: FakeProject): VendorScope =>
  projectScope(Project.parse(fake.shapes.project(project)));
export const groupScopeOf = (fake: FakeGitLab, group: FakeGroup): VendorScope =>
  groupScope(Group.parse(fake.shapes.group(group)));
