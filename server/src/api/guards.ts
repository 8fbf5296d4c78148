// What stands before every route: security headers, Host and Origin checks, who is asking, and whether a browser's page may ask it.
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Authenticate } from "../access/authenticate.ts";
import { isLoopbackHost, type Config } from "../config.ts";
import { sessionOf } from "./access/session-cookie.ts";
import { anonymousActor } from "../access/actors.ts";
import { inlineScriptHashes } from "./web-ui.ts";

export interface GuardsDeps {
  config: Pick<Config, "loopbackOnly" | "publicUrl">;
  authenticate: Authenticate;
  webFolder: string;
}

export async function registerGuards(
  app: FastifyInstance,
  { config, authenticate, webFolder }: GuardsDeps,
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
        scriptSrc: ["'self'", ...inlineScriptHashes(webFolder)],
        // Component libraries and Swagger UI set style attributes and insert style elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", "blob:"],
      },
    },
    hsts: config.publicUrl?.protocol === "https:" ? { maxAge: 31_536_000 } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  });
  await app.register(cookie);
  app.addHook("onRequest", async (request) => {
    request.actor = anonymousActor;
    checkHost(request, config);
    checkOrigin(request, config);
    // Headers that look like a key are the vendor's own there.
    if (request.routeOptions.config.signed === true) return;
    request.actor = await authenticate(request.headers, sessionOf(request, config));
    if (request.actor.credential?.is === "session") checkOwnPage(request);
  });
}

/** A page that rebinds its own name to 127.0.0.1 still sends its own name as Host. */
function checkHost(request: FastifyRequest, { loopbackOnly, publicUrl }: GuardsDeps["config"]): void {
  const host = request.headers.host ?? "";
  const name = hostName(host);
  if (loopbackOnly && !isLoopbackHost(name))
    throw new AppError(
      "forbidden",
      `The Host header is ${JSON.stringify(host)}, but this server answers on this machine only. Open it as http://127.0.0.1 or http://localhost, or set OPENTRACE_PUBLIC_URL.`,
    );
  if (publicUrl !== null && name !== hostName(publicUrl.host) && !isLoopbackHost(name))
    throw new AppError(
      "forbidden",
      `The Host header is ${JSON.stringify(host)}, but this server's address is ${publicUrl.origin}.`,
    );
}

/** Requests without Origin come from programs, not from web pages; a page's own requests carry the server's own origin. */
function checkOrigin(request: FastifyRequest, { publicUrl }: GuardsDeps["config"]): void {
  const refuse = (what: string): never => {
    throw new AppError("forbidden", `A web page from ${what} may not send requests to this server.`);
  };
  const { origin, host } = request.headers;
  if (origin === undefined) {
    const site = request.headers["sec-fetch-site"];
    if (site === "cross-site" && changesState(request.method)) refuse("another site");
    return;
  }
  if (publicUrl !== null && origin === publicUrl.origin) return;
  if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return;
  refuse(origin);
}

/** The browser sends the cookie by itself, whoever made it send the request: so a change must show that one of our own pages did. */
function checkOwnPage(request: FastifyRequest): void {
  if (!changesState(request.method)) return;
  // An origin that is there was found to be our own (checkOrigin); every browser sends it with what changes something.
  if (request.headers.origin !== undefined || request.headers["sec-fetch-site"] === "same-origin") return;
  throw new AppError(
    "forbidden",
    "A request with a session cookie that changes something must come from a page of this server: Origin is missing. Programs use an API key.",
  );
}

const changesState = (method: string): boolean => !["GET", "HEAD", "OPTIONS"].includes(method);

function hostName(host: string): string {
  if (host.startsWith("[")) return host.slice(1, host.indexOf("]"));
  const colon = host.lastIndexOf(":");
  return (colon === -1 ? host : host.slice(0, colon)).toLowerCase();
}
