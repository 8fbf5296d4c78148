// If-Match: a change is refused when what it is about has changed since the caller saw it.
import { AppError } from "@opentrace/contract/errors.ts";

/** Throws `precondition_failed` with the current version, unless the header is absent, `*`, or names that version. */
export function requireVersion(ifMatch: string | undefined, version: number, what: string): void {
  if (ifMatch === undefined) return;
  const asked = ifMatch.split(",").map((tag) => tag.trim().replace(/^W\//, "").replaceAll('"', ""));
  // Our tags are `<version>-<digest>`; the digest is for caches.
  if (asked.some((tag) => tag === "*" || tag.replace(/-.*$/, "") === String(version))) return;
  throw new AppError(
    "precondition_failed",
    `${what} has changed: it is at version ${version} now. Read it again, and send the change with its new ETag as If-Match.`,
    { details: { current_version: version, if_match: ifMatch } },
  );
}
