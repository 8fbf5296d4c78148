// MCP over Streamable HTTP at /mcp/v1, behind the same guards and keys as everything else, and the metadata that tells how to get in.
import { createMcpHandler, type AuthInfo, type McpServerFactory } from "@modelcontextprotocol/server";
import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { permissions } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { localActor } from "../../access/actors.ts";
import type { Config } from "../../config.ts";
import type { Actor, Log } from "../../verb.ts";

const mcpPath = "/mcp/v1";

export interface McpRouteDeps {
  config: Pick<Config, "auth" | "publicUrl">;
  factory: McpServerFactory;
  log: Log;
  /** An assistant asks something: more will follow. */
  onReader(this: void): void;
}

/** The actor that the guard found travels in the auth info's extra; without authentication there is the local one. */
export const actorOfAuthInfo = (authInfo: { extra?: Record<string, unknown> } | undefined): Actor =>
  (authInfo?.extra?.["actor"] as Actor | undefined) ?? localActor;

export async function registerMcp(
  app: FastifyInstance,
  { config, factory, log, onReader }: McpRouteDeps,
): Promise<void> {
  const onerror = (err: Error): void => log.debug({ err }, "mcp request refused");
  const handler = createMcpHandler(factory, { onerror });
  const answer = toNodeHandler(handler, { onerror });
  app.addHook("onClose", () => handler.close());

  await app.register(async (scope) => {
    // The SDK reads and checks the body itself, and answers a broken one as the protocol says.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.route({
      method: ["GET", "POST", "DELETE"],
      url: mcpPath,
      exposeHeadRoute: false,
      schema: { hide: true },
      handlerTimeout: 2 ** 31 - 1,
      handler: async (request, reply) => {
        if (config.auth && request.actor.kind === "anonymous")
          throw new AppError(
            "unauthenticated",
            'MCP needs an API key. Send it as "Authorization: Bearer otk_…"; make one with: opentrace keys create',
          );
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value);
        onReader();
        reply.hijack();
        await answer(withAuth(request), reply.raw);
      },
    });
  });
  // Several clients and inspectors look for MCP at /mcp whatever address they are given.
  app.route({
    method: ["GET", "POST", "DELETE"],
    url: "/mcp",
    exposeHeadRoute: false,
    schema: { hide: true },
    handler: (_request, reply) => reply.redirect(mcpPath, 307),
  });
  if (!config.auth) return;
  for (const path of ["/.well-known/oauth-protected-resource", `/.well-known/oauth-protected-resource${mcpPath}`])
    app.get(path, { schema: { hide: true } }, async (request) => ({
      resource: `${baseUrl(config, request)}${mcpPath}`,
      resource_name: "OpenTrace",
      authorization_servers: [baseUrl(config, request)],
      bearer_methods_supported: ["header"],
      scopes_supported: permissions,
      resource_documentation: `${baseUrl(config, request)}/docs`,
    }));
}

const baseUrl = (config: McpRouteDeps["config"], request: FastifyRequest): string =>
  config.publicUrl?.href.replace(/\/$/, "") ?? `${request.protocol}://${request.headers.host ?? "localhost"}`;

/** Node's own request is what the adapter describes, but for `exactOptionalPropertyTypes`. */
function withAuth(request: FastifyRequest): NodeIncomingMessageLike {
  return Object.assign(request.raw, { auth: authInfoOf(request.actor) }) as NodeIncomingMessageLike;
}

/** The key itself stays out of it: a tool has no use for it and must not pass it on. */
function authInfoOf(actor: Actor): AuthInfo {
  return { token: "[redacted]", clientId: actor.id, scopes: [...actor.permissions], extra: { actor } };
}
