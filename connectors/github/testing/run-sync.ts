// Runs the connector against the fake as the engine does: pages remembered, items replaced by id, unseen ones swept after a full pass.
import { createUpstream, type UpstreamOptions } from "../../http.ts";
import { createNetworkGuard } from "../../network-guard.ts";
import { createTransport } from "../../transport.ts";
import type { Authorization, Json, KnownPage, SyncItem, VendorScope } from "../../connector.ts";
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

/** What a stream has brought so far; survives a kill of the pass. */
export interface Kept {
  items: Map<string, NonNullable<SyncItem["facts"]>>;
  pages: Map<string, KnownPage & { items: string[] }>;
  seen: Set<string>;
  cursor: Json;
  pass: "full" | "incremental" | null;
  complete: boolean;
  steps: number;
}

export const nothingKept = (): Kept => ({
  items: new Map(),
  pages: new Map(),
  seen: new Set(),
  cursor: null,
  pass: null,
  complete: false,
  steps: 0,
});

export async function runStream(
  ctx: Context,
  scope: VendorScope,
  stream: string,
  kept: Kept,
  {
    mode = "incremental",
    only = null,
    killAfter = Infinity,
  }: { mode?: Kept["pass"] & string; only?: string[] | null; killAfter?: number } = {},
): Promise<void> {
  if (only === null && kept.pass === null) {
    kept.pass = kept.complete ? mode : "full";
    if (kept.pass === "full") Object.assign(kept, { cursor: null, seen: new Set() });
  }
  const steps = sync(ctx, {
    scope,
    stream,
    mode: kept.pass ?? "incremental",
    cursor: kept.cursor,
    only,
    since: null,
    page: (key) => Promise.resolve(kept.pages.get(key) ?? null),
  });
  for (let count = 0; count < killAfter; count++) {
    const step = await steps.next();
    if (step.done) {
      if (only !== null) return;
      if (kept.pass === "full" && step.value.complete)
        for (const id of kept.items.keys()) if (!kept.seen.has(id)) kept.items.delete(id);
      Object.assign(kept, { cursor: step.value.cursor, pass: null, complete: true });
      return;
    }
    kept.steps++;
    if (step.value.is === "progress") continue;
    if (step.value.is === "unchanged") for (const id of kept.pages.get(step.value.page)?.items ?? []) kept.seen.add(id);
    else {
      for (const { id, facts } of step.value.items) {
        if (facts === null) kept.items.delete(id);
        else {
          kept.items.set(id, facts);
          kept.seen.add(id);
        }
      }
      const { page, items } = step.value;
      if (page) kept.pages.set(page.key, { etag: page.etag, next: page.next, items: items.map(({ id }) => id) });
    }
    if (only === null) kept.cursor = step.value.cursor;
  }
  await steps.return({ complete: false, cursor: null });
}

export const scopeOf = (fake: FakeGitHub, repository: FakeRepository): VendorScope =>
  repositoryScope(Repository.parse(fake.shapes.repository(repository)));
