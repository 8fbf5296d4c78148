// The text of an evidence as a file: GET …/content downloads it whole, POST …/upload takes one of any length as it arrives.
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import { incidentLimits } from "@opentrace/contract/incidents.ts";
import { defaultWorkspace } from "../../access/actors.ts";
import { type Invoke, parseInput, requirePermission } from "../../access/invoke.ts";
import { dropStaged, stageBlob } from "../../incidents/blobs.ts";
import type { EvidenceStore } from "../../incidents/evidence.ts";
import type { Incidents } from "../../incidents/incidents.ts";
import { UploadFields } from "../../incidents/upload-verb.ts";
import type { Store } from "../../store/store.ts";
import type { Verb } from "../../verb.ts";
import { fromText } from "./query-string.ts";
import { apiPrefix, conditionsOf } from "./verb-routes.ts";

export interface EvidenceContentDeps {
  store: Store;
  invoke: Invoke;
  incidents: Incidents;
  evidence: EvidenceStore;
  upload: Verb;
}

const day = 24 * 3_600_000;

export async function registerEvidenceContent(app: FastifyInstance, deps: EvidenceContentDeps): Promise<void> {
  const { store, invoke, incidents, evidence, upload } = deps;
  app.get<{ Params: { id: string } }>(
    `${apiPrefix}/evidence/:id/content`,
    {
      handlerTimeout: day,
      exposeHeadRoute: false,
      schema: {
        operationId: "evidence.content",
        tags: ["evidence"],
        summary: "Download the content of an evidence",
        description: "The whole text, however long, as a file. Permission: `incidents:read`.",
        security: [{ bearer: [] }, { apiKey: [] }],
      },
    },
    async (request, reply) => {
      requirePermission(request.actor, "incidents:read", "evidence.content");
      const { id } = request.params;
      const { row, blob } = await evidence.content(defaultWorkspace, id);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      // Never shown by a browser as anything but text: it is whatever somebody sent.
      reply
        .type("text/plain; charset=utf-8")
        .header("x-content-type-options", "nosniff")
        .header("content-disposition", `attachment; filename="${row.id}.txt"`)
        .header("cache-control", "private, no-cache");
      if (blob === null) return reply.send(row.content);
      return reply.send(Readable.from(blob.chunks(gone.signal), { objectMode: false, highWaterMark: 512 * 1024 }));
    },
  );

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, body, done) => done(null, body));
    scope.post<{ Params: { incident_id: string } }>(
      `${apiPrefix}/evidence/incident/:incident_id/upload`,
      {
        bodyLimit: incidentLimits.streamedContent + 1024,
        handlerTimeout: day,
        schema: {
          operationId: "evidence.upload",
          tags: ["evidence"],
          summary: "Add a file of text as evidence",
          description:
            "The body is the text (a log, a trace, a dump; up to 256 MB), the fields of an evidence are query parameters: evidence_type " +
            "(log if absent), title, source, source_url, starts_at, ends_at. Permission: `incidents:report`.",
          security: [{ bearer: [] }, { apiKey: [] }],
        },
        config: { verb: upload.name },
      },
      async (request, reply) => {
        // What is wrong is said before anything is read.
        requirePermission(request.actor, upload.permission, upload.name);
        const { incident_id } = request.params;
        const fields = fromText(UploadFields, { ...(request.query as Record<string, unknown>), incident_id });
        parseInput(UploadFields, fields);
        await incidents.find(defaultWorkspace, incident_id);
        const gone = new AbortController();
        reply.raw.once("close", () => {
          if (!reply.raw.writableFinished) gone.abort();
        });
        const file = await stageBlob(
          store,
          bodyOf(request),
          { most: incidentLimits.streamedContent, beginning: incidentLimits.searchedContent, now: new Date() },
          gone.signal,
        );
        try {
          const added = await invoke(
            upload,
            { ...fields, file },
            {
              actor: request.actor,
              workspace: defaultWorkspace,
              door: "rest",
              requestId: request.id,
              signal: gone.signal,
              ...conditionsOf(request),
            },
          );
          return await reply.code(201).type("application/json; charset=utf-8").send(JSON.stringify(added));
        } finally {
          await dropStaged(store, file.seq);
        }
      },
    );
  });
}

function bodyOf({ body }: FastifyRequest): AsyncIterable<Uint8Array> {
  if (body instanceof Readable) return body as AsyncIterable<Uint8Array>;
  throw new AppError("bad_request", "The request has no body: send the text as the body.");
}
