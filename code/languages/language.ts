// What a language folder provides. `languages/<name>/index.ts` exports one of these; the registry finds it by folder.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { FileIr } from "../ir.ts";
import type { Semantics } from "../resolve/semantics.ts";

/** The files of one repository at one commit, as an import resolver may see them. Paths are relative, `/`-separated. */
export interface ProjectFiles {
  has(path: string): boolean;
  /** Paths directly below a folder ("" = root). */
  list(folder: string): readonly string[];
  /** Text of a configuration file (tsconfig.json, package.json, go.mod, pyproject.toml …), undefined if absent or unreadable. */
  config(path: string): string | undefined;
}

export interface PackageRef {
  /** npm, pypi, go; or node, python, go-std for what ships with the language. Key: `package:<ecosystem>/<name>`. */
  ecosystem: string;
  name: string;
}

/** Where an import leads. unit = several files that share one namespace (a Go package's folder). */
export type ImportTarget =
  | { is: "file"; path: string }
  | { is: "unit"; folder: string; files: readonly string[] }
  | { is: "external"; package: PackageRef }
  | { is: "unresolved" };

export interface ImportResolver {
  /** `member` lets Python tell `from pkg import submodule` from a name in pkg: the target is then the submodule's file. */
  resolve(fromPath: string, specifier: string, member: string | null): ImportTarget & { wholeModule?: boolean };
  /** The name other files know this one by (`django.db.models`, a Go import path); null where the path is all there is. */
  moduleName(path: string): string | null;
}

/** A dependency that a manifest states. */
export interface StatedDependency {
  package: PackageRef;
  /** As written: `^1.2.0`, `>=3,<4`, `v1.9.0`, "" when none. */
  constraint: string;
  kind: "runtime" | "dev" | "optional" | "peer" | "build" | "indirect";
  line?: number;
}

/** What a manifest file says: the package it declares (if any), its dependencies, its workspace members' globs. */
export interface Manifest {
  package: (PackageRef & { version?: string; props?: NodeFact["props"] }) | null;
  dependencies: StatedDependency[];
  /** Sentences about what could not be read; the file is listed as read in part. */
  problems: string[];
}

/**
 * Source text → IR: what `languages/<name>/lower.ts` exports as `lower`. Synchronous, pure, bounded in depth; throws only when nothing of
 * the file can be read. Apart from Language, because parser processes need nothing else and nobody else needs it.
 */
export type Lower = (source: string, path: string) => FileIr;

export interface Language {
  readonly name: string;
  /** With the dot, lower case. */
  readonly extensions: readonly string[];
  /** What people call the language of a file, where a folder reads several (JavaScript beside TypeScript); else it is `name`. */
  dialectOf?(path: string): string;
  /** Asked with the path's base name: is this a manifest of this language? */
  isManifest(path: string): boolean;
  /** Throws AppError("unprocessable") with a sentence when nothing of it can be read. */
  readManifest(path: string, text: string): Manifest;
  /** Names of further files that `ProjectFiles.config` must be able to give (base names or `*.ext`). */
  readonly configFiles: readonly string[];
  /** Sentences about what is wrong in such a file; the language's manifests say theirs themselves. */
  configProblems?(path: string, text: string): string[];
  createImportResolver(project: ProjectFiles): ImportResolver;
  /** How names, members and calls behave; without it only lexical names and imports are resolved. */
  readonly semantics?: Semantics;
  /** What whole-project links need to know of one file, as plain JSON; undefined = nothing. Kept with the file between runs. */
  summarise?(ir: FileIr, path: string): unknown;
  /**
   * Edges that no single file can state (Go: which types satisfy which interfaces), from the summaries of all files by path (sorted).
   * `repo` is what contract/keys.ts takes. They become the scope `link:<language>`.
   * `modules` holds each file's `moduleName`.
   */
  link?(
    summaries: ReadonlyMap<string, unknown>,
    repo: string,
    modules: ReadonlyMap<string, string | null>,
  ): { edges: EdgeFact[]; implementations: MethodImplementation[] };
}

/** A method that runs where `of`, a member without a body, is called. Symbols are dotted paths in their files. */
export interface MethodImplementation {
  method: { path: string; symbol: string };
  of: { path: string; symbol: string };
  confidence: number;
}
