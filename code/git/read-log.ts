// The last commits of a branch with author, subject and changed files, out of one `git log`.
import { gitError } from "./git-errors.ts";
import { runGit } from "./run-git.ts";

export interface CommitChange {
  /** A, M, D, R (renamed), C (copied), T (type changed). */
  status: string;
  path: string;
  /** Of a rename or copy. */
  from?: string;
}

export interface Commit {
  sha: string;
  parents: string[];
  authorName: string;
  authorEmail: string;
  /** ISO 8601 with the author's offset. */
  authoredAt: string;
  committedAt: string;
  subject: string;
  changes: CommitChange[];
  /** Set when a commit changes more files than are kept. */
  changesTotal: number;
}

const MAX_CHANGES = 1_000;

/**
 * Newest first. `known` ends the walk early: commits that it contains (and what lies behind them) are not read again. Merges list no
 * files, as in `git log`. Left-out blobs of a partial clone make renames exact-only, which needs no contents.
 */
export async function readLog(
  repository: { gitDir: string; subject: string },
  commit: string,
  options: { limit: number; notIn?: readonly string[] },
  signal: AbortSignal,
): Promise<Commit[]> {
  const format = "%x01%H%x00%P%x00%an%x00%ae%x00%aI%x00%cI%x00%s%x00";
  const args = [
    "log",
    "-z",
    `--max-count=${options.limit}`,
    `--format=format:${format}`,
    "--name-status",
    "--find-renames=100%",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--no-color",
    "--end-of-options",
    commit,
    ...(options.notIn ?? []).map((sha) => `^${sha}`),
    "--",
  ];
  const result = await runGit(
    { gitDir: repository.gitDir, args, maxBytes: 512 * 1024 * 1024, timeoutMs: 300_000 },
    signal,
  );
  if (result.code !== 0) throw gitError(result.stderr, repository.subject, "reading the history of");
  return parseLog(result.stdout);
}

export function parseLog(output: Buffer): Commit[] {
  const fields = output.toString("utf8").split("\0");
  const commits: Commit[] = [];
  let index = 0;
  while (index < fields.length) {
    const first = (fields[index] ?? "").replace(/^\n/, "");
    if (!first.startsWith("\u0001")) {
      index++;
      continue;
    }
    const [parents = "", authorName = "", authorEmail = "", authoredAt = "", committedAt = "", subject = ""] =
      fields.slice(index + 1, index + 7);
    index += 7;
    const changes: CommitChange[] = [];
    let total = 0;
    for (; index < fields.length;) {
      const status = (fields[index] ?? "").replace(/^\n/, "");
      if (status.startsWith("\u0001")) break;
      if (!/^[ACDMRTUX]\d*$/.test(status)) {
        index++;
        continue;
      }
      const letter = status[0] ?? "M";
      const two = letter === "R" || letter === "C";
      const from = fields[index + 1] ?? "";
      const path = two ? (fields[index + 2] ?? "") : from;
      index += two ? 3 : 2;
      total++;
      if (changes.length < MAX_CHANGES) changes.push(two ? { status: letter, path, from } : { status: letter, path });
    }
    commits.push({
      sha: first.slice(1),
      parents: parents === "" ? [] : parents.split(" "),
      authorName,
      authorEmail,
      authoredAt,
      committedAt,
      subject,
      changes,
      changesTotal: total,
    });
  }
  return commits;
}
