// Which field of what was sent the server refused, and why.
import { ApiError } from "./http.ts";

/** `credential.token` → the message. Empty for failures that are about no field. */
export function refusedFields(error: unknown): Record<string, string> {
  const errors: unknown = error instanceof ApiError ? error.details.errors : null;
  if (!Array.isArray(errors)) return {};
  return Object.fromEntries(
    errors.flatMap((each: unknown): [string, string][] =>
      typeof each === "object" &&
      each !== null &&
      "field" in each &&
      "message" in each &&
      typeof each.field === "string" &&
      typeof each.message === "string"
        ? [[each.field, each.message]]
        : [],
    ),
  );
}
