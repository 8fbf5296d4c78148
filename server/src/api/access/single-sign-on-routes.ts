// The doors of a sign-in at an identity provider: out to it, and the address of its own that it sends the browser back to.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SingleSignOn } from "../../access/single-sign-on.ts";
import type { Config } from "../../config.ts";
import type { Log } from "../../verb.ts";
import { toAppError } from "../rest/problem.ts";
import { apiPrefix } from "../rest/verb-routes.ts";
import { notSignedInPage } from "../sign-in/sign-in-page.ts";
import { attemptOf } from "./account-routes.ts";
import { setSession } from "./session-cookie.ts";

export interface SingleSignOnRoutesDeps {
  config: Pick<Config, "publicUrl">;
  singleSignOn: SingleSignOn;
  log: Log;
}

const cookieName = "opentrace-sso";
const path = `${apiPrefix}/auth/sso`;
const mostMs = 30_000;

export function registerSingleSignOn(
  app: FastifyInstance,
  { config, singleSignOn, log }: SingleSignOnRoutesDeps,
): void {
  const cookie = {
    path,
    httpOnly: true,
    // The provider sends the browser here from its own site.
    sameSite: "lax",
    secure: config.publicUrl?.protocol === "https:",
  } as const;

  /** A person looks at the answer: what went wrong is said on a page, not as JSON. */
  async function asPage(request: FastifyRequest, reply: FastifyReply, work: () => Promise<FastifyReply>) {
    reply.header("cache-control", "no-store");
    try {
      return await work();
    } catch (error) {
      const failure = toAppError(error);
      if (failure.code === "internal")
        log.error({ err: failure.cause ?? failure, requestId: request.id }, "single sign-on failed");
      const { html, policy } = notSignedInPage(failure.message);
      return reply
        .code(failure.status)
        .type("text/html; charset=utf-8")
        .header("content-security-policy", policy)
        .send(html);
    }
  }

  app.get<{ Params: { provider: string }; Querystring: { return_to?: unknown } }>(
    `${path}/:provider`,
    { schema: { hide: true }, exposeHeadRoute: false },
    (request, reply) =>
      asPage(request, reply, async () => {
        const returnTo = typeof request.query.return_to === "string" ? request.query.return_to : "/";
        const { url, browser } = await singleSignOn.begin(
          request.params.provider,
          returnTo,
          AbortSignal.timeout(mostMs),
        );
        return reply.setCookie(cookieName, browser, { ...cookie, maxAge: 600 }).redirect(url, 303);
      }),
  );

  app.get<{ Params: { provider: string } }>(
    `${path}/:provider/callback`,
    { schema: { hide: true }, exposeHeadRoute: false },
    (request, reply) =>
      asPage(request, reply, async () => {
        const query = new URL(request.raw.url ?? "", "http://localhost").searchParams;
        const { token, expiresAt, returnTo } = await singleSignOn.finish(
          request.params.provider,
          query,
          request.cookies[cookieName] ?? null,
          attemptOf(request, config),
          AbortSignal.timeout(mostMs),
        );
        setSession(reply, config, token, expiresAt);
        return reply.clearCookie(cookieName, cookie).redirect(returnTo, 303);
      }),
  );
}
