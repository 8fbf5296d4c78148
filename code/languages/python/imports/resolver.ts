// Where a Python import leads: a file of the repository, a package beyond it, or nowhere.
import type { ImportResolver, ImportTarget, ProjectFiles } from "../../language.ts";
import { distributionOf } from "./distribution-names.ts";
import { createSourceRoots, join, parentOf } from "./source-roots.ts";
import { python2Modules, stdlibModules } from "./stdlib-modules.ts";

type Target = ImportTarget & { wholeModule?: boolean };

/** A module's place: its file, or the folder of a namespace package. */
type Place = { is: "module"; path: string; folder: string | null } | { is: "namespace"; folder: string };

const unresolved: Target = { is: "unresolved" };

export function createPythonImportResolver(project: ProjectFiles): ImportResolver {
  const roots = createSourceRoots(project);

  /** `name` in a folder; a package wins over a module, as in Python, and source over stubs. */
  function place(folder: string, name: string): Place | null {
    const base = join(folder, name);
    for (const path of [`${base}/__init__.py`, `${base}.py`, `${base}/__init__.pyi`, `${base}.pyi`]) {
      if (project.has(path)) return { is: "module", path, folder: path.includes("/__init__.") ? base : null };
    }
    return project.list(base).length > 0 ? { is: "namespace", folder: base } : null;
  }

  function walk(folder: string, names: readonly string[]): Place | null {
    let at: Place = { is: "namespace", folder };
    for (const name of names) {
      if (at.folder === null) return null;
      const next = place(at.folder, name);
      if (next === null) return null;
      at = next;
    }
    return at;
  }

  /** A member that is a module of its own stands for it; else the member is the module's. */
  function targetOf(at: Place, member: string | null): Target {
    if (member !== null && at.folder !== null) {
      const inner = place(at.folder, member);
      if (inner?.is === "module") return { is: "file", path: inner.path, wholeModule: true };
      if (inner?.is === "namespace" && at.is === "namespace") return unit(inner.folder, true);
    }
    if (at.is === "module") return { is: "file", path: at.path };
    return member === null ? unit(at.folder, false) : unresolved;
  }

  function unit(folder: string, wholeModule: boolean): Target {
    const files = project.list(folder).filter((path) => path.endsWith(".py"));
    if (files.length === 0) return unresolved;
    return wholeModule ? { is: "unit", folder, files, wholeModule } : { is: "unit", folder, files };
  }

  function resolveRelative(fromPath: string, specifier: string, member: string | null): Target {
    let dots = 0;
    while (specifier[dots] === ".") dots++;
    let folder = parentOf(fromPath);
    for (let i = 1; i < dots; i++) {
      if (folder === "") return unresolved;
      folder = parentOf(folder);
    }
    const rest = specifier.slice(dots);
    if (rest !== "") {
      const at = walk(folder, rest.split("."));
      return at === null ? unresolved : targetOf(at, member);
    }
    const own = ["__init__.py", "__init__.pyi"].map((name) => join(folder, name)).find((path) => project.has(path));
    return targetOf(own === undefined ? { is: "namespace", folder } : { is: "module", path: own, folder }, member);
  }

  function resolveAbsolute(fromPath: string, specifier: string, member: string | null): Target {
    const names = specifier.split(".");
    const [top = ""] = names;
    const folder = parentOf(fromPath);
    const shipped = stdlibModules.has(top);
    const near = roots.around(folder);
    /** The top-level name is ours, but the rest of it is not there (generated, or another platform's). */
    let incomplete = false;
    for (const root of near) {
      const first = place(root, top);
      if (first?.is !== "module" || first.path === fromPath) continue;
      // Inside of a namespace package, a neighbour does not hide what ships with Python.
      if (shipped && roots.rootOf(root) !== root) continue;
      const at = walk(root, names);
      if (at !== null) return targetOf(at, member);
      incomplete = true;
    }
    if (shipped) return external("python", top);
    if (roots.isScriptFolder(folder)) {
      const at = walk(folder, names);
      if (at?.is === "module" && at.path !== fromPath) return targetOf(at, member);
    }
    for (const root of near) {
      const at = walk(root, names);
      const target = at === null || !holdsPython(join(root, top)) ? unresolved : targetOf(at, member);
      if (target.is !== "unresolved" && !(target.is === "file" && target.path === fromPath)) return target;
    }
    for (const root of roots.holding(top, folder)) {
      const at = walk(root, names);
      if (at !== null) return targetOf(at, member);
      incomplete = true;
    }
    if (incomplete) return unresolved;
    if (python2Modules.has(top)) return external("python", top);
    return external("pypi", distributionOf(member === null ? specifier : `${specifier}.${member}`));
  }

  /** Does a folder without `__init__` hold modules, directly or one level down? Any other folder is no namespace package. */
  function holdsPython(folder: string): boolean {
    const children = project.list(folder);
    return (
      children.some((path) => path.endsWith(".py")) ||
      children.some((path) => project.list(path).some((inner) => inner.endsWith(".py")))
    );
  }

  return {
    resolve(fromPath, specifier, member) {
      if (specifier === "") return unresolved;
      return specifier.startsWith(".")
        ? resolveRelative(fromPath, specifier, member)
        : resolveAbsolute(fromPath, specifier, member);
    },
    moduleName(path) {
      const folder = parentOf(path);
      const root = roots.rootOf(folder);
      const file = path.slice(path.lastIndexOf("/") + 1).replace(/\.pyi?$/, "");
      const inside = root === "" ? folder : folder.slice(root.length + 1);
      const names = inside === "" ? [] : inside.split("/");
      if (file !== "__init__") names.push(file);
      return names.length > 0 && names.every(isIdentifier) ? names.join(".") : null;
    },
  };
}

function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name);
}

function external(ecosystem: string, name: string): Target {
  return { is: "external", package: { ecosystem, name } };
}
