// The integrations' pages for users: each connector's README, at /docs/integrations/<name>.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { marked } from "marked";
import { AppError } from "@opentrace/contract/errors.ts";
import type { InstalledConnector } from "../integrations/registry.ts";

const style = `:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left}code{font-size:.9em}`;
const policy = [
  "default-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
].join("; ");

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

export function registerIntegrationPages(
  app: FastifyInstance,
  { connectors }: { connectors(this: void): readonly InstalledConnector[] },
): void {
  const send = (reply: FastifyReply, title: string, body: string): FastifyReply =>
    reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", policy)
      .header("cache-control", "no-cache")
      .send(
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} – OpenTrace</title><style>${style}</style></head><body><main>${body}</main></body></html>`,
      );

  app.get("/docs/integrations", { schema: { hide: true } }, async (_request, reply) => {
    const rows = connectors().map(
      ({ connector: { manifest, auth } }) =>
        `<tr><td><a href="/docs/integrations/${manifest.id}">${escape(manifest.name)}</a></td><td>${escape(auth.map(({ name }) => name).join(", "))}</td><td>${escape(manifest.provides.join(", "))}</td></tr>`,
    );
    return send(
      reply,
      "Integrations",
      `<h1>Integrations</h1><table><thead><tr><th>Integration</th><th>Type</th><th>What it provides</th></tr></thead><tbody>${rows.join("")}</tbody></table>`,
    );
  });

  app.get<{ Params: { id: string } }>("/docs/integrations/:id", { schema: { hide: true } }, async (request, reply) => {
    const found = connectors().find(({ connector }) => connector.manifest.id === request.params.id);
    if (found === undefined)
      throw new AppError(
        "not_found",
        `There is no integration called ${request.params.id}. They are listed at /docs/integrations.`,
      );
    const text = readFileSync(join(found.folder, "README.md"), "utf8");
    return send(reply, found.connector.manifest.name, await marked.parse(text, { gfm: true }));
  });
}
