// Where the master key comes from: the setting, else a 0600 file in the data directory that is made at the first start.
import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Secret } from "./secret.ts";
import { masterKeyFrom, type MasterKey } from "./seal.ts";

/** Throws AppError("bad_request") when the file is readable by others or holds no key. */
export function loadMasterKey(setting: Secret | null, dataFolder: string): MasterKey {
  if (setting !== null) return masterKeyFrom(setting.reveal());
  const path = join(dataFolder, "master.key");
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  createOnce(path);
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0)
    throw new AppError("bad_request", `${path} can be read by other users of this machine. Run: chmod 600 ${path}`);
  return masterKeyFrom(readFileSync(path, "utf8").trim());
}

/** Written aside and linked into place: two processes that start at once agree on one key, and none reads half a file. */
function createOnce(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(aside, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flush: true });
  chmodSync(aside, 0o600);
  try {
    linkSync(aside, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  } finally {
    rmSync(aside, { force: true });
  }
}
