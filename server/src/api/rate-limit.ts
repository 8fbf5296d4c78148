// Requests a minute for each API key, each user, or each address without either; the RateLimit-* headers tell how many are left.
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Config } from "../config.ts";

export async function registerRateLimit(
  app: FastifyInstance,
  { config }: { config: Pick<Config, "auth" | "rateLimit"> },
): Promise<void> {
  // Without authentication there is one user, on this very machine: nobody to protect from anybody.
  if (!config.auth) return;
  await app.register(rateLimit, {
    max: (request) => request.actor.rateLimit ?? config.rateLimit,
    timeWindow: 60_000,
    enableDraftSpec: true,
    hook: "onRequest",
    keyGenerator: (request) => (request.actor.kind === "anonymous" ? `ip:${request.ip}` : request.actor.id),
    allowList: (request) =>
      request.url === "/healthz" || request.url === "/readyz" || request.routeOptions.config.signed === true,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new AppError("rate_limited", `More than ${max} requests in a minute. Try again in ${Math.ceil(ttl / 1000)} s.`),
  });
}
