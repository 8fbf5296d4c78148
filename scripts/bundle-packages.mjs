// Puts each package that is loaded at every start into one file (server/src/bundled-packages.mjs says which, and uses it).
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { bundledPackages, bundleOf } from "../server/src/bundled-packages.mjs";

for (const name of bundledPackages) {
  const file = bundleOf(name);
  if (file === null || existsSync(file)) continue;
  const bundle = await rolldown({ input: name, cwd: join(import.meta.dirname, "..", "server"), platform: "node" });
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  await bundle.write({ file: unfinished, format: "esm" });
  // At once, whole: another start may be looking.
  renameSync(unfinished, file);
}
