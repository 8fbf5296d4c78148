// Where a Go import leads: packages of the repository's own modules (nested, in workspaces, replaced by a local folder), the standard
// library, or the module that go.mod requires.
import type { ImportResolver, ImportTarget, ProjectFiles } from "../language.ts";
import { isStandardLibrary } from "./import-paths.ts";
import { parseGoMod } from "./go-mod.ts";

interface Module {
  /** Folder of its go.mod, "" = root. */
  folder: string;
  path: string;
  requires: string[];
  /** Module path → folder in this repository. */
  replaced: Map<string, string>;
}

export const folderOf = (path: string): string => {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
};

const join = (folder: string, rest: string): string =>
  folder === "" ? rest : rest === "" ? folder : `${folder}/${rest}`;

/** `path` inside `prefix` by whole elements: what remains ("" for the prefix itself), null if it is not inside. */
function below(path: string, prefix: string): string | null {
  // In Go's own source tree the standard library is the module `std`, which its import paths don't name.
  if (prefix === "std") return path;
  if (path === prefix) return "";
  return path.startsWith(prefix) && path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length + 1) : null;
}

/** A relative folder as go.mod writes it (`../lib`), from `folder`; null when it leaves the repository. */
function normalise(folder: string, relative: string): string | null {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

export function createGoImportResolver(project: ProjectFiles): ImportResolver {
  const byFolder = new Map<string, Module | null>();
  const units = new Map<string, readonly string[]>();

  const moduleIn = (folder: string): Module | null => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const path = join(folder, "go.mod");
    const text = project.has(path) ? project.config(path) : undefined;
    const parsed = text === undefined ? null : parseGoMod(text);
    let module: Module | null = null;
    if (parsed !== null && parsed.module !== null) {
      const replaced = new Map<string, string>();
      for (const { from, to } of parsed.replaces) {
        const local = /^\.{1,2}(\/|$)/.test(to) ? normalise(folder, to) : null;
        if (local !== null) replaced.set(from, local);
      }
      module = { folder, path: parsed.module, requires: parsed.requires.map((entry) => entry.path), replaced };
      module.requires.sort((a, b) => b.length - a.length);
    }
    byFolder.set(folder, module);
    return module;
  };

  /** The module a folder belongs to: that of the nearest go.mod above. */
  const moduleOf = (folder: string): Module | null => {
    for (let at = folder; ; at = folderOf(at)) {
      const module = moduleIn(at);
      if (module !== null || at === "") return module;
    }
  };

  // All modules of the repository, longest path first; found by walking its folders once.
  let all: Module[] | null = null;
  const allModules = (): Module[] => {
    if (all !== null) return all;
    const found: Module[] = [];
    const pending = [""];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      const module = moduleIn(folder);
      if (module !== null) found.push(module);
      for (const path of project.list(folder)) {
        const base = path.slice(path.lastIndexOf("/") + 1);
        // A folder has no extension worth asking for; asking for one that is a file gives nothing.
        if (
          !base.endsWith(".go") &&
          base !== "vendor" &&
          base !== "node_modules" &&
          !base.startsWith(".") &&
          !project.has(path)
        )
          pending.push(path);
      }
    }
    all = found.sort((a, b) => b.path.length - a.path.length);
    return all;
  };

  const unit = (folder: string): ImportTarget | null => {
    let files = units.get(folder);
    if (files === undefined) {
      files = project
        .list(folder)
        .filter((path) => path.endsWith(".go") && !path.endsWith("_test.go") && project.has(path))
        .toSorted();
      units.set(folder, files);
    }
    return files.length === 0 ? null : { is: "unit", folder, files };
  };

  const resolve = (fromPath: string, specifier: string): ImportTarget => {
    if (specifier === "") return { is: "unresolved" };
    const from = folderOf(fromPath);
    if (specifier === "C") return { is: "external", package: { ecosystem: "go-std", name: "C" } };
    if (specifier.startsWith("./") || specifier.startsWith("../")) {
      const folder = normalise(from, specifier);
      return (folder === null ? null : unit(folder)) ?? { is: "unresolved" };
    }
    const own = moduleOf(from);
    const replacedRest = own === null ? null : inReplaced(own, specifier);
    if (replacedRest !== null) return unit(replacedRest) ?? { is: "unresolved" };
    let claimed = false;
    for (const module of allModules()) {
      const rest = below(specifier, module.path);
      if (rest === null) continue;
      const target = unit(join(module.folder, rest));
      if (target !== null) return target;
      claimed ||= module === own && module.path !== "std";
    }
    const required = own?.requires.find((path) => below(specifier, path) !== null);
    if (required !== undefined) return { is: "external", package: { ecosystem: "go", name: required } };
    // Code that is generated or excluded: the module is ours, the folder is not there.
    if (claimed) return { is: "unresolved" };
    if (isStandardLibrary(specifier)) return { is: "external", package: { ecosystem: "go-std", name: specifier } };
    return { is: "external", package: { ecosystem: "go", name: specifier } };
  };

  return {
    resolve: (fromPath, specifier) => resolve(fromPath, specifier),
    moduleName(path) {
      const folder = folderOf(path);
      const module = moduleOf(folder);
      if (module === null) return null;
      const rest = module.folder === "" ? folder : folder.slice(module.folder.length + 1);
      if (module.path === "std") return rest;
      return rest === "" ? module.path : `${module.path}/${rest}`;
    },
  };
}

function inReplaced(module: Module, specifier: string): string | null {
  let best: { length: number; folder: string } | null = null;
  for (const [path, folder] of module.replaced) {
    const rest = below(specifier, path);
    if (rest !== null && (best === null || path.length > best.length))
      best = { length: path.length, folder: join(folder, rest) };
  }
  return best?.folder ?? null;
}
