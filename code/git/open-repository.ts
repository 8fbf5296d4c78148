// Opens what a user gave as a repository: their own object store for a path, a bare partial copy in the data folder for a URL.
import { access, lstat, readFile, realpath, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import {
  type BranchHead,
  branchOfHead,
  emptyRepository,
  listBranches,
  MAX_BRANCHES,
  missingBranch,
  parseRefs,
  requireBranchName,
} from "./branches.ts";
import { gitError } from "./git-errors.ts";
import { networkFor } from "./git-network.ts";
import { cacheName, createEmptyCopy, fetchBranch, isUsable } from "./repository-copy.ts";
import { type GitNetwork, runGit, type SshFiles } from "./run-git.ts";
import { type GitSource, parseSource, type Protocol, repositoryName, repositoryPart } from "./source.ts";

export interface OpenOptions {
  source: string;
  /** Absent = the default branch: HEAD of a path, what the server names of a URL. */
  branch?: string | undefined;
  /** For https: a token, or `user:token` where the server wants a certain user name. */
  token?: string | undefined;
  /** For https: a file with the certificates (PEM) of the authority that the host's own is from. */
  caFile?: string | undefined;
  /** For ssh: the operator's own files in the place of the account's. */
  ssh?: SshFiles | undefined;
  /** Folder for the copies of remote repositories. */
  cacheFolder: string;
  /** Protocols of URLs that the operator allows. */
  protocols: readonly Protocol[];
  /** Commits of history to fetch. */
  depth: number;
  /**
   * Decides on a host before git talks to it; throws AppError to refuse. The addresses it returns are the only ones that git will
   * connect to, so that a name can't lead elsewhere between the check and the use.
   */
  guardUrl?: (url: URL, signal: AbortSignal) => Promise<{ addresses: readonly string[] } | null>;
}

export interface OpenedRepository {
  /** Key part, see contract/keys.ts. */
  repo: string;
  name: string;
  /** For messages: the source without credentials. */
  subject: string;
  gitDir: string;
  /** A copy of ours, fetched without blobs above 1 MB. */
  partial: boolean;
  /** Null when a path's HEAD is detached and no branch was asked for. */
  branch: string | null;
  defaultBranch: string | null;
  commit: string;
  branches: readonly BranchHead[];
}

export function describeSource(
  source: string,
  protocols: readonly Protocol[],
): { source: GitSource; repo: string; name: string } {
  const parsed = parseSource(source, protocols);
  return { source: parsed, repo: repositoryPart(parsed), name: repositoryName(parsed) };
}

/** Throws AppError: bad_request, not_found, forbidden, upstream_auth, upstream_failed, unprocessable, storage_full, timeout. */
export async function openRepository(options: OpenOptions, signal: AbortSignal): Promise<OpenedRepository> {
  const source = parseSource(options.source, options.protocols);
  if (options.branch !== undefined) requireBranchName(options.branch);
  return source.is === "path" ? openPath(source.path, options, signal) : openUrl(source, options, signal);
}

// ── A path on this machine ─────────────────────────────────────────────────────────────────────────────────────────────

async function openPath(
  folder: string,
  options: Pick<OpenOptions, "branch">,
  signal: AbortSignal,
): Promise<OpenedRepository> {
  const { gitDir, commonDir } = await findGitDir(folder, signal);
  // A work tree of a repository is that repository, so both spellings share one key.
  const home = commonDir.replace(/\/\.git$/, "");
  const source: GitSource = { is: "path", path: home };
  const { branches, head } = await listBranches(gitDir, folder, signal);
  const defaultBranch = head ?? (await branchOfHead(gitDir, signal));
  const wanted = options.branch ?? defaultBranch;
  let commit: string | null;
  if (wanted === null) commit = await commitOf(gitDir, "HEAD", signal);
  else commit = branches.find((branch) => branch.name === wanted)?.commit ?? null;
  if (commit === null && options.branch === undefined && branches.length === 0) throw emptyRepository(folder);
  if (commit === null) throw missingBranch(wanted ?? "HEAD", folder, branches);
  return {
    repo: repositoryPart(source),
    name: repositoryName(source),
    subject: folder,
    gitDir,
    partial: false,
    branch: wanted,
    defaultBranch,
    commit,
    branches,
  };
}

async function findGitDir(folder: string, signal: AbortSignal): Promise<{ gitDir: string; commonDir: string }> {
  let real: string;
  try {
    real = await realpath(folder);
    if (!(await stat(real)).isDirectory()) {
      throw new AppError("bad_request", `${folder} is a file. Give the folder of a Git repository.`);
    }
    await access(real);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") {
      throw new AppError(
        "forbidden",
        `${folder} may not be read by the account that runs OpenTrace. Grant it read access.`,
        { cause },
      );
    }
    throw new AppError("not_found", `${folder} does not exist on the server's machine. Check the path.`, { cause });
  }
  const usual = await usualGitDir(real);
  if (usual !== null) return { gitDir: usual, commonDir: usual };
  const args = ["rev-parse", "--path-format=absolute", "--absolute-git-dir", "--git-common-dir"];
  const here = await runGit({ cwd: real, args, ceiling: path.dirname(real) }, signal);
  if (here.code === 0) {
    const [gitDir, commonDir] = here.stdout.toString("utf8").trim().split("\n");
    if (gitDir !== undefined && commonDir !== undefined) return { gitDir, commonDir };
  }
  const above = await runGit({ cwd: real, args: ["rev-parse", "--show-toplevel"] }, signal);
  const top = above.code === 0 ? above.stdout.toString("utf8").trim() : "";
  const advice =
    top === "" ? `Run "git init" there, or give a folder that holds a .git.` : `It is inside ${top}: give that.`;
  throw new AppError("bad_request", `${folder} is not a Git repository. ${advice}`, { details: { git: here.stderr } });
}

