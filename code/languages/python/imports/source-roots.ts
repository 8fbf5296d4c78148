// The folders that Python puts on its path in a repository: where top-level modules are looked for, nearest first.
import type { ProjectFiles } from "../../language.ts";
import { statedRoots } from "./stated-roots.ts";

const projectFiles = ["pyproject.toml", "setup.py", "setup.cfg"];
/** Folders inside a project that by custom hold its packages. */
const customary = ["src", "lib", "python"];

export interface SourceRoots {
  /** Roots for the files in a folder, nearest first: its ancestors outside of packages, each with its stated and customary roots. */
  around(folder: string): readonly string[];
  /** Below a package but none itself: its files may be scripts that import their neighbours. */
  isScriptFolder(folder: string): boolean;
  isPackage(folder: string): boolean;
  /** Top-level regular packages by name, wherever they are: the folders that hold them, nearest to `folder` first. */
  holding(name: string, folder: string): readonly string[];
  /** The folder that a file's dotted name is counted from. */
  rootOf(folder: string): string;
}

export function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** From the folder up to the repository's root. */
function ancestors(folder: string): string[] {
  const found = [folder];
  for (let at = folder; at !== "";) {
    at = parentOf(at);
    found.push(at);
  }
  return found;
}

export function createSourceRoots(project: ProjectFiles): SourceRoots {
  const packages = new Map<string, boolean>();
  const around = new Map<string, readonly string[]>();
  const stated = new Map<string, readonly string[]>();
  let holders: Map<string, string[]> | null = null;

  function isPackage(folder: string): boolean {
    let known = packages.get(folder);
    if (known === undefined) {
      known = folder !== "" && (project.has(`${folder}/__init__.py`) || project.has(`${folder}/__init__.pyi`));
      packages.set(folder, known);
    }
    return known;
  }

  function isInPackage(folder: string): boolean {
    return ancestors(folder).some(isPackage);
  }

  /** What a project folder's own configuration and custom add. */
  function rootsIn(folder: string): readonly string[] {
    let known = stated.get(folder);
    if (known === undefined) {
      const isProject = folder === "" || projectFiles.some((name) => project.has(join(folder, name)));
      known = isProject
        ? [...statedRoots(project, folder), ...customary.map((name) => join(folder, name))].filter(
            (root) => !isPackage(root) && project.list(root).length > 0,
          )
        : [];
      stated.set(folder, known);
    }
    return known;
  }

  function find(folder: string): readonly string[] {
    const roots = new Set<string>();
    for (const ancestor of ancestors(folder)) {
      if (isInPackage(ancestor)) continue;
      roots.add(ancestor);
      for (const root of rootsIn(ancestor)) roots.add(root);
    }
    return [...roots];
  }

  /** Regular packages outside of packages, in the whole repository. */
  function findHolders(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    const open = [""];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      for (const path of project.list(folder)) {
        if (project.has(path)) continue;
        if (!isPackage(path)) {
          open.push(path);
          continue;
        }
        const name = path.slice(path.lastIndexOf("/") + 1);
        const known = found.get(name);
        if (known === undefined) found.set(name, [folder]);
        else known.push(folder);
      }
    }
    return found;
  }

  return {
    isPackage,
    around(folder) {
      let known = around.get(folder);
      if (known === undefined) around.set(folder, (known = find(folder)));
      return known;
    },
    isScriptFolder: (folder) => !isPackage(folder) && isInPackage(folder),
    holding(name, folder) {
      const found = (holders ??= findHolders()).get(name) ?? [];
      return found.toSorted((a, b) => sharedDepth(b, folder) - sharedDepth(a, folder) || (a < b ? -1 : 1));
    },
    rootOf(folder) {
      let root = folder;
      while (isPackage(root)) root = parentOf(root);
      // A namespace package's name counts from the root its project states.
      for (const ancestor of ancestors(root)) {
        const inside = rootsIn(ancestor).find((stating) => root === stating || root.startsWith(`${stating}/`));
        if (inside !== undefined) return inside;
      }
      return root;
    },
  };
}

function sharedDepth(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  let depth = 0;
  while (depth < left.length && left[depth] === right[depth]) depth++;
  return depth;
}
