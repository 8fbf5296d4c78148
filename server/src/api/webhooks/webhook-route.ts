// The door for vendors' webhooks: no API key, limits of its own, the body kept as its raw bytes; acknowledged when it is durable.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Deliveries } from "../../integrations/deliveries.ts";
import { apiPrefix } from "../rest/verb-routes.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Proves itself by its signature: neither API key nor the limit for callers applies. */
    signed?: true;
  }
}

export interface WebhookRouteDeps {
  receive: Deliveries["receive"];
  now(this: void): Date;
}

/** What GitHub sends at most; others send less. */
const bodyLimit = 25 * 1024 * 1024;
/** Bodies that are being read, all together. */
const mostInFlight = 128 * 1024 * 1024;
const refusalsAMinute = 30;
const mostRefused = 10_000;

interface Params {
  connector: string;
  integration: string;
}

export async function registerWebhooks(app: FastifyInstance, { receive, now }: WebhookRouteDeps): Promise<void> {
  const refusals = createRefusals(now);
  let inFlight = 0;
  const reserved = new WeakMap<FastifyRequest, number>();
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Nothing is parsed before the signature is verified.
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));
    scope.addHook("onRequest", async (request, reply) => {
      const wait = refusals.waitOf(placeOf(request));
      if (wait > 0) {
        reply.header("retry-after", wait);
        throw new AppError("rate_limited", `Too many webhooks without a genuine signature. Try again in ${wait} s.`);
      }
      const size = Math.min(bodyLimit, Number(request.headers["content-length"] ?? bodyLimit) || 0);
      if (inFlight > 0 && inFlight + size > mostInFlight) {
        reply.header("retry-after", 5);
        throw new AppError("unavailable", "Too many webhooks arrive at once. Send it again in a moment.");
      }
      inFlight += size;
      reserved.set(request, size);
    });
    const release = (request: FastifyRequest): void => {
      inFlight -= reserved.get(request) ?? 0;
      reserved.delete(request);
    };
    scope.addHook("onResponse", async (request) => release(request));
    scope.addHook("onRequestAbort", async (request) => release(request));
    scope.post<{ Params: Params }>(
      `${apiPrefix}/webhooks/:connector/:integration`,
      { bodyLimit, config: { signed: true }, schema: documentation },
      async (request, reply) => {
        const { connector, integration } = request.params;
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        try {
          await receive(connector, integration, { headers: plain(request.headers), body });
        } catch (error) {
          if (error instanceof AppError && (error.code === "unauthenticated" || error.code === "not_found"))
            refusals.count(placeOf(request));
          if (error instanceof AppError && error.code === "unavailable") reply.header("retry-after", 5);
          throw error;
        }
        return reply.code(202).send({ status: "accepted" });
      },
    );
  });
}

const documentation = {
  summary: "Receive a webhook",
  description:
    "Where an integration's vendor sends its webhooks. Verified by the vendor's signature, not by an API key. Answered with 202 once it is stored; what it means for the graph is worked out after.",
  tags: ["integrations"],
  security: [],
  response: { 202: z.object({ status: z.literal("accepted") }).describe("Stored.") },
};

/** Per sender and address: a wrong secret in one place must not shut out another integration of the same vendor. */
const placeOf = (request: FastifyRequest): string => {
  const { connector, integration } = request.params as Params;
  return `${request.ip} ${connector}/${integration}`;
};

function plain(headers: FastifyRequest["headers"]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) kept[name] = Array.isArray(value) ? value.join(", ") : value;
  return kept;
}

function createRefusals(now: () => Date) {
  const counted = new Map<string, { count: number; until: number }>();
  const current = (place: string) => {
    const entry = counted.get(place);
    return entry === undefined || entry.until <= now().getTime() ? null : entry;
  };
  return {
    /** Seconds to wait; 0 = come in. */
    waitOf(place: string): number {
      const entry = current(place);
      if (entry === null || entry.count < refusalsAMinute) return 0;
      return Math.ceil((entry.until - now().getTime()) / 1000);
    },
    count(place: string): void {
      const entry = current(place) ?? { count: 0, until: now().getTime() + 60_000 };
      entry.count++;
      if (counted.size >= mostRefused) counted.clear();
      counted.set(place, entry);
    },
  };
}
