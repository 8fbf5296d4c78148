// Where an import leads: relative files, tsconfig paths, workspace packages, `imports` maps, Node's built-ins, else an npm package.
import { builtinModules } from "node:module";
import type { ImportResolver, ImportTarget, ProjectFiles } from "../../language.ts";
import { createCompilerConfigs, mappedPaths } from "./compiler-options.ts";
import { createModuleFiles } from "./module-files.ts";
import { createPackageEntries, createPackages, type LocalPackage, lookUp } from "./packages.ts";
import { dirname, isInside, join } from "./paths.ts";

const unresolved: ImportTarget = { is: "unresolved" };
const builtins = new Set(builtinModules.filter((name) => !name.startsWith("_")));
const packageName = /^(?:@[\w.~-]+\/)?[\w.~-]+$/;
const otherRuntimes = new Set(["bun", "cloudflare", "deno", "astro", "workerd", "jsr"]);

export function createImportResolver(project: ProjectFiles): ImportResolver {
  const files = createModuleFiles(project);
  const packages = createPackages(project);
  const configs = createCompilerConfigs(project, (name) => packages.named(name)?.folder ?? null);
  const entries = createPackageEntries(project, files, configs);
  // Two caches: `./x.js` means another file in TypeScript than in JavaScript.
  const caches = [new Map<string, Map<string, ImportTarget>>(), new Map<string, Map<string, ImportTarget>>()] as const;

  const toFile = (path: string | null): ImportTarget | null => (path === null ? null : { is: "file", path });

  function lookAt(path: string | null, typescript: boolean): ImportTarget | null {
    return path === null ? null : toFile(files.fileOrFolder(path, typescript));
  }

  function relative(folder: string, specifier: string, typescript: boolean): ImportTarget {
    const path = join(folder, specifier);
    if (path === null) return unresolved;
    const folderOnly = /(?:^|\/)\.{0,2}$/.test(specifier);
    const found = folderOnly
      ? (lookAt(path === "" ? "index" : `${path}/index`, typescript) ?? lookAt(path, typescript))
      : lookAt(path, typescript);
    if (found !== null) return found;
    for (const { rootDirs } of configs.of(folder)) {
      const root = rootDirs.find((d) => isInside(path, d));
      if (root === undefined) continue;
      for (const other of rootDirs) {
        if (other === root) continue;
        const twin = lookAt(join(other, path.slice(root === "" ? 0 : root.length + 1)), typescript);
        if (twin !== null) return twin;
      }
    }
    return (
      // Built output that is not in the repository: `require("./dist/x")` next to `src/x.ts`.
      toFile(builtOutput(folder, path, typescript)) ?? unresolved
    );
  }

  function builtOutput(folder: string, path: string, typescript: boolean): string | null {
    const home = packages.of(folder);
    if (home === null || !isInside(path, home.folder)) return null;
    const rest = path.slice(home.folder === "" ? 0 : home.folder.length + 1);
    if (!/^(?:dist|build|out|lib)\//.test(rest)) return null;
    return entries.behind(home.folder, rest, typescript);
  }

  function byCompilerPaths(folder: string, specifier: string, typescript: boolean): ImportTarget | null {
    for (const options of configs.of(folder)) {
      for (const path of mappedPaths(options, specifier)) {
        const found = lookAt(path, typescript) ?? toFile(sourceBehind(path, typescript));
        if (found !== null) return found;
      }
      if (options.baseUrl !== null && !specifier.startsWith("#")) {
        const found = lookAt(join(options.baseUrl, specifier), typescript);
        if (found !== null) return found;
      }
    }
    return null;
  }

  /** `paths` that lead to a package's folder or built output: through its manifest. */
  function sourceBehind(path: string, typescript: boolean): string | null {
    const own = packages.at(path);
    if (own !== null) return entries.entry(own, ".", typescript);
    const home = packages.of(dirname(path));
    if (home === null) return null;
    return entries.behind(home.folder, path.slice(home.folder === "" ? 0 : home.folder.length + 1), typescript);
  }

  function internal(folder: string, specifier: string, typescript: boolean): ImportTarget {
    const home = packages.of(folder);
    const targets = home === null ? null : lookUp(home.json["imports"], specifier);
    for (const target of targets ?? []) {
      if (!target.startsWith(".")) {
        const found = bare(folder, target, typescript);
        if (found.is !== "unresolved") return found;
        continue;
      }
      const found = toFile(entries.behind(home!.folder, target, typescript));
      if (found !== null) return found;
    }
    return byCompilerPaths(folder, specifier, typescript) ?? unresolved;
  }

  function inPackage(pkg: LocalPackage, rest: string, typescript: boolean): ImportTarget | null {
    return toFile(entries.entry(pkg, rest === "" ? "." : `./${rest}`, typescript));
  }

  /** `@/x`, `~/x`, `$lib/x` by the bundlers' convention, and `src/x` where no package of that name is a dependency. */
  function byConvention(
    folder: string,
    specifier: string,
    home: LocalPackage | null,
    typescript: boolean,
  ): ImportTarget | null {
    const base = home?.folder ?? "";
    const alias = /^(@|~|@@|~~|\$lib)\/(.*)$/.exec(specifier);
    if (alias !== null) {
      const roots = alias[1] === "$lib" ? ["src/lib"] : ["src", "app", ""];
      for (const root of roots) {
        const found = lookAt(join(base, root === "" ? alias[2]! : `${root}/${alias[2]!}`), typescript);
        if (found !== null) return found;
      }
      return null;
    }
    const first = specifier.split("/", 1)[0]!;
    if (!specifier.includes("/") || specifier.startsWith("@") || home?.dependencies.has(first) === true) return null;
    return lookAt(join(base, specifier), typescript);
  }

  function bare(folder: string, specifier: string, typescript: boolean): ImportTarget {
    const mapped = byCompilerPaths(folder, specifier, typescript);
    if (mapped !== null) return mapped;
    const match = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(specifier);
    const name = match?.[1] ?? "";
    const rest = match?.[2] ?? "";
    const home = packages.of(folder);
    const redirect = home?.redirects.get(name);
    if (redirect !== undefined) {
      if ("npm" in redirect) return { is: "external", package: { ecosystem: "npm", name: redirect.npm } };
      const pkg = packages.at(redirect.folder);
      const found = pkg === null ? lookAt(join(redirect.folder, rest), typescript) : inPackage(pkg, rest, typescript);
      if (found !== null) return found;
    }
    const own = home?.name === name ? home : (packages.member(name, folder) ?? enclosing(folder, name));
    if (own !== null) {
      const found = inPackage(own, rest, typescript);
      // A member whose entry is not in the repository (generated code) is no npm package either.
      return found ?? unresolved;
    }
    const guessed = byConvention(folder, specifier, home, typescript);
    if (guessed !== null) return guessed;
    return packageName.test(name) ? { is: "external", package: { ecosystem: "npm", name } } : unresolved;
  }

  /** Examples and tests with a package.json of their own import the package they lie in, unless they depend on a published one. */
  function enclosing(folder: string, name: string): LocalPackage | null {
    for (let pkg = packages.of(folder); pkg !== null;) {
      if (pkg.name === name) return pkg;
      if (pkg.dependencies.has(name) || pkg.folder === "") return null;
      pkg = packages.of(dirname(pkg.folder));
    }
    return null;
  }

  function find(folder: string, written: string, typescript: boolean): ImportTarget {
    // Loaders before (`raw-loader!./x`) and queries after (`./x?url`) say how, not what.
    let specifier = written.slice(written.lastIndexOf("!") + 1);
    const query = specifier.indexOf("?");
    if (query > 0) specifier = specifier.slice(0, query);
    if (specifier === "") return unresolved;
    if (/^\.{1,2}(?:\/|$)/.test(specifier)) return relative(folder, specifier, typescript);
    if (specifier.startsWith("#")) return internal(folder, specifier, typescript);
    if (specifier.startsWith("/")) {
      const base = packages.of(folder)?.folder ?? "";
      const path = specifier.slice(1);
      return lookAt(join(base, path), typescript) ?? lookAt(join(base, `public/${path}`), typescript) ?? unresolved;
    }
    const scheme = /^([a-z]+):(.*)$/.exec(specifier);
    if (scheme !== null) return schemed(scheme[1]!, scheme[2]!);
    if (builtins.has(specifier)) {
      const exact = configs.of(folder).some((o) => o.paths.some((p) => p.suffix === null && p.prefix === specifier));
      if (!exact) return { is: "external", package: { ecosystem: "node", name: specifier.split("/", 1)[0]! } };
    }
    return bare(folder, specifier, typescript);
  }

  function schemed(scheme: string, rest: string): ImportTarget {
    if (scheme === "node") return { is: "external", package: { ecosystem: "node", name: rest.split("/", 1)[0]! } };
    if (scheme === "npm") {
      const name = /^\/?((?:@[^/@]+\/)?[^/@]+)/.exec(rest)?.[1];
      return name === undefined ? unresolved : { is: "external", package: { ecosystem: "npm", name } };
    }
    if (otherRuntimes.has(scheme)) return { is: "external", package: { ecosystem: scheme, name: rest } };
    return unresolved;
  }

  return {
    resolve(fromPath, specifier) {
      const folder = dirname(fromPath);
      const typescript = /\.(?:[cm]?ts|tsx|vue|svelte)$/.test(fromPath);
      const cache = caches[typescript ? 1 : 0];
      let byFolder = cache.get(folder);
      if (byFolder === undefined) cache.set(folder, (byFolder = new Map()));
      let target = byFolder.get(specifier);
      if (target === undefined) byFolder.set(specifier, (target = find(folder, specifier, typescript)));
      return target;
    },
    moduleName: () => null,
  };
}
