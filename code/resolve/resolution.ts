// From the IR of a repository's files to facts: what the indexer calls.
//
// The facts of a file are a function of its own IR, of where its imports lead, and of the IR (without positions) of the top-level
// names it consulted in other files. `resolve` records those; `affected` compares them. So the rule of re-resolving is exact.
import { AppError } from "@opentrace/contract/errors.ts";
import type { NodeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import { decodeIr } from "../ir-codec.ts";
import type { ImportResolver, Language, MethodImplementation, ProjectFiles } from "../languages/language.ts";
import { changedNames, Consults, targetText } from "./dependencies.ts";
import { type CallFacts, callFacts, mergeEdges } from "./call-facts.ts";
import { analyse } from "./analyse.ts";
import { declarationFacts } from "./facts.ts";
import { FileModel } from "./file-model.ts";
import { implementationScopes, statedImplementations, virtualCalls, type VirtualCall } from "./implementations.ts";
import { createTargets, importFacts, type Targets } from "./imports.ts";
import { IrNotLoaded, type IrSource } from "./ir-source.ts";
import { consultFilter, decodeRecord, encodeRecord, isReadable, joinsLinks, type ResolutionRecord } from "./record.ts";
import { plainSemantics, type Semantics } from "./semantics.ts";
import { World } from "./world.ts";

export interface ResolutionDeps {
  /** Repository key without its `repo:` prefix: what contract/keys.ts takes. */
  repo: string;
  languages: readonly Language[];
  project: ProjectFiles;
  /** IR of the files as they are now. */
  ir: IrSource;
  /** Size of a file in bytes, for its node; absent = not stated. */
  size?: (path: string) => number | undefined;
}

export interface CallCounts {
  resolved: number;
  external: number;
  unresolved: number;
}

type Resolved =
  /** `resolution` is to be stored with the file and handed back to `affected` and `links`. */
  | { is: "resolved"; facts: ScopeFacts; resolution: Uint8Array; calls: CallCounts }
  /** Bytes of these files have to be loaded first (IrSource said "not loaded"); then resolve the same path again. */
  | { is: "needs"; paths: string[] };

interface Changes {
  /** Paths whose IR is new or another; their new IR is in `ir`. */
  changed: readonly string[];
  /** Paths that had IR and have none any more. */
  removed: readonly string[];
  /** Did any file of the repository appear or vanish (parsed or not), or a configuration file change? Then imports are resolved anew. */
  filesMoved: boolean;
  /** Encoded IR of a changed or removed path as the previous run stored it; null if there was none. */
  previousIr: (path: string) => Uint8Array | null;
  /** `resolution` of every file that the previous run resolved. */
  previous: ReadonlyMap<string, Uint8Array>;
}

export interface Resolution {
  /**
   * Paths to resolve now, in a fixed order: those affected though unchanged first, then the changed ones. Write them in this order and
   * the records of changed and removed files last: a run killed in between then finds them changed again, and nothing is lost.
   */
  affected(changes: Changes): string[];
  /** Facts of one file, scope `file:<path>`. Deterministic; the order in which files are resolved does not matter. */
  resolve(path: string): Resolved;
  /** Paths that a file consulted the last time: load their bytes before `resolve` to spare rounds of "needs". */
  consulted(resolution: Uint8Array): string[];
  /** Facts that belong to no single file, one scope `link:<language>` each. `resolutions` covers every file that has IR. */
  links(resolutions: ReadonlyMap<string, Uint8Array>): ScopeFacts[];
}

export function createResolution(deps: ResolutionDeps): Resolution {
  const languages = new Map(deps.languages.map((language) => [language.name, language]));
  const resolvers = new Map<string, ImportResolver>();
  const resolverFor = (language: string): ImportResolver | null => {
    const known = resolvers.get(language);
    if (known !== undefined) return known;
    const made = languages.get(language)?.createImportResolver(deps.project);
    if (made === undefined) return null;
    resolvers.set(language, made);
    return made;
  };
  const byExtension = new Map(
    deps.languages.flatMap((one) => one.extensions.map((extension) => [extension, one.name] as const)),
  );
  const languageOf = (path: string): string => byExtension.get(path.slice(path.lastIndexOf(".")).toLowerCase()) ?? "";
  const targets = createTargets((path) => resolverFor(languageOf(path)));
  const semanticsOf = (path: string): Semantics => languages.get(languageOf(path))?.semantics ?? plainSemantics;

  /** What changed nothing is asked for twice in a sync: for what is affected, and for the links. */
  const records = new WeakMap<Uint8Array, { record: ResolutionRecord | null }>();
  const recordOf = (bytes: Uint8Array): ResolutionRecord | null => {
    let known = records.get(bytes);
    if (known === undefined) records.set(bytes, (known = { record: decodeRecord(bytes) }));
    return known.record;
  };

  const clauses = new Map<string, string>();
  const packageOf = (path: string): string => {
    let clause = clauses.get(path);
    if (clause === undefined) clauses.set(path, (clause = deps.ir.get(path)?.ir.package ?? ""));
    return clause;
  };
  const indexes = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const indexesByList = new WeakMap<readonly string[], ReadonlyMap<string, readonly string[]>>();
  const unitIndex = (files: readonly string[]): ReadonlyMap<string, readonly string[]> => {
    // The same list comes again and again: joining thousands of names each time costs more than the look-up.
    let index = indexesByList.get(files);
    if (index !== undefined) return index;
    const key = files.join("\0");
    index = indexes.get(key);
    if (index === undefined) indexes.set(key, (index = indexUnit(files, deps.ir)));
    indexesByList.set(files, index);
    return index;
  };

  function resolveFile(model: FileModel): Resolved {
    const { path, ir } = model;
    const { repo } = deps;
    const language = languages.get(languageOf(path));
    const resolver = language === undefined ? null : resolverFor(language.name);
    const module = resolver?.moduleName(path) ?? null;
    const consults = new Consults(path);
    const imports = importFacts({
      repo,
      path,
      imports: ir.imports,
      targets,
      moduleNameOfUnit: (files) => {
        if (files[0] === undefined) return null;
        consults.add(files[0], "module");
        return resolver?.moduleName(files[0]) ?? null;
      },
      boundSpecifier: (one) => language?.semantics?.boundSpecifier?.(one) ?? null,
    });
    const world = new World({
      path,
      source: deps.ir,
      targets,
      project: deps.project,
      consults,
      semanticsOf,
      unitIndex,
      packageOf,
    });
    const { calls, found, virtual, implementations } = evaluate(repo, world);
    const declared = declarationFacts({
      repo,
      path,
      ir,
      module,
      size: deps.size?.(path),
      extra: {
        calls: { ...calls },
        ...found.fileProps,
        ...(imports.unresolved.length > 0 ? { unresolvedImports: imports.unresolved } : {}),
      },
      symbolProps: found.symbolProps,
    });
    const summary = language?.summarise?.(ir, path);
    return {
      is: "resolved",
      facts: {
        scope: `file:${path}`,
        nodes: uniqueNodes([...declared.nodes, ...imports.nodes, ...found.nodes]),
        // Imports and calls are gathered by both ends, so only what is declared may be stated twice.
        edges: [...mergeEdges(declared.edges), ...imports.edges, ...found.edges],
      },
      resolution: encodeRecord({
        targets: imports.targets,
        module,
        consults: consults.toRecord(),
        language: language?.name ?? ir.language,
        ...(summary === undefined ? {} : { summary }),
        ...(virtual.length > 0 ? { virtual } : {}),
        ...(implementations.length > 0 ? { implementations } : {}),
      }),
      calls,
    };
  }

  return {
    affected(changes) {
      return affectedPaths(
        changes,
        deps.ir,
        targets,
        (path, language) => resolverFor(language)?.moduleName(path) ?? null,
        recordOf,
      );
    },

    resolve(path) {
      deps.ir.begin();
      try {
        const model = deps.ir.get(path);
        if (model === null) throw new AppError("internal", `${path} has no IR, so it cannot be resolved`);
        return resolveFile(model);
      } catch (error) {
        if (error instanceof IrNotLoaded) return { is: "needs", paths: [error.path] };
        throw error;
      }
    },

    consulted(resolution) {
      const record = recordOf(resolution);
      if (record === null) return [];
      return Object.keys(record.consults).filter((path) => !path.endsWith("/"));
    },

    links(resolutions) {
      const summaries = new Map<string, Map<string, unknown>>();
      const modules = new Map<string, string | null>();
      const calls = new Map<string, Map<string, VirtualCall[]>>();
      const stated = new Map<string, MethodImplementation[]>();
      for (const path of [...resolutions.keys()].sort()) {
        const bytes = resolutions.get(path)!;
        const record = joinsLinks(bytes) ? recordOf(bytes) : null;
        if (record === null) continue;
        if (record.virtual !== undefined) {
          const ofLanguage = calls.get(record.language) ?? new Map<string, VirtualCall[]>();
          calls.set(record.language, ofLanguage.set(path, record.virtual));
        }
        if (record.implementations !== undefined) {
          stated.set(record.language, [...(stated.get(record.language) ?? []), ...record.implementations]);
        }
        if (record.summary === undefined) continue;
        let ofLanguage = summaries.get(record.language);
        if (ofLanguage === undefined) summaries.set(record.language, (ofLanguage = new Map()));
        ofLanguage.set(path, record.summary);
        modules.set(path, record.module);
      }
      return deps.languages.flatMap((language): ScopeFacts[] => {
        const { name } = language;
        const linked = language.link?.(summaries.get(name) ?? new Map(), deps.repo, modules);
        return [
          ...(linked === undefined ? [] : [{ scope: `link:${name}`, nodes: [], edges: linked.edges }]),
          ...implementationScopes(deps.repo, name, calls.get(name) ?? new Map(), [
            ...(linked?.implementations ?? []),
            ...(stated.get(name) ?? []),
          ]),
        ];
      });
    },
  };
}

/** Module-level names of files that share a namespace, and `partial:T` for methods that stand apart from their type. */
function indexUnit(files: readonly string[], source: IrSource): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const path of files) {
    const file = source.get(path);
    if (file === null) continue;
    const partial = (file.ir.extra?.partialTypes ?? {}) as Record<string, number>;
    const names = new Set([...file.bindingsOf(0).keys(), ...Object.keys(partial).map((name) => `partial:${name}`)]);
    for (const name of names) {
      const list = index.get(name);
      if (list === undefined) index.set(name, [path]);
      else list.push(path);
    }
  }
  return index;
}

