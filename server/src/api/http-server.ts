// The HTTP server: guards in front, then REST, docs, MCP, events and the web UI on one port.
import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import type { Authenticate } from "../access/authenticate.ts";
import type { Invoke } from "../access/invoke.ts";
import type { Config } from "../config.ts";
import type { Actor, Log, Verb } from "../verb.ts";
import { registerCompression } from "./rest/compression.ts";
import { registerDocs } from "./docs.ts";
import { registerGuards } from "./guards.ts";
import { registerHealth, type Readiness } from "./health.ts";
import type { SharedRates } from "../access/shared-rates.ts";
import { registerRateLimit } from "./rate-limit.ts";
import { problemType, toAppError, toProblem } from "./rest/problem.ts";
import { registerVerbRoutes } from "./rest/verb-routes.ts";
import { collectRoutes, registerWebUi } from "./web-ui.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set before any handler runs. */
    actor: Actor;
  }
  interface FastifyInstance {
    /** Every route as `GET /path/:field`. */
    doors: string[];
  }
  interface FastifyContextConfig {
    verb?: string;
  }
}

export interface HttpServerDeps {
  /** Told of every request with an API key. */
  keyUsed?(this: void, apiKey: string, verb: string, failed: boolean): void;
  config: Pick<Config, "auth" | "loopbackOnly" | "publicUrl" | "rateLimit" | "host">;
  verbs: readonly Verb[];
  invoke: Invoke;
  authenticate: Authenticate;
  /** Rates of keys and people where several servers share them; null = this one counts alone. */
  rates: SharedRates | null;
  readiness: Readiness;
  log: Log;
  version: string;
  webFolder: string;
  /** More routes: events, export, MCP. They come before the web UI's catch-all. */
  routes: readonly ((app: FastifyInstance) => void | Promise<void>)[];
}

const bodyLimit = 1024 * 1024;
const handlerTimeout = 60_000;

export async function createHttpServer(deps: HttpServerDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit,
    handlerTimeout,
    requestTimeout: 120_000,
    // Node keeps idle sockets for 5 s by default; proxies keep theirs longer and would hit a closed one.
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    return503OnClosing: true,
    trustProxy: deps.config.publicUrl !== null ? "loopback, uniquelocal" : false,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: false, maxParamLength: 4096 },
  });
  // Doors parse with zod once, in access/invoke.ts; the schemas on routes are there for the documentation.
  app.setValidatorCompiler(() => (value: unknown) => ({ value }));
  app.setSerializerCompiler(() => (data: unknown) => JSON.stringify(data));
  app.decorateRequest("actor");
  const methodsOf = collectRoutes(app);

  app.setErrorHandler((error, request, reply) => {
    const failure = toAppError(error, request.routeOptions.bodyLimit);
    const { url: route } = request.routeOptions;
    // What another server did not answer is told to the caller: nothing is broken here, so no stack fills the log.
    if (failure.code.startsWith("upstream_")) {
      deps.log.warn({ code: failure.code, reason: failure.message, requestId: request.id, route }, "upstream failed");
      deps.log.debug({ err: failure, requestId: request.id }, "upstream failed");
    } else if (failure.status >= 500 && failure.code !== "timeout")
      deps.log.error({ err: failure.cause ?? failure, requestId: request.id, route }, "request failed");
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (failure.code === "unauthenticated") reply.header("www-authenticate", challenge(deps, request.headers.host));
    const retryAfter = failure.details?.["retryAfter"];
    if (typeof retryAfter === "number") reply.header("retry-after", retryAfter);
    void reply
      .code(failure.status)
      .type(problemType)
      .send(JSON.stringify(toProblem(failure, request.id)));
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => {
    const { actor, routeOptions } = request;
    const path = routeOptions.url ?? "";
    // What happens over MCP is counted call by call.
    if (actor?.kind === "key" && !path.startsWith("/mcp/"))
      deps.keyUsed?.(actor.id.slice("key:".length), routeOptions.config.verb ?? path, reply.statusCode >= 400);
    deps.log.debug(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        actor: request.actor?.id,
      },
      "request",
    );
  });
  await registerGuards(app, deps);
  await registerRateLimit(app, deps);
  registerCompression(app);
  await registerDocs(app, deps);
  registerHealth(app, deps);
  registerVerbRoutes(app, deps);
  for (const routes of deps.routes) await routes(app);
  await registerWebUi(app, { webFolder: deps.webFolder, methodsOf });
  return app;
}

function challenge({ config }: HttpServerDeps, host: string | undefined): string {
  const base = config.publicUrl?.href.replace(/\/$/, "") ?? `http://${host ?? "localhost"}`;
  return `Bearer realm="OpenTrace", resource_metadata="${base}/.well-known/oauth-protected-resource/mcp/v1"`;
}
