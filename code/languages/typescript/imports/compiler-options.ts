// tsconfig.json and jsconfig.json: the options that decide where an import leads, with `extends` and `references` followed.
import type { ProjectFiles } from "../../language.ts";
import { isRecord, parseJsonWithComments, stringsOf, syntaxErrorOf } from "./json-comments.ts";
import { dirname, join } from "./paths.ts";

interface PathPattern {
  prefix: string;
  /** null = the pattern has no wildcard. */
  suffix: string | null;
  targets: readonly string[];
}

export interface CompilerOptions {
  /** Absolute in the repository; null = not set. */
  baseUrl: string | null;
  /** Longest prefix first, exact names before wildcards. Targets are repository paths, maybe with one `*`. */
  paths: readonly PathPattern[];
  rootDirs: readonly string[];
  outDir: string | null;
  rootDir: string | null;
}

export interface CompilerConfigs {
  /** The configurations that may speak for files of a folder, the nearest first. */
  of(folder: string): readonly CompilerOptions[];
  /** What a package compiles from and to: its own configurations only. */
  ownOf(folder: string): readonly CompilerOptions[];
}

interface RawOptions {
  baseUrl?: string | null;
  paths?: PathPattern[];
  rootDirs?: string[];
  outDir?: string | null;
  rootDir?: string | null;
}

const configNames = ["tsconfig.json", "jsconfig.json", "tsconfig.base.json"];
const packageConfigNames = ["tsconfig.json", "tsconfig.build.json", "tsconfig.lib.json"];
const maxDepth = 16;

/** `packageFolder` finds the folder of a package of this repository by name, for `extends: "@acme/tsconfig/base.json"`. */
export function createCompilerConfigs(
  project: ProjectFiles,
  packageFolder: (name: string) => string | null,
): CompilerConfigs {
  const chains = new Map<string, readonly CompilerOptions[]>();
  const own = new Map<string, readonly CompilerOptions[]>();

  function read(path: string): Record<string, unknown> | null {
    if (!project.has(path)) return null;
    const json = parseJsonWithComments(project.config(path) ?? "");
    return isRecord(json) ? json : null;
  }

  function extended(path: string, specifier: string): string | null {
    const folder = dirname(path);
    const bases: (string | null)[] = [];
    if (/^\.{1,2}(?:\/|$)/.test(specifier)) bases.push(join(folder, specifier));
    else {
      const match = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(specifier);
      const home = match?.[1] === undefined ? null : packageFolder(match[1]);
      if (home !== null) bases.push(join(home, match?.[2] ?? "tsconfig.json"));
    }
    for (const base of bases) {
      if (base === null) continue;
      for (const candidate of [base, `${base}.json`, `${base}/tsconfig.json`])
        if (project.has(candidate)) return candidate;
    }
    return null;
  }

  /** Options of one file over those it extends. `leaf` is the folder that `${configDir}` stands for. */
  function load(path: string, leaf: string, seen: readonly string[]): RawOptions {
    const json = seen.includes(path) || seen.length > maxDepth ? null : read(path);
    if (json === null) return {};
    const next = [...seen, path];
    let options: RawOptions = {};
    const bases = typeof json["extends"] === "string" ? [json["extends"]] : stringsOf(json["extends"]);
    for (const base of bases) {
      const target = extended(path, base);
      if (target !== null) options = { ...options, ...load(target, leaf, next) };
    }
    const raw = json["compilerOptions"];
    if (!isRecord(raw)) return options;
    const folder = dirname(path);
    const place = (value: unknown): string | null => {
      if (typeof value !== "string") return null;
      return value.startsWith("${configDir}") ? join(leaf, value.slice(12)) : join(folder, value);
    };
    if (typeof raw["baseUrl"] === "string") options.baseUrl = place(raw["baseUrl"]);
    if (typeof raw["outDir"] === "string") options.outDir = place(raw["outDir"]);
    if (typeof raw["rootDir"] === "string") options.rootDir = place(raw["rootDir"]);
    const rootDirs = stringsOf(raw["rootDirs"]).map(place);
    if (rootDirs.length > 0) options.rootDirs = rootDirs.filter((d) => d !== null);
    if (isRecord(raw["paths"])) options.paths = patterns(raw["paths"], options.baseUrl ?? folder, leaf);
    return options;
  }

  function complete(raw: RawOptions): CompilerOptions {
    return {
      baseUrl: raw.baseUrl ?? null,
      paths: raw.paths ?? [],
      rootDirs: raw.rootDirs ?? [],
      outDir: raw.outDir ?? null,
      rootDir: raw.rootDir ?? null,
    };
  }

  /** A configuration and those it references: a "solution" file often holds nothing but references. */
  function withReferences(path: string, seen: Set<string>): CompilerOptions[] {
    if (seen.has(path) || seen.size > 64) return [];
    seen.add(path);
    const json = read(path);
    if (json === null) return [];
    const found = [complete(load(path, dirname(path), []))];
    const references = Array.isArray(json["references"]) ? json["references"] : [];
    for (const reference of references) {
      const target =
        isRecord(reference) && typeof reference["path"] === "string" ? join(dirname(path), reference["path"]) : null;
      if (target === null) continue;
      // Only what lies in the same folder speaks for these files; other projects speak for their own.
      const file = project.has(target) ? target : `${target}/tsconfig.json`;
      if (dirname(file) === dirname(path)) found.push(...withReferences(file, seen));
    }
    return found;
  }

  function at(folder: string): CompilerOptions[] {
    const prefix = folder === "" ? "" : `${folder}/`;
    for (const name of configNames) {
      if (project.has(prefix + name)) return withReferences(prefix + name, new Set());
    }
    return [];
  }

  return {
    of(folder) {
      let chain = chains.get(folder);
      if (chain === undefined) {
        const above = folder === "" ? [] : this.of(dirname(folder));
        const here = at(folder).filter((o) => o.baseUrl !== null || o.paths.length > 0 || o.rootDirs.length > 0);
        chain = here.length === 0 ? above : [...here, ...above];
        chains.set(folder, chain);
      }
      return chain;
    },
    ownOf(folder) {
      let list = own.get(folder);
      if (list === undefined) {
        const prefix = folder === "" ? "" : `${folder}/`;
        list = packageConfigNames.flatMap((name) => withReferences(prefix + name, new Set()));
        own.set(folder, list);
      }
      return list;
    },
  };
}

