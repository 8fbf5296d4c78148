// Which paths of a repository are read: default exclusions, then `.otignore` and `.opentraceignore` of the root (committed version).
//
// All three make one list of gitignore patterns, in this order, and the last pattern that matches decides. So an ignore file takes a
// default exclusion back with `!vendor/`. As in git, nothing below an excluded folder can be taken back without its folder.
import ignore from "ignore";
import type { SkipReason } from "@opentrace/contract/repositories.ts";

export const IGNORE_FILES = [".otignore", ".opentraceignore"] as const;

/** Folders, at any depth. */
const DEFAULT_EXCLUSIONS = [
  ".git",
  ".venv",
  "venv",
  "node_modules",
  "__pycache__",
  ".pytest_cache",
  ".mypy_cache",
  ".tox",
  "dist",
  "build",
  ".eggs",
  "vendor",
] as const;

interface Exclusion {
  /** The topmost excluded folder with a closing slash, or the file itself. */
  path: string;
  reason: Extract<SkipReason, "excluded" | "ignored">;
  detail: string;
}

/** A pattern with more wildcards than this could take minutes on a hostile name; it is left out and told. */
const MAX_WILDCARDS = 12;
const MAX_PATTERNS = 5_000;

export interface Exclusions {
  /** Answers for paths that git lists (relative, `/`-separated). */
  of(path: string): Exclusion | null;
  /** Sentences about patterns that were left out. */
  problems: readonly string[];
}

/** Answers for folders are remembered: a tree asks for them again and again. */
export function createExclusions(ignoreFiles: readonly { name: string; text: string }[]): Exclusions {
  const rules = ignore({ ignorecase: false });
  const problems: string[] = [];
  rules.add(DEFAULT_EXCLUSIONS.map((folder) => `${folder}/`));
  let patterns = 0;
  for (const { name, text } of ignoreFiles) {
    for (const [index, pattern] of text
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/)
      .entries()) {
      if (pattern.trim() === "" || pattern.startsWith("#")) continue;
      if (++patterns > MAX_PATTERNS || (pattern.match(/\*+/g)?.length ?? 0) > MAX_WILDCARDS || pattern.length > 1_000) {
        problems.push(`${name}:${index + 1} was left out: too many wildcards or patterns.`);
        continue;
      }
      rules.add({ pattern, mark: `${name}:${index + 1}` });
    }
  }

  const explain = (path: string): Exclusion | null => {
    const { ignored, rule } = rules.test(path);
    if (!ignored) return null;
    if (rule?.mark !== undefined)
      return { path, reason: "ignored", detail: `matched by ${rule.pattern} in ${rule.mark}` };
    const folder = path.replace(/\/$/, "").split("/").at(-1) ?? path;
    return {
      path,
      reason: "excluded",
      detail: `${folder} is excluded by default; put !${folder}/ into .otignore to read it`,
    };
  };

  const folders = new Map<string, Exclusion | null>([["", null]]);
  const ofFolder = (folder: string): Exclusion | null => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const slash = folder.lastIndexOf("/", folder.length - 2);
    const answer = ofFolder(folder.slice(0, slash + 1)) ?? explain(folder);
    folders.set(folder, answer);
    return answer;
  };

  return {
    problems,
    of(path) {
      const above = ofFolder(path.slice(0, path.lastIndexOf("/") + 1));
      // Without ignore files there are only patterns for folders.
      return above ?? (patterns > 0 ? explain(path) : null);
    },
  };
}
