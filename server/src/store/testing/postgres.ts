// A throw-away PostgreSQL for tests and benchmarks, from the machine's own binaries: unix socket in a temp folder, no network.
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import pg from "pg";

export const installHint =
  "PostgreSQL is not on this machine: run `apt-get install -y postgresql`, or set DATABASE_URL_TEST to a server where databases may be created.";

/** Debian keeps the servers out of PATH, a folder a version. */
export function findPostgres(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  versions.sort((a, b) => Number(b) - Number(a));
  const found = versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (found !== undefined) return found;
  return ["/usr/local/bin", "/usr/bin"].find((bin) => existsSync(join(bin, "initdb"))) ?? null;
}

/** initdb and postgres refuse to run as root: then the machine's postgres user runs them. */
function runAsOwner(bin: string, program: string, args: string[]): void {
  const isRoot = process.getuid?.() === 0;
  const [file, all] = isRoot
    ? ["runuser", ["-u", "postgres", "--", join(bin, program), ...args]]
    : [join(bin, program), args];
  execFileSync(file, all, { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
}

function idOfPostgresUser(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim());
}

const urlOf = (folder: string, database: string): string =>
  `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`;

/**
 * The URL of the server in `folder`, started by whoever comes first. Test files run in processes of their own, so the folder's `lock`
 * directory is the mutex. stopPostgres(folder) ends it.
 */
export async function startPostgres(folder: string): Promise<string> {
  const bin = findPostgres();
  if (bin === null) throw new Error(installHint);
  const ready = join(folder, "ready");
  const lock = join(folder, "lock");
  try {
    mkdirSync(lock);
  } catch {
    for (let tries = 0; tries < 600 && !existsSync(ready); tries++) await sleep(100);
    if (!existsSync(ready)) throw new Error(`PostgreSQL in ${folder} did not start within a minute; see its log file.`);
    return urlOf(folder, "postgres");
  }
  if (process.getuid?.() === 0) chownSync(folder, idOfPostgresUser("-u"), idOfPostgresUser("-g"));
  const data = join(folder, "data");
  runAsOwner(bin, "initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
  const settings = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200"];
  const options = `-k ${folder} -c listen_addresses='' ${settings.map((setting) => `-c ${setting}`).join(" ")}`;
  runAsOwner(bin, "pg_ctl", ["-D", data, "-l", join(folder, "log"), "-w", "-t", "60", "-o", options, "start"]);
  mkdirSync(ready);
  return urlOf(folder, "postgres");
}

export function stopPostgres(folder: string): void {
  const bin = findPostgres();
  const data = join(folder, "data");
  if (bin !== null && existsSync(join(data, "postmaster.pid"))) {
    runAsOwner(bin, "pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]);
  }
  removeFolder(folder);
}

/** A fresh database on the server at `url`; `drop` removes it. */
export async function createDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `opentrace_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await run(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => run(`drop database if exists ${name} with (force)`) };
}
