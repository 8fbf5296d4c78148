// Where the master keys come from: the setting, else a 0600 file in the data directory that is made at the first start.
import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Secret } from "./secret.ts";
import { masterKeyFrom, type Keyring, type MasterKey } from "./seal.ts";

/** `first` seals; the others open what was sealed before. */
export function fixedKeyring(keys: readonly [first: MasterKey, ...MasterKey[]]): Keyring {
  return {
    current: () => keys[0],
    find: (id) => keys.find((key) => key.id === id) ?? null,
    ids: () => keys.map((key) => key.id),
  };
}

/** Throws AppError("bad_request") when the file is readable by others or holds no key. */
export function loadKeyring(setting: Secret | null, dataFolder: string): Keyring {
  if (setting !== null) return fixedKeyring(parseKeys(setting.reveal(), ","));
  createOnce(keyFile(dataFolder));
  return fileKeyring(keyFile(dataFolder));
}

const keyFile = (dataFolder: string): string => join(dataFolder, "master.key");

function parseKeys(text: string, separator: string): [MasterKey, ...MasterKey[]] {
  const [first = "", ...rest] = text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return [masterKeyFrom(first), ...rest.map(masterKeyFrom)];
}

/**
 * Read again whenever the file was replaced, so that a rotation by another process reaches a running server with its next seal. Keys
 * that have left the file still open: a row may have been read before it was sealed anew.
 */
function fileKeyring(path: string): Keyring {
  const known = new Map<string, MasterKey>();
  let first: MasterKey | null = null;
  let version = "";
  const look = (): MasterKey => {
    const { ino, mtimeMs, size, mode } = statSync(path);
    const found = `${ino} ${mtimeMs} ${size}`;
    if (first !== null && found === version) return first;
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new AppError("bad_request", `${path} can be read by other users of this machine. Run: chmod 600 ${path}`);
    const keys = parseKeys(readFileSync(path, "utf8"), "\n");
    for (const key of keys) known.set(key.id, key);
    [first] = keys;
    version = found;
    return first;
  };
  look();
  return {
    current: look,
    find(id) {
      if (!known.has(id)) look();
      return known.get(id) ?? null;
    },
    ids: () => [...known.keys()],
  };
}

/**
 * Puts a new key in front of those in the file; a rotation that did not come to its end is gone on with, and nothing is added. Answers
 * since when the current key seals.
 */
export function addMasterKey(dataFolder: string): { since: Date } {
  const path = keyFile(dataFolder);
  createOnce(path);
  const lines = linesOf(path);
  if (lines.length === 1) replace(path, [newKey(), ...lines]);
  return { since: statSync(path).mtime };
}

/** Nothing is sealed under the older keys any more. */
export function dropOlderMasterKeys(dataFolder: string): void {
  const path = keyFile(dataFolder);
  replace(path, linesOf(path).slice(0, 1));
}

const newKey = (): string => randomBytes(32).toString("base64");

const linesOf = (path: string): string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");

/** Renamed into place: a reader sees the old file or the new one. */
function replace(path: string, lines: readonly string[]): void {
  renameSync(writeAside(path, lines), path);
}

/** Written aside and linked into place: two processes that start at once agree on one key, and none reads half a file. */
function createOnce(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const aside = writeAside(path, [newKey()]);
  try {
    linkSync(aside, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  } finally {
    rmSync(aside, { force: true });
  }
}

function writeAside(path: string, lines: readonly string[]): string {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(aside, `${lines.join("\n")}\n`, { mode: 0o600, flush: true });
  chmodSync(aside, 0o600);
  return aside;
}
