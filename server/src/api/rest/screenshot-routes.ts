// Doors that are not JSON: a screenshot comes in as a multipart form, and goes out as an image.
import multipart, { type Multipart } from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { Evidence } from "@opentrace/contract/incidents.ts";
import { screenshotLimits } from "@opentrace/contract/screenshots.ts";
import { defaultWorkspace } from "../../access/actors.ts";
import { type Invoke, requirePermission } from "../../access/invoke.ts";
import { tooLarge } from "../../screenshots/images.ts";
import type { StoredImage } from "../../screenshots/screenshots.ts";
import { ScreenshotFields } from "../../screenshots/screenshot-verbs.ts";
import type { Verb } from "../../verb.ts";
import { Problem } from "./problem.ts";
import { apiPrefix, conditionsOf } from "./verb-routes.ts";

export interface ScreenshotRoutesDeps {
  invoke: Invoke;
  uploadVerb: Verb;
  imageVerb: Verb;
}

/** Files that are being read, all together. */
const mostInFlight = 5 * screenshotLimits.bytes;
const formLimits = { files: 1, fields: 20, parts: 21, fieldSize: 64 * 1024, fieldNameSize: 100, headerPairs: 50 };
const lists = new Set(["services", "nodes"]);
const timeoutMs = 50_000;

interface Form {
  file: { bytes: Uint8Array; name: string | null } | null;
  fields: Record<string, unknown>;
}

async function readForm(request: FastifyRequest): Promise<Form> {
  const form: Form = { file: null, fields: {} };
  try {
    const parts = request.parts({ limits: { ...formLimits, fileSize: screenshotLimits.bytes + 1 } });
    for await (const part of parts) await take(part, form);
  } catch (error) {
    throw formProblem(error);
  }
  return form;
}

/** Stops at the limit, however much there is still to come. */
async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > screenshotLimits.bytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function take(part: Multipart, form: Form): Promise<void> {
  if (part.type === "file") {
    const bytes = await bytesOf(part.file);
    if (part.fieldname !== "file")
      throw new AppError("bad_request", `The form has a file in the field "${part.fieldname}"; it belongs in "file".`);
    form.file = { bytes, name: part.filename };
    return;
  }
  const text = String(part.value);
  const { fieldname } = part;
  if (lists.has(fieldname)) {
    const known = (form.fields[fieldname] as string[] | undefined) ?? [];
    form.fields[fieldname] = [
      ...known,
      ...text
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== ""),
    ];
  } else if (text !== "") form.fields[fieldname] = text;
}

function formProblem(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "FST_FILES_LIMIT")
    return new AppError(
      "bad_request",
      "The form has more than one file. Send each screenshot in a request of its own.",
      { cause: error },
    );
  if (code === "FST_PARTS_LIMIT" || code === "FST_FIELDS_LIMIT")
    return new AppError("bad_request", "The form has too many parts: one file and up to 20 fields are taken.", {
      cause: error,
    });
  return new AppError("bad_request", "The form is damaged or ends before it is whole. Send it again.", {
    cause: error,
  });
}

export async function registerScreenshots(
  app: FastifyInstance,
  { invoke, uploadVerb, imageVerb }: ScreenshotRoutesDeps,
): Promise<void> {
  let inFlight = 0;
  const signalOf = (reply: FastifyReply): AbortSignal => {
    const gone = new AbortController();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    return AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)]);
  };
  const call = (verb: Verb, input: unknown, request: FastifyRequest, reply: FastifyReply) =>
    invoke(verb, input, {
      actor: request.actor,
      workspace: defaultWorkspace,
      door: "rest",
      requestId: request.id,
      signal: signalOf(reply),
      ...conditionsOf(request),
    });

  await app.register(async (scope) => {
    await scope.register(multipart, { throwFileSizeLimit: false });
    scope.post<{ Params: { incident_id: string } }>(
      `${apiPrefix}/evidence/incident/:incident_id/upload-screenshot`,
      {
        schema: uploadDocumentation(uploadVerb),
        onRequest: async (request) => {
          // Nothing is read from those who may not send it.
          requirePermission(request.actor, "incidents:report", uploadVerb.name);
          const length = Number(request.headers["content-length"] ?? 0);
          if (length > screenshotLimits.bytes + 1024 * 1024) throw tooLarge();
        },
      },
      async (request, reply) => {
        if (!request.isMultipart())
          throw new AppError(
            "bad_request",
            'Send the screenshot as multipart/form-data in the field "file": curl -F file=@screenshot.png …',
          );
        const size = Math.min(
          screenshotLimits.bytes,
          Number(request.headers["content-length"] ?? screenshotLimits.bytes),
        );
        if (inFlight > 0 && inFlight + size > mostInFlight) {
          reply.header("retry-after", 5);
          throw new AppError("unavailable", "Too many screenshots arrive at once. Send it again in a moment.");
        }
        inFlight += size;
        try {
          const { file, fields } = await readForm(request);
          if (file === null)
            throw new AppError("bad_request", 'The form has no file. Send the screenshot in the field "file".');
          for (const own of ["incident_id", "file", "name"])
            if (Object.hasOwn(fields, own)) throw new AppError("bad_request", `Unknown field "${own}".`);
          const input = { ...fields, incident_id: request.params.incident_id, name: file.name, file: file.bytes };
          const evidence = Evidence.parse(await call(uploadVerb, input, request, reply));
          return await reply.code(201).send(evidence);
        } finally {
          inFlight -= size;
        }
      },
    );
  });

  for (const [path, size] of [
    ["image", "full"],
    ["thumbnail", "thumbnail"],
  ] as const)
    app.get<{ Params: { id: string } }>(
      `${apiPrefix}/evidence/:id/${path}`,
      {
        schema: {
          operationId: `evidence.${path}`,
          tags: ["evidence"],
          summary: size === "full" ? "The image of a screenshot" : "A screenshot, made small",
          produces: ["image/png", "image/jpeg", "image/webp"],
          security: [{ bearer: [] }, { apiKey: [] }],
        },
      },
      async (request, reply) => {
        const image = (await call(imageVerb, { id: request.params.id, size }, request, reply)) as StoredImage;
        reply
          .header("cache-control", "private, max-age=31536000, immutable")
          .header("etag", image.etag)
          // Opened by itself it is no page of this server, whatever is in it.
          .header("content-security-policy", "default-src 'none'; sandbox")
          .header("x-content-type-options", "nosniff")
          .header(
            "content-disposition",
            `attachment; filename="${request.params.id.replace(/[^\w-]/g, "")}.${image.type.slice(6)}"`,
          );
        if (request.headers["if-none-match"]?.split(/,\s*/).includes(image.etag)) return reply.code(304).send();
        return reply
          .type(image.type)
          .send(Buffer.from(image.bytes.buffer, image.bytes.byteOffset, image.bytes.byteLength));
      },
    );
}

function uploadDocumentation(verb: Verb): object {
  return {
    operationId: verb.name,
    summary: verb.summary,
    description: `Adds a screenshot (PNG, JPEG or WebP) to an incident and answers at once; a job reads it and fills content and analysis: ask for the evidence again, or wait for evidence.changed on /api/v1/events.\n\nPermission: \`${verb.permission}\`.`,
    tags: ["evidence"],
    consumes: ["multipart/form-data"],
    security: [{ bearer: [] }, { apiKey: [] }],
    params: z.strictObject({ incident_id: z.string() }),
    body: ScreenshotFields.extend({ file: z.string().meta({ format: "binary" }) }),
    response: { 201: Evidence, default: Problem },
  };
}
