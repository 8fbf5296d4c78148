// The last commits of a branch with author, subject and changed files, out of one `git log`.
import { gitError } from "./git-errors.ts";
import { runGit } from "./run-git.ts";

interface CommitChange {
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

export interface CommitHead {
  sha: string;
  authorName: string;
  authorEmail: string;
}

type Repository = { gitDir: string; subject: string };

const MAX_CHANGES = 1_000;
const MAX_BYTES = 512 * 1024 * 1024;

/** The last commits, newest first, without their changes: cheap, since no trees are compared. */
export async function readLogHeads(
  repository: Repository,
  commit: string,
  limit: number,
  signal: AbortSignal,
): Promise<CommitHead[]> {
  const args = [
    "log",
    "-z",
    `--max-count=${limit}`,
    "--format=format:%H%x01%an%x01%ae",
    "--end-of-options",
    commit,
    "--",
  ];
  const result = await runGit({ gitDir: repository.gitDir, args, maxBytes: MAX_BYTES, timeoutMs: 300_000 }, signal);
  if (result.code !== 0) throw gitError(result.stderr, repository.subject, "reading the history of");
  const records = result.stdout.toString("utf8").split("\0");
  return records
    .filter((record) => record !== "")
    .map((record) => {
      const [sha = "", authorName = "", authorEmail = ""] = record.split("\u0001");
      return { sha, authorName, authorEmail };
    });
}

/**
 * These commits with their changes, in the order given. Merges list no files, as in `git log`. Renames are found where the content is
 * the same, which needs no contents: a partial copy lacks some.
 */
export async function readCommits(
  repository: Repository,
  shas: readonly string[],
  signal: AbortSignal,
): Promise<Commit[]> {
  if (shas.length === 0) return [];
  const args = [
    "log",
    "-z",
    "--no-walk=unsorted",
    "--stdin",
    "--format=format:%x01%H%x00%P%x00%an%x00%ae%x00%aI%x00%cI%x00%s%x00",
    "--name-status",
    "--find-renames=100%",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
  ];
  const stdin = `${shas.join("\n")}\n`;
  const result = await runGit(
    { gitDir: repository.gitDir, args, stdin, maxBytes: MAX_BYTES, timeoutMs: 300_000 },
    signal,
  );
  if (result.code !== 0) throw gitError(result.stderr, repository.subject, "reading the history of");
  return parseLog(result.stdout);
}

function parseLog(output: Buffer): Commit[] {
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
