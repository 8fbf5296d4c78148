// The product's version and where its files are.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder that holds package.json. */
export const root = join(import.meta.dirname, "..", "..");

export function version(): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}
