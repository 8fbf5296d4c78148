// The packages of a repository: their package.json, the workspaces that join them, and the source behind their entry points.
import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import type { ProjectFiles } from "../../language.ts";
import type { CompilerConfigs } from "./compiler-options.ts";
import { isRecord, parseJsonWithComments, stringsOf } from "./json-comments.ts";
import type { ModuleFiles } from "./module-files.ts";
import { dirname, isInside, join } from "./paths.ts";

export interface LocalPackage {
  folder: string;
  name: string | null;
  json: Record<string, unknown>;
  /** Dependencies that are not what their name says: `npm:other@1` and `file:../x`, by name. */
  redirects: ReadonlyMap<string, { npm: string } | { folder: string }>;
  dependencies: ReadonlySet<string>;
}

export interface Packages {
  /** The nearest package.json at or above a folder. */
  of(folder: string): LocalPackage | null;
  at(folder: string): LocalPackage | null;
  /** The workspace member of this name as seen from a folder. */
  member(name: string, from: string): LocalPackage | null;
  /** Any package of the repository by that name, for what need not be a dependency. */
  named(name: string): LocalPackage | null;
}

const dependencyFields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

export function createPackages(project: ProjectFiles): Packages {
  const read = new Map<string, LocalPackage | null>();
  const nearest = new Map<string, LocalPackage | null>();
  let members: Map<string, { pkg: LocalPackage; root: string }[]> | null = null;
  let every: LocalPackage[] | null = null;

  function at(folder: string): LocalPackage | null {
    let known = read.get(folder);
    if (known === undefined) {
      const path = folder === "" ? "package.json" : `${folder}/package.json`;
      const json = project.has(path) ? parseJsonWithComments(project.config(path) ?? "") : undefined;
      known = isRecord(json) ? packageOf(folder, json) : null;
      read.set(folder, known);
    }
    return known;
  }

  function of(folder: string): LocalPackage | null {
    let known = nearest.get(folder);
    if (known === undefined) {
      known = at(folder) ?? (folder === "" ? null : of(dirname(folder)));
      nearest.set(folder, known);
    }
    return known;
  }

  function all(): LocalPackage[] {
    if (every !== null) return every;
    every = [];
    const open = [""];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      const prefix = folder === "" ? "" : `${folder}/`;
      for (const entry of project.list(folder)) {
        const path = entry.startsWith(prefix) && prefix !== "" ? entry : prefix + entry;
        const name = path.slice(prefix.length);
        if (name === "package.json") {
          const pkg = at(folder);
          if (pkg !== null) every.push(pkg);
        } else if (name !== "node_modules" && name !== ".git" && !project.has(path)) open.push(path);
      }
    }
    every.sort((a, b) => a.folder.length - b.folder.length || (a.folder < b.folder ? -1 : 1));
    return every;
  }

  /** Globs of the workspaces that a folder is the root of, repository paths. */
  function workspaceGlobs(folder: string): string[] {
    const globs: string[] = [];
    const json = at(folder)?.json;
    const stated = json?.["workspaces"];
    globs.push(...stringsOf(stated), ...(isRecord(stated) ? stringsOf(stated["packages"]) : []));
    const prefix = folder === "" ? "" : `${folder}/`;
    if (project.has(`${prefix}pnpm-workspace.yaml`)) {
      globs.push(...pnpmPackages(project.config(`${prefix}pnpm-workspace.yaml`) ?? ""));
    }
    if (project.has(`${prefix}lerna.json`)) {
      const lerna = parseJsonWithComments(project.config(`${prefix}lerna.json`) ?? "");
      if (isRecord(lerna)) globs.push(...stringsOf(lerna["packages"]));
    }
    return globs;
  }

  function allMembers(): NonNullable<typeof members> {
    if (members !== null) return members;
    members = new Map();
    for (const root of all()) {
      const globs = workspaceGlobs(root.folder);
      if (globs.length === 0) continue;
      const within = root.folder === "" ? "" : `${root.folder}/`;
      const matches = globMatcher(globs);
      for (const pkg of all()) {
        if (pkg.name === null || !isInside(pkg.folder, root.folder)) continue;
        if (pkg !== root && !matches(pkg.folder.slice(within.length))) continue;
        const list = members.get(pkg.name) ?? [];
        list.push({ pkg, root: root.folder });
        members.set(pkg.name, list);
      }
    }
    return members;
  }

  return {
    at,
    of,
    member(name, from) {
      const candidates = allMembers()
        .get(name)
        ?.filter(({ root }) => isInside(from, root));
      if (candidates === undefined || candidates.length === 0) return null;
      // Nested workspaces: the innermost root around the importing file decides.
      return candidates.reduce((best, c) => (c.root.length > best.root.length ? c : best)).pkg;
    },
    named: (name) => all().find((pkg) => pkg.name === name) ?? null,
  };
}

