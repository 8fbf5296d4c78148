// OpenAPI 3.1 of every route, made from the verbs' schemas, and the page to try them on.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { apiPrefix } from "./rest/verb-routes.ts";

export async function registerDocs(app: FastifyInstance, { version }: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "OpenTrace",
        version,
        description:
          "One knowledge graph of a company's software. Lists are paged (`cursor`, `nextCursor`) and say when they were cut; errors are RFC 9457 problem details; arrays in query strings are comma-separated.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "An API key: otk_…" },
          apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
  let document: string | undefined;
  app.get(`${apiPrefix}/openapi.json`, { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type("application/json; charset=utf-8").header("cache-control", "no-cache").send(document);
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: false,
    uiConfig: {
      url: `${apiPrefix}/openapi.json`,
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: "list",
    },
    theme: { title: "OpenTrace API" },
  });
}