/** A configuration that cannot be read takes its `paths` with it: imports by them lead nowhere, and whoever wonders why should read it. */
export function compilerConfigProblems(path: string, text: string): string[] {
  if (!/(?:^|\/)(?:[^/]*tsconfig[^/]*|jsconfig)\.json$/.test(path) || text.trim() === "") return [];
  const json = parseJsonWithComments(text);
  if (isRecord(json)) return [];
  const why = json === undefined ? `is not valid JSON${syntaxErrorOf(text)}` : "holds no object";
  return [`${path} ${why}. Its compiler options were not read.`];
}

function patterns(raw: Record<string, unknown>, base: string, leaf: string): PathPattern[] {
  const list: PathPattern[] = [];
  for (const [pattern, value] of Object.entries(raw)) {
    const star = pattern.indexOf("*");
    const targets = stringsOf(value)
      .map((t) => (t.startsWith("${configDir}") ? join(leaf, t.slice(12)) : join(base, t)))
      .filter((t) => t !== null);
    if (targets.length === 0) continue;
    if (star < 0) list.push({ prefix: pattern, suffix: null, targets });
    else list.push({ prefix: pattern.slice(0, star), suffix: pattern.slice(star + 1), targets });
  }
  return list.sort(
    (a, b) => Number(a.suffix !== null) - Number(b.suffix !== null) || b.prefix.length - a.prefix.length,
  );
}

/** The repository paths that a specifier may mean under `paths`: those of the best pattern that matches. */
export function mappedPaths(options: CompilerOptions, specifier: string): string[] {
  for (const { prefix, suffix, targets } of options.paths) {
    if (suffix === null) {
      if (specifier === prefix) return [...targets];
    } else if (
      specifier.length >= prefix.length + suffix.length &&
      specifier.startsWith(prefix) &&
      specifier.endsWith(suffix)
    ) {
      const star = specifier.slice(prefix.length, specifier.length - suffix.length);
      return targets.map((t) => t.replace("*", () => star));
    }
  }
  return [];
}