function packageOf(folder: string, json: Record<string, unknown>): LocalPackage {
  const redirects = new Map<string, { npm: string } | { folder: string }>();
  const dependencies = new Set<string>();
  for (const field of dependencyFields) {
    const stated = json[field];
    if (!isRecord(stated)) continue;
    for (const [name, spec] of Object.entries(stated)) {
      dependencies.add(name);
      if (typeof spec !== "string") continue;
      const alias = /^npm:((?:@[^/@]+\/)?[^@/]+)/.exec(spec)?.[1];
      const local = /^(?:file|link|portal|workspace):(\.{0,2}\/?.*)$/.exec(spec);
      if (alias !== undefined) redirects.set(name, { npm: alias });
      else if (local !== null && /^\.{1,2}(?:\/|$)|^[\w@-]+\//.test(local[1]!)) {
        const target = join(folder, local[1]!);
        if (target !== null) redirects.set(name, { folder: target });
      }
    }
  }
  return { folder, name: typeof json["name"] === "string" ? json["name"] : null, json, redirects, dependencies };
}

/** Few repositories have a pnpm-workspace.yaml, and the reader is 72 modules. */
const loadYaml = (): typeof Yaml => createRequire(import.meta.url)("yaml") as typeof Yaml;

function pnpmPackages(text: string): string[] {
  try {
    const yaml: unknown = loadYaml().parse(text);
    return isRecord(yaml) ? stringsOf(yaml["packages"]) : [];
  } catch {
    return [];
  }
}

/** `packages/*`, `apps/**`, `!**\/test`, `{a,b}`: a later pattern overrules an earlier one. */
function globMatcher(globs: readonly string[]): (folder: string) => boolean {
  const rules = globs.map((glob) => {
    const negative = glob.startsWith("!");
    const body = (negative ? glob.slice(1) : glob).replace(/^\.\//, "").replace(/\/+$/, "");
    return { negative, test: new RegExp(`^${globSource(body)}$`) };
  });
  return (folder) => {
    let member = false;
    for (const { negative, test } of rules) if (test.test(folder)) member = !negative;
    return member;
  };
}

function globSource(glob: string): string {
  let source = "";
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i]!;
    if (c === "*" && glob[i + 1] === "*") {
      i++;
      if (glob[i + 1] === "/") {
        i++;
        source += "(?:[^/]+/)*";
      } else source += ".*";
    } else if (c === "*") source += "[^/]*";
    else if (c === "?") source += "[^/]";
    else if (c === "{" && glob.includes("}", i)) source += "(?:";
    else if (c === "}" && source.includes("(?:")) source += ")";
    else if (c === "," && glob.lastIndexOf("{", i) > glob.lastIndexOf("}", i)) source += "|";
    else source += c.replace(/[.+^$()|[\]\\{}]/g, "\\$&");
  }
  return source;
}

/** Conditions in the order of what a reader of source wants; others follow in their own order. */
const conditions = ["source", "src", "development", "import", "module", "node", "require", "default", "types"];

/** All files a target of `exports` or `imports` may name, best first. */
function targetsOf(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (depth > 8) return [];
  if (Array.isArray(value)) return value.flatMap((v) => targetsOf(v, depth + 1));
  if (!isRecord(value)) return [];
  const keys = Object.keys(value);
  const rank = (key: string): number => (conditions.includes(key) ? conditions.indexOf(key) : 3.5);
  return keys.sort((a, b) => rank(a) - rank(b)).flatMap((key) => targetsOf(value[key], depth + 1));
}

/** Looks `key` (`.`, `./sub`, `#name`) up in an `exports` or `imports` table. null = the table does not have it. */
export function lookUp(table: unknown, key: string): string[] | null {
  if (!isRecord(table) || !Object.keys(table).some((k) => k.startsWith(".") || k.startsWith("#"))) {
    return key === "." && table !== undefined && table !== null ? targetsOf(table) : null;
  }
  if (Object.hasOwn(table, key)) return targetsOf(table[key]);
  let best: { pattern: string; star: string } | null = null;
  for (const pattern of Object.keys(table)) {
    const at = pattern.indexOf("*");
    if (at < 0) {
      // The old form of a folder: "./lib/": "./lib/".
      if (pattern.endsWith("/") && key.startsWith(pattern) && pattern.length > (best?.pattern.length ?? 0)) {
        best = { pattern, star: key.slice(pattern.length) };
      }
      continue;
    }
    const prefix = pattern.slice(0, at);
    const suffix = pattern.slice(at + 1);
    if (key.length < prefix.length + suffix.length || !key.startsWith(prefix) || !key.endsWith(suffix)) continue;
    if (best !== null && prefix.length <= best.pattern.indexOf("*")) continue;
    best = { pattern, star: key.slice(prefix.length, key.length - suffix.length) };
  }
  if (best === null) return null;
  const { pattern, star } = best;
  return targetsOf(table[pattern]).map((t) => (pattern.includes("*") ? t.replaceAll("*", () => star) : t + star));
}

