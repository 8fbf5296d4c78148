// GET /api/v1/incidents/{id}/postmortem/export: the newest postmortem as a file. It reads through the verb, so permissions and audit are its.
import type { FastifyInstance } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import { Postmortem, PostmortemFormat } from "@opentrace/contract/investigation.ts";
import { defaultWorkspace } from "../../access/actors.ts";
import type { Invoke } from "../../access/invoke.ts";
import type { MakePdf } from "../../investigation/pdf/make-pdf.ts";
import type { Verb } from "../../verb.ts";
import { apiPrefix } from "./verb-routes.ts";

export interface PostmortemRouteDeps {
  verbs: readonly Verb[];
  invoke: Invoke;
  makePdf: MakePdf;
}

export function registerPostmortemExport(app: FastifyInstance, { verbs, invoke, makePdf }: PostmortemRouteDeps): void {
  const verb = verbs.find((one) => one.name === "postmortem.get");
  if (verb === undefined) throw new AppError("internal", "There is no verb postmortem.get.");
  app.get(
    `${apiPrefix}/incidents/:id/postmortem/export`,
    {
      exposeHeadRoute: false,
      schema: {
        operationId: "postmortem.export",
        tags: ["postmortem"],
        summary: "Export the postmortem",
        description:
          "The newest version as a file: `format=markdown` (if absent) or `format=pdf`. Permission: `incidents:read`.",
      },
    },
    async (request, reply) => {
      const query = request.query as Record<string, unknown>;
      const unknown = Object.keys(query).find((name) => name !== "format");
      if (unknown !== undefined)
        throw new AppError("bad_request", `Unknown query parameter "${unknown}". Known: format.`);
      const format = PostmortemFormat.safeParse(query["format"] ?? "markdown");
      if (!format.success)
        throw new AppError("bad_request", `format should be ${PostmortemFormat.options.join(" or ")}.`);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const output = await invoke(
        verb,
        { id: (request.params as { id: string }).id },
        {
          actor: request.actor,
          workspace: defaultWorkspace,
          door: "rest",
          requestId: request.id,
          signal: gone.signal,
        },
      );
      const { incident_id, title, body, version, updated_at } = Postmortem.parse(output);
      const name = `postmortem-${incident_id}-v${version}`;
      reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
      if (format.data === "markdown")
        return reply
          .type("text/markdown; charset=utf-8")
          .header("content-disposition", `attachment; filename="${name}.md"`)
          .send(body);
      const footer = `${title} · version ${version} · ${updated_at.slice(0, 16).replace("T", " ")} UTC`;
      const bytes = await makePdf({ title, markdown: body, footer, createdAt: new Date(updated_at) }, gone.signal);
      return reply
        .type("application/pdf")
        .header("content-disposition", `attachment; filename="${name}.pdf"`)
        .send(Buffer.from(bytes));
    },
  );
}