function uniqueNodes(nodes: readonly NodeFact[]): NodeFact[] {
  const byKey = new Map<string, NodeFact>();
  for (const node of nodes) if (!byKey.has(node.key)) byKey.set(node.key, node);
  return [...byKey.values()];
}

/** One file that can't be evaluated (nested beyond the stack, or a fault of ours) keeps its declarations, says so, and ends no run. */
function evaluate(
  repo: string,
  world: World,
): { calls: CallCounts; found: CallFacts; virtual: VirtualCall[]; implementations: MethodImplementation[] } {
  try {
    const analysis = analyse(world);
    return {
      calls: analysis.counts,
      found: callFacts(repo, world, analysis),
      virtual: virtualCalls(world, analysis),
      implementations: statedImplementations(world),
    };
  } catch (error) {
    if (error instanceof IrNotLoaded || error instanceof AppError) throw error;
    const notResolved = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return {
      calls: { resolved: 0, external: 0, unresolved: 0 },
      found: { nodes: [], edges: [], fileProps: { notResolved }, symbolProps: new Map() },
      virtual: [],
      implementations: [],
    };
  }
}

function affectedPaths(
  changes: Changes,
  ir: IrSource,
  targets: Targets,
  moduleName: (path: string, language: string) => string | null,
  recordOf: (bytes: Uint8Array) => ResolutionRecord | null,
): string[] {
  const removed = new Set(changes.removed);
  const changed = new Set(changes.changed);
  // Consult key → the names under it that mean something else now.
  const moved = new Map<string, Set<string>>();
  const note = (path: string, names: Iterable<string>): void => {
    const slash = path.lastIndexOf("/");
    for (const key of [path, `${slash < 0 ? "" : path.slice(0, slash)}/`]) {
      let set = moved.get(key);
      if (set === undefined) moved.set(key, (set = new Set()));
      for (const name of names) set.add(name);
    }
  };
  for (const path of [...changes.changed, ...changes.removed]) {
    ir.begin();
    const bytes = changes.previousIr(path);
    const before = bytes === null ? null : new FileModel(path, decodeIr(bytes));
    const after = removed.has(path) ? null : ir.get(path);
    note(path, changedNames(before, after));
  }
  const affected = new Set<string>();
  for (const [path, bytes] of changes.previous) {
    if (removed.has(path)) continue;
    const record = changes.filesMoved ? recordOf(bytes) : null;
    if (record === null) {
      if (!isReadable(bytes)) affected.add(path);
      continue;
    }
    if (moduleName(path, record.language) !== record.module) {
      affected.add(path);
      note(path, ["module"]);
    }
    for (const [specifier, member, before] of record.targets) {
      if (targetText(targets.resolve(path, specifier, member)) === before) continue;
      affected.add(path);
      note(path, [`import:${specifier}\0${member ?? "\0"}`]);
    }
  }
  for (const path of changed) affected.delete(path);
  const mayConsult = consultFilter(moved);
  for (const [path, bytes] of changes.previous) {
    if (removed.has(path) || changed.has(path) || affected.has(path) || !mayConsult(bytes)) continue;
    const consults = recordOf(bytes)?.consults ?? {};
    for (const key of Object.keys(consults)) {
      const names = moved.get(key);
      if (names === undefined || !consults[key]!.some((name) => names.has(name))) continue;
      affected.add(path);
      break;
    }
  }
  return [...[...affected].sort(), ...[...changed].sort()];
}
