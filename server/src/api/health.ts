// Is it alive, is it ready, what is it: for supervisors, load balancers and clients.
import type { FastifyInstance } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Config } from "../config.ts";

/** Throws what keeps the server from answering questions. */
export type Readiness = () => Promise<void>;

export interface HealthDeps {
  config: Pick<Config, "auth" | "publicUrl">;
  readiness: Readiness;
  version: string;
}

export function registerHealth(app: FastifyInstance, { config, readiness, version }: HealthDeps): void {
  app.get("/healthz", { schema: { hide: true } }, async () => ({ status: "ok" }));
  app.get("/readyz", { schema: { hide: true } }, async () => {
    try {
      await readiness();
    } catch (cause) {
      throw new AppError("unavailable", "The store does not answer.", { cause });
    }
    return { status: "ready" };
  });
  app.get("/info", { schema: { hide: true } }, async () => ({
    name: "OpenTrace",
    version,
    auth: { required: config.auth, methods: config.auth ? ["bearer", "x-api-key"] : [] },
    publicUrl: config.publicUrl?.href ?? null,
    endpoints: {
      ui: "/",
      api: "/api/v1",
      openapi: "/api/v1/openapi.json",
      docs: "/docs",
      mcp: "/mcp/v1",
      events: "/api/v1/events",
    },
  }));
}
