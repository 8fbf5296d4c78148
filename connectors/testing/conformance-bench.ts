// A connector as the engine holds it, for the conformance suite: the same HTTP, limits and authorization, with the waits noted instead of waited.
import { expect } from "vitest";
import type { z } from "zod";
import type { Authorization, Connector, ConnectorContext, CredentialAuth, VendorScope } from "../connector.ts";
import { createUpstream } from "../http.ts";
import { createNetworkGuard } from "../network-guard.ts";
import { createTransport, type Transport } from "../transport.ts";
import { type Kept, nothingKept, runStream } from "./run-stream.ts";
import type { Subject } from "./subject.ts";

interface ContextOptions {
  signal?: AbortSignal;
  credential?: Record<string, unknown>;
}

export interface Bench {
  subject: Subject;
  context(options?: ContextOptions): ConnectorContext<Record<string, unknown>>;
  /** Every stream of every scope that the vendor shows. */
  work(): Promise<{ stream: string; scope: VendorScope }[]>;
  /** Of them, those that cost a request: some streams are known from the scope alone. */
  asking(): Promise<{ stream: string; scope: VendorScope }[]>;
  run(
    stream: string,
    scope: VendorScope,
    kept: Kept,
    options?: ContextOptions & { mode?: "full" | "incremental"; killAfter?: number },
  ): Promise<void>;
  slept: number[];
  logged: string[];
  nextRequest(): Promise<void>;
  expectNoSecret(...texts: (string | undefined)[]): void;
  close(): Promise<void>;
}

export function createBench(connector: Connector, subject: Subject): Bench {
  const config = connector.config.parse(subject.config);
  const method = connector.auth.find(({ kind }) => kind === subject.auth);
  if (method === undefined || method.kind === "oauth2")
    throw new Error(`${connector.manifest.id} has no way to connect by ${subject.auth} with a typed credential.`);
  const slept: number[] = [];
  const logged: string[] = [];
  let offset = 0;
  const now = (): Date => new Date(subject.now().getTime() + offset);
  const waiting: (() => void)[] = [];
  let sent = 0;
  const guard = createNetworkGuard({ allowPrivate: true, allow: [], setting: "TEST" });
  const ca = typeof config["ca"] === "string" && config["ca"] !== "" ? { ca: config["ca"] } : {};
  const real = createTransport({ guard, ...ca });
  const transport: Transport = {
    send(asked, signal) {
      sent++;
      for (const tell of waiting.splice(0)) tell();
      return real.send(asked, signal);
    },
    close: () => real.close(),
  };
  const upstream = createUpstream({
    name: connector.manifest.name,
    ...connector.origins(config),
    policy: connector.policy,
    permissions: method.permissions,
    transport,
    breakers: new Map(),
    now,
    retryMs: [],
    sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      offset += ms;
      return Promise.resolve();
    },
  });
  const write =
    (level: string) =>
    (fields: object, message: string): void =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };

  const bench: Bench = {
    subject,
    slept,
    logged,
    context({ signal = new AbortController().signal, credential = subject.credential } = {}) {
      const authorizer = authorizerOf(method, { config, credential, http: upstream, now });
      return { config, http: upstream.http({ signal, authorizer }), authorize: authorizer.current, log, now, signal };
    },
    async work() {
      if (connector.scopes === undefined) return [];
      const found: { stream: string; scope: VendorScope }[] = [];
      for (const { id: kind } of connector.manifest.scopeKinds) {
        const page = await connector.scopes(bench.context(), { kind, cursor: null, limit: 50 });
        for (const scope of page.scopes)
          for (const { id, of } of connector.manifest.streams)
            if (of.includes(scope.kind)) found.push({ stream: id, scope });
      }
      return found;
    },
    async asking() {
      const found: { stream: string; scope: VendorScope }[] = [];
      for (const one of await bench.work()) {
        const before = sent;
        await bench.run(one.stream, one.scope, nothingKept());
        if (sent > before) found.push(one);
      }
      return found;
    },
    async run(stream, scope, kept, { signal, credential, ...options } = {}) {
      const { sync } = connector;
      if (sync === undefined) throw new Error(`${connector.manifest.id} does not sync.`);
      const ctx = bench.context({
        ...(signal === undefined ? {} : { signal }),
        ...(credential === undefined ? {} : { credential }),
      });
      await runStream((request) => sync(ctx, request), scope, stream, kept, options);
    },
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    expectNoSecret(...texts) {
      for (const text of texts)
        for (const secret of subject.secrets) expect((text ?? "").includes(secret) ? text : "").toBe("");
    },
    close: () => real.close(),
  };
  return bench;
}

function authorizerOf(
  method: CredentialAuth<Record<string, unknown>, z.ZodObject>,
  {
    config,
    credential,
    http,
    now,
  }: {
    config: Record<string, unknown>;
    credential: Record<string, unknown>;
    http: ReturnType<typeof createUpstream>;
    now: () => Date;
  },
) {
  let held: Authorization | null = null;
  return {
    async current(signal: AbortSignal): Promise<Authorization> {
      if (held !== null && (held.expiresAt === null || held.expiresAt.getTime() - now().getTime() > 60_000))
        return held;
      const anonymous = http.http({ signal, authorizer: null });
      const parsed = method.credential.parse(credential);
      return (held = await method.authorize({ config, credential: parsed, http: anonymous, now, signal }));
    },
    refused: () => void (held = null),
  };
}
