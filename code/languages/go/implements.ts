// Which types satisfy which interfaces. Go never states it: method sets are compared over all files of the repository.
//
// A file is summarised on its own (its types and interfaces with their methods, types written with import paths); `linkImplements` joins
// the summaries. An interface is looked for by its rarest method, so the work grows with the matches and not with types × interfaces.
import type { EdgeFact } from "@opentrace/contract/facts.ts";
import { symbolKey } from "@opentrace/contract/keys.ts";
import type { MethodImplementation } from "../language.ts";
import { folderOf } from "./imports.ts";
import type { FileSummary } from "./type-summaries.ts";
import { isExported } from "./values.ts";
import { wellKnown } from "./well-known-interfaces.ts";

export interface Implementation {
  type: { path: string; symbol: string; line: number };
  interface: { path: string; symbol: string };
  /** 1 all signatures are the same, .8 the same by names and numbers of parameters and results. */
  confidence: number;
  rule: "method-set" | "asserted";
  methods: MethodImplementation[];
}

/** A package-level type with its parts from all files of its package. */
interface Named {
  id: string;
  unit: string;
  name: string;
  path: string | null;
  symbol: string;
  line: number;
  isInterface: boolean;
  methods: Map<string, Method>;
  embeds: [string, string][];
  of: [string, string] | null;
  isAlias: boolean;
  /** Methods with those of embedded types. */
  full: Map<string, Method> | null;
  /** An embedded type lies outside of the repository: the method set is not all known. */
  open: boolean;
}

interface Method {
  unit: string;
  /** Where it stands; "" of an interface of the standard library. */
  path: string;
  symbol: string;
  params: readonly string[];
  results: readonly string[];
}

/** Types and interfaces of all summaries, by path of the file. Deterministic whatever the order of files. */
export function findImplementations(
  summaries: ReadonlyMap<string, FileSummary>,
  importPath: (path: string) => string | null,
): Implementation[] {
  const { named, asserted } = collect(summaries, importPath);
  for (const one of named.values()) fullMethods(one, named, 0);
  const holders = new Map<string, Named[]>();
  for (const one of named.values()) {
    if (one.isInterface || one.path === null || one.full === null) continue;
    for (const name of one.full.keys()) {
      const list = holders.get(name);
      if (list === undefined) holders.set(name, [one]);
      else list.push(one);
    }
  }
  const names: TypeNames = { aliases: new Map(), own: new Set() };
  for (const one of named.values()) {
    const text = `${one.unit}.${one.name}`;
    if (!one.isAlias) names.own.add(text);
    else if (one.of !== null) names.aliases.set(text, `${one.of[0]}.${one.of[1]}`);
  }
  const found: Implementation[] = [];
  const add = (type: Named, of: Named, confidence: number, rule: Implementation["rule"]): void => {
    if (type.path === null || of.path === null) return;
    found.push({
      type: { path: type.path, symbol: type.symbol, line: type.line },
      interface: { path: of.path, symbol: of.symbol },
      confidence,
      rule,
      methods: methodPairs(type, of, confidence),
    });
  };
  for (const pair of asserted) {
    const [type, of] = pair.split("\0\0").map((id) => named.get(id));
    if (type !== undefined && of !== undefined && of.isInterface && !type.isInterface) add(type, of, 1, "asserted");
  }
  for (const one of named.values()) {
    // Where methods of an interface are not known, everything might satisfy the rest of it.
    if (!one.isInterface || one.path === null || one.full === null || one.full.size === 0 || one.open) continue;
    let rarest: readonly Named[] | null = null;
    for (const name of one.full.keys()) {
      const list = holders.get(name) ?? [];
      if (rarest === null || list.length < rarest.length) rarest = list;
    }
    for (const type of rarest ?? []) {
      if (asserted.has(`${type.id}\0\0${one.id}`)) continue;
      const confidence = satisfies(type, one, names);
      if (confidence > 0) add(type, one, confidence, "method-set");
    }
  }
  return found;
}

/** The type's methods beside those of the interface that they stand in for. */
function methodPairs(type: Named, of: Named, confidence: number): MethodImplementation[] {
  const pairs: MethodImplementation[] = [];
  for (const [name, want] of of.full ?? []) {
    const have = type.full?.get(name);
    // A method that comes from an embedded interface is that interface's.
    if (have === undefined || have.path === "" || want.path === "" || have === want) continue;
    const [method, wanted] = [have, want].map(({ path, symbol }) => ({ path, symbol }));
    pairs.push({ method: method!, of: wanted!, confidence });
  }
  return pairs;
}

const idOf = (unit: string, name: string): string => `${unit}\0${name}`;

