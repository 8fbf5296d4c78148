// The one error type. Its code is mapped to an HTTP status, an exit code or an MCP error once per door.
export const errorCodes = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unprocessable: 422,
  rate_limited: 429,
  cancelled: 499,
  internal: 500,
  not_supported: 501,
  upstream_failed: 502,
  upstream_auth: 502,
  unavailable: 503,
  timeout: 504,
  storage_full: 507,
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** `message` is for the user: it names the thing and what to do. `details` is structured and goes on the wire; `cause` never does. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "AppError";
    this.code = code;
    this.details = options.details;
  }

  get status(): number {
    return errorCodes[this.code];
  }
}