const outputFolders = new Set(
  (
    "dist build lib out output esm cjs es umd mjs types typings dist-types dist-esm dist-cjs _esm _cjs _types commonjs module node " +
    "browser npm target release compiled prod production development bundles fesm2015 fesm2020 fesm2022 es2015 es6 lib-esm"
  ).split(" "),
);
const sourceFolders = ["src", "source", "lib", "", "app"];

export interface PackageEntries {
  /** The file that `name` (subpath ".") or `name/sub` ("./sub") leads to in a package of this repository. */
  entry(pkg: LocalPackage, subpath: string, typescript: boolean): string | null;
  /** A file named in a manifest, or the source it is built from. */
  behind(folder: string, target: string, typescript: boolean): string | null;
}

export function createPackageEntries(
  project: ProjectFiles,
  files: ModuleFiles,
  configs: CompilerConfigs,
): PackageEntries {
  /** The source that a built file comes from: by the compiler's outDir and rootDir, else by the usual names. */
  function sourceOf(folder: string, path: string, typescript: boolean): string | null {
    const stem = path
      .replace(/(?:\.d)?\.[cm]?[jt]sx?$/, "")
      .replace(/\.(?:esm|cjs|umd|min|mjs|bundle|production|development|prod|dev)\b/g, "");
    for (const { outDir, rootDir } of configs.ownOf(folder)) {
      if (outDir === null || !isInside(stem, outDir) || stem === outDir) continue;
      const rest = stem.slice(outDir === "" ? 0 : outDir.length + 1);
      for (const root of rootDir === null ? [join(folder, "src"), folder] : [rootDir]) {
        const found = root === null ? null : files.file(root === "" ? rest : `${root}/${rest}`, typescript);
        if (found !== null) return found;
      }
    }
    let parts = stem.slice(folder === "" ? 0 : folder.length + 1).split("/");
    let stripped = false;
    for (;;) {
      if (stripped || !outputFolders.has(parts[0]!)) {
        for (const root of sourceFolders) {
          if (parts[0] === root && root !== "") continue;
          const candidate = join(folder, root === "" ? parts.join("/") : `${root}/${parts.join("/")}`);
          const found = candidate === null ? null : files.file(candidate, typescript);
          if (found !== null) return found;
        }
      }
      if (parts.length < 2 || !outputFolders.has(parts[0]!)) return null;
      parts = parts.slice(1);
      stripped = true;
    }
  }

  function behind(folder: string, target: string, typescript: boolean): string | null {
    const path = join(folder, target);
    if (path === null) return null;
    const declaration = /\.d\.[cm]?ts$/.test(path);
    if (project.has(path) && !declaration) return files.file(path, typescript);
    return sourceOf(folder, path, typescript) ?? files.fileOrFolder(path, typescript);
  }

  function firstOf(folder: string, targets: readonly string[], typescript: boolean): string | null {
    let declared: string | null = null;
    for (const target of targets) {
      if (/\.(?:json|css|scss)$/.test(target) && targets.length > 1) continue;
      const found = behind(folder, target, typescript);
      if (found === null) continue;
      if (!/\.d\.[cm]?ts$/.test(found)) return found;
      declared ??= found;
    }
    return declared;
  }

  return {
    behind,
    entry(pkg, subpath, typescript) {
      const { folder, json } = pkg;
      const listed = lookUp(json["exports"], subpath);
      if (listed !== null) {
        const found = firstOf(folder, listed, typescript);
        if (found !== null) return found;
      }
      if (subpath === ".") {
        const stated = ["source", "module", "main", "browser", "types", "typings"].flatMap((field) => {
          const value = json[field];
          return typeof value === "string" ? [value] : [];
        });
        const found = firstOf(folder, stated, typescript);
        if (found !== null) return found;
        for (const root of ["", "src", "lib", "source"]) {
          const base = join(folder, root);
          const index = base === null ? null : files.file(base === "" ? "index" : `${base}/index`, typescript);
          if (index !== null) return index;
        }
        return null;
      }
      const sub = subpath.slice(2);
      const direct = join(folder, sub);
      if (direct === null) return null;
      return (
        files.fileOrFolder(direct, typescript) ??
        sourceOf(folder, direct, typescript) ??
        files.fileOrFolder(join(folder, `src/${sub}`) ?? "", typescript)
      );
    },
  };
}