function collect(
  summaries: ReadonlyMap<string, FileSummary>,
  importPath: (path: string) => string | null,
): { named: Map<string, Named>; asserted: Set<string> } {
  const asserted = new Set<string>();
  const named = new Map<string, Named>();
  const unitOf = new Map<string, string>();
  for (const path of [...summaries.keys()].toSorted()) {
    const summary = summaries.get(path);
    if (summary === undefined) continue;
    const folder = folderOf(path);
    let unit = unitOf.get(folder);
    if (unit === undefined) unitOf.set(folder, (unit = importPath(path) ?? `./${folder}`));
    // An external test package is a namespace of its own in the same folder.
    const own = summary.package.endsWith("_test") ? `${unit}_test` : unit;
    const absolute = (type: readonly [string, string]): [string, string] => [type[0] === "" ? own : type[0], type[1]];
    const text = (type: string): string => type.replace(/(^|[([,.]|\.\.\.)\.(?=[A-Za-z_])/g, `$1${own}.`);
    for (const [to, from] of summary.asserts) asserted.add(`${idOf(...absolute(from))}\0\0${idOf(...absolute(to))}`);
    for (const type of summary.types) {
      const id = idOf(own, type.name);
      let one = named.get(id);
      if (one === undefined) {
        one = {
          id,
          unit: own,
          name: type.name,
          path: null,
          symbol: "",
          line: 0,
          isInterface: false,
          methods: new Map(),
          embeds: [],
          of: null,
          isAlias: false,
          full: null,
          open: false,
        };
        named.set(id, one);
      }
      // A type declared once per system keeps its first declaration.
      if (type.path !== undefined && one.path === null) {
        one.path = path;
        one.symbol = type.path;
        one.line = type.line ?? 0;
        one.isInterface = type.interface === true;
      }
      if (type.of !== undefined) one.of ??= absolute(type.of);
      if (type.alias === true) one.isAlias = true;
      one.embeds.push(...type.embeds.map(absolute));
      for (const [name, [params, results]] of Object.entries(type.methods)) {
        if (!one.methods.has(name))
          one.methods.set(name, {
            unit: own,
            path,
            symbol: `${type.path ?? type.name}.${name}`,
            params: params.map(text),
            results: results.map(text),
          });
      }
    }
  }
  return { named, asserted };
}

const maxEmbedding = 20;

/** Own methods hide embedded ones; of a defined type only an interface hands its methods on. */
function fullMethods(one: Named, named: ReadonlyMap<string, Named>, depth: number): Map<string, Method> {
  if (one.full !== null) return one.full;
  const full = new Map(one.methods);
  one.full = full;
  if (depth > maxEmbedding) return full;
  const inherit = (from: readonly [string, string], onlyInterface: boolean): void => {
    const base = named.get(idOf(from[0], from[1]));
    if (base === undefined) {
      const known = wellKnown[from[1] === "error" ? "error" : `${from[0]}.${from[1]}`];
      if (known === undefined) one.open = true;
      for (const [name, [params, results]] of Object.entries(known ?? {}))
        if (!full.has(name)) full.set(name, { unit: "", path: "", symbol: "", params, results });
      if (known !== undefined && onlyInterface) one.isInterface = true;
      return;
    }
    const methods = fullMethods(base, named, depth + 1);
    if (base.isInterface && onlyInterface) one.isInterface = true;
    if (base.open && (!onlyInterface || base.isInterface)) one.open = true;
    if (onlyInterface && !base.isInterface) {
      // The fields of the struct come along, and with them what it embeds.
      for (const embedded of base.embeds) inherit(embedded, false);
      return;
    }
    for (const [name, method] of methods) if (!full.has(name)) full.set(name, method);
  };
  if (one.of !== null) inherit(one.of, true);
  for (const embedded of one.embeds) inherit(embedded, false);
  return full;
}

/** Types of this repository as texts: aliases with what they stand for, and those that are themselves. */
interface TypeNames {
  aliases: Map<string, string>;
  own: Set<string>;
}

/** 0 = no; see Implementation.confidence. */
function satisfies(type: Named, wanted: Named, names: TypeNames): number {
  let confidence = 1;
  for (const [name, want] of wanted.full ?? []) {
    const have = type.full?.get(name);
    if (have === undefined) return 0;
    if (!isExported(name) && have.unit !== want.unit) return 0;
    if (have.params.length !== want.params.length || have.results.length !== want.results.length) return 0;
    for (const [index, text] of have.params.entries())
      confidence = Math.min(confidence, likeness(text, want.params[index] ?? "", names));
    for (const [index, text] of have.results.entries())
      confidence = Math.min(confidence, likeness(text, want.results[index] ?? "", names));
    if (confidence === 0) return 0;
  }
  return confidence;
}

/** 1 the same type, 0 two different ones, .8 where type parameters, anonymous types or another module's aliases leave it open. */
function likeness(a: string, b: string, names: TypeNames): number {
  if (a === b && !/[?$]/.test(a)) return 1;
  const left = a.split(/([(),[\]])/);
  const right = b.split(/([(),[\]])/);
  let result = 1;
  for (const [index, word] of left.entries()) {
    const mine = names.aliases.get(word) ?? word;
    const other = right[index] === undefined ? undefined : (names.aliases.get(right[index]) ?? right[index]);
    if (mine === "?" || mine === "$" || other === "?" || other === "$") return 0.8;
    if (mine === other) continue;
    if (other === undefined || !mine.includes(".") || !other.includes(".") || lastName(mine) !== lastName(other))
      return 0;
    if (names.own.has(mine) && names.own.has(other)) return 0;
    result = 0.8;
  }
  return left.length === right.length ? result : 0;
}

const lastName = (text: string): string => text.slice(text.lastIndexOf(".") + 1);

/** IMPLEMENTS edges of a repository and the methods they rest on; `modules` gives the import path of each file's package. */
export function linkImplements(
  summaries: ReadonlyMap<string, unknown>,
  repo: string,
  modules: ReadonlyMap<string, string | null>,
): { edges: EdgeFact[]; implementations: MethodImplementation[] } {
  // The summaries are what `summariseTypes` made: the store hands them back unread.
  const files = summaries as ReadonlyMap<string, FileSummary>;
  const found = findImplementations(files, (path) => modules.get(path) ?? null);
  return {
    edges: found.map((one) => ({
      from: symbolKey(repo, one.type.path, one.type.symbol),
      to: symbolKey(repo, one.interface.path, one.interface.symbol),
      type: "IMPLEMENTS",
      evidence: [`${one.type.path}:${one.type.line}`],
      confidence: one.confidence,
      rule: one.rule,
    })),
    implementations: found.flatMap((one) => one.methods),
  };
}
