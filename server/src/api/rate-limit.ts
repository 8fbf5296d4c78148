// Requests a minute for each API key, each user, or each address without either; the RateLimit-* headers tell how many are left.
import { callbackify } from "node:util";
import rateLimit, { type FastifyRateLimitStore, type FastifyRateLimitStoreCtor } from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import { rateWindowMs, strangerAt, type SharedRates } from "../access/shared-rates.ts";
import { networkOf } from "../access/throttle.ts";
import type { Config } from "../config.ts";

export async function registerRateLimit(
  app: FastifyInstance,
  { config, rates }: { config: Pick<Config, "auth" | "rateLimit">; rates: SharedRates | null },
): Promise<void> {
  // Without authentication there is one user, on this very machine: nobody to protect from anybody.
  if (!config.auth) return;
  await app.register(rateLimit, {
    max: (request) => request.actor.rateLimit ?? config.rateLimit,
    timeWindow: rateWindowMs,
    enableDraftSpec: true,
    hook: "onRequest",
    ...(rates === null ? {} : { store: sharedStore(rates) }),
    keyGenerator: (request) =>
      request.actor.kind === "anonymous" ? strangerAt(networkOf(request.ip)) : request.actor.id,
    allowList: (request) =>
      request.url === "/healthz" || request.url === "/readyz" || request.routeOptions.config.signed === true,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new AppError("rate_limited", `More than ${max} requests in a minute. Try again in ${Math.ceil(ttl / 1000)} s.`),
  });
}

function sharedStore(rates: SharedRates): FastifyRateLimitStoreCtor {
  const take = callbackify(rates.take);
  return class Shared implements FastifyRateLimitStore {
    incr(
      subject: string,
      done: (error: Error | null, taken?: { current: number; ttl: number }) => void,
      _window: number,
      limit: number,
    ): void {
      take(subject, limit, done);
    }
    child(): FastifyRateLimitStore {
      return this;
    }
  };
}
