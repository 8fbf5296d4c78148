// Where the imports of one file lead, resolved once each, and the IMPORTS facts that follow.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { fileKey, moduleKey, packageKey } from "@opentrace/contract/keys.ts";
import type { ImportIr } from "../ir.ts";
import type { ImportResolver, ImportTarget } from "../languages/language.ts";
import { targetText } from "./dependencies.ts";
import type { Semantics } from "./semantics.ts";

export type Target = ImportTarget & { wholeModule?: boolean };

/** Resolves each (specifier, member) of a path once; kept for as long as the project stays the same. */
export function createTargets(resolverOf: (path: string) => ImportResolver | null) {
  const known = new Map<string, Map<string, Target>>();
  let size = 0;
  const byImport = new WeakMap<ImportIr, ImportedFrom>();
  const targets = {
    resolve(path: string, specifier: string, member: string | null): Target {
      let ofPath = known.get(path);
      const key = member === null ? specifier : `${specifier}\0${member}`;
      let target = ofPath?.get(key);
      if (target !== undefined) return target;
      target = resolverOf(path)?.resolve(path, specifier, member) ?? { is: "unresolved" };
      if (++size > 200_000) {
        known.clear();
        ofPath = undefined;
        size = 1;
      }
      if (ofPath === undefined) known.set(path, (ofPath = new Map()));
      ofPath.set(key, target);
      return target;
    },

    /** The same for an import as it stands in a file; asked for all the time, so nothing is spelled for it twice. */
    of(path: string, one: ImportIr, semantics: Semantics): ImportedFrom {
      let from = byImport.get(one);
      if (from === undefined) {
        const asked = importMember(one);
        const bound = semantics.boundSpecifier?.(one) ?? null;
        from = {
          target: targets.resolve(path, bound ?? one.specifier, asked),
          consulted: [`import:${one.specifier}\0${asked ?? "\0"}`, ...(bound === null ? [] : [`import:${bound}\0\0`])],
        };
        byImport.set(one, from);
      }
      return from;
    },
  };
  return targets;
}

export interface ImportedFrom {
  readonly target: Target;
  /** As consults spell it. */
  readonly consulted: readonly string[];
}
export type Targets = ReturnType<typeof createTargets>;

/** Only Python's members can be modules; a star or namespace asks for the specifier alone. */
const importMember = (one: ImportIr): string | null => (one.kind === "member" ? one.name : null);

interface Gathered {
  to: string;
  node: NodeFact | null;
  specifiers: Set<string>;
  names: Set<string>;
  aliases: Record<string, string>;
  lines: Set<number>;
  allType: boolean;
  allDynamic: boolean;
}

export interface ImportFacts {
  nodes: NodeFact[];
  edges: EdgeFact[];
  unresolved: { specifier: string; line: number }[];
  targets: [string, string | null, string][];
}

const maxNames = 50;

export function importFacts(options: {
  repo: string;
  path: string;
  imports: readonly ImportIr[];
  targets: Targets;
  moduleNameOfUnit: (files: readonly string[]) => string | null;
  boundSpecifier: (one: ImportIr) => string | null;
}): ImportFacts {
  const { repo, path } = options;
  const gathered = new Map<string, Gathered>();
  const unresolved: ImportFacts["unresolved"] = [];
  const texts = new Map<string, [string, string | null, string]>();
  for (const one of options.imports) {
    const member = importMember(one);
    const target = options.targets.resolve(path, one.specifier, member);
    texts.set(`${one.specifier}\0${member ?? "\0"}`, [one.specifier, member, targetText(target)]);
    const bound = options.boundSpecifier(one);
    if (bound !== null)
      texts.set(`${bound}\0\0`, [bound, null, targetText(options.targets.resolve(path, bound, null))]);
    let to: string;
    let node: NodeFact | null = null;
    if (target.is === "file") {
      if (target.path === path) continue;
      to = fileKey(repo, target.path);
    } else if (target.is === "unit") {
      const name = options.moduleNameOfUnit(target.files);
      to = moduleKey(repo, name ?? target.folder);
      node = { key: to, type: "Module", name: name ?? target.folder };
    } else if (target.is === "external") {
      to = packageKey(target.package.ecosystem, target.package.name);
      node = packageNode(target.package.ecosystem, target.package.name);
    } else {
      if (unresolved.length < maxNames) unresolved.push({ specifier: one.specifier.slice(0, 300), line: one.l });
      continue;
    }
    let entry = gathered.get(to);
    if (entry === undefined) {
      entry = {
        to,
        node,
        specifiers: new Set(),
        names: new Set(),
        aliases: {},
        lines: new Set(),
        allType: true,
        allDynamic: true,
      };
      gathered.set(to, entry);
    }
    entry.specifiers.add(one.specifier);
    entry.lines.add(one.l);
    entry.allType &&= one.type === true;
    entry.allDynamic &&= one.kind === "dynamic";
    const name = one.kind === "star" ? "*" : one.name;
    if (name !== null && entry.names.size < maxNames) {
      entry.names.add(name);
      if (one.alias !== null && one.alias !== name) entry.aliases[name] = one.alias;
    } else if (one.kind === "module" && one.alias !== null) {
      entry.aliases["*"] = one.alias;
    }
  }
  const nodes: NodeFact[] = [];
  const edges: EdgeFact[] = [];
  for (const entry of gathered.values()) {
    if (entry.node !== null) nodes.push(entry.node);
    const lines = [...entry.lines].sort((a, b) => a - b);
    edges.push({
      from: fileKey(repo, path),
      to: entry.to,
      type: "IMPORTS",
      props: {
        specifier: [...entry.specifiers][0]!,
        ...(entry.specifiers.size > 1 ? { specifiers: [...entry.specifiers].slice(0, maxNames) } : {}),
        ...(entry.names.size > 0 ? { names: [...entry.names] } : {}),
        ...(Object.keys(entry.aliases).length > 0 ? { aliases: entry.aliases } : {}),
        ...(entry.allType ? { type: true } : {}),
        ...(entry.allDynamic ? { dynamic: true } : {}),
        ...(lines.length > 20 ? { count: lines.length } : {}),
      },
      evidence: lines.slice(0, 20).map((line) => `${path}:${line}`),
      rule: "import",
    });
  }
  return { nodes, edges, unresolved, targets: [...texts.values()] };
}

export const packageNode = (ecosystem: string, name: string): NodeFact => ({
  key: packageKey(ecosystem, name),
  type: "Package",
  name,
  props: { ecosystem },
});
