// Connects to the fake as the engine does, and runs streams against it.
import { createUpstream, type UpstreamOptions } from "../../http.ts";
import { createNetworkGuard } from "../../network-guard.ts";
import { createTransport } from "../../transport.ts";
import type { Authorization, VendorScope } from "../../connector.ts";
import { type Kept, runStream as run, type RunOptions } from "../../testing/run-stream.ts";
import { auth } from "../auth.ts";
import { type Context, policy, repositoryScope } from "../client.ts";
import { apiUrl, Config } from "../config.ts";
import { Repository } from "../schema.ts";
import { sync } from "../sync.ts";
import type { FakeApp, FakeInstallation } from "./fake-access.ts";
import type { FakeGitHub } from "./fake-github.ts";
import type { FakeRepository } from "./fake-state.ts";

type Credential = { app: FakeApp; installation: FakeInstallation } | { token: string };

export function connectTo(fake: FakeGitHub, by: Credential, options: Partial<UpstreamOptions> = {}) {
  const config = Config.parse({ baseUrl: fake.urls.web, detailDays: 0 });
  const now = fake.state.now;
  const transport = createTransport({ guard: createNetworkGuard({ allowPrivate: true, allow: [], setting: "TEST" }) });
  const upstream = createUpstream({
    name: "GitHub",
    base: apiUrl(config),
    policy,
    permissions: auth[0].permissions,
    transport,
    breakers: new Map(),
    now,
    retryMs: [0, 0],
    ...options,
  });

  let held: Authorization | null = null;
  async function current(signal: AbortSignal): Promise<Authorization> {
    if (held && (held.expiresAt === null || held.expiresAt.getTime() - now().getTime() > 60_000)) return held;
    const [app, , token] = auth;
    const http = upstream.http({ signal, authorizer: null });
    const ctx = { config, http, now, signal };
    held =
      "app" in by
        ? await app.authorize({
            ...ctx,
            credential: {
              appId: String(by.app.id),
              privateKey: by.app.pem,
              installationId: String(by.installation.id),
              webhookSecret: by.app.webhookSecret,
            },
          })
        : await token.authorize({ ...ctx, credential: { token: by.token, webhookSecret: "" } });
    return held;
  }

  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  function context(signal: AbortSignal = new AbortController().signal): Context {
    const authorizer = { current, refused: () => (held = null) };
    return { config, http: upstream.http({ signal, authorizer }), authorize: current, log: silent, now, signal };
  }
  return { context, config, close: () => transport.close() };
}

export const runStream = (
  ctx: Context,
  scope: VendorScope,
  stream: string,
  kept: Kept,
  options?: RunOptions,
): Promise<void> => run((request) => sync(ctx, request), scope, stream, kept, options);

export const scopeOf = (fake: FakeGitHub, repository: FakeRepository): VendorScope =>
  repositoryScope(Repository.parse(fake.shapes.repository(repository)));
