// GitLab's CODEOWNERS: sections, default owners, exclusions. docs.gitlab.com/user/project/codeowners/reference/
import type { OwnerRule } from "../code-owners.ts";

/** In the order in which GitLab looks. */
export const PLACES = ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"] as const;
const MOST_RULES = 2_000;
/** A pattern with more could take minutes on a hostile name. */
const MOST_WILDCARDS = 12;

interface Rule {
  /** Lower case; the same section may come again further down. */
  section: string;
  matches: RegExp;
  excludes: boolean;
  /** As written: `@ada`, `@acme/platform`, `ada@acme.dev`. */
  owners: string[];
  line: number;
}

/** `[Section]`, `^[Optional]`, `[Two approvals][2]`, each with default owners behind it. */
const SECTION = /^\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$/;

export function readCodeOwners(text: string): Rule[] {
  const rules: Rule[] = [];
  let section = "";
  let byDefault: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const heading = SECTION.exec(line);
    if (heading) {
      section = (heading[1] ?? "").trim().toLowerCase();
      byDefault = ownersIn(heading[2] ?? "");
      continue;
    }
    // A space in a path is written with a backslash.
    const [, written = "", rest = ""] = /^((?:\\.|[^\s\\])+)(.*)$/.exec(line) ?? [];
    const excludes = written.startsWith("!");
    const pattern = (excludes ? written.slice(1) : written).replaceAll(/\\(.)/g, "$1");
    if (pattern === "" || pattern.replaceAll(/[^*?]/g, "").length > MOST_WILDCARDS) continue;
    const named = ownersIn(rest);
    rules.push({
      section,
      matches: toRegExp(pattern),
      excludes,
      owners: named.length > 0 ? named : byDefault,
      line: index + 1,
    });
    if (rules.length >= MOST_RULES) break;
  }
  return rules;
}

/** Roles (`@@maintainers`) name nobody. What follows a `#` is a comment. */
function ownersIn(text: string): string[] {
  const words = text.replace(/(^|\s)#.*$/, "").split(/\s+/);
  return [...new Set(words.filter((word) => /^@[^@\s]+$|^[^@\s]+@[^@\s]+$/.test(word)))];
}

/** As Ruby's `File.fnmatch` with `FNM_PATHNAME | FNM_DOTMATCH` sees it, after GitLab's own additions. */
function toRegExp(pattern: string): RegExp {
  let glob = pattern === "*" ? "/**/*" : pattern.startsWith("/") ? pattern : `/**/${pattern}`;
  if (glob.endsWith("/")) glob += "**/*";
  const parts = glob.split(/(\*\*\/|\*+|\?|\[[^\]]+\])/).map((part) => {
    if (part === "**/") return "(?:[^/]+/)*";
    if (/^\*+$/.test(part)) return "[^/]*";
    if (part === "?") return "[^/]";
    if (/^\[.+\]$/.test(part))
      return `[${part
        .slice(1, -1)
        .replace(/^[!^]/, "^")
        .replaceAll(/[\\[]/g, String.raw`\$&`)}]`;
    return part.replaceAll(/[.+^$()|[\]\\{}]/g, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${parts.join("")}$`);
  } catch {
    // A range that runs backwards: it matches nothing.
    return /(?!)/;
  }
}

/** In each section the last rule that matches decides, unless one of its exclusions does. `keyOf` gives an owner's key. */
export function createOwnersOf(
  rules: readonly Rule[],
  keyOf: (owner: string) => string,
): (path: string) => readonly OwnerRule[] {
  const sections = new Map<string, { rule: Rule; told: OwnerRule }[]>();
  for (const rule of rules.toReversed()) {
    const told = { owners: rule.owners.map(keyOf), line: rule.line };
    sections.set(rule.section, [...(sections.get(rule.section) ?? []), { rule, told }]);
  }
  return (path) => {
    const at = `/${path}`;
    const found: OwnerRule[] = [];
    for (const section of sections.values()) {
      if (section.some(({ rule }) => rule.excludes && rule.matches.test(at))) continue;
      const last = section.find(({ rule }) => !rule.excludes && rule.matches.test(at));
      if (last && last.told.owners.length > 0) found.push(last.told);
    }
    return found;
  };
}
