// One process at a time works on an embedded data directory; the lock also tells other programs where its server listens.
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";

export interface LockHolder {
  pid: number;
  /** When the process started, in the system's own terms: tells a dead holder from another process with its number. */
  startedAt: string | null;
  /** Address of its server; null when it serves nothing (an index run by the CLI). */
  url: string | null;
}

export interface DataLock {
  announce(url: string): void;
  release(): void;
}

const lockPath = (folder: string): string => join(folder, "opentrace.lock");

/** Who holds the directory now, if anybody does. */
export function lockHolder(folder: string): LockHolder | null {
  const holder = readHolder(lockPath(folder));
  return holder !== null && isAlive(holder) ? holder : null;
}

/** Throws AppError("conflict") naming the holder. */
export const lockDataFolder = (folder: string): DataLock => lockBy(lockPath(folder), folder, inUse);

/** Beside the server's lock: one process at a time rotates the master key of a data directory. */
export const lockForRotation = (folder: string): Pick<DataLock, "release"> =>
  lockBy(
    join(folder, "rotation.lock"),
    folder,
    (_folder, holder) =>
      new AppError(
        "conflict",
        `The master key is being rotated by process ${holder?.pid ?? "unknown"} already. Wait until it is done.`,
      ),
  );

function lockBy(
  path: string,
  folder: string,
  refusal: (folder: string, holder: LockHolder | null) => AppError,
): DataLock {
  const self: LockHolder = { pid: process.pid, startedAt: startOf(process.pid), url: null };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let attempt = 0; !placeNew(path, self); attempt++) {
      const holder = readHolder(path);
      if ((holder !== null && isAlive(holder)) || attempt > 20) throw refusal(folder, holder);
      moveAside(path, holder);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      "unavailable",
      `The data directory ${folder} can't be written: make it writable, or set OPENTRACE_DATA.`,
      { cause },
    );
  }
  return {
    announce(url) {
      const aside = `${path}.${randomBytes(4).toString("hex")}`;
      writeFileSync(aside, JSON.stringify({ ...self, url }), { mode: 0o600 });
      renameSync(aside, path);
    },
    release() {
      if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

function inUse(folder: string, holder: LockHolder | null): AppError {
  const who =
    holder === null ? "another process" : `process ${holder.pid}${holder.url === null ? "" : ` (${holder.url})`}`;
  return new AppError(
    "conflict",
    `The data directory ${folder} is in use by ${who}. Stop it, or set OPENTRACE_DATA to another directory.`,
    {
      details: { ...holder },
    },
  );
}

/** Written aside and linked into place: nobody ever reads half a lock. False when there is one already. */
function placeNew(path: string, holder: LockHolder): boolean {
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  writeFileSync(aside, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Another process may have replaced the dead lock in between: then what was moved is put back. */
function moveAside(path: string, dead: LockHolder | null): void {
  const aside = `${path}.dead.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== null && (moved.pid !== dead?.pid || moved.startedAt !== dead.startedAt)) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  rmSync(aside, { force: true });
}

function readHolder(path: string): LockHolder | null {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as Partial<LockHolder>;
    return typeof value.pid === "number"
      ? { pid: value.pid, startedAt: value.startedAt ?? null, url: value.url ?? null }
      : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, startedAt }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return startedAt === null || now === null || startedAt === now;
}

/** Clock ticks from boot to the process's start (Linux); null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
