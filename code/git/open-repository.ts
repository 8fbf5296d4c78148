// Opens what a user gave as a repository: their own object store for a path, a bare partial copy in the data folder for a URL.
import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { gitError } from "./git-errors.ts";
import { runGit, type GitNetwork, type SshFiles } from "./run-git.ts";
import { parseSource, repositoryName, repositoryPart, type GitSource, type Protocol } from "./source.ts";

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

export interface BranchHead {
  name: string;
  commit: string;
}

const MAX_BRANCHES = 5_000;

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

/** `head`: the one of them that HEAD stands on. */
async function listBranches(
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
async function branchOfHead(gitDir: string, signal: AbortSignal): Promise<string | null> {
  const head = await runGit({ gitDir, args: ["symbolic-ref", "-q", "--short", "HEAD"] }, signal);
  return head.code === 0 ? head.stdout.toString("utf8").trim() : null;
}

function parseRefs(text: string, separator: string, prefix = ""): BranchHead[] {
  const heads: BranchHead[] = [];
  for (const line of text.split("\n")) {
    const at = line.indexOf(separator);
    if (at > 0 && line.startsWith(prefix, at + 1))
      heads.push({ commit: line.slice(0, at), name: line.slice(at + 1 + prefix.length) });
  }
  return heads;
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

async function networkFor(
  source: GitSource & { is: "url" },
  options: Omit<OpenOptions, "cacheFolder" | "depth">,
  signal: AbortSignal,
): Promise<GitNetwork> {
  const config: [string, string][] = [];
  const url = new URL(source.url);
  if (options.guardUrl !== undefined && source.protocol !== "file") {
    const pinned = await options.guardUrl(url, signal);
    if (pinned !== null && source.protocol !== "ssh") {
      const port = source.port ?? (source.protocol === "https" ? 443 : 80);
      config.push(["http.curloptResolve", `${url.hostname}:${port}:${pinned.addresses.join(",")}`]);
    }
  }
  if (options.caFile !== undefined) config.push([`http.${url.origin}/.sslCAInfo`, options.caFile]);
  if (options.token !== undefined) {
    if (source.protocol !== "https" && source.protocol !== "http") {
      throw new AppError(
        "bad_request",
        `A token works with https addresses only; ${source.url} is ${source.protocol}.`,
      );
    }
    if (/[\r\n\0]/.test(options.token))
      throw new AppError("bad_request", "The token holds a line break. Paste it again.");
    const login = options.token.includes(":") ? options.token : `${userFor(source.host)}:${options.token}`;
    const header = `Authorization: Basic ${Buffer.from(login, "utf8").toString("base64")}`;
    config.push([`http.${url.origin}/.extraHeader`, header]);
  }
  return { protocols: [source.protocol], config, ...(source.protocol === "ssh" ? { ssh: options.ssh } : {}) };
}

/** The user name that goes with a bare token: GitHub and most others take any, these two insist. */
function userFor(host: string): string {
  if (host.endsWith("bitbucket.org")) return "x-token-auth";
  return host.includes("gitlab") ? "oauth2" : "x-access-token";
}

const cacheName = (repo: string): string => {
  const readable = repo
    .replace(/[^A-Za-z0-9.-]+/g, "-")
    .slice(-60)
    .replace(/^[-.]+/, "");
  return `${readable}-${createHash("sha256").update(repo).digest("hex").slice(0, 16)}.git`;
};

async function isUsable(gitDir: string, signal: AbortSignal): Promise<boolean> {
  if (!(await stat(gitDir).catch(() => null))?.isDirectory()) return false;
  const check = await runGit({ gitDir, args: ["rev-parse", "--is-bare-repository"] }, signal);
  return check.code === 0;
}

/** Made under another name and renamed when whole, so that a killed process never leaves a half-made copy behind. */
async function createEmptyCopy(
  gitDir: string,
  cacheFolder: string,
  subject: string,
  signal: AbortSignal,
): Promise<void> {
  await storing(subject, async () => {
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    await rm(gitDir, { recursive: true, force: true });
    const temporary = path.join(cacheFolder, `.new-${randomBytes(8).toString("hex")}.git`);
    try {
      const made = await runGit(
        { args: ["init", "--quiet", "--bare", "--template=", "--initial-branch=opentrace", temporary] },
        signal,
      );
      if (made.code !== 0) throw gitError(made.stderr, subject, "making room for");
      await rename(temporary, gitDir);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

/**
 * Brings one branch up to date, whatever happened to it (force-pushed, created anew). Refs are written only after all objects have
 * arrived, so a killed fetch leaves the old state.
 */
async function fetchBranch(
  gitDir: string,
  url: string,
  branch: string,
  depth: number,
  network: GitNetwork,
  subject: string,
  signal: AbortSignal,
): Promise<void> {
  await rm(path.join(gitDir, "shallow.lock"), { force: true });
  const config = [
    ...(network.config ?? []),
    ["remote.origin.url", url],
    ["remote.origin.promisor", "true"],
    ["remote.origin.partialCloneFilter", "blob:limit=1m"],
  ] as const;
  const ref = `+refs/heads/${branch}:refs/heads/${branch}`;
  const fetch = [
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--force",
    `--depth=${depth}`,
  ];
  const call = { gitDir, network: { ...network, config }, timeoutMs: 3_600_000 };
  await storing(subject, async () => {
    const before = await readFile(path.join(gitDir, "config"), "utf8");
    try {
      let result = await runGit({ ...call, args: [...fetch, "--filter=blob:limit=1m", "origin", ref] }, signal);
      if (
        result.code !== 0 &&
        /dumb http|does not support (shallow|filter)|filter.* not supported/i.test(result.stderr)
      ) {
        const whole = fetch.filter((arg) => !arg.startsWith("--depth"));
        result = await runGit({ ...call, args: [...whole, "origin", ref] }, signal);
      }
      if (result.code !== 0) throw gitError(result.stderr, subject, "fetching");
    } finally {
      // git notes the promisor remote in its config; without it reading can never go out to fetch what the filter left out.
      await writeFile(path.join(gitDir, "config"), before);
    }
  });
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

async function storing(subject: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new AppError(
        "storage_full",
        `The disk is full: ${subject} could not be stored. Free some space and sync again.`,
        { cause },
      );
    }
    throw cause;
  }
}

/** Deletes the copy of a remote repository. Nothing happens for a path: that is the user's own. */
export async function removeCopy(source: string, cacheFolder: string): Promise<void> {
  const parsed = parseSource(source, ["https", "ssh", "file", "http"]);
  if (parsed.is === "url")
    await rm(path.join(cacheFolder, cacheName(repositoryPart(parsed))), { recursive: true, force: true });
}

// ── Branch names ───────────────────────────────────────────────────────────────────────────────────────────────────────

function requireBranchName(branch: string): void {
  // The rules of git-check-ref-format that matter: nothing that git would read as an option, a range or a pattern.
  if (/^[-/.]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/$|\.lock$|\/\/|^@$/.test(branch)) {
    throw new AppError("bad_request", `"${branch}" can't be the name of a branch. Give it as "git branch" lists it.`);
  }
}

function emptyRepository(subject: string): AppError {
  return new AppError("unprocessable", `${subject} has no commits yet. Commit something and sync again.`);
}

function missingBranch(branch: string, subject: string, branches: readonly BranchHead[]): AppError {
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
