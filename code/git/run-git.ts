// The one place that starts git: fixed defences, a closed environment, time and output limits, and an end on abort.
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { AppError } from "@opentrace/contract/errors.ts";

/** How git is allowed to reach out. Reading objects needs nothing of it: the default is no network at all. */
export interface GitNetwork {
  /** Transports for this one call: https, and ssh, file or http only where the operator allows them. */
  protocols: readonly string[];
  /** Configuration that must not be seen in the process list (tokens, pinned addresses), handed over by environment. */
  config?: readonly (readonly [key: string, value: string])[];
  ssh?: SshFiles | undefined;
}

/** Absolute paths; what is absent is the account's own (`~/.ssh`). */
export interface SshFiles {
  /** The host keys that are known, and no others. */
  knownHosts?: string | undefined;
  /** The private key to log in with, and no other. */
  key?: string | undefined;
}

export interface GitCall {
  /** Absolute path of the repository's object folder; absent for calls that need none (init, ls-remote). */
  gitDir?: string;
  args: readonly string[];
  network?: GitNetwork;
  stdin?: string;
  timeoutMs?: number;
  /** Most bytes of stdout that are kept; beyond it the call is ended with too_large. */
  maxBytes?: number;
  /** Where to stop looking for a repository upwards. */
  ceiling?: string;
  cwd?: string;
}

export interface GitResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** Settings of the repository read could run programs or change what is printed; these win over them. */
const FIXED = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "safe.directory=*",
  "core.quotePath=false",
  "core.precomposeUnicode=false",
  "core.alternateRefsCommand=",
  "core.pager=cat",
  "core.askPass=",
  "credential.helper=",
  "log.showSignature=false",
  "log.mailmap=false",
  "log.follow=false",
  "color.ui=false",
  "diff.renames=true",
  "transfer.fsckObjects=true",
  // Refused by old servers' harmless mistakes otherwise; what they would spoil is never checked out here.
  "fetch.fsck.zeroPaddedFilemode=warn",
  "fetch.fsck.missingSpaceBeforeDate=warn",
  "fetch.fsck.badTimezone=warn",
  "fetch.fsck.badEmail=warn",
  "fetch.fsck.missingEmail=warn",
  "fetch.fsck.missingNameBeforeEmail=warn",
  "http.followRedirects=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "fetch.writeCommitGraph=false",
  "submodule.recurse=false",
].flatMap((setting) => ["-c", setting]);

/** Of the server's own environment git gets only what it needs to be found and to leave by the operator's proxy. */
const INHERITED = [
  "PATH",
  "HOME",
  "SystemRoot",
  "TMPDIR",
  "SSH_AUTH_SOCK",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
] as const;

/** Git hands it to a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Never asks, never takes a host key that is not known, whatever the account's own settings say. */
function sshCommand({ knownHosts, key }: SshFiles = {}): string {
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ConnectTimeout=20",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
  ];
  if (knownHosts !== undefined) options.push(`UserKnownHostsFile="${knownHosts}"`, "GlobalKnownHostsFile=/dev/null");
  if (key !== undefined) options.push("IdentitiesOnly=yes");
  const identity = key === undefined ? "" : ` -i ${quoted(key)}`;
  return `ssh${identity} ${options.map((option) => `-o ${quoted(option)}`).join(" ")}`;
}

function gitEnvironment(call: GitCall): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: call.network?.protocols.join(":") || "none",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_SSH_COMMAND: sshCommand(call.network?.ssh),
    GIT_SSH_VARIANT: "ssh",
  };
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  if (call.ceiling !== undefined) environment["GIT_CEILING_DIRECTORIES"] = call.ceiling;
  const config = call.network?.config ?? [];
  environment["GIT_CONFIG_COUNT"] = String(config.length);
  config.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return environment;
}

/** Starts git with the defences on. The caller owns the process: it must read it to the end or kill it. */
export function startGit(call: GitCall): ChildProcessWithoutNullStreams {
  const place = call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`];
  return spawn("git", [...place, "--no-pager", "--no-replace-objects", "--literal-pathspecs", ...FIXED, ...call.args], {
    cwd: call.cwd ?? "/",
    env: gitEnvironment(call),
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
    // A group of its own: git's transport helpers must end with it (see endGit).
    detached: process.platform !== "win32",
  });
}

/** Kills git with the helpers it started; they would hold its pipes open otherwise. */
export function endGit(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // It ended on its own in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Runs git to its end. Resolves whatever the exit code; throws on abort, time-out, too much output, or when git is missing. */
export function runGit(call: GitCall, signal: AbortSignal): Promise<GitResult> {
  signal.throwIfAborted();
  const { timeoutMs = 60_000, maxBytes = 64 * 1024 * 1024 } = call;
  return new Promise((resolve, reject) => {
    const child = startGit(call);
    const out: Buffer[] = [];
    let size = 0;
    const stderr = keepTail(child.stderr);
    let failure: unknown;
    const end = (reason: unknown): void => {
      failure ??= reason;
      endGit(child);
    };
    const onAbort = (): void => end(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => {
      const what = call.args[0] ?? "git";
      end(new AppError("timeout", `git ${what} did not finish within ${Math.round(timeoutMs / 1000)} s. Try again.`));
    }, timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) end(new AppError("too_large", `git ${call.args[0]} printed more than ${maxBytes} bytes.`));
      else out.push(chunk);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      failure ??= error.code === "ENOENT" ? gitMissing(error) : error;
    });
    // A child that ends early closes its stdin; its exit code tells the story.
    child.stdin.on("error", () => {});
    child.stdin.end(call.stdin ?? "");
    child.on("close", (code) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      if (failure !== undefined)
        reject(failure instanceof Error ? failure : new Error("The call of git was cancelled", { cause: failure }));
      else resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: stderr() });
    });
  });
}

/** Keeps the last 16 KB of a stream, so that a chatty git can't fill the memory. */
export function keepTail(stream: NodeJS.ReadableStream, limit = 16_384): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text = (text + chunk).slice(-limit);
  });
  return () => text.trim();
}

export function gitMissing(cause: unknown): AppError {
  return new AppError("unavailable", "git is not installed on this machine (or not in PATH). Install git ≥ 2.31.", {
    cause,
  });
}
