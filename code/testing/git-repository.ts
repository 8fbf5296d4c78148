// Real Git repositories in temporary folders, made by plumbing alone: any path, any content, no work tree.
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { removeFolder } from "./remove-folder.ts";

export type FileSpec =
  | string
  | Uint8Array
  | { symlink: string }
  | { submodule: string }
  /** Gone from here on. */
  | null;

export interface TestRepository {
  /** A bare repository. */
  folder: string;
  /** Adds a commit on a branch (default main) that sets these paths; returns its id. */
  commit(files: Readonly<Record<string, FileSpec>>, options?: CommitSpec): string;
  git(...args: string[]): string;
  remove(): void;
  [Symbol.dispose](): void;
}

interface CommitSpec {
  branch?: string;
  message?: string;
  author?: string;
  email?: string;
  /** Start the branch anew instead of adding to it: a force-push. */
  orphan?: boolean;
}

export function createTestRepository(): TestRepository {
  const root = mkdtempSync(path.join(os.tmpdir(), "opentrace-git-"));
  const folder = path.join(root, "repository");
  const git = (...args: string[]): string =>
    execFileSync("git", ["--git-dir", folder, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: quietGit(),
    }).trim();
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", folder], { env: quietGit() });
  let time = 1_700_000_000;
  const heads = new Set<string>();
  const remove = (): void => removeFolder(root);
  return {
    folder,
    git,
    remove,
    [Symbol.dispose]: remove,
    commit(
      files,
      { branch = "main", message = "Change", author = "Ada", email = "ada@example.com", orphan = false } = {},
    ) {
      time += 60;
      const parts: (string | Uint8Array)[] = [];
      if (orphan) parts.push(`reset refs/heads/${branch}\n`);
      parts.push(
        `commit refs/heads/${branch}\ncommitter ${author} <${email}> ${time} +0000\n`,
        data(Buffer.from(message)),
      );
      if (heads.has(branch) && !orphan) parts.push(`from refs/heads/${branch}^0\n`);
      for (const [name, spec] of Object.entries(files)) {
        const quoted = quote(name);
        if (spec === null) parts.push(`D ${quoted}\n`);
        else if (typeof spec === "string") parts.push(`M 100644 inline ${quoted}\n`, data(Buffer.from(spec)));
        else if (spec instanceof Uint8Array) parts.push(`M 100644 inline ${quoted}\n`, data(spec));
        else if ("symlink" in spec) parts.push(`M 120000 inline ${quoted}\n`, data(Buffer.from(spec.symlink)));
        else parts.push(`M 160000 ${spec.submodule} ${quoted}\n`);
      }
      const input = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
      execFileSync("git", ["--git-dir", folder, "fast-import", "--quiet", "--force"], {
        input,
        env: quietGit(),
        maxBuffer: 1e9,
      });
      heads.add(branch);
      return git("rev-parse", `refs/heads/${branch}`);
    },
  };
}

function data(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}

/** fast-import's C-style quoting, byte by byte. */
function quote(name: string): string {
  const bytes = Buffer.from(name, "utf8");
  let text = '"';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte >= 0x7f) text += `\\${byte.toString(8).padStart(3, "0")}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}"`;
}

function quietGit(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" };
}
