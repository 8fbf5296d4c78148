// The doors of a sign-in at a vendor: begin (for the UI), the page that leaves for the vendor, and the address the vendor sends back to.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import { Redirect } from "@opentrace/contract/integrations.ts";
import { z } from "zod";
import { defaultWorkspace } from "../../access/actors.ts";
import type { Invoke } from "../../access/invoke.ts";
import type { SignIn } from "../../integrations/sign-in.ts";
import type { Log, Verb } from "../../verb.ts";
import { toAppError } from "../rest/problem.ts";
import { apiPrefix } from "../rest/verb-routes.ts";
import { connectedPage, failedPage, leavingPage, type Page } from "./sign-in-page.ts";

export interface SignInRoutesDeps {
  signIn: SignIn;
  /** `integrations.beginSignIn`: checks the permission and writes the audit row. */
  beginVerb: Verb;
  invoke: Invoke;
  homeUrl(this: void): string;
  log: Log;
}

const cookieName = "opentrace-sign-in";
const cookiePath = `${apiPrefix}/integrations`;
const finishMs = 45_000;

export function registerSignIn(app: FastifyInstance, deps: SignInRoutesDeps): void {
  const { signIn, beginVerb, invoke, homeUrl, log } = deps;
  const setCookie = (reply: FastifyReply, browser: string): void => {
    const secure = homeUrl().startsWith("https:") ? "; Secure" : "";
    reply.header("set-cookie", `${cookieName}=${browser}; Path=${cookiePath}; HttpOnly; SameSite=Lax${secure}`);
  };

  app.post<{ Params: { id: string } }>(
    `${apiPrefix}/integrations/:id/sign-in`,
    { schema: beginDocumentation },
    async (request, reply) => {
      const typed = request.body === undefined || request.body === null ? {} : request.body;
      const input = { ...typed, id: request.params.id, browser: browserOf(request) };
      // The verb's own output.
      const begun = (await invoke(beginVerb, input, {
        actor: request.actor,
        workspace: defaultWorkspace,
        door: "rest",
        requestId: request.id,
        signal: AbortSignal.timeout(finishMs),
      })) as { browser: string; state: string; redirect: Redirect; expiresAt: string };
      setCookie(reply, begun.browser);
      return reply.header("cache-control", "no-store").send({
        url: `${homeUrl().replace(/\/+$/, "")}${cookiePath}/sign-in/${begun.state}`,
        redirect: begun.redirect,
        expiresAt: begun.expiresAt,
      });
    },
  );

  app.get<{ Params: { state: string } }>(
    `${cookiePath}/sign-in/:state`,
    { schema: { hide: true } },
    async (request, reply) =>
      asPage(request, reply, async () => {
        const { redirect, browser } = await signIn.leave(request.params.state, browserOf(request));
        setCookie(reply, browser);
        return goTo(reply, redirect);
      }),
  );

  app.get<{ Params: { connector: string } }>(
    `${cookiePath}/callback/:connector`,
    { schema: { hide: true } },
    async (request, reply) =>
      asPage(request, reply, async () => {
        const signal = AbortSignal.timeout(finishMs);
        const done = await signIn.comeBack(
          request.params.connector,
          textsOf(request.query),
          browserOf(request),
          signal,
        );
        if (done.is === "redirect") return goTo(reply, done.redirect);
        const { name, id, connector } = done.row;
        const back = done.returnTo ?? `/integrations/${encodeURIComponent(connector)}/${encodeURIComponent(id)}`;
        return send(reply, 200, connectedPage(name, id, back));
      }),
  );

  /** A person looks at the answer: what went wrong is said on a page, not as JSON. */
  async function asPage(
    request: FastifyRequest,
    reply: FastifyReply,
    work: () => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    reply.header("cache-control", "no-store");
    try {
      return await work();
    } catch (error) {
      const failure = toAppError(error);
      if (failure.code === "internal")
        log.error({ err: failure.cause ?? failure, requestId: request.id }, "sign-in failed");
      const back = failure.details?.["returnTo"];
      return send(
        reply,
        failure.status,
        failedPage(failure.message, typeof back === "string" ? back : "/integrations"),
      );
    }
  }
}

function goTo(reply: FastifyReply, redirect: Redirect): FastifyReply {
  return redirect.method === "GET" ? reply.redirect(redirect.url, 303) : send(reply, 200, leavingPage(redirect));
}

const send = (reply: FastifyReply, status: number, { html, policy }: Page): FastifyReply =>
  reply.code(status).type("text/html; charset=utf-8").header("content-security-policy", policy).send(html);

function browserOf(request: FastifyRequest): string | null {
  const found = new RegExp(`(?:^|;\\s*)${cookieName}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.cookie ?? "");
  return found?.[1] ?? null;
}

/** The first of each: a second one is nobody's but an attacker's. */
function textsOf(query: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(query ?? {})) {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string") texts[name] = first;
  }
  if (texts["state"] === undefined)
    throw new AppError("bad_request", "The vendor sent the browser back without a state. Start again.");
  return texts;
}

const beginDocumentation = {
  operationId: "integrations.beginSignIn",
  summary: "Begin signing in at the vendor",
  description:
    "For integrations that are connected through the vendor's own pages. Open `url` in the browser that sent this request (a window of its own, or the same one): it leads to the vendor and back. The answer sets a cookie; only that browser can finish.",
  tags: ["integrations"],
  security: [{ bearer: [] }, { apiKey: [] }],
  params: z.object({ id: z.string() }),
  body: z.strictObject({
    returnTo: z.string().optional().describe("Path of this server where the browser goes in the end."),
  }),
  response: {
    200: z.object({ url: z.url(), redirect: Redirect, expiresAt: z.iso.datetime() }).describe("Where to go."),
  },
};
