// Errors on the wire: RFC 9457 problem+json, made in one place from the one error type.
import { STATUS_CODES } from "node:http";
import type { FastifyError } from "fastify";
import { z } from "zod";
import { AppError, type ErrorCode } from "@opentrace/contract/errors.ts";

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What went wrong and what to do, for the user"),
    code: z.string().describe("Stable; one of a closed list"),
    requestId: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string(), code: z.string().optional() })).optional(),
  })
  .loose()
  .describe("RFC 9457 problem details");
export type Problem = z.infer<typeof Problem>;

export const problemType = "application/problem+json";

/** Details go on the wire as extension members; they never shadow the standard ones. */
export function toProblem(error: AppError, requestId: string): Problem {
  return {
    ...error.details,
    type: "about:blank",
    title: STATUS_CODES[error.status] ?? titles[error.code] ?? "Error",
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
  };
}

const titles: Partial<Record<ErrorCode, string>> = { cancelled: "Client Closed Request" };

const codeOfStatus: Record<number, ErrorCode> = {
  400: "bad_request",
  404: "not_found",
  413: "too_large",
  414: "bad_request",
  415: "bad_request",
  429: "rate_limited",
  431: "bad_request",
  503: "timeout",
};

/** What the HTTP layer itself throws (bodies, limits, time) in our words; anything else is `internal` and says nothing of its cause. */
export function toAppError(error: unknown, maxBody = 1024 * 1024): AppError {
  if (error instanceof AppError) return error;
  if (isFastifyError(error)) {
    if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE")
      return new AppError("too_large", `The request body is larger than ${Math.floor(maxBody / 1024 / 1024)} MB.`, {
        cause: error,
      });
    if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
      return new AppError(
        "bad_request",
        'The request body should be JSON, sent with "Content-Type: application/json".',
        { cause: error },
      );
    if (error.code === "FST_ERR_CTP_EMPTY_JSON_BODY")
      return new AppError("bad_request", "The request body is empty; it should be JSON.", { cause: error });
    if (error.code === "FST_ERR_HANDLER_TIMEOUT")
      return new AppError(
        "timeout",
        "This took too long and was stopped. Ask for less: a smaller depth, limit or set of types.",
        { cause: error },
      );
    if (error instanceof SyntaxError || (error.statusCode === 400 && /JSON/i.test(error.message)))
      return new AppError(
        "bad_request",
        // Fastify's own sentence only repeats ours; the parser's says where.
        error instanceof SyntaxError
          ? `The request body is not JSON: ${error.message}`
          : "The request body is not JSON.",
        { cause: error },
      );
    const code = codeOfStatus[error.statusCode ?? 500];
    if (code !== undefined) return new AppError(code, error.message, { cause: error });
  }
  const outOfSpace = /ENOSPC|SQLITE_FULL|database or disk is full/.test(
    error instanceof Error ? `${error.message} ${String((error as { code?: unknown }).code)}` : "",
  );
  if (outOfSpace)
    return new AppError("storage_full", "The disk is full. Free some space in the data directory and try again.", {
      cause: error,
    });
  return new AppError(
    "internal",
    "Something went wrong on the server; its log has the details under this request id.",
    { cause: error },
  );
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && ("statusCode" in error || "code" in error);
}
