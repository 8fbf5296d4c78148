// What a commit holds, sorted into what is read, what is only listed, and what is skipped (with the reason, never silently).
import type { SkipReason } from "@opentrace/contract/repositories.ts";
import { languagesByExtension } from "./languages/registry.ts";
import type { Language, ProjectFiles } from "./languages/language.ts";
import { createExclusions, IGNORE_FILES } from "./ignore.ts";
import { listTree, type TreeEntry } from "./git/list-tree.ts";
import { readBlobs } from "./git/read-blobs.ts";
import type { FileRecord } from "./indexing.ts";

/** Larger files are listed but not read. */
export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_PATH_LENGTH = 1_500;

export interface ListedFile {
  path: string;
  blob: string;
  size: number;
  /** Null: no language reads it. */
  language: Language | null;
  /** As people call it; null where no language reads it. */
  dialect: string | null;
  /** Languages that know it as a manifest. */
  manifestOf: readonly Language[];
  skipped: FileRecord["skipped"];
}

export interface Listing {
  /** Files and skipped paths by path, in git's order. A skipped folder's path ends with a slash. */
  files: Map<string, ListedFile>;
  /** Folders that hold at least one file that is not excluded; without "" and without closing slashes. */
  folders: Map<string, { folders: string[]; files: string[] }>;
  skippedCount: number;
}

export interface RepositoryAtCommit {
  gitDir: string;
  subject: string;
  commit: string;
  /** A copy without large blobs: a missing one is one of those. */
  partial: boolean;
}

export async function listRepository(
  repository: RepositoryAtCommit,
  languages: ReadonlyMap<string, Language>,
  signal: AbortSignal,
): Promise<Listing> {
  const entries: TreeEntry[] = [];
  for await (const part of listTree(repository, repository.commit, signal)) entries.push(...part);

  const ignoreFiles = await readIgnoreFiles(repository, entries, signal);
  const exclusions = createExclusions(ignoreFiles);
  const byExtension = languagesByExtension(languages);
  const files = new Map<string, ListedFile>();
  const excluded = new Map<string, { entry: ListedFile; count: number }>();
  const listing: Listing = { files, folders: new Map([["", { folders: [], files: [] }]]), skippedCount: 0 };

  for (const entry of entries) {
    if (!isPlainPath(entry.path)) {
      files.set(entry.path, skip(entry, "unsupported", "the path has parts that no file system would accept"));
      continue;
    }
    const exclusion = exclusions.of(entry.path);
    if (exclusion !== null) {
      const known = excluded.get(exclusion.path);
      if (known !== undefined) {
        known.count++;
        continue;
      }
      const { reason, detail } = exclusion;
      const first = { ...skip(entry, reason, detail), path: exclusion.path };
      excluded.set(exclusion.path, { entry: first, count: 1 });
      files.set(exclusion.path, first);
      continue;
    }
    const file = classify(entry, languages, byExtension, repository.partial);
    files.set(file.path, file);
    if (entry.kind === "file") addToFolder(listing.folders, file.path);
  }

  for (const { entry, count } of excluded.values()) {
    if (!entry.path.endsWith("/") || entry.skipped === null) continue;
    entry.skipped.detail = `${count} ${count === 1 ? "file" : "files"}: ${entry.skipped.detail}`;
    entry.blob = `folder:${count}`;
    entry.size = 0;
  }
  if (exclusions.problems.length > 0) {
    const file = ignoreFiles.map(({ name }) => files.get(name)).find((found) => found !== undefined);
    if (file !== undefined)
      file.skipped = { reason: "parse_failed", detail: exclusions.problems.slice(0, 5).join(" ") };
  }
  for (const file of files.values()) if (file.skipped !== null) listing.skippedCount++;
  return listing;
}

function skip(entry: TreeEntry, reason: NonNullable<FileRecord["skipped"]>["reason"], detail: string): ListedFile {
  return {
    path: entry.path,
    blob: entry.blob,
    size: entry.size ?? 0,
    language: null,
    dialect: null,
    manifestOf: [],
    skipped: { reason, detail },
  };
}

