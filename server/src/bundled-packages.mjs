// A package of many modules in one file, where scripts/bundle-packages.mjs made one of the very version that is installed: each module
// costs a start .4 ms, and kysely has 255. Plain JavaScript because it runs before anything else is loaded.
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const installed = join(import.meta.dirname, "..", "..", "node_modules");

/** Only what nothing but our own sources imports, and only by its name: no package may be there twice. */
export const bundledPackages = ["kysely"];

/** Where the bundle of the installed version is, or belongs; null where the package is not. */
export function bundleOf(name, folder = installed) {
  const manifest = join(folder, name, "package.json");
  if (!existsSync(manifest)) return null;
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(folder, ".opentrace", `${name}-${version}.mjs`);
}

/** Call it before the packages are imported. What has no bundle is imported as it is. */
export function useBundledPackages(folder = installed) {
  const bundles = new Map();
  for (const name of bundledPackages) {
    const file = bundleOf(name, folder);
    if (file !== null && existsSync(file)) bundles.set(name, pathToFileURL(file).href);
  }
  if (bundles.size === 0) return;
  registerHooks({
    resolve(specifier, context, next) {
      const url = bundles.get(specifier);
      return url === undefined ? next(specifier, context) : { url, format: "module", shortCircuit: true };
    },
  });
}