/** The `.git` of a plain checkout, by what git itself looks for; null: git has to say. Spares a process for each look at a repository. */
async function usualGitDir(folder: string): Promise<string | null> {
  const gitDir = path.join(folder, ".git");
  const kindOf = async (name: string): Promise<"folder" | "file" | null> => {
    const found = await lstat(path.join(gitDir, name)).catch(() => null);
    return found?.isDirectory() === true ? "folder" : found?.isFile() === true ? "file" : null;
  };
  const [self, objects, refs, common, head] = await Promise.all([
    kindOf(""),
    kindOf("objects"),
    kindOf("refs"),
    kindOf("commondir"),
    readFile(path.join(gitDir, "HEAD"), "utf8").catch(() => ""),
  ]);
  const isWhole = self === "folder" && objects === "folder" && refs === "folder" && common === null;
  return isWhole && /^(?:ref: *refs\/|[0-9a-f]{40})/.test(head) ? gitDir : null;
}

async function commitOf(gitDir: string, revision: string, signal: AbortSignal): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const result = await runGit({ gitDir, args }, signal);
  return result.code === 0 ? result.stdout.toString("utf8").trim() : null;
}

// ── A URL ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function openUrl(
  source: GitSource & { is: "url" },
  options: OpenOptions,
  signal: AbortSignal,
): Promise<OpenedRepository> {
  const { network, subject, remote, branch, head } = await askRemote(source, options, signal);

  const repo = repositoryPart(source);
  const gitDir = path.join(options.cacheFolder, cacheName(repo));
  if (!(await isUsable(gitDir, signal))) await createEmptyCopy(gitDir, options.cacheFolder, subject, signal);
  const local = await commitOf(gitDir, `refs/heads/${branch}`, signal);
  const depthKnown = await readFile(path.join(gitDir, "opentrace-depth"), "utf8").catch(() => "");
  if (local !== head.commit || depthKnown !== String(options.depth)) {
    await fetchBranch(gitDir, source.url, branch, options.depth, network, subject, signal);
    await writeFile(path.join(gitDir, "opentrace-depth"), String(options.depth));
  }
  const commit = await commitOf(gitDir, `refs/heads/${branch}`, signal);
  if (commit === null)
    throw new AppError("upstream_failed", `${subject}: branch ${branch} vanished while it was fetched. Sync again.`);
  return {
    repo,
    name: repositoryName(source),
    subject,
    gitDir,
    partial: true,
    branch,
    defaultBranch: remote.defaultBranch,
    commit,
    branches: remote.branches.map((known) => (known.name === branch ? { name: branch, commit } : known)),
  };
}

