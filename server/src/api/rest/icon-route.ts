// GET /icons/integrations/{connector}.svg: the icons of connectors, which are part of the program and so no secret.
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";

export interface IconRouteDeps {
  /** Path of the file; throws AppError("not_found"). */
  iconOf(this: void, connector: string): string;
}

export function registerIcons(app: FastifyInstance, { iconOf }: IconRouteDeps): void {
  app.get<{ Params: { file: string } }>("/icons/integrations/:file", { schema: { hide: true } }, (request, reply) => {
    const { file } = request.params;
    const connector = /^([a-z0-9-]+)\.svg$/.exec(file)?.[1];
    if (connector === undefined) throw new AppError("not_found", `There is no icon ${file}.`);
    return (
      reply
        .type("image/svg+xml")
        .header("cache-control", "public, max-age=3600")
        // An SVG opened by itself is a document.
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        .send(readFileSync(iconOf(connector)))
    );
  });
}
