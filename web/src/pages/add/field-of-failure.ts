// Which field of the form an error of the server belongs to.
import { ApiError } from "../../api/http.ts";

export type AddField = "source" | "branch" | "token";
const fields: readonly AddField[] = ["source", "branch", "token"];

/** The field that the problem names; a credential the upstream refused is the token's; all else is about the source. */
export function fieldOfFailure(error: unknown): AddField {
  if (!(error instanceof ApiError)) return "source";
  const named = [error.details.field, ...paths(error.details.issues), ...paths(error.details.errors)];
  const field = fields.find((each) => named.includes(each));
  if (field) return field;
  return error.code === "upstream_auth" ? "token" : "source";
}

function paths(issues: unknown): unknown[] {
  if (!Array.isArray(issues)) return [];
  return issues.map((issue: unknown) => {
    if (typeof issue !== "object" || issue === null) return null;
    if ("field" in issue) return issue.field;
    const path = "path" in issue ? issue.path : null;
    return Array.isArray(path) ? path[0] : path;
  });
}