function classify(
  entry: TreeEntry,
  languages: ReadonlyMap<string, Language>,
  byExtension: ReadonlyMap<string, Language>,
  partial: boolean,
): ListedFile {
  if (entry.kind === "symlink") return skip(entry, "symlink", "a symbolic link; links are never followed");
  if (entry.kind === "submodule") {
    return skip(
      entry,
      "submodule",
      `another repository at ${entry.blob.slice(0, 12)}; add it as a repository of its own`,
    );
  }
  const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const language = dot < 0 ? undefined : byExtension.get(name.slice(dot).toLowerCase());
  const manifestOf = [...languages.values()].filter((candidate) => candidate.isManifest(entry.path));
  if (entry.size === null) {
    return partial
      ? skip(entry, "too_large", `larger than ${MAX_FILE_BYTES} bytes: not fetched`)
      : skip(entry, "parse_failed", `git object ${entry.blob} is missing or damaged; "git fsck" tells more`);
  }
  if (entry.size > MAX_FILE_BYTES && (language !== undefined || manifestOf.length > 0)) {
    return skip(entry, "too_large", `${entry.size} bytes; files up to ${MAX_FILE_BYTES} bytes are read`);
  }
  return {
    path: entry.path,
    blob: entry.blob,
    size: entry.size,
    language: language ?? null,
    dialect: language === undefined ? null : (language.dialectOf?.(entry.path) ?? language.name),
    manifestOf,
    skipped: null,
  };
}

/** A tree made by hand can hold "..", "." or empty names. They lead nowhere here, and must not where a path is used later. */
function isPlainPath(path: string): boolean {
  if (path === "" || path.length > MAX_PATH_LENGTH || path.includes("\0")) return false;
  return !path.split("/").some((part) => part === "" || part === "." || part === "..");
}

function addToFolder(folders: Listing["folders"], path: string): void {
  let child = path;
  let isFile = true;
  for (;;) {
    const slash = child.lastIndexOf("/");
    const parent = slash < 0 ? "" : child.slice(0, slash);
    let held = folders.get(parent);
    const isNew = held === undefined;
    if (held === undefined) {
      held = { folders: [], files: [] };
      folders.set(parent, held);
    }
    (isFile ? held.files : held.folders).push(child);
    if (!isNew) return;
    child = parent;
    isFile = false;
  }
}

async function readIgnoreFiles(
  repository: RepositoryAtCommit,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<{ name: string; text: string }[]> {
  const wanted = IGNORE_FILES.flatMap((name) => {
    const entry = entries.find(
      ({ path, kind, size }) => path === name && kind === "file" && (size ?? Infinity) <= 256 * 1024,
    );
    return entry === undefined ? [] : [{ name, blob: entry.blob }];
  });
  const texts: { name: string; text: string }[] = [];
  let index = 0;
  for await (const content of readBlobs(
    repository,
    wanted.map(({ blob }) => blob),
    MAX_FILE_BYTES,
    signal,
  )) {
    const name = wanted[index++]?.name ?? "";
    if (content.is === "read") texts.push({ name, text: content.bytes.toString("utf8") });
  }
  return texts;
}

/** Files whose text import resolvers and manifest readers may ask for. */
export function configFilesOf(listing: Listing, languages: ReadonlyMap<string, Language>): ListedFile[] {
  const patterns = [...new Set([...languages.values()].flatMap((language) => language.configFiles))];
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const globs = patterns.filter((pattern) => pattern.includes("*")).map(globOf);
  return [...listing.files.values()].filter((file) => {
    if (file.skipped !== null || file.size > MAX_FILE_BYTES) return false;
    if (file.manifestOf.length > 0) return true;
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    return exact.has(name) || globs.some((glob) => glob.test(name));
  });
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}

/** Why a file is not read, or only in part, and yet is what an import of it means. */
const standing: ReadonlySet<SkipReason> = new Set([
  "too_large",
  "parse_failed",
  "encoding",
  "nested_too_deeply",
  "timed_out",
  "binary",
]);

export function projectFilesOf(listing: Listing, configs: ReadonlyMap<string, string>): ProjectFiles {
  return {
    has: (path) => {
      const file = listing.files.get(path);
      return file !== undefined && (file.skipped === null || standing.has(file.skipped.reason));
    },
    list: (folder) => {
      const held = listing.folders.get(folder);
      return held === undefined ? [] : [...held.folders, ...held.files];
    },
    config: (path) => configs.get(path),
  };
}
