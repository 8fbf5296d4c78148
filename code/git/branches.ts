// Branches of a repository, and what is said when the one that is wanted is not among them.
import { AppError } from "@opentrace/contract/errors.ts";
import { gitError } from "./git-errors.ts";
import { runGit } from "./run-git.ts";

export interface BranchHead {
  name: string;
  commit: string;
}

export const MAX_BRANCHES = 5_000;

/** `head`: the one of them that HEAD stands on. */
export async function listBranches(
  gitDir: string,
  subject: string,
  signal: AbortSignal,
): Promise<{ branches: BranchHead[]; head: string | null }> {
  const args = [
    "for-each-ref",
    `--count=${MAX_BRANCHES}`,
    "--sort=-committerdate",
    "--format=%(objectname)%(HEAD)%(refname:lstrip=2)",
    "refs/heads/",
  ];
  let result = await runGit({ gitDir, args }, signal);
  if (result.code !== 0) {
    // Sorting by date opens every branch's commit; one damaged branch must not hide the others.
    result = await runGit({ gitDir, args: args.filter((arg) => !arg.startsWith("--sort")) }, signal);
  }
  if (result.code !== 0) throw gitError(result.stderr, subject, "listing the branches of");
  const branches: BranchHead[] = [];
  let head: string | null = null;
  for (const line of result.stdout.toString("utf8").split("\n")) {
    const [, commit, mark, name] = /^([0-9a-f]+)([* ])(.+)$/.exec(line) ?? [];
    if (commit === undefined || name === undefined) continue;
    branches.push({ commit, name });
    if (mark === "*") head = name;
  }
  return { branches, head };
}

/** Where HEAD stands on no commit yet, or on a branch that was not listed; null when it is detached. */
export async function branchOfHead(gitDir: string, signal: AbortSignal): Promise<string | null> {
  const head = await runGit({ gitDir, args: ["symbolic-ref", "-q", "--short", "HEAD"] }, signal);
  return head.code === 0 ? head.stdout.toString("utf8").trim() : null;
}

export function parseRefs(text: string, separator: string, prefix = ""): BranchHead[] {
  const heads: BranchHead[] = [];
  for (const line of text.split("\n")) {
    const at = line.indexOf(separator);
    if (at > 0 && line.startsWith(prefix, at + 1))
      heads.push({ commit: line.slice(0, at), name: line.slice(at + 1 + prefix.length) });
  }
  return heads;
}

export function requireBranchName(branch: string): void {
  // The rules of git-check-ref-format that matter: nothing that git would read as an option, a range or a pattern.
  if (/^[-/.]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/$|\.lock$|\/\/|^@$/.test(branch)) {
    throw new AppError("bad_request", `"${branch}" can't be the name of a branch. Give it as "git branch" lists it.`);
  }
}

export function emptyRepository(subject: string): AppError {
  return new AppError("unprocessable", `${subject} has no commits yet. Commit something, then try again.`);
}

export function missingBranch(branch: string, subject: string, branches: readonly BranchHead[]): AppError {
  const similar = similarNames(
    branch,
    branches.map((head) => head.name),
  );
  const hint = similar.length > 0 ? ` Did you mean ${similar.join(", ")}?` : "";
  return new AppError("not_found", `There is no branch "${branch}" in ${subject}.${hint}`, {
    details: { branch, similar },
  });
}

/** Up to five names: those that contain it or are contained first, then by edit distance. */
function similarNames(wanted: string, names: readonly string[]): string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name) => {
      const other = name.toLowerCase();
      const near =
        other.includes(lower) || lower.includes(other)
          ? 0
          : editDistance(lower, other) / Math.max(lower.length, other.length);
      return { name, near };
    })
    .sort((a, b) => a.near - b.near)
    .filter(({ near }, index) => near < 0.6 || (names.length <= 5 && index < 5))
    .slice(0, 5)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
