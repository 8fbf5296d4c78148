// One REST route for each verb that has a path: request → input, output → JSON. Holds no logic.
import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Invoke } from "../../access/invoke.ts";
import { defaultWorkspace } from "../../access/actors.ts";
import type { Verb } from "../../verb.ts";
import { fromText } from "./query-string.ts";
import { Problem } from "./problem.ts";

export const apiPrefix = "/api/v1";

export interface VerbRoutesDeps {
  verbs: readonly Verb[];
  invoke: Invoke;
}

const pathFields = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");

export function registerVerbRoutes(app: FastifyInstance, { verbs, invoke }: VerbRoutesDeps): void {
  for (const verb of verbs) {
    if (verb.http === undefined) continue;
    const { method, path, status = 200, maxBody } = verb.http;
    const inPath = pathFields(path);
    const inQuery = method === "GET" || method === "DELETE";
    app.route({
      method,
      url: `${apiPrefix}${path.replace(/\{(\w+)\}/g, ":$1")}`,
      schema: documentation(verb, inPath, inQuery, status),
      config: { verb: verb.name },
      ...(maxBody === undefined ? {} : { bodyLimit: maxBody }),
      handler: async (request, reply) => {
        const input = collectInput(verb, inPath, inQuery, request);
        const output = await invoke(verb, input, {
          actor: request.actor,
          workspace: defaultWorkspace,
          door: "rest",
          requestId: request.id,
          address: request.ip,
          signal: signalOf(reply),
          ...conditionsOf(request),
        });
        return send(reply, request, verb, { method, status }, output);
      },
    });
  }
}

export function conditionsOf({ headers }: FastifyRequest): { idempotencyKey?: string; ifMatch?: string } {
  const idempotencyKey = headers["idempotency-key"];
  const ifMatch = headers["if-match"];
  if (Array.isArray(idempotencyKey))
    throw new AppError("bad_request", "Idempotency-Key is sent twice; send one for each request.");
  return {
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
}

/** Below the server's own limit, so that the verb ends with a sentence and not with a cut connection. */
const verbTimeout = 55_000;

/**
 * Aborts when the client goes away before it has its answer, or after the time limit. (Fastify's own `request.signal` aborts as soon
 * as a request's body is read.)
 */
function signalOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return AbortSignal.any([gone.signal, AbortSignal.timeout(verbTimeout)]);
}

function collectInput(
  verb: Verb,
  inPath: readonly string[],
  inQuery: boolean,
  request: FastifyRequest,
): Record<string, unknown> {
  const rest = inQuery ? { ...asRecord(request.query) } : bodyOf(request);
  if (!inQuery) refuseUnknownQuery(request, []);
  if (inQuery && request.body !== undefined && request.body !== null)
    throw new AppError("bad_request", `${request.method} takes no body; send the fields as query parameters.`);
  for (const field of inPath)
    if (Object.hasOwn(rest, field))
      throw new AppError("bad_request", `Unknown field "${field}": it is in the path already.`, {
        details: { errors: [{ field, message: `Unknown field "${field}": it is in the path already.` }] },
      });
  const params = asRecord(request.params);
  return inQuery ? fromText(verb.input, { ...rest, ...params }) : { ...rest, ...fromText(verb.input, params) };
}

function refuseUnknownQuery(request: FastifyRequest, known: readonly string[]): void {
  const unknown = Object.keys(asRecord(request.query)).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const errors = unknown.map((field) => ({ field, message: `Unknown query parameter "${field}".` }));
  throw new AppError(
    "bad_request",
    `${errors.map((error) => error.message).join(" ")} Fields of a ${request.method} go in the JSON body.`,
    {
      details: { errors },
    },
  );
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body: unknown = request.body;
  if (body === undefined || body === null) return {};
  if (typeof body !== "object" || Array.isArray(body))
    throw new AppError("bad_request", "The request body should be a JSON object.");
  return { ...(body as Record<string, unknown>) };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** GET answers carry an ETag, so that a poll of something unchanged costs no transfer: a weak one, or one that begins with the version. */
function send(
  reply: FastifyReply,
  request: FastifyRequest,
  verb: Verb,
  { method, status }: { method: string; status: number },
  output: unknown,
): FastifyReply {
  if (status === 204) return reply.code(204).send();
  const parsed = verb.output.safeParse(output);
  if (!parsed.success)
    throw new AppError("internal", "The answer does not have its declared shape.", { cause: parsed.error });
  const text = JSON.stringify(parsed.data);
  reply.code(status).type("application/json; charset=utf-8").header("cache-control", "no-cache");
  const version = verb.version?.(parsed.data);
  if (method === "GET" || version !== undefined) {
    const digest = createHash("sha1").update(text).digest("base64url");
    const etag = version === undefined ? `W/"${digest}"` : `"${version}-${digest}"`;
    reply.header("etag", etag);
    if (method === "GET" && request.headers["if-none-match"]?.split(/,\s*/).includes(etag))
      return reply.code(304).removeHeader("content-type").send();
  }
  return reply.send(text);
}

function documentation(verb: Verb, inPath: readonly string[], inQuery: boolean, status: number): object {
  const fields = Object.entries(verb.input.shape);
  const of = (keep: (name: string) => boolean): z.ZodObject =>
    z.strictObject(Object.fromEntries(fields.filter(([name]) => keep(name))));
  const others = (name: string): boolean => !inPath.includes(name);
  const hasOthers = fields.some(([name]) => others(name));
  return {
    operationId: verb.name,
    summary: verb.summary,
    description: `${verb.description}\n\n${verb.permission === "signed-in" ? "For everybody who is signed in or sends a key." : `Permission: \`${verb.permission}\`.`}`,
    tags: [verb.name.split(".")[0] ?? verb.name],
    security: [{ bearer: [] }, { apiKey: [] }],
    ...(inPath.length > 0 ? { params: of((name) => inPath.includes(name)) } : {}),
    ...(hasOthers && inQuery ? { querystring: of(others) } : {}),
    ...(hasOthers && !inQuery ? { body: of(others) } : {}),
    response: {
      [status]: status === 204 ? z.undefined().describe("No content") : verb.output,
      default: { description: "Problem", content: { "application/problem+json": { schema: Problem } } },
    },
  };
}
