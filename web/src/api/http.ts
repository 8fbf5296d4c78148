// One way to call the server: JSON in and out, the session's key, and every failure as an ApiError a person can read.
import type { z } from "zod";
import { session } from "./session.ts";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export type QueryValue = string | number | boolean | null | undefined | readonly string[];

/** `/api/v1` + path + query; empty values are left out, lists are comma-separated. */
export function apiUrl(path: string, query: Record<string, QueryValue> = {}): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value) && value.length === 0) continue;
    parts.push(`${name}=${encodeURIComponent(Array.isArray(value) ? value.join(",") : String(value))}`);
  }
  return `/api/v1${path}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
}

export function authHeaders(): Record<string, string> {
  return session.key === null ? {} : { "x-api-key": session.key };
}

interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  query?: Record<string, QueryValue>;
  body?: unknown;
  headers?: Record<string, string>;
}

export const unreachable = (cause?: unknown): ApiError =>
  new ApiError(0, "unreachable", "The OpenTrace server does not answer. Is it still running?", {}, cause);

/** Calls the server and checks the shape of its answer, so that a page never works on something else than its types say. */
export async function call<S extends z.ZodType>(
  path: string,
  schema: S,
  { method = "GET", query, body, headers: more = {} }: Call,
  signal: AbortSignal,
): Promise<z.infer<S>> {
  const headers: Record<string, string> = { accept: "application/json", ...authHeaders(), ...more };
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(apiUrl(path, query), {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw unreachable(cause);
  }
  if (!response.ok) throw await failure(response);
  if (response.status === 204) return schema.parse(undefined);
  const answer = schema.safeParse(await response.json());
  if (!answer.success)
    throw new ApiError(
      response.status,
      "unexpected_answer",
      `The server's answer to ${path} is not what this page expects. Reload the page: the server may have been updated.`,
      { issues: answer.error.issues.slice(0, 5) },
    );
  return answer.data;
}

/** RFC 9457 problem+json as the server sends it; anything else (a proxy's HTML page) still becomes a sentence. */
export const failure = async (response: Response): Promise<ApiError> =>
  failureOf(response.status, await response.text().catch(() => ""));

export function failureOf(status: number, text: string): ApiError {
  let problem: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) problem = { ...parsed };
  } catch {
    // Not JSON: the status alone has to do.
  }
  const code = typeof problem.code === "string" ? problem.code : String(status);
  const detail = typeof problem.detail === "string" ? problem.detail : `The server answered ${status}.`;
  if (status === 401) session.refused();
  return new ApiError(status, code, detail, problem);
}