/**
 * What a source offers, without fetching anything: enough to tell at once that it can't be read, and where its branch stands now.
 * Throws what openRepository throws.
 */
export async function inspectRepository(
  options: Omit<OpenOptions, "cacheFolder" | "depth">,
  signal: AbortSignal,
): Promise<Omit<OpenedRepository, "gitDir" | "partial">> {
  const source = parseSource(options.source, options.protocols);
  if (options.branch !== undefined) requireBranchName(options.branch);
  if (source.is === "path") {
    const { gitDir: _gitDir, partial: _partial, ...found } = await openPath(source.path, options, signal);
    return found;
  }
  const { subject, remote, branch, head } = await askRemote(source, options, signal);
  return {
    repo: repositoryPart(source),
    name: repositoryName(source),
    subject,
    branch,
    defaultBranch: remote.defaultBranch,
    commit: head.commit,
    branches: remote.branches,
  };
}

async function askRemote(
  source: GitSource & { is: "url" },
  options: Omit<OpenOptions, "cacheFolder" | "depth">,
  signal: AbortSignal,
) {
  const network = await networkFor(source, options, signal);
  const subject = source.url;
  const remote = await listRemote(source.url, network, signal);
  if (remote.branches.length === 0) throw emptyRepository(subject);
  const branch = options.branch ?? remote.defaultBranch;
  const head = remote.branches.find((candidate) => candidate.name === branch);
  if (branch === null || head === undefined) throw missingBranch(branch ?? "HEAD", subject, remote.branches);
  return { network, subject, remote, branch, head };
}

/** What a URL offers, asked without fetching anything: branches and the default one. */
async function listRemote(
  url: string,
  network: GitNetwork,
  signal: AbortSignal,
): Promise<{ branches: BranchHead[]; defaultBranch: string | null }> {
  const args = ["ls-remote", "--symref", "--end-of-options", url, "HEAD", "refs/heads/*"];
  const result = await runGit({ args, network, timeoutMs: 60_000 }, signal);
  if (result.code !== 0) throw gitError(result.stderr, url, "reading the branches of");
  const text = result.stdout.toString("utf8");
  const branches = parseRefs(text, "\t", "refs/heads/").filter((head) => !head.commit.startsWith("ref:"));
  const symbolic = text.match(/^ref: refs\/heads\/(.+)\tHEAD$/m)?.[1];
  const headCommit = text.match(/^([0-9a-f]{40,64})\tHEAD$/m)?.[1];
  // Old servers don't say what HEAD points at: then it is the branch with the same commit, main or master first.
  const guess = branches
    .filter((branch) => branch.commit === headCommit)
    .sort((a, b) => Number(/^(main|master)$/.test(b.name)) - Number(/^(main|master)$/.test(a.name)))[0]?.name;
  return { branches: branches.slice(0, MAX_BRANCHES), defaultBranch: symbolic ?? guess ?? null };
}

/**
 * Where the objects of an indexed repository are, without asking the network: the user's own for a path, the copy for a URL. Null when
 * there is no copy (yet).
 */
export async function locateRepository(
  source: string,
  cacheFolder: string,
  signal: AbortSignal,
): Promise<{ repo: string; subject: string; gitDir: string } | null> {
  const parsed = parseSource(source, ["https", "ssh", "file", "http"]);
  if (parsed.is === "path") {
    const { gitDir, commonDir } = await findGitDir(parsed.path, signal);
    const repo = repositoryPart({ is: "path", path: commonDir.replace(/\/\.git$/, "") });
    return { repo, subject: parsed.path, gitDir };
  }
  const repo = repositoryPart(parsed);
  const gitDir = path.join(cacheFolder, cacheName(repo));
  return (await isUsable(gitDir, signal)) ? { repo, subject: parsed.url, gitDir } : null;
}
