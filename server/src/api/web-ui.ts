// The web UI's built files at `/`, with the page itself for every path of its own; and what answers when nothing else does.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>OpenTrace</title>
<body style="font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem">
<h1>OpenTrace is running</h1>
<p>The web UI is not built. Stop the server and run <code>npm start</code> in the clone: it builds the UI first.</p>
<p>Meanwhile: <a href="/docs">the API and its documentation</a>, MCP at <code>/mcp/v1</code>.</p></body></html>`;

/** Paths that belong to programs: an unknown one is an error, never the UI's page. */
const notPages = /^\/(api|docs|mcp|assets|healthz|readyz|info|\.well-known)(\/|$)/;

/** Hashes of the page's inline scripts (such as the one that sets the theme before the first paint), for the security policy. */
export function inlineScriptHashes(webFolder: string): string[] {
  const index = join(webFolder, "index.html");
  if (!existsSync(index)) return [];
  return [...readFileSync(index, "utf8").matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    (match) =>
      `'sha256-${createHash("sha256")
        .update(match[1] ?? "")
        .digest("base64")}'`,
  );
}

export interface WebUiDeps {
  webFolder: string;
  /** Methods that a path can be asked with. */
  methodsOf(this: void, path: string): string[];
}

export async function registerWebUi(app: FastifyInstance, { webFolder, methodsOf }: WebUiDeps): Promise<void> {
  const built = existsSync(join(webFolder, "index.html"));
  if (built)
    await app.register(fastifyStatic, {
      root: webFolder,
      wildcard: false,
      index: false,
      schemaHide: true,
      cacheControl: false,
      globIgnore: ["index.html", ".built-from"],
      setHeaders: (reply, path) => {
        const hashed = /[/\\]assets[/\\]/.test(path);
        reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  const page = (reply: FastifyReply): FastifyReply =>
    built
      ? reply.header("cache-control", "no-cache").sendFile("index.html")
      : reply.code(200).type("text/html; charset=utf-8").header("cache-control", "no-store").send(notBuilt);
  app.get("/", { schema: { hide: true } }, (_request, reply) => page(reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "/";
    const wantsPage =
      request.method === "GET" && !notPages.test(path) && (request.headers.accept ?? "").includes("text/html");
    return wantsPage ? page(reply) : noRoute(methodsOf(path), request, reply, path);
  });
}

function noRoute(allowed: readonly string[], request: FastifyRequest, reply: FastifyReply, path: string): never {
  if (allowed.length > 0) {
    reply.header("allow", allowed.join(", "));
    throw new AppError(
      "method_not_allowed",
      `${request.method} is not possible on ${path}. Possible: ${allowed.join(", ")}.`,
    );
  }
  throw new AppError("not_found", `There is nothing at ${path}. The API is described at /docs.`);
}

/** Remembers every route that is registered from here on, to tell "no such path" from "not with this method". */
export function collectRoutes(app: FastifyInstance): (path: string) => string[] {
  const routes: { methods: string[]; pattern: RegExp }[] = [];
  app.decorate("doors", []);
  app.addHook("onRoute", ({ method, url }) => {
    app.doors.push(...[method].flat().map((each) => `${each} ${url}`));
    const pattern = url
      .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
      .replace(/:\w+/g, "[^/]+")
      .replace(/\*/g, ".*");
    routes.push({ methods: [method].flat(), pattern: new RegExp(`^${pattern}/?$`) });
  });
  return (path) =>
    [...new Set(routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods))].sort();
}
