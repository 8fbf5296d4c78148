// Which file a path without (or with the wrong) extension means: Node's and TypeScript's rules for files and folders.
import type { ProjectFiles } from "../../language.ts";
import { isRecord, parseJsonWithComments } from "./json-comments.ts";
import { join } from "./paths.ts";

// Implementations before declarations: a graph of code follows what runs.
const fromTypeScript = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", ".d.mts", ".d.cts"];
const fromJavaScript = [".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".d.ts", ".d.mts", ".d.cts"];
const others = [".json", ".vue", ".svelte", ".node"];

/** `./x.js` in TypeScript means the x.ts it is compiled from. */
const compiledFrom: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".jsx", ".d.ts"],
  ".jsx": [".tsx", ".ts", ".d.ts"],
  ".mjs": [".mts", ".d.mts", ".ts"],
  ".cjs": [".cts", ".d.cts", ".ts"],
};

const compiled = /\.(?:[cm]?js|jsx)$/;

export interface ModuleFiles {
  file(path: string, typescript: boolean): string | null;
  /** A file, or a folder's entry. */
  fileOrFolder(path: string, typescript: boolean): string | null;
}

export function createModuleFiles(project: ProjectFiles): ModuleFiles {
  function extended(path: string, typescript: boolean): string | null {
    for (const extension of typescript ? fromTypeScript : fromJavaScript) {
      if (project.has(path + extension)) return path + extension;
    }
    for (const extension of others) if (project.has(path + extension)) return path + extension;
    return null;
  }

  function file(path: string, typescript: boolean): string | null {
    if (path === "") return null;
    const exact = project.has(path);
    if (exact && !typescript) return path;
    const match = compiled.exec(path);
    if (match !== null) {
      const stem = path.slice(0, match.index);
      for (const extension of compiledFrom[match[0]]!) {
        if (!(exact && extension.startsWith(".d.")) && project.has(stem + extension)) return stem + extension;
      }
    }
    return exact ? path : extended(path, typescript);
  }

  function entryOf(folder: string, typescript: boolean): string | null {
    const manifest = folder === "" ? "package.json" : `${folder}/package.json`;
    const json = project.has(manifest) ? parseJsonWithComments(project.config(manifest) ?? "") : undefined;
    if (isRecord(json)) {
      for (const field of ["source", "main", "module", "types", "typings"]) {
        const value = json[field];
        const path = typeof value === "string" ? join(folder, value) : null;
        if (path === null || path === folder) continue;
        const found = file(path, typescript) ?? index(path, typescript);
        if (found !== null) return found;
      }
    }
    return index(folder, typescript);
  }

  function index(folder: string, typescript: boolean): string | null {
    return extended(folder === "" ? "index" : `${folder}/index`, typescript);
  }

  return {
    file,
    fileOrFolder: (path, typescript) => file(path, typescript) ?? entryOf(path, typescript),
  };
}
