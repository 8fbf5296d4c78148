// Where what Node compiled is kept between runs: reading it back is a good part of a process's start, in this one and in its children.
// Plain JavaScript: for a TypeScript file that is not kept yet, Node starts a compiler of 3 MB, each time.
import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import os from "node:os";
import path from "node:path";

export function keepCompiled() {
  // A folder of the operator's choice (NODE_COMPILE_CACHE) is in use by now.
  if (getCompileCacheDir() !== undefined) return;
  const folder = ownFolder();
  if (folder !== null) enableCompileCache(folder);
}

export function compileCacheFolder() {
  const own = getCompileCacheDir();
  // Node keeps a folder for each of its versions in there.
  return own === undefined ? ownFolder() : path.dirname(own);
}

/** One that nobody else can write to: what lies in it is run. */
function ownFolder() {
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
