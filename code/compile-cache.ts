// Where what Node compiled is kept between runs: reading it back is a good part of a process's start, in this one and in its children.
import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import os from "node:os";
import path from "node:path";

/** Call it before the modules that are to be kept are imported. Where nothing can be kept, nothing is. */
export function keepCompiled(): void {
  // A folder of the operator's choice (NODE_COMPILE_CACHE) is in use by now.
  if (getCompileCacheDir() !== undefined) return;
  const folder = ownFolder();
  if (folder !== null) enableCompileCache(folder);
}

/** For NODE_COMPILE_CACHE of a child: this process's own folder, else the one it would have. */
export function compileCacheFolder(): string | null {
  const own = getCompileCacheDir();
  // Node keeps a folder for each of its versions in there.
  return own === undefined ? ownFolder() : path.dirname(own);
}

/** One that nobody else can write to: what lies in it is run. */
function ownFolder(): string | null {
  const user = process.getuid?.();
  // On Windows each account's temporary folder is its own, and Node makes what is missing.
  if (user === undefined) return path.join(os.tmpdir(), "opentrace-compiled");
  const folder = path.join(os.tmpdir(), `opentrace-compiled-${user}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    return uid === user && (mode & 0o170077) === 0o040000 ? folder : null;
  } catch {
    return null;
  }
}
