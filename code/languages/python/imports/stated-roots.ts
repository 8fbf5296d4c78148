// Where a project's configuration says its packages are: setuptools, poetry, hatch, pytest and pyright in pyproject.toml; setup.cfg.
import { parse } from "smol-toml";
import type { ProjectFiles } from "../../language.ts";
import { parseIni } from "../manifests/ini.ts";
import { stringsIn, tableAt } from "../manifests/toml-document.ts";

/** Folders relative to the repository's root; a configuration that cannot be read states none. */
export function statedRoots(project: ProjectFiles, folder: string): string[] {
  const read = (name: string) => project.config(folder === "" ? name : `${folder}/${name}`);
  const found: string[] = [];
  const pyproject = read("pyproject.toml");
  if (pyproject !== undefined) {
    try {
      found.push(...rootsInPyproject(parse(pyproject)));
    } catch {
      // The manifest reader tells what is wrong with it.
    }
  }
  const cfg = read("setup.cfg");
  if (cfg !== undefined) found.push(...rootsInSetupCfg(cfg));
  return [...new Set(found.map((path) => resolveFolder(folder, path)).filter((path) => path !== null))];
}

function resolveFolder(folder: string, path: string): string | null {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

function rootsInPyproject(data: unknown): string[] {
  const found: string[] = [];
  const setuptools = tableAt(data, "tool", "setuptools");
  const packageDir = tableAt(setuptools, "package-dir");
  found.push(...stringsIn(packageDir[""]));
  found.push(...stringsIn(tableAt(setuptools, "packages", "find")["where"]));
  const packages = tableAt(data, "tool", "poetry")["packages"];
  for (const entry of Array.isArray(packages) ? packages : []) found.push(...stringsIn(tableAt(entry)["from"]));
  for (const path of stringsIn(tableAt(data, "tool", "hatch", "build", "targets", "wheel")["packages"])) {
    if (path.includes("/")) found.push(path.slice(0, path.lastIndexOf("/")));
  }
  found.push(...stringsIn(tableAt(data, "tool", "hatch", "build", "targets", "wheel")["sources"]));
  found.push(...stringsIn(tableAt(data, "tool", "pytest", "ini_options")["pythonpath"]));
  found.push(...stringsIn(tableAt(data, "tool", "pyright")["extraPaths"]));
  return found;
}

function rootsInSetupCfg(text: string): string[] {
  const { sections } = parseIni(text);
  const found: string[] = [];
  for (const line of sections.get("options")?.get("package_dir")?.lines ?? []) {
    const equals = line.text.indexOf("=");
    if (equals >= 0 && line.text.slice(0, equals).trim() === "") found.push(line.text.slice(equals + 1).trim());
  }
  for (const line of sections.get("options.packages.find")?.get("where")?.lines ?? []) found.push(line.text);
  return found;
}
