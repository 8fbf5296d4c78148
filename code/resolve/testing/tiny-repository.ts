// A repository out of an object literal, read by the real languages and resolved: what the tests of the resolver start from.
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import { encodeIr } from "../../ir-codec.ts";
import type { Language, Lower, ProjectFiles } from "../../languages/language.ts";
import { languagesByExtension, loadLanguages, loadLower } from "../../languages/registry.ts";
import { createIrSource } from "../ir-source.ts";
import { createResolution, type Resolution } from "../resolution.ts";

export type Sources = Readonly<Record<string, string>>;

const languages = await loadLanguages();
const lowers = new Map<string, Lower>();
for (const name of languages.keys()) lowers.set(name, await loadLower(name));
const byExtension = languagesByExtension(languages);

const languageOf = (path: string): Language | undefined =>
  byExtension.get(path.slice(path.lastIndexOf(".")).toLowerCase());

function projectOf(sources: Sources): ProjectFiles {
  const folders = new Map<string, Set<string>>();
  for (const path of Object.keys(sources)) {
    let at = path;
    for (;;) {
      const slash = at.lastIndexOf("/");
      const folder = slash < 0 ? "" : at.slice(0, slash);
      let children = folders.get(folder);
      if (children === undefined) folders.set(folder, (children = new Set()));
      children.add(at);
      if (folder === "") break;
      at = folder;
    }
  }
  return {
    has: (path) => Object.hasOwn(sources, path),
    list: (folder) => [...(folders.get(folder) ?? [])].sort(),
    config: (path) => sources[path],
  };
}

export function encodeSources(sources: Sources): Map<string, Uint8Array> {
  const encoded = new Map<string, Uint8Array>();
  for (const path of Object.keys(sources).sort()) {
    const lower = lowers.get(languageOf(path)?.name ?? "");
    if (lower !== undefined) encoded.set(path, encodeIr(lower(sources[path]!, path)));
  }
  return encoded;
}

export function resolutionOf(sources: Sources, encoded: ReadonlyMap<string, Uint8Array>): Resolution {
  return createResolution({
    repo: "r",
    languages: [...languages.values()],
    project: projectOf(sources),
    ir: createIrSource((path) => encoded.get(path) ?? null),
  });
}

interface Resolved {
  scopes: ScopeFacts[];
  resolutions: Map<string, Uint8Array>;
  calls: { resolved: number; external: number; unresolved: number };
}

function resolveAll(sources: Sources): Resolved {
  const encoded = encodeSources(sources);
  const resolution = resolutionOf(sources, encoded);
  const out: Resolved = { scopes: [], resolutions: new Map(), calls: { resolved: 0, external: 0, unresolved: 0 } };
  for (const path of encoded.keys()) {
    const result = resolution.resolve(path);
    if (result.is !== "resolved") throw new Error(`${path} needs ${result.paths.join()}`);
    out.scopes.push(result.facts);
    out.resolutions.set(path, result.resolution);
    for (const key of ["resolved", "external", "unresolved"] as const) out.calls[key] += result.calls[key];
  }
  out.scopes.push(...resolution.links(out.resolutions));
  return out;
}

/** `a.py:f` for `symbol:r#a.py#f`, `a.py` for the file; without the path for what is declared in `main`. */
function short(key: string): string {
  const symbol = /^symbol:r#(.*?)#(.*)$/.exec(key);
  if (symbol !== null) return `${symbol[1]!.replace(/\.\w+$/, "")}.${symbol[2]!}`;
  const file = /^file:r#(.*)$/.exec(key);
  if (file !== null) return file[1]!.replace(/\.\w+$/, "");
  return key;
}

/** CALLS edges inside the repository as sorted `caller -> callee` lines. */
export function callLines(sources: Sources): string[] {
  const edges = new Set<string>();
  for (const scope of resolveAll(sources).scopes) {
    for (const edge of scope.edges) {
      if (edge.type === "CALLS" && !edge.to.startsWith("package:"))
        edges.add(`${short(edge.from)} -> ${short(edge.to)}`);
    }
  }
  return [...edges].sort();
}
