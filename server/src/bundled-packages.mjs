// Finds modules quickly. A package of many modules in one file, where scripts/bundle-packages.mjs made one of the very version that is
// installed: each module costs a start .4 ms, and kysely has 255. And our own sources without a look at the disk, which would be a tenth
// of that. Plain JavaScript because it runs before anything else is loaded.
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
  registerHooks({
    resolve(specifier, context, next) {
      const own = ownSource(specifier, context.parentURL);
      if (own !== null) return { url: own, format: "module-typescript", shortCircuit: true };
      const url = bundles.get(specifier);
      return url === undefined ? next(specifier, context) : { url, format: "module", shortCircuit: true };
    },
  });
}

const root = new URL("../../", import.meta.url).href;
const packages = `${root}node_modules/`;
const workspaces = "@opentrace/";

/** Our sources say with every import which file they mean; null for what Node has to search. */
function ownSource(specifier, parent) {
  if (!specifier.endsWith(".ts")) return null;
  if (specifier.startsWith(workspaces)) return root + specifier.slice(workspaces.length);
  const isOurs = specifier.startsWith(".") && parent?.startsWith(root) === true && !parent.startsWith(packages);
  return isOurs ? new URL(specifier, parent).href : null;
}
