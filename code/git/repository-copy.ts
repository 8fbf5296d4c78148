// The bare partial copy that is kept of a repository behind a URL: made whole or not at all, fetched, found again, deleted.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { gitError } from "./git-errors.ts";
import { type GitNetwork, runGit } from "./run-git.ts";
import { parseSource, repositoryPart } from "./source.ts";

export const cacheName = (repo: string): string => {
  const readable = repo
    .replace(/[^A-Za-z0-9.-]+/g, "-")
    .slice(-60)
    .replace(/^[-.]+/, "");
  return `${readable}-${createHash("sha256").update(repo).digest("hex").slice(0, 16)}.git`;
};

export async function isUsable(gitDir: string, signal: AbortSignal): Promise<boolean> {
  if (!(await stat(gitDir).catch(() => null))?.isDirectory()) return false;
  const check = await runGit({ gitDir, args: ["rev-parse", "--is-bare-repository"] }, signal);
  return check.code === 0;
}

/** Made under another name and renamed when whole, so that a killed process never leaves a half-made copy behind. */
export async function createEmptyCopy(
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
export async function fetchBranch(
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
