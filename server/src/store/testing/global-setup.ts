// vitest's global set-up: names the folder of this run's PostgreSQL (started only when a test asks for it) and stops it at the end.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopPostgres } from "./postgres.ts";

export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "opentrace-pg-"));
  process.env["OPENTRACE_TEST_POSTGRES"] = folder;
  return () => stopPostgres(folder);
}
