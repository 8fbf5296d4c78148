// GET /api/v1/graph/export: the whole graph as lines of JSON, written as fast as the client reads and no faster.
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import { defaultWorkspace } from "../../access/actors.ts";
import { requirePermission } from "../../access/invoke.ts";
import { apiPrefix } from "./verb-routes.ts";

export interface ExportRouteDeps {
  /** Lines without their newline, of one unchanging state of the graph. */
  lines(this: void, workspace: string, signal: AbortSignal): AsyncIterable<string>;
}

const linesAChunk = 200;

export function registerExport(app: FastifyInstance, { lines }: ExportRouteDeps): void {
  app.get(
    `${apiPrefix}/graph/export`,
    {
      handlerTimeout: 2 ** 31 - 1,
      exposeHeadRoute: false,
      schema: {
        operationId: "graph.export",
        tags: ["graph"],
        summary: "Export the graph",
        description:
          "Every node and edge with key, type, props and provenance as lines of JSON (application/x-ndjson): a header, nodes, edges, an end marker with the counts. A stream without the end marker is not whole. Permission: `graph:read`.",
      },
    },
    async (request, reply) => {
      requirePermission(request.actor, "graph:read", "graph.export");
      const query = request.query as Record<string, unknown>;
      const unknown = Object.keys(query).find((name) => name !== "format");
      if (unknown !== undefined)
        throw new AppError("bad_request", `Unknown query parameter "${unknown}". Known: format.`);
      if (query["format"] !== undefined && query["format"] !== "jsonl")
        throw new AppError("bad_request", 'format should be "jsonl"; there is no other.');
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      return reply
        .type("application/x-ndjson; charset=utf-8")
        .header("content-disposition", 'attachment; filename="opentrace.jsonl"')
        .header("cache-control", "no-store")
        .send(
          Readable.from(inChunks(lines(defaultWorkspace, gone.signal)), {
            objectMode: false,
            highWaterMark: 256 * 1024,
          }),
        );
    },
  );
}

/** Many lines a write: a write a line would cost more than making the lines. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk: string[] = [];
  for await (const line of lines) {
    chunk.push(line);
    if (chunk.length < linesAChunk) continue;
    yield `${chunk.join("\n")}\n`;
    chunk = [];
  }
  if (chunk.length > 0) yield `${chunk.join("\n")}\n`;
}
